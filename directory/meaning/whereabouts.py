"""Directory meaning: a place said among other words: "debt advice bs5", "walking group in Bow".

Many places are called what other things are called too: Bath, Reading, Hope. Such a name is taken
for a place only after a word like "in", and even then not surely.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from directory.atlas import atlas, name_key
from directory.places import LONGEST_TEXT, Place, PlaceKind, find_place, format_postcode

MOST_WORDS = 40
LONGEST_NAME = 5
KNOWN_WIDELY = 6_000
"""Of so many places the name alone is enough, at the end of the words; of others it takes "in"."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LEADS = frozenset(("in", "near", "nr", "around", "round"))
TWO_LEADS = frozenset(
    (("close", "to"), ("near", "to"), ("next", "to"), ("not", "far"), ("in", "the"))
)

NO_PLACE_AFTER = _words("of the and for with a an my to east west north south greater")
"""After these comes the end of a name, or of a sentence, but no place to look near."""

NOT_IN_A_PLACE = frozenset(("interested", "involved", "join", "believe", "part", "confident"))
"""After these and "in" comes no place, if what comes may be anything else."""

ALSO_LEVELS = frozenset(("B1", "B2", "B3", "B6", "B12"))
"""First halves of postcodes that are vitamins and levels of English, too."""

WORDS_TOO = _words(
    """
    abbey angle arrow ash badger badminton ball bank banks bath battle beach beacon bean beaver
    beer berry birch boot booth border bow bowling box bridge brook bury bush cam camp caring
    castle central chalk chapel cheddar chemistry chipping church city cliff coast coat comers
    compass concord cooling cotton crook cross crossroads crown dale deal dean docking dole drift
    drum dull edge elm eye falcon farewell fence field fishery flash fleet flint folly forge
    fountain friendly frost grain gravel green greens grove guide ham hamlet hammer harmony haven
    hay healing heath heather hill hillside hive hole home homestead honing hook hope hove how idle
    infirmary jump keeping knock knotting lady lake lane law lawn lea letters lizard loan loans
    lock login loose lover mail main march mark marsh matching mead meadow more moss mount
    mountain nasty newbie nook old over paddock paradise park parkway piece pool press priory
    prospect quick racecourse raffles rake read reading retire ridge ripple rise river riverside
    road rock row rugby rye sale salt sand sands sandwich sandy scales scout sea seal seaside send
    settle shell shop shore singleton slack sound spout start stock stocking stone stove strand
    stream street summit swallow sway swine tang team temple thorn tone tongue touch toward town
    towpath triangle trinity trumpet turn twenty university uplands vale victory vogue walker
    walking wall walls ware wash water waterfall waterside way week weeks well wells west whale
    wick windmill wing wood woodland woodlands wool worth
    """
)
"""Names of places that are words people look for. "Bath" may be swimming, "Hope" is a need."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A place that was said, and the text without it.

    `is_sure`: it can be nothing but a place. `is_led`: a word like "in" stands before it.
    """

    place: Place
    rest: str
    is_sure: bool
    is_led: bool = False


def whereabouts_in(text: str) -> Whereabouts | None:
    """The place that a text says to look near, if it says one."""
    words = text.split()
    if len(words) > MOST_WORDS or '"' in text:
        return None
    return next(_told(words), None)


def is_about_here(text: str) -> bool:
    """Whether it says "near me": near whoever typed it, wherever that is."""
    return " near me " in f" {name_key(text)} "


def _told(words: list[str]) -> Iterator[Whereabouts]:
    yield from _after_a_lead(words)
    yield from _postcodes(words)
    yield from _at_the_end(words)


def _after_a_lead(words: list[str]) -> Iterator[Whereabouts]:
    keys = [name_key(word) for word in words]
    for at in range(len(words)):
        start = _behind_a_lead(keys, at)
        if not start or keys[start : start + 1] == ["the"]:
            continue
        for end in range(min(len(words), start + LONGEST_NAME), start, -1):
            place = _place(words[start:end])
            if place is None:
                continue
            doubtful = place.kind is PlaceKind.PLACE and _is_a_word(keys[start:end])
            is_meant = end == len(words) or words[start][0].isupper()
            if not doubtful or (is_meant and not _says_no_place(keys, at)):
                yield Whereabouts(place, _without(words, at, end), not doubtful, is_led=True)
            break


def _behind_a_lead(keys: list[str], at: int) -> int:
    """Where the name begins if a lead stands here, else 0."""
    if tuple(keys[at : at + 2]) in TWO_LEADS:
        return at + 2
    return at + 1 if keys[at] in LEADS else 0


def _says_no_place(keys: list[str], at: int) -> bool:
    before = keys[at - 1] if at else ""
    return keys[at] == "in" and (before in NOT_IN_A_PLACE or keys[at + 1 : at + 2] == ["the"])


def _postcodes(words: list[str]) -> Iterator[Whereabouts]:
    for start in range(len(words)):
        for end in range(min(len(words), start + 3), start, -1):
            said = "".join(words[start:end])
            # A whole postcode is written on nothing else; half of one only counts at the end.
            if format_postcode(said) and (place := _place(words[start:end])):
                yield Whereabouts(place, _without(words, start, end), is_sure=True)
    for size in (2, 1):
        place = _place(words[-size:]) if len(words) >= size else None
        if place and place.kind in {PlaceKind.OUTCODE, PlaceKind.SECTOR}:
            start = len(words) - size
            sure = place.name not in ALSO_LEVELS
            yield Whereabouts(place, _without(words, start, len(words)), sure)


def _at_the_end(words: list[str]) -> Iterator[Whereabouts]:
    keys = [name_key(word) for word in words]
    for start in range(max(0, len(words) - LONGEST_NAME), len(words)):
        if start and keys[start - 1] in NO_PLACE_AFTER:
            continue
        if _is_a_word(keys[start:]) or not _is_known_widely(words[start:]):
            continue
        if place := _place(words[start:]):
            yield Whereabouts(place, _without(words, start, len(words)), is_sure=False)


def _place(words: list[str]) -> Place | None:
    said = " ".join(words).strip(".,;:!?()")
    place = find_place(said) if said and len(said) <= LONGEST_TEXT else None
    return None if place is None or place.kind is PlaceKind.POINT else place


def _is_a_word(keys: list[str]) -> bool:
    return all(key in WORDS_TOO or key in NO_PLACE_AFTER for key in " ".join(keys).split())


def _is_known_widely(words: list[str]) -> bool:
    book = atlas()
    rows = book.rows_called(name_key(" ".join(words)))
    return bool(rows) and int(book.ranks[rows[0]]) < KNOWN_WIDELY


def _without(words: list[str], start: int, end: int) -> str:
    return " ".join((*words[:start], *words[end:]))
