"""One mix of questions for all engines, the same each time, whatever the size of the directory."""

import random
from dataclasses import dataclass, field
from math import cos, radians

from benchmarks.speed import vocabulary
from benchmarks.speed.vocabulary import FILLERS, PLAIN, RELATED, TOPICS, TOWNS
from directory.outlines import Box
from directory.places import RADIUS_MILES, Place, PlaceKind
from directory.search.words import asked_words

ALL_WORDS, SOME_WORDS, RADIUS = "text AND", "text OR", "radius"
COMBINED, FACETS = "text, radius and two facets", "text and four facet counts"
BEGUN, SLIP, BOX = "a word begun", "a slip of the pen", "a box on the map"
KINDS_OF_QUESTION = (ALL_WORDS, SOME_WORDS, RADIUS, COMBINED, FACETS, BEGUN, SLIP, BOX)

PAGE, ON_A_MAP = 20, 500
MILES = (1.0, 5.0, 10.0, 25.0)
BOXES = (0.02, 0.05, 0.15, 0.5)
TWICE_AS_COMMON = 0.6


@dataclass(frozen=True)
class Question:
    """What is asked. `text` is as somebody types it, `stems` what it comes to, for who needs it."""

    kind: str
    text: str = ""
    here: Place | None = None
    miles: float = 0.0
    day: str = ""
    box: Box | None = None
    stems: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Make the stems beforehand, so that nobody is charged for it."""
        found = tuple(word.stem for word in asked_words(self.text)) if self.text else ()
        object.__setattr__(self, "stems", found)


@dataclass(frozen=True)
class Found:
    """How many were found, those of the first page, and how many behind each choice of a facet."""

    total: int
    first: tuple[object, ...] = ()
    facets: dict[str, dict[str, int]] = field(default_factory=dict)


def questions(count: int, seed: int = 99) -> list[Question]:
    """So many of each kind."""
    chance = random.Random(seed)
    asked = []
    for number in range(count):
        text, here = texts(chance), _somewhere(chance)
        miles, day = MILES[number % 4], chance.choice(("MO", "TU", "WE", "TH", "FR"))
        word = chance.choice([each for each in _ours() if len(each) > 6])
        asked += [
            Question(ALL_WORDS, text),
            Question(SOME_WORDS, text),
            Question(RADIUS, here=here, miles=miles),
            Question(COMBINED, text, here, max(miles, 5.0), day),
            Question(FACETS, text),
            Question(BEGUN, word[: chance.choice((3, 4, 5))]),
            Question(SLIP, _mistyped(chance, word)),
            Question(BOX, box=_around(here, BOXES[number % 4])),
        ]
    return asked


def texts(chance: random.Random) -> str:
    """One to four words: of a topic, a town, what is often said, now and then an invented word."""
    length = chance.choices((1, 2, 3, 4), (25, 40, 25, 10))[0]
    ways = (
        lambda: chance.choice(TOWNS).name.lower(),
        lambda: chance.choice(_ours()),
        lambda: chance.choice(_ours()),
        lambda: vocabulary.words()[
            len(FILLERS) + int(chance.paretovariate(TWICE_AS_COMMON)) % 8_000
        ],
    )
    said = [word for word in chance.choice(TOPICS) if word not in FILLERS][:length]
    if length == 1 and chance.random() < 0.4:
        said = []
    while len(said) < length:
        said.append(chance.choice(ways)())
    return " ".join(dict.fromkeys(said))


def _ours() -> list[str]:
    return [*PLAIN, *RELATED]


def _somewhere(chance: random.Random) -> Place:
    town = chance.choices(TOWNS, [each.people**0.7 for each in TOWNS])[0]
    latitude = round(town.latitude + chance.gauss(0, 0.03), 5)
    return Place(
        town.name, PlaceKind.POINT, latitude, round(town.longitude + chance.gauss(0, 0.05), 5)
    )


def _around(here: Place, wide: float) -> Box:
    return Box(
        here.longitude - 1.6 * wide,
        here.latitude - wide,
        here.longitude + 1.6 * wide,
        here.latitude + wide,
    )


def square(here: Place, miles: float) -> Box:
    """The square around a circle, by which the others narrow down a search nearby."""
    up = miles / (radians(1) * RADIUS_MILES)
    across = up / cos(radians(here.latitude))
    return Box(
        here.longitude - across, here.latitude - up, here.longitude + across, here.latitude + up
    )


def _mistyped(chance: random.Random, word: str) -> str:
    at = chance.randrange(1, len(word) - 1)
    return chance.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + chance.choice("aeinrst") + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )
