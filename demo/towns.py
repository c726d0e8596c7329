"""The demo's listings and the groups that run them, read from demo/listings/*.toml."""

import tomllib
import uuid
from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from accounts import May, Organisation, OrganisationKind, set_up
from core import clock
from core.actors import Actor, Kind
from core.db import db
from directory.facts import (
    ContactFacts,
    CostFacts,
    LanguageFacts,
    ListingFacts,
    PhoneFacts,
    PlaceFacts,
    ScheduleFacts,
)
from directory.freshness.evidence import confirm
from directory.listings import draft_listing, step
from directory.models import Service
from directory.rules import Access, Answer, Aspect, Attending, Frequency, How, LocationType, Step
from directory.taxonomy import language_name

FOLDER = Path(__file__).parent / "listings"

PUBLISHED_BEFORE = timedelta(days=200)
"""How long before its last check a listing was published, and more."""

SINCE_THEN: tuple[tuple[int, How, frozenset[Aspect]], ...] = (
    (6, How.ATTENDED, frozenset({Aspect.TIME, Aspect.PLACE})),
    (13, How.GROUP, frozenset({Aspect.PRICE, Aspect.CONTACT})),
    (24, How.EDITOR, frozenset({Aspect.WHO_FOR, Aspect.ACCESS})),
    (40, How.ATTENDED, frozenset({Aspect.TIME, Aspect.PLACE})),
    (58, How.GROUP, frozenset({Aspect.TIME, Aspect.PRICE, Aspect.ABOUT})),
)
"""So many days ago a part of some listings was confirmed anew: people went, the price rose."""

EDITORS_LOOKED = 4
"""Every fourth listing was last looked through by an editor, the others by their own group."""

AT_A_TIME = 25

A_MONDAY = date(2026, 1, 5)

Entry = dict[str, Any]


def files() -> list[Path]:
    """One file a place."""
    return sorted(FOLDER.glob("*.toml"))


def read(path: Path) -> Entry:
    """What a place's file says."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def load_groups(town: Entry, *, by: Actor) -> dict[str, Organisation]:
    """Enter a place's groups; by their keys."""
    return {group["key"]: _group(group, by=by) for group in town["group"]}


def load_listings(
    town: Entry, groups: Mapping[str, Organisation], *, by: Actor
) -> Iterator[tuple[str, uuid.UUID]]:
    """Enter a place's listings one by one: published a good while ago, checked when the file says.

    Only their ids are kept: what nobody holds on to need not be looked through at every flush.
    Many are written at a time, which is quick; two of one name and town at once would be refused.
    """
    of = {group["key"]: group for group in town["group"]}
    entries = list(enumerate(town["listing"]))
    with db.session.no_autoflush:
        for start in range(0, len(entries), AT_A_TIME):
            some = [
                (number, entry, _published(entry, of[entry["group"]], groups, number, by=by))
                for number, entry in entries[start : start + AT_A_TIME]
            ]
            db.session.flush()
            for number, entry, service in some:
                _check(service, entry["checked_days_ago"], number, by=by)
                yield entry["key"], service.id
    db.session.flush()


def _published(
    entry: Entry, group: Entry, groups: Mapping[str, Organisation], number: int, *, by: Actor
) -> Service:
    before = PUBLISHED_BEFORE + timedelta(days=number % 60, minutes=number)
    with clock.set_to(clock.now() - timedelta(days=entry["checked_days_ago"]) - before):
        service = draft_listing(facts_in(entry, group), groups[entry["group"]], by=by)
        step(service, Step.PUBLISH, by=by)
    return service


def _check(service: Service, days_ago: int, number: int, *, by: Actor) -> None:
    """The listing was right so many days ago; of some a part was confirmed since then."""
    group = keeper(service.organisation)
    with clock.set_to(clock.now() - timedelta(days=days_ago)):
        step(service, Step.CHECK, by=group if number % EDITORS_LOOKED else by)
    ago, how, aspects = SINCE_THEN[number // 3 % len(SINCE_THEN)]
    if number % 3 == 0 and ago < days_ago:
        confirm(service, aspects, how, by=group, at=clock.now() - timedelta(days=ago))


def keeper(group: Organisation) -> Actor:
    """A group itself, as it acts by the link it was sent."""
    holds = {May.KEEP_LISTINGS.value: frozenset({group.id})}
    return Actor(Kind.LINK, "link:demo", name=group.name, holds=holds)


def _group(entry: Entry, *, by: Actor) -> Organisation:
    return set_up(
        entry["name"],
        OrganisationKind.GROUP,
        by=by,
        description=entry.get("about", ""),
        email=entry.get("email", ""),
        phone=entry.get("phone", ""),
        website=entry.get("website", ""),
    )


def facts_in(entry: Entry, group: Entry) -> ListingFacts:
    """The listing an entry of a file describes."""
    return ListingFacts(
        name=entry["name"],
        summary=entry["summary"],
        description=entry["description"],
        email=entry.get("email") or group.get("email", ""),
        url=group.get("website", ""),
        eligibility_description=entry.get("who", ""),
        minimum_age=entry.get("minimum_age"),
        maximum_age=entry.get("maximum_age"),
        referral_needed=entry.get("referral_needed"),
        attending=Attending(entry.get("attending", "venue")),
        before_you_come=entry.get("before", ""),
        when_you_arrive=entry.get("arrive", ""),
        afterwards=entry.get("after", ""),
        meets_at_door=entry.get("meets_at_door"),
        places_free=entry.get("places"),
        new_people_per_week=entry.get("new_people_per_week"),
        places=(_place(entry),),
        schedules=tuple(_schedule(part) for part in entry.get("schedule", [])),
        cost_options=tuple(_costs(entry)),
        contacts=(
            ContactFacts(
                name=entry.get("contact_name", ""), best_time=entry.get("contact_when", "")
            ),
        ),
        phones=(PhoneFacts(number=entry.get("phone") or group.get("phone", "")),),
        languages=tuple(
            LanguageFacts(code=code, name=language_name(code)) for code in entry["languages"]
        ),
        kinds=(entry["kind"], *entry.get("also", [])),
        needs=tuple(entry.get("needs", [])),
        audiences=tuple(entry.get("audiences", [])),
    )


def _place(entry: Entry) -> PlaceFacts:
    has_address = "postcode" in entry
    return PlaceFacts(
        name=entry.get("venue", ""),
        location_type=LocationType.PHYSICAL if has_address else LocationType.VIRTUAL,
        address_1=entry.get("address_1", ""),
        city=entry.get("city", ""),
        county=entry.get("county", ""),
        postcode=entry.get("postcode", ""),
        bus=entry.get("bus", ""),
        walk=entry.get("walk", ""),
        park=entry.get("park", ""),
        lift=entry.get("lift", ""),
        access={Access(name): Answer(answer) for name, answer in entry["access"].items()},
    )


def _schedule(part: Entry) -> ScheduleFacts:
    return ScheduleFacts(
        freq=Frequency(part["freq"]),
        interval=part.get("interval", 1),
        # Every other week needs a week to count from.
        dtstart=A_MONDAY if part.get("interval", 1) > 1 else None,
        byday=part["byday"],
        opens_at=time.fromisoformat(part["opens_at"]),
        closes_at=time.fromisoformat(part["closes_at"]) if part.get("closes_at") else None,
        term_time=part.get("term_time", False),
        description=part.get("note", ""),
    )


def _costs(entry: Entry) -> Iterator[CostFacts]:
    if "cost" in entry:
        yield CostFacts(
            amount=Decimal(str(entry["cost"]["amount"])),
            amount_description=entry["cost"].get("note", ""),
        )
