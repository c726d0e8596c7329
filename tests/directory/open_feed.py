"""A directory with something of everything in it, and the schemas its feed must fit."""

import json
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from core.db import db
from core.saving import saving
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
from directory.models import FieldCheck, Service
from directory.rules import (
    Access,
    Answer,
    Aspect,
    Attending,
    Frequency,
    How,
    Life,
    Step,
)
from tests.builders import BUILDER, MONDAY_MORNING, a_listing, an_organisation
from tests.client import Client

SCHEMAS = Path(__file__).parent / "oruk_schemas"
API = "/api/oruk/v3"
ITEMS = {
    "services": "service",
    "service_at_locations": "service_at_location",
    "taxonomies": "taxonomy",
    "taxonomy_terms": "taxonomy_term",
    "organizations": "organization",
}
ENVELOPE = {
    "total_items",
    "total_pages",
    "page_number",
    "size",
    "first_page",
    "last_page",
    "empty",
    "contents",
}

EVERYTHING = ListingFacts(
    name="Men’s shed & tools",
    summary="Mend things, drink tea.",
    description="<p>Bring something <strong>broken</strong>.</p>",
    url="https://shed.example/whats-on?week=1",
    email="hello@shed.example",
    eligibility_description="Men over fifty, and anybody who likes them",
    minimum_age=50,
    maximum_age=99,
    application_process="Ring first",
    referral_needed=False,
    before_you_come="Wear old clothes.",
    when_you_arrive="Ask for the kettle.",
    afterwards="We sweep up.",
    meets_at_door=True,
    places_free=3,
    new_people_per_week=2,
    assured_on=date(2026, 11, 1),
    places=(
        PlaceFacts(
            name="Railway yard",
            address_1="4 Station Road",
            address_2="Unit 2",
            city="Preston",
            postcode="PR1 2HE",
            bus="Bus 7 stops outside",
            walk="Two minutes from the station",
            park="Three bays",
            lift="Ring us the day before",
            access={
                Access.STEP_FREE: Answer.YES,
                Access.BSL: Answer.NO,
                Access.SEATING: Answer.UNKNOWN,
            },
        ),
        PlaceFacts(name="Library", postcode="BB11 2DH"),
    ),
    schedules=(
        ScheduleFacts(
            freq=Frequency.WEEKLY,
            byday="MO,TH",
            opens_at=time(10),
            closes_at=time(12, 30),
            term_time=True,
            description="Not in the snow",
        ),
        ScheduleFacts(freq=Frequency.MONTHLY, byday="-1FR", dtstart=date(2026, 1, 30)),
        ScheduleFacts(dtstart=date(2026, 12, 5), opens_at=time(14), closes_at=time(16)),
    ),
    cost_options=(
        CostFacts(option="Members", amount=Decimal("2.50"), amount_description="a session"),
        CostFacts(amount=Decimal(0), option="First time"),
        CostFacts(amount_description="Pay what you can"),
    ),
    contacts=(
        ContactFacts(name="Walter Private", title="Shed keeper", email="walter@home.example"),
        ContactFacts(name="Olive Private", best_time="Mornings"),
    ),
    phones=(PhoneFacts(number="01632 960 111", description="Shed"),),
    languages=(LanguageFacts(code="en", name="English"), LanguageFacts(code="ur", name="Urdu")),
    kinds=("meeting-people", "arts-and-crafts"),
    needs=(),
    audiences=(),
    categories=(("Lancashire list", "Sheds"), ("Lancashire list", "=Tools")),
)


def a_whole_directory() -> Service:
    """Listings of every state and sort; returns the one of which everything is known."""
    with saving():
        group = an_organisation(
            "Preston Shed",
            description="A shed.",
            website="https://shed.example",
            email="group@shed.example",
            phone="01632 960 112",
        )
        whole = draft_listing(EVERYTHING, group, by=BUILDER)
        step(whole, Step.PUBLISH, by=BUILDER)
    with saving():
        for how in (How.GROUP, How.IMPORTED):
            db.session.add(
                FieldCheck(
                    service_id=whole.id,
                    aspect=Aspect.TIME,
                    how=how,
                    at=MONDAY_MORNING,
                    by="user:1",
                    by_name="Walter Private",
                )
            )
    a_listing("Bare", places=(), schedules=(), cost_options=(), kinds=())
    a_listing("Telephone friends", attending=Attending.PHONE, places=())
    a_listing("Half an address", places=(PlaceFacts(city="Bow", latitude=51.53, longitude=-0.02),))
    for life in Life:
        a_listing(f"One that is {life}", life=life)
    for number in range(6):
        a_listing(f"Knitting {number}")
    return whole


@cache
def validator(name: str) -> Draft202012Validator:
    """The schema of the validator for one kind of answer, formats and all."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema, format_checker=FormatChecker())


def faults(name: str, said: Any) -> list[str]:
    """What the validator finds wrong in an answer."""
    return [f"{each.json_path} {each.message[:120]}" for each in validator(name).iter_errors(said)]


def pages(client: Client, path: str, *, size: int = 0) -> Iterator[dict[str, Any]]:
    """Every page of a list, as a patient program asks for them."""
    number, total = 1, 1
    size = size or (50 if path.startswith("taxonomy") else 7)
    mark = "&" if "?" in path else "?"
    while number <= total:
        page = client.get(f"{API}/{path}{mark}per_page={size}&page={number}").get_json()
        yield page
        number, total = number + 1, page["total_pages"]


def everything(client: Client, path: str) -> list[dict[str, Any]]:
    """All that a list holds."""
    return [each for page in pages(client, path) for each in page["contents"]]


def names(client: Client, path: str) -> set[str]:
    """What the records of a list are called."""
    return {each["name"] for each in everything(client, path)}
