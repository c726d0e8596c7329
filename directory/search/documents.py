"""Directory search: what is indexed of a listing, read from the database in a few queries.

Only what everybody may see of a listing goes in; nothing of the people who run it or come to it.
"""

import hashlib
import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import time
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts import Organisation
from directory import taxonomy
from directory.cleaning import plain_text
from directory.meaning import Thesaurus, thesaurus, vectors
from directory.models import (
    Accessibility,
    Attribute,
    CostOption,
    Language,
    Location,
    Notice,
    Schedule,
    Service,
    ServiceAtLocation,
    TaxonomyTerm,
)
from directory.rules import (
    SHOWN,
    Access,
    Answer,
    Attending,
    Frequency,
    Life,
    NoticeKind,
)
from directory.search.words import fold

AT_A_TIME = 500

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
TIMES_OF_DAY = ("morning", "afternoon", "evening")
NOON, EVENING = time(12), time(17)
SLOTS = tuple(f"{day}-{part}" for day in (*WEEKDAYS, "") for part in (*TIMES_OF_DAY, ""))
"""A day and the time of day something begins there; either may be missing."""

FREE, PAID, UNKNOWN_COST = COSTS = ("free", "paid", "unknown")
PLACES_NOW, MET_AT_DOOR, NO_REFERRAL = OFFERED = ("places", "door", "no-referral")
AGE_GROUPS = {"under-18": (0, 17), "18-25": (18, 25), "26-64": (26, 64), "65-over": (65, 130)}

ATTENDED = {
    Attending.VENUE: "",
    Attending.ONLINE: "Online",
    Attending.PHONE: "By phone, telephone",
    Attending.HOME_VISIT: "At your home, home visits",
}
"""How somebody takes part, in words to be found by."""

EVERYBODY_SPEAKS = "en"

_WEEKDAY = re.compile("|".join(WEEKDAYS))


@dataclass(frozen=True, slots=True)
class Facts:
    """What a listing is filtered and ordered by, in plain values that can be stored.

    `concepts` are what it is good for, each with a weight up to 1; `vector` is its sense, packed.
    """

    id: uuid.UUID
    name: str
    checked: int
    stale: bool
    attending: str
    points: tuple[tuple[float, float], ...]
    kinds: tuple[str, ...]
    needs: tuple[str, ...]
    slots: tuple[str, ...]
    cost: str
    ages: tuple[str, ...]
    audiences: tuple[str, ...]
    languages: tuple[str, ...]
    access: tuple[str, ...]
    access_unknown: tuple[str, ...]
    offers: tuple[str, ...]
    offers_unknown: tuple[str, ...]
    full: tuple[tuple[int, int], ...]
    concepts: tuple[tuple[str, float], ...] = ()
    vector: bytes = b""


@dataclass(frozen=True, slots=True)
class Document:
    """A listing as the index takes it: its facts, and its words by field."""

    facts: Facts
    texts: dict[str, str]

    def digest(self) -> int:
        """A number that tells this document from any other, or from this one changed."""
        said = repr((astuple(self.facts), sorted(self.texts.items()))).encode()
        return int.from_bytes(hashlib.blake2b(said, digest_size=8).digest())


@dataclass(slots=True)
class _Gathered:
    """What hangs on one listing, while it is collected."""

    points: set[tuple[float, float]] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    access: dict[Access, list[Answer]] = field(default_factory=lambda: defaultdict(list))
    place_count: int = 0
    kinds: set[str] = field(default_factory=set)
    needs: set[str] = field(default_factory=set)
    audiences: set[str] = field(default_factory=set)
    languages: set[str] = field(default_factory=set)
    terms: list[str] = field(default_factory=list)
    slots: set[str] = field(default_factory=set)
    amounts: list[Decimal | None] = field(default_factory=list)
    full: set[tuple[int, int]] = field(default_factory=set)


_Found = defaultdict[uuid.UUID, _Gathered]


def how_many(session: Session) -> int:
    """How many listings everybody may see."""
    counted = select(func.count()).select_from(Service).where(Service.life.in_(SHOWN))
    return session.scalar(counted) or 0


def shown_ids(session: Session) -> list[uuid.UUID]:
    """The listings everybody may see."""
    return list(session.scalars(select(Service.id).where(Service.life.in_(SHOWN))))


def read(session: Session, ids: Sequence[uuid.UUID]) -> Iterator[Document]:
    """Those of these listings that everybody may see."""
    for start in range(0, len(ids), AT_A_TIME):
        # Looked for anew: what is written down now must be of the thesaurus as it is now.
        known = thesaurus(now=True, session=session)
        yield from _read_some(session, ids[start : start + AT_A_TIME], known)


