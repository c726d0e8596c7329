"""Directory: how alike two listings are: their names word by word, and what else they share."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from directory.places import miles

SAME_SPOT_MILES, NEAR_MILES, FAR_MILES = 0.06, 0.6, 3.0
ALIKE_WORDS = 0.55

_WORD = re.compile(r"[^\W_]+")
_SHORT = {
    "st": "saint",
    "sts": "saint",
    "rd": "road",
    "ave": "avenue",
    "ctr": "centre",
    "center": "centre",
    "cttee": "committee",
    "assoc": "association",
    "assn": "association",
    "soc": "society",
    "comm": "community",
    "utd": "united",
    "mens": "men",
    "womens": "women",
    "ladies": "women",
    "ladys": "women",
    "gents": "men",
    "mum": "mother",
    "mums": "mother",
    "mothers": "mother",
    "dad": "father",
    "dads": "father",
    "fathers": "father",
    "tot": "toddler",
    "tots": "toddler",
    "uke": "ukulele",
    "beginner": "beginners",
    "natters": "natter",
    "chat": "natter",
    "eve": "evening",
    "nite": "night",
    "telephone": "phone",
    "xmas": "christmas",
}
# Words that say what any group might say of itself: sharing them means little.
_SAID_BY_ALL = """
    a an and at by for from in of on our the to with your you we us it is n
    group club class session meeting meet meetup drop dropin circle cafe coffee tea morning
    afternoon evening night day weekly monthly community local neighbourhood friend friendly
    social support society association service scheme project team centre hall house room church
    library school park course workshop help helper advice activity event people adult everyone
    all new open free monday tuesday wednesday thursday friday saturday sunday weekend over
    online hour
"""
_GENERIC = frozenset(_SAID_BY_ALL.split())
# Words that set apart what is otherwise called the same; of each set, one excludes the others.
_APART = (
    frozenset({"men", "women", "father", "mother", "boy", "girl"}),
    frozenset({"beginners", "improver", "intermediate", "advanced"}),
    frozenset({"young", "junior", "youth", "teen", "children", "kid", "adult", "senior", "elder"}),
    frozenset({"toddler", "baby", "teen"}),
    frozenset({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}),
    frozenset({"morning", "afternoon", "evening", "night", "breakfast", "lunch", "supper"}),
    frozenset({"online", "phone", "home"}),
    frozenset({"1", "2", "3", "4", "one", "two", "three", "i", "ii", "iii"}),
)
_GENERIC_WEIGHT, _PLACE_WEIGHT = 0.25, 0.35


class Known(Protocol):
    """What is compared of a listing."""

    @property
    def words(self) -> tuple[str, ...]: ...
    @property
    def place_words(self) -> frozenset[str]: ...
    @property
    def postcode(self) -> str: ...
    @property
    def point(self) -> tuple[float, float] | None: ...
    @property
    def times(self) -> frozenset[str]: ...
    @property
    def phones(self) -> frozenset[str]: ...
    @property
    def emails(self) -> frozenset[str]: ...
    @property
    def webs(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two listings share. `name` is from 0 to 1; the places are None where not known."""

    name: float
    set_apart: bool
    miles: float | None
    same_spot: bool
    same_time: bool | None
    phone: bool
    email: bool
    web: bool

    @property
    def near(self) -> bool:
        """Whether both are held within an easy walk of each other."""
        return self.miles is not None and self.miles <= NEAR_MILES

    @property
    def reached_alike(self) -> bool:
        """Whether they are reached at the same number or address."""
        return self.phone or self.email or self.web

    @property
    def points(self) -> float:
        """For and against their being one; above nought it is likelier than not."""
        return self._of_name() + self._of_place() + self._of_time() + self._of_contact()

    def _of_name(self) -> float:
        said = -4.0 + 8.0 * self.name
        return said - (4.0 if self.set_apart else 0.0)

    def _of_place(self) -> float:
        if self.same_spot:
            return 2.0
        if self.miles is None:
            return 0.0
        if self.miles <= NEAR_MILES:
            return 1.0
        return -1.5 if self.miles <= FAR_MILES else -3.5

    def _of_time(self) -> float:
        if self.same_time is None:
            return 0.0
        if not self.same_time:
            return -1.5
        # A hall holds one thing at a time; elsewhere Tuesdays at ten are anybody's.
        return 3.0 if self.same_spot else 0.5

    def _of_contact(self) -> float:
        # A group's number is that of all it does: at another hour in its own hall it tells nothing.
        if self.same_spot and self.same_time is False:
            return 0.0
        together = 1.0 if self.same_spot and self.same_time and self.reached_alike else 0.0
        return together + 1.2 * self.phone + 0.8 * self.email + 0.5 * self.web


