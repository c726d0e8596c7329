"""The invented directory as rows of the database: any number of listings, the same each time."""

import random
import uuid
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from accounts import Organisation, OrganisationKind
from benchmarks.speed import vocabulary
from benchmarks.speed.vocabulary import TOPICS, TOWNS, Town
from core.db import Model
from directory import taxonomy
from directory.identity import term_id
from directory.models import (
    Accessibility,
    Attribute,
    CostOption,
    Language,
    Location,
    Phone,
    Schedule,
    Service,
    ServiceAtLocation,
)
from directory.rules import Access, Answer, Frequency, Life

AT_ONCE = 2_000
LISTINGS_OF_A_GROUP = 4
WRITTEN = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
CHECKED = date(2026, 1, 1)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
STARTS = (time(10), time(11), time(14), time(15, 30), time(18), time(19))
PRICES = (Decimal(0), Decimal(0), Decimal(0), Decimal("2.50"), Decimal(5), None)

Rows = dict[type[Model], list[dict[str, Any]]]


def batches(count: int) -> Iterator[Rows]:
    """So many listings, some at a time, each table before those that point to it."""
    chance = random.Random(count)
    dice = np.random.default_rng(count)
    groups: list[tuple[uuid.UUID, Town]] = []
    for start in range(0, count, AT_ONCE):
        rows: Rows = defaultdict(list)
        for number in range(start, min(start + AT_ONCE, count)):
            if number % LISTINGS_OF_A_GROUP == 0:
                groups.append(_group(chance, rows))
            _listing(chance, dice, number, *chance.choice(groups[-AT_ONCE:]), rows)
        yield rows


def _group(chance: random.Random, rows: Rows) -> tuple[uuid.UUID, Town]:
    town = chance.choices(TOWNS, cum_weights=vocabulary.PEOPLE)[0]
    name = f"{_one(chance, vocabulary.FOUNDERS)} {town.name} {_rare(chance).capitalize()}"
    id_ = _id(chance)
    rows[Organisation].append(
        {
            "id": id_,
            "kind": OrganisationKind.GROUP,
            "name": f"{name} {_one(chance, vocabulary.BODIES)}",
            "created_at": WRITTEN,
        }
    )
    return id_, town


def _listing(
    chance: random.Random,
    dice: np.random.Generator,
    number: int,
    group: uuid.UUID,
    town: Town,
    rows: Rows,
) -> None:
    topic = chance.choices(range(len(TOPICS)), cum_weights=vocabulary.OFTEN)[0]
    text = _text(chance, dice, topic)
    service = _id(chance)
    youngest = chance.choice((None, None, None, 18, 50, 65))
    rows[Service].append(
        {
            "id": service,
            "slug": f"listing-{number}",
            "organisation_id": group,
            "name": _name(chance, topic, town),
            "summary": " ".join(text[:18]).capitalize() + ".",
            "description": " ".join(text[18:]).capitalize() + ".",
            "life": Life.LIVE,
            "eligibility_description": "" if youngest is None else f"People over {youngest}.",
            "minimum_age": youngest,
            "places_free": chance.choice((None, 0, 2, 5)),
            "meets_at_door": chance.choice((None, True, False)),
            "referral_needed": chance.choice((None, False, False, True)),
            "assured_on": CHECKED + timedelta(days=chance.randrange(320)),
            "created_at": WRITTEN,
            "last_modified": WRITTEN,
        }
    )
    _where(chance, service, town, rows)
    _when(chance, service, rows)
    _for_whom(chance, service, topic, rows)
    price = {"id": _id(chance), "service_id": service, "amount": chance.choice(PRICES)}
    rows[CostOption].append(price)
    number_ = f"01632 960{chance.randrange(1000):03}"
    rows[Phone].append({"id": _id(chance), "service_id": service, "number": number_})


def _where(chance: random.Random, service: uuid.UUID, town: Town, rows: Rows) -> None:
    location = _id(chance)
    wide = 0.035 if chance.random() < 0.8 else 0.22
    rows[Location].append(
        {
            "id": location,
            "name": f"{_rare(chance).capitalize()} Hall",
            "address_1": f"{chance.randint(1, 200)} {_rare(chance).capitalize()} Road",
            "city": town.name,
            "latitude": round(town.latitude + chance.gauss(0, wide), 6),
            "longitude": round(town.longitude + chance.gauss(0, 1.6 * wide), 6),
        }
    )
    rows[ServiceAtLocation].append(
        {"id": _id(chance), "service_id": service, "location_id": location}
    )
    rows[Accessibility] += [
        {
            "id": _id(chance),
            "location_id": location,
            "feature": feature,
            "answer": chance.choice((Answer.YES, Answer.YES, Answer.NO)),
        }
        for feature in chance.sample([*Access], 3)
    ]


def _when(chance: random.Random, service: uuid.UUID, rows: Rows) -> None:
    begins = chance.choice(STARTS)
    days = chance.choices(WEEKDAYS, (18, 18, 17, 17, 15, 10, 5), k=chance.choice((1, 1, 2)))
    rows[Schedule].append(
        {
            "id": _id(chance),
            "service_id": service,
            "freq": Frequency.WEEKLY,
            "byday": ",".join(sorted(set(days))),
            "opens_at": begins,
            "closes_at": begins.replace(hour=begins.hour + 2),
        }
    )


def _for_whom(chance: random.Random, service: uuid.UUID, topic: int, rows: Rows) -> None:
    kinds, needs = taxonomy.kinds(), taxonomy.needs()
    terms = {(taxonomy.KINDS, kinds[topic % len(kinds)].code)}
    terms |= {(taxonomy.KINDS, _one(chance, kinds).code) for _ in range(chance.randrange(3))}
    terms |= {(taxonomy.NEEDS, _one(chance, needs).code) for _ in range(chance.randrange(2))}
    rows[Attribute] += [
        {"id": _id(chance), "service_id": service, "taxonomy_term_id": term_id(*term)}
        for term in sorted(terms)
    ]
    spoken = {"en": "English"} if chance.random() < 0.5 else {}
    if chance.random() < 0.2:
        spoken |= [*taxonomy.languages().items()][chance.randrange(11) :][:1]
    rows[Language] += [
        {"id": _id(chance), "service_id": service, "code": code, "name": name}
        for code, name in spoken.items()
    ]


def _text(chance: random.Random, dice: np.random.Generator, topic: int) -> list[str]:
    """Sixty to a hundred and fifty words: a twentieth on the topic itself, some near it."""
    length = chance.randint(60, 150)
    words, related = vocabulary.drawn(dice, length), vocabulary.related_to(topic)
    return [
        _one(chance, TOPICS[topic])
        if said < 0.05
        else _one(chance, related)
        if said < 0.2
        else word
        for word, said in zip(words, dice.random(length).tolist(), strict=True)
    ]


def _name(chance: random.Random, topic: int, town: Town) -> str:
    said = [word.capitalize() for word in TOPICS[topic]]
    if chance.random() < 0.5:
        said.insert(0, _one(chance, vocabulary.BEFORE))
    if chance.random() < 0.6:
        said.append(town.name)
    if chance.random() < 0.4:
        said.append(_one(chance, vocabulary.AFTER))
    return " ".join(said)


def _rare(chance: random.Random) -> str:
    return vocabulary.words()[chance.randrange(1_000, 20_000)]


def _one(chance: random.Random, things: Any) -> Any:
    return things[chance.randrange(len(things))]


def _id(chance: random.Random) -> uuid.UUID:
    return uuid.UUID(int=chance.getrandbits(128), version=4)