def facts(session: Session, ids: Sequence[uuid.UUID]) -> Iterator[Facts]:
    """The facts of those of these listings that everybody may see, in a tenth of the time.

    Their texts are left unread, so a listing has the concepts of its categories, and no vector.
    """
    known = thesaurus(now=True, session=session)
    meant = cache(lambda kinds, needs: known.concepts_of({}, kinds, needs))
    for start in range(0, len(ids), AT_A_TIME):
        for row, more in _rows(session, ids[start : start + AT_A_TIME], _SAID_BRIEFLY):
            yield _facts(row, more, meant(frozenset(more.kinds), frozenset(more.needs)))


def cost_of(amounts: Iterable[Decimal | None]) -> str:
    """Free only if something is said to cost nothing and nothing is said to cost more."""
    known = [amount for amount in amounts if amount is not None]
    if not known:
        return UNKNOWN_COST
    return PAID if any(amount > 0 for amount in known) else FREE


def _read_some(session: Session, ids: Sequence[uuid.UUID], known: Thesaurus) -> Iterator[Document]:
    for row, more in _rows(session, ids, (*_SAID_BRIEFLY, *_SAID_AT_LENGTH)):
        texts = _texts(row, more)
        concepts = known.concepts_of(texts, more.kinds, more.needs)
        vector = vectors.stored(vectors.of_listing(texts))
        yield Document(_facts(row, more, concepts, vector), texts)


def _rows(
    session: Session, ids: Sequence[uuid.UUID], columns: Sequence[Any]
) -> Iterator[tuple[Any, _Gathered]]:
    found: _Found = defaultdict(_Gathered)
    for gather in _GATHERERS:
        gather(session, ids, found)
    wanted = select(*columns).join(Service.organisation).where(Service.id.in_(ids))
    # Asked for their life too, SQLite would look through all that live.
    for row in session.execute(wanted.order_by(Service.id)):
        if row.life in SHOWN:
            yield row, found[row.id]


_SAID_BRIEFLY = (
    Service.id,
    Service.name,
    Service.life,
    Service.attending,
    Service.assured_on,
    Service.minimum_age,
    Service.maximum_age,
    Service.places_free,
    Service.meets_at_door,
    Service.referral_needed,
)
_SAID_AT_LENGTH = (
    Service.summary,
    Service.description,
    Service.eligibility_description,
    Organisation.name.label("organisation"),
)


def ages_of(youngest: int | None, oldest: int | None) -> tuple[str, ...]:
    """The ages a listing is open to; one that names no limit is open to all."""
    low, high = youngest or 0, 130 if oldest is None else oldest
    return tuple(
        code for code, (first, last) in AGE_GROUPS.items() if low <= last and first <= high
    )


def access_answer(said: Sequence[Answer], places: int, attending: Attending) -> Answer:
    """What is known of a need in all the places of a listing: yes if it is met in one of them.

    What comes to you by phone, online or at home has no door of its own, so nothing is in doubt.
    """
    if Answer.YES in said:
        return Answer.YES
    refused = sum(each is Answer.NO for each in said)
    unsaid = attending is Attending.VENUE and (refused < places or not places)
    return Answer.UNKNOWN if unsaid else Answer.NO


def time_of_day(opens_at: time) -> str:
    """The part of the day in which something begins."""
    morning, afternoon, evening = TIMES_OF_DAY
    if opens_at < NOON:
        return morning
    return afternoon if opens_at < EVENING else evening


def _facts(row: Any, more: _Gathered, concepts: Mapping[str, float], vector: bytes = b"") -> Facts:
    access = {
        each: access_answer(more.access[each], more.place_count, row.attending) for each in Access
    }
    offers = _offers(row)
    return Facts(
        id=row.id,
        name=fold(row.name),
        checked=row.assured_on.toordinal() if row.assured_on else 0,
        stale=row.life is Life.NEEDS_CHECKING,
        attending=row.attending.value,
        points=tuple(sorted(more.points)),
        kinds=tuple(sorted(more.kinds)),
        needs=tuple(sorted(more.needs)),
        slots=tuple(sorted(more.slots)),
        cost=cost_of(more.amounts),
        ages=ages_of(row.minimum_age, row.maximum_age),
        audiences=tuple(sorted(more.audiences)),
        languages=tuple(sorted(more.languages)),
        access=_with(Answer.YES, access),
        access_unknown=_with(Answer.UNKNOWN, access),
        offers=_with(Answer.YES, offers),
        offers_unknown=_with(Answer.UNKNOWN, offers),
        full=tuple(sorted(more.full)),
        concepts=tuple(sorted(concepts.items())),
        vector=vector,
    )


