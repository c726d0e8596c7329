"""The demo's listings and the groups that run them, read from demo/listings/*.toml."""

import tomllib
import uuid
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from accounts import Organisation, OrganisationKind, set_up
from core import clock
from core.actors import Actor
from core.db import db
from directory.evidence import confirm
from directory.facts import (
    ContactFacts,
    CostFacts,
    LanguageFacts,
    ListingFacts,
    PhoneFacts,
    PlaceFacts,
    ScheduleFacts,
)
from directory.listings import draft_listing, step
from directory.models import Service
from directory.rules import Access, Answer, Aspect, Attending, Frequency, How, LocationType, Step
from directory.taxonomy import language_name

FOLDER = Path(__file__).parent / "listings"

PUBLISHED_BEFORE = timedelta(days=200)
"""How long before its last check a listing was published, and more."""

SINCE_THEN = 6, 13, 24, 40
"""So many days ago a part of some listings was confirmed anew."""

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
    now = clock.now()
    of = {group["key"]: group for group in town["group"]}
    with db.session.no_autoflush:
        for number, entry in enumerate(town["listing"]):
            facts = _facts(entry, of[entry["group"]])
            checked_at = now - timedelta(days=entry["checked_days_ago"])
            before = PUBLISHED_BEFORE + timedelta(days=number % 60, minutes=number)
            with clock.set_to(checked_at - before):
                service = draft_listing(facts, groups[entry["group"]], by=by)
                step(service, Step.PUBLISH, by=by)
            with clock.set_to(checked_at):
                step(service, Step.CHECK, by=by)
            if number % 3 == 0 and entry["checked_days_ago"] > SINCE_THEN[-1]:
                _hear_again(service, number, now, by=by)
            if number % AT_A_TIME == 0:
                db.session.flush()
            yield entry["key"], service.id
    db.session.flush()


def _hear_again(service: Service, number: int, now: datetime, *, by: Actor) -> None:
    """Of some listings a part was confirmed later than the rest: people went, or the price rose."""
    heard_at = now - timedelta(days=SINCE_THEN[number % len(SINCE_THEN)])
    if number % 2:
        confirm(service, {Aspect.PRICE, Aspect.CONTACT}, How.GROUP, by=by, at=heard_at)
    else:
        confirm(service, {Aspect.TIME, Aspect.PLACE}, How.ATTENDED, by=by, at=heard_at)


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


def _facts(entry: Entry, group: Entry) -> ListingFacts:
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
