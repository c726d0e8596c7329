"""The demo's listings and the groups that run them, read from demo/listings/*.toml."""

import tomllib
from collections.abc import Iterator
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from accounts import Organisation, OrganisationKind, set_up
from core import clock
from core.actors import Actor
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
from directory.rules import Access, Answer, Attending, Frequency, LocationType, Step
from directory.taxonomy import language_name

FOLDER = Path(__file__).parent / "listings"

Entry = dict[str, Any]


def files() -> list[Path]:
    """One file a place."""
    return sorted(FOLDER.glob("*.toml"))


def load_town(path: Path, *, by: Actor) -> tuple[dict[str, Organisation], dict[str, Service]]:
    """Enter a place's groups and listings, each as old as its last check; both by their keys."""
    town = tomllib.loads(path.read_text(encoding="utf-8"))
    groups = {group["key"]: _group(group, by=by) for group in town["group"]}
    services = {}
    for entry in town["listing"]:
        checked_at = clock.now() - timedelta(days=entry["checked_days_ago"])
        with clock.set_to(checked_at):
            facts = _facts(entry, next(g for g in town["group"] if g["key"] == entry["group"]))
            service = draft_listing(facts, groups[entry["group"]], by=by)
            step(service, Step.PUBLISH, by=by)
        services[entry["key"]] = service
    return groups, services


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
        email=entry.get("email", group.get("email", "")),
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
        assured_on=clock.today(),
        places=(_place(entry),),
        schedules=tuple(_schedule(part) for part in entry.get("schedule", [])),
        cost_options=tuple(_costs(entry)),
        contacts=(
            ContactFacts(
                name=entry.get("contact_name", ""), best_time=entry.get("contact_when", "")
            ),
        ),
        phones=(PhoneFacts(number=entry.get("phone", group.get("phone", ""))),),
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