def _texts(row: Any, more: _Gathered) -> dict[str, str]:
    spoken = sorted(more.languages - {EVERYBODY_SPEAKS})
    languages = [taxonomy.language_name(code) for code in spoken]
    return {
        "name": row.name,
        "organisation": row.organisation,
        "about": f"{row.summary}\n{plain_text(row.description)}",
        "categories": "\n".join((*more.terms, *languages, ATTENDED[row.attending])),
        "eligibility": row.eligibility_description,
        "place": "\n".join(sorted(more.places)),
    }


def _offers(row: Any) -> dict[str, Answer]:
    needs_none = None if row.referral_needed is None else not row.referral_needed
    has_room = None if row.places_free is None else row.places_free > 0
    said = {PLACES_NOW: has_room, MET_AT_DOOR: row.meets_at_door, NO_REFERRAL: needs_none}
    answers = {None: Answer.UNKNOWN, True: Answer.YES, False: Answer.NO}
    return {code: answers[each] for code, each in said.items()}


def _with(answer: Answer, said: Mapping[Any, Answer]) -> tuple[str, ...]:
    return tuple(str(code) for code, each in said.items() if each is answer)


def _gather_places(session: Session, ids: Sequence[uuid.UUID], found: _Found) -> None:
    at = ServiceAtLocation.service_id
    wanted = select(at, Location.latitude, Location.longitude, Location.name, Location.city)
    for each, latitude, longitude, *names in session.execute(
        wanted.join(ServiceAtLocation.location).where(at.in_(ids))
    ):
        found[each].place_count += 1
        found[each].places.update(filter(None, names))
        if latitude is not None and longitude is not None:
            found[each].points.add((latitude, longitude))


def _gather_access(session: Session, ids: Sequence[uuid.UUID], found: _Found) -> None:
    at = ServiceAtLocation.service_id
    there = Accessibility.location_id == ServiceAtLocation.location_id
    wanted = select(at, Accessibility.feature, Accessibility.answer).join(Accessibility, there)
    for each, feature, answer in session.execute(wanted.where(at.in_(ids))):
        found[each].access[feature].append(answer)


def _gather_terms(session: Session, ids: Sequence[uuid.UUID], found: _Found) -> None:
    wanted = select(
        Attribute.service_id, TaxonomyTerm.taxonomy, TaxonomyTerm.code, TaxonomyTerm.name
    ).join(Attribute.term)
    for each, vocabulary, code, name in session.execute(
        wanted.where(Attribute.service_id.in_(ids)).order_by(Attribute.position)
    ):
        found[each].terms.append(name)
        if vocabulary == taxonomy.KINDS:
            found[each].kinds.add(code)
        elif vocabulary == taxonomy.NEEDS:
            found[each].needs.add(code)
        elif vocabulary == taxonomy.AUDIENCES:
            found[each].audiences.add(code)


def _gather_languages(session: Session, ids: Sequence[uuid.UUID], found: _Found) -> None:
    wanted = select(Language.service_id, Language.code).where(Language.service_id.in_(ids))
    for each, code in session.execute(wanted):
        found[each].languages.add(code.lower().partition("-")[0])


def _gather_slots(session: Session, ids: Sequence[uuid.UUID], found: _Found) -> None:
    wanted = select(
        Schedule.service_id,
        Schedule.opens_at,
        Schedule.freq,
        Schedule.byday,
        Schedule.bymonthday,
        Schedule.dtstart,
    )
    for row in session.execute(wanted.where(Schedule.service_id.in_(ids))):
        part = time_of_day(row.opens_at) if row.opens_at else ""
        found[row.service_id].slots.update(f"{day}-{part}" for day in _days(row))


def _days(row: Any) -> Sequence[str]:
    named = _WEEKDAY.findall(row.byday)
    by_date = row.dtstart is None or row.bymonthday or row.freq is Frequency.MONTHLY
    if named or by_date:
        return named or [""]
    return [WEEKDAYS[row.dtstart.weekday()]]


def _gather_costs(session: Session, ids: Sequence[uuid.UUID], found: _Found) -> None:
    wanted = select(CostOption.service_id, CostOption.amount)
    for each, amount in session.execute(wanted.where(CostOption.service_id.in_(ids))):
        found[each].amounts.append(amount)


def _gather_full(session: Session, ids: Sequence[uuid.UUID], found: _Found) -> None:
    wanted = select(Notice.service_id, Notice.first_on, Notice.last_on).where(
        Notice.service_id.in_(ids),
        Notice.kind == NoticeKind.FULL,
        Notice.taken_down_at.is_(None),
    )
    for each, first, last in session.execute(wanted):
        found[each].full.add((first.toordinal(), last.toordinal()))


_GATHERERS = (
    _gather_places,
    _gather_access,
    _gather_terms,
    _gather_languages,
    _gather_slots,
    _gather_costs,
    _gather_full,
)
