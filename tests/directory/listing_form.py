"""Opens, reads and sends the forms of a listing as a browser would; a listing that says all."""

from datetime import date, time
from decimal import Decimal

import html5lib
from werkzeug.datastructures import MultiDict

from accounts import OrganisationKind, Role
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
from directory.keeping import facts_of
from directory.listings import get_service
from directory.models import Service
from directory.rules import Access, Answer, Frequency
from directory.web.forms import PARTS
from tests.builders import a_user, an_organisation
from tests.client import Client

NS = "{http://www.w3.org/1999/xhtml}"

WHOLE = ListingFacts(
    name="Knit and natter",
    summary="Bring your knitting.",
    description="<p>Tea and <strong>cake</strong>.</p><ul><li>wool</li></ul><p>Come.</p>",
    url="https://bowknitters.example/knit",
    email="knit@bowknitters.example",
    eligibility_description="Anyone over 18.",
    minimum_age=18,
    before_you_come="Ring Sheila.",
    meets_at_door=True,
    places_free=0,
    assured_on=date(2026, 11, 1),
    places=(
        PlaceFacts(
            name="Bow Common Hall",
            city="London",
            postcode="E3 3BQ",
            latitude=51.5294,
            longitude=-0.0402,
            access=dict.fromkeys(Access, Answer.UNKNOWN) | {Access.BSL: Answer.NO},
        ),
        PlaceFacts(name="Poplar Library", city="London", latitude=51.51, longitude=-0.01),
    ),
    schedules=(
        ScheduleFacts(freq=Frequency.WEEKLY, byday="TU,TH", opens_at=time(10), closes_at=time(12)),
        ScheduleFacts(freq=Frequency.WEEKLY, interval=2, byday="FR", dtstart=date(2026, 11, 27)),
        ScheduleFacts(freq=Frequency.MONTHLY, byday="-1SA", term_time=True, opens_at=time(14, 30)),
        ScheduleFacts(freq=Frequency.MONTHLY, bymonthday="1,15", description="Twice a month"),
        ScheduleFacts(dtstart=date(2026, 12, 24), opens_at=time(12)),
    ),
    cost_options=(
        CostFacts(amount=Decimal("1.50"), amount_description="includes tea"),
        CostFacts(option="Under 18", amount=Decimal(0)),
    ),
    contacts=(ContactFacts(name="Sheila", best_time="weekdays 9am to 1pm"),),
    phones=(PhoneFacts(number="01632 960 102"), PhoneFacts(number="01632 960 103")),
    languages=(LanguageFacts(code="en", name="English"),),
    kinds=("meeting-people", "arts-and-crafts"),
    needs=("lonely",),
)


def own_page(service: Service) -> str:
    return f"/my-listings/{service.id}"


def edit_page(service: Service, part: str = "about") -> str:
    return f"/my-listings/{service.id}/edit/{part}"


def part_with(box: str) -> str:
    """The part of the form that has this box."""
    name = box.partition("__")[0]
    return next((part for part, form in PARTS.items() if hasattr(form, name)), "about")


def filled_in(html: str) -> MultiDict[str, str]:
    """What a browser would send if the form were sent as it stands."""
    tree = html5lib.parse(html)
    [main] = tree.iter(f"{NS}main")
    sent: MultiDict[str, str] = MultiDict()
    for field in main.iter(f"{NS}input"):
        ticked = field.get("type") not in {"radio", "checkbox"} or field.get("checked") is not None
        if field.get("name") and ticked:
            sent.add(field.get("name"), field.get("value") or "")
    for field in main.iter(f"{NS}textarea"):
        # A browser sends line ends its own way, and the parser keeps the first one.
        sent.add(field.get("name"), "".join(field.itertext()).lstrip("\n").replace("\n", "\r\n"))
    for field in main.iter(f"{NS}select"):
        chosen = [each for each in field.iter(f"{NS}option") if each.get("selected") is not None]
        sent.add(field.get("name"), (chosen or [*field.iter(f"{NS}option")])[0].get("value"))
    return sent


def save(client: Client, service: Service, **changes: object) -> tuple[int, str]:
    """Open the page of each part that is changed, change it, send it: the last answer."""
    parts = list(dict.fromkeys(part_with(name) for name in changes)) or list(PARTS)
    for part in parts:
        answers = filled_in(client.get(edit_page(service, part)).get_data(as_text=True))
        for name, value in changes.items():
            if part_with(name) == part:
                many = value if isinstance(value, list) else [value]
                answers.setlist(name.replace("__", "-"), many)
        page = client.post(edit_page(service, part), data=answers)
        if page.status_code != 303:
            break
    return page.status_code, page.get_data(as_text=True)


def said_now(service: Service) -> ListingFacts:
    db.session.rollback()
    return facts_of(get_service(service.id))


def an_editors_desk(client: Client) -> Client:
    council = an_organisation("Tower Hamlets Council", OrganisationKind.COUNCIL)
    return client.as_(a_user(council, Role.EDITOR))
