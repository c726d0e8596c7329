"""Invented listings in any number, the same each time: their words are as unevenly used as ours."""

import random
import uuid
from itertools import accumulate

from directory.rules import Access, Attending
from directory.search.documents import (
    AGE_GROUPS,
    COSTS,
    OFFERED,
    SLOTS,
    Document,
    Facts,
)
from directory.taxonomy import audiences, kinds, languages, needs


def _words(text: str) -> list[str]:
    return text.split()


TOPICS = [
    _words(topic)
    for topic in (
        "knitting crochet needles wool natter",
        "walking group gentle park health",
        "bereavement grief loss counselling support",
        "debt money advice benefits bills",
        "carers respite break caring relatives",
        "dementia memory cafe singing friends",
        "lonely befriending company telephone visits",
        "gardening allotment outdoors vegetables green",
        "yoga stretching breathing calm mindfulness",
        "choir singing music harmony voices",
        "football veterans walking sport team",
        "cooking healthy eating kitchen food bank",
        "english language conversation newcomers refugees",
        "parents toddlers babies play stay",
        "digital computers tablets phone skills",
        "housing tenants legal rights eviction",
        "art painting drawing pottery craft",
        "diabetes living long-term illness pain",
        "men's shed woodwork tools mending",
        "transport minibus shopping trips lift",
    )
]
PLAIN = _words(
    """weekly friendly welcome everyone local community centre hall session sessions open morning
    afternoon evening tea coffee biscuits free cost booking drop-in adults older people new
    members beginners help ring join small relaxed volunteers run meet make learn share talk laugh
    active together week month tuesday thursday saturday church library school parking bus near"""
)
TOWNS = [
    ("Bow", 51.53, -0.02),
    ("Preston", 53.76, -2.70),
    ("Burnley", 53.79, -2.24),
    ("Lancaster", 54.05, -2.80),
    ("Horsham", 51.06, -0.33),
    ("Crawley", 51.11, -0.19),
    ("Bristol", 51.45, -2.59),
    ("Leeds", 53.80, -1.55),
    ("Truro", 50.26, -5.05),
    ("Cardiff", 51.48, -3.18),
]
SOUNDS = _words("ba ce di fo gu ha ki lo me nu pa ri so te vi wa yo ze bra cle dri fro gra")
RARE = 6_000


def listings(count: int, seed: int = 1) -> list[Document]:
    """So many listings."""
    chance = random.Random(seed)
    rare = ["".join(chance.choices(SOUNDS, k=chance.randint(2, 4))) for _ in range(RARE)]
    unevenly = list(accumulate(1 / (rank + 2.7) for rank in range(RARE)))
    return [_listing(chance, rare, unevenly) for _ in range(count)]


def questions(count: int, seed: int = 2) -> list[str]:
    """So many texts to look for, of one to four words."""
    chance = random.Random(seed)
    asked = []
    for _ in range(count):
        words = chance.sample(chance.choice(TOPICS), chance.choice((1, 1, 2, 2, 3)))
        asked.append(" ".join(words + chance.choices(PLAIN, k=chance.choice((0, 0, 1)))))
    return asked


def point(chance: random.Random) -> tuple[float, float]:
    """Somewhere in or around a town."""
    _, latitude, longitude = chance.choice(TOWNS)
    return latitude + chance.gauss(0, 0.05), longitude + chance.gauss(0, 0.08)


def _listing(chance: random.Random, rare: list[str], unevenly: list[float]) -> Document:
    topic, town = chance.choice(TOPICS), chance.choice(TOWNS)[0]
    others = chance.choices(rare, cum_weights=unevenly, k=chance.randint(15, 60))
    about = [*chance.choices(topic, k=chance.randint(1, 6)), *chance.choices(PLAIN, k=40), *others]
    chance.shuffle(about)
    name = " ".join((*chance.sample(topic, chance.randint(1, 3)), chance.choice(PLAIN)))
    codes = [term.code for term in kinds()]
    access = chance.sample([each.value for each in Access], chance.randint(0, 8))
    offers = chance.sample(OFFERED, chance.randint(0, 3))
    facts = Facts(
        id=uuid.UUID(int=chance.getrandbits(128), version=4),
        name=name,
        checked=chance.choice((0, 739_000, 739_100, 739_200)),
        stale=chance.random() < 0.1,
        attending=chance.choice([*Attending]).value,
        points=tuple(point(chance) for _ in range(chance.choice((0, 1, 1, 1, 1, 2)))),
        kinds=tuple(chance.sample(codes, chance.randint(0, 3))),
        slots=tuple(chance.sample(SLOTS, chance.randint(0, 4))),
        cost=chance.choice(COSTS),
        ages=tuple(chance.sample([*AGE_GROUPS], chance.randint(1, 4))),
        needs=tuple(chance.sample([each.code for each in needs()], chance.randint(0, 2))),
        audiences=tuple(chance.sample([each.code for each in audiences()], chance.randint(0, 2))),
        languages=tuple(chance.sample([*languages()], chance.randint(0, 2))),
        access=tuple(access[:5]),
        access_unknown=tuple(access[5:]),
        offers=tuple(offers[:2]),
        offers_unknown=tuple(offers[2:]),
        full=((738_000, 800_000),) if chance.random() < 0.1 else (),
    )
    texts = {
        "name": name,
        "organisation": f"{town} {chance.choice(topic)} {chance.choice(rare)} trust",
        "about": " ".join(about),
        "categories": " ".join(facts.kinds).replace("-", " "),
        "eligibility": " ".join(chance.choices(PLAIN, k=8)),
        "place": f"{town} {chance.choice(PLAIN)} hall",
    }
    return Document(facts, texts)
