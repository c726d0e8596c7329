"""The demo: the listings of its large invented county, as rows: the same at every load."""

import uuid
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from accounts import Organisation, OrganisationKind
from core import clock
from core.actors import system
from demo.scale.county import Area, Offered, Rows
from demo.scale.lot import Lot, new_id
from demo.scale.words import Activity, Town, activities, listed
from directory import taxonomy
from directory.identity import term_id
from directory.models import (
    Accessibility,
    Attribute,
    Contact,
    CostOption,
    FieldCheck,
    ListingStep,
    Location,
    Phone,
    Schedule,
    Service,
    ServiceAtLocation,
)
from directory.rules import Access, Answer, Aspect, Frequency, How, Life

LISTINGS_OF_A_GROUP = 4
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
STARTS = (time(10), time(11), time(13, 30), time(14), time(18))
PRICES = (Decimal(0), Decimal(0), Decimal(1), Decimal("2.50"), Decimal(4))
CHECKED_WITHIN = 300
"""Days; most listings were looked at lately, some long ago."""

BY = system("demo")
INVENTED = "Invented for the demo."


def groups(number: int, area: Area, rows: Rows, lot: Lot, *, since: datetime) -> None:
    """So many listings of one area, a few to a group."""
    group, name = uuid.UUID(int=0), ""
    for each in range(number):
        if each % LISTINGS_OF_A_GROUP == 0:
            group, name = _group(area, rows, lot, since)
        _listing(area, group, name, rows, lot, since)


def _group(area: Area, rows: Rows, lot: Lot, since: datetime) -> tuple[uuid.UUID, str]:
    founder, body = lot.choice(listed("founders")), lot.choice(listed("bodies"))
    id_, name = new_id(lot), f"{area.town.name} {founder} {body}"
    rows[Organisation].append(
        {
            "id": id_,
            "kind": OrganisationKind.GROUP,
            "name": name,
            "description": INVENTED,
            "email": f"hello@group{area.number}-{len(area.offers) + 1}.example",
            "created_at": since,
            "link_worker_team_id": None,
        }
    )
    return id_, name


def _listing(
    area: Area, group: uuid.UUID, by_whom: str, rows: Rows, lot: Lot, since: datetime
) -> None:
    what, place = lot.choice(activities()), lot.choice(listed("places"))
    id_, weekday, starts_at = new_id(lot), lot.randrange(len(WEEKDAYS)), lot.choice(STARTS)
    number = f"{area.number}-{len(area.offers) + 1}"
    checked = clock.today() - timedelta(days=int(CHECKED_WITHIN * lot.random() ** 2) + 1)
    rows[Service].append(
        {
            "id": id_,
            "slug": f"county-{number}",
            "organisation_id": group,
            "name": f"{DAYS[weekday]} {what.name[0].lower()}{what.name[1:]}, {place}",
            "summary": what.summary,
            "description": f"{what.description} {INVENTED}",
            "email": f"hello@group{number}.example",
            "life": Life.LIVE,
            "minimum_age": lot.choice((None, None, 18, 50)),
            "meets_at_door": lot.choice((None, True)),
            "referral_needed": lot.choice((None, False)),
            "assured_on": checked,
            "created_at": since,
            "last_modified": since,
        }
    )
    area.offers.append(Offered(id_, group, by_whom, what.needs, weekday, starts_at))
    _where(area.town, place, id_, rows, lot)
    _said(what, id_, rows, lot)
    rows[Schedule].append(
        {
            "id": new_id(lot),
            "service_id": id_,
            "freq": Frequency.WEEKLY,
            "byday": WEEKDAYS[weekday],
            "opens_at": starts_at,
            "closes_at": starts_at.replace(hour=starts_at.hour + 2),
        }
    )
    _kept(id_, checked, rows, lot, since)


def _where(town: Town, place: str, service: uuid.UUID, rows: Rows, lot: Lot) -> None:
    id_ = new_id(lot)
    rows[Location].append(
        {
            "id": id_,
            "name": place,
            "address_1": f"{lot.randint(1, 90)} {lot.choice(listed('roads'))}",
            "city": town.name,
            "postcode": lot.choice(town.postcodes),
            "latitude": round(town.latitude + lot.gauss(0, 0.012), 5),
            "longitude": round(town.longitude + lot.gauss(0, 0.02), 5),
        }
    )
    rows[ServiceAtLocation].append({"id": new_id(lot), "service_id": service, "location_id": id_})
    for feature in lot.sample([*Access], 3):
        answer = lot.choice((Answer.YES, Answer.YES, Answer.NO))
        said = {"id": new_id(lot), "location_id": id_, "feature": feature, "answer": answer}
        rows[Accessibility].append(said)


def _said(what: Activity, service: uuid.UUID, rows: Rows, lot: Lot) -> None:
    terms = [(taxonomy.KINDS, what.kind), *((taxonomy.NEEDS, need) for need in what.needs)]
    for position, term in enumerate(terms):
        said = {"id": new_id(lot), "service_id": service, "taxonomy_term_id": term_id(*term)}
        rows[Attribute].append({**said, "position": position})
    price = {"id": new_id(lot), "service_id": service, "amount": lot.choice(PRICES)}
    rows[CostOption].append(price)
    number = f"01632 960{lot.randrange(1000):03}"
    rows[Phone].append({"id": new_id(lot), "service_id": service, "number": number})
    rows[Contact].append({"id": new_id(lot), "service_id": service, "name": "The helpers"})


def _kept(service: uuid.UUID, checked: date, rows: Rows, lot: Lot, since: datetime) -> None:
    """Who looked at it when, and its history: drafted and published."""
    noon = datetime.combine(checked, time(12), tzinfo=clock.LONDON)
    for aspect in Aspect:
        said = {"id": new_id(lot), "service_id": service, "aspect": aspect, "how": How.GROUP}
        rows[FieldCheck].append({**said, "at": noon, "by": BY.ref, "by_name": BY.name})
    for what, was, now in (("drafted", None, Life.DRAFT), ("published", Life.DRAFT, Life.LIVE)):
        step = {"id": new_id(lot), "service_id": service, "at": since, "by": BY.ref}
        rows[ListingStep].append({**step, "by_name": BY.name, "what": what, "was": was, "now": now})