def likeness(one: Known, other: Known) -> Likeness:
    """What two listings have in common."""
    away = _miles(one.point, other.point)
    same_postcode = bool(one.postcode) and one.postcode == other.postcode
    return Likeness(
        name=name_likeness(one.words, other.words, one.place_words | other.place_words),
        set_apart=_set_apart(one.words, other.words),
        miles=away,
        same_spot=same_postcode or (away is not None and away <= SAME_SPOT_MILES),
        same_time=bool(one.times & other.times) if one.times and other.times else None,
        phone=bool(one.phones & other.phones),
        email=bool(one.emails & other.emails),
        web=bool(one.webs & other.webs),
    )


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name, spelt alike: small, without accents, apostrophes or plural s."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("’", "'").replace("'", ""))
    found = _WORD.findall("".join(c for c in plain if not unicodedata.combining(c)))
    return tuple(_singular(_SHORT.get(word, word)) for word in found)


def telling(words: tuple[str, ...]) -> list[str]:
    """The words of a name that few other names have, the longest first."""
    return sorted(
        {w for w in words if w not in _GENERIC and len(w) > 3}, key=lambda w: (-len(w), w)
    )


def name_likeness(
    one: tuple[str, ...], other: tuple[str, ...], place_words: frozenset[str] = frozenset()
) -> float:
    """How alike two names are, from 0 to 1; words that anybody uses count for little."""
    if not one or not other:
        return 0.0
    if "".join(one) == "".join(other):
        return 1.0
    shared = _shared(one, other, place_words) + _shared(other, one, place_words)
    whole = sum(_weight(word, place_words) for word in (*one, *other))
    return shared / whole


def _shared(one: tuple[str, ...], other: tuple[str, ...], place_words: frozenset[str]) -> float:
    return sum(_weight(w, place_words) * max(_same_word(w, o) for o in other) for w in one)


def _weight(word: str, place_words: frozenset[str]) -> float:
    if word in _GENERIC:
        return _GENERIC_WEIGHT
    return _PLACE_WEIGHT if word in place_words else 1.0


@lru_cache(maxsize=50_000)
def _same_word(one: str, other: str) -> float:
    """1 for the same word, less for a slip of the pen or a word cut short, 0 for another."""
    if one == other:
        return 1.0
    if min(len(one), len(other)) < 4:
        return 0.0
    if one.startswith(other) or other.startswith(one):
        return 0.8
    ours, theirs = _threes(one), _threes(other)
    alike = 2 * len(ours & theirs) / (len(ours) + len(theirs))
    return alike if alike >= ALIKE_WORDS else 0.0


def _threes(word: str) -> frozenset[str]:
    padded = f" {word} "
    return frozenset(padded[at : at + 3] for at in range(len(padded) - 2))


def _singular(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1] if word != "beginners" else word
    return word


def _set_apart(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether each has a word that the other would have to share, were they one."""
    ours, theirs = set(one) - set(other), set(other) - set(one)
    return any(ours & words and theirs & words for words in _APART)


def _miles(one: tuple[float, float] | None, other: tuple[float, float] | None) -> float | None:
    return None if one is None or other is None else miles(*one, *other)
