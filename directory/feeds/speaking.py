"""Directory: says a listing in the words of HSDS 3 as Open Referral UK wants to hear it.

Only public facts leave: what a page of ours shows, less the names of people. What is not known is
left out, for a feed may hold no null. Parts go by derived ids (directory/identity.py).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta

from accounts import Organisation
from core import clock
from directory.cleaning import safe_html
from directory.feeds.details import confirmed, details, term
from directory.feeds.placing import location_in_brief, location_in_full
from directory.feeds.writing import Record, email, moment, tidy, uri
from directory.identity import part_text
from directory.models import (
    FieldCheck,
    Notice,
    Schedule,
    Service,
    ServiceAtLocation,
)
from directory.rules import HSDS_STATUS, NoticeKind
from directory.taxonomy import OWN

DEFUNCT = "defunct"
NOT_HERE = "No longer listed"

_NOTICES = {
    NoticeKind.CANCELLED: "Cancelled",
    NoticeKind.PAUSE: "Closed",
    NoticeKind.FULL: "Full",
    NoticeKind.NEWS: "News",
}
_NOBODY = "00000000-0000-0000-0000-000000000000"
_RANKS = {name: rank for rank, name in enumerate(OWN)}
_UNITS = {
    "places_free": ("place", "Places free at present."),
    "new_people_per_week": ("new person a week", "New people who can start each week."),
}


def service_in_brief(service: Service, *, today: date) -> Record:
    """A listing with what stands beside it one to one, as lists give it."""
    return tidy(
        {
            "id": str(service.id),
            "organization_id": str(service.organisation_id),
            "name": service.name,
            "description": safe_html(service.description),
            "url": uri(service.url),
            "email": email(service.email),
            "status": HSDS_STATUS[service.life],
            "application_process": service.application_process,
            "eligibility_description": service.eligibility_description,
            "minimum_age": service.minimum_age,
            "maximum_age": service.maximum_age,
            "assured_date": service.assured_on.isoformat() if service.assured_on else None,
            "alert": _alert(service.notices, today),
            "last_modified": moment(service.last_modified),
            "organization": organisation_in_brief(service.organisation),
        }
    )


def service_in_full(service: Service, checks: Iterable[FieldCheck], *, today: date) -> Record:
    """A listing with all its parts, and which of them a person confirmed when."""
    own = str(service.id)
    owned = {"service_id": own}
    parts = {
        "phones": [
            tidy(
                {"id": part_text(own, "phone", at), **owned}
                | {"number": each.number, "description": each.description}
            )
            for at, each in enumerate(service.phones)
        ],
        "schedules": [_schedule(service, own, *each) for each in enumerate(service.schedules)],
        "languages": [
            tidy(
                {"id": part_text(own, "language", each.code), **owned}
                | {"name": each.name, "code": each.code}
            )
            for each in service.languages
        ],
        "cost_options": _costs(service, own),
        "contacts": _contacts(service, own),
        "attributes": [
            *_terms(service, own),
            *details(own, "service", _details(service)),
            *confirmed(own, checks),
        ],
        "capacities": _capacities(service, own),
    }
    held = [_link(each) | {"location": location_in_full(each.location)} for each in service.places]
    said = service_in_brief(service, today=today) | tidy(parts)
    return said | ({"service_at_locations": held} if held else {})


def tombstone(service: Service) -> Record:
    """What is told of a listing that was public once and is so no more."""
    was_retired = HSDS_STATUS[service.life] == DEFUNCT
    return {
        "id": str(service.id),
        # A retired listing that is being written anew is a draft: its words are nobody's yet.
        "name": service.name if was_retired else NOT_HERE,
        "status": DEFUNCT,
        "last_modified": moment(service.last_modified),
    }


def place_in_brief(link: ServiceAtLocation, *, today: date) -> Record:
    """A listing at one of its places, as lists give it."""
    service = link.service
    return tidy(
        {
            **_link(link),
            # The one published specification calls this a service: name and status suit both.
            "name": service.name,
            "status": HSDS_STATUS[service.life],
            "last_modified": moment(service.last_modified),
            "location": location_in_brief(link.location),
            "service": service_in_brief(service, today=today),
        }
    )


def place_in_full(link: ServiceAtLocation, checks: Iterable[FieldCheck], *, today: date) -> Record:
    """A listing at one of its places, with all there is to say of both."""
    service = service_in_full(link.service, checks, today=today)
    service.pop("service_at_locations", None)
    shared = {
        name: service[name] for name in ("schedules", "phones", "contacts") if name in service
    }
    return (
        place_in_brief(link, today=today)
        | {"location": location_in_full(link.location), "service": service}
        | shared
    )


def moments(service: Service, checks: Iterable[FieldCheck], now: datetime) -> Iterator[datetime]:
    """When what is said of a listing changed: by people, by a notice's beginning, by its end."""
    yield service.last_modified
    yield from (each.at for each in checks)
    for notice in service.notices:
        turns = start_of(notice.first_on), start_of(notice.last_on + timedelta(days=1))
        yield from (turn for turn in (notice.made_at, *turns) if turn <= now)


def start_of(day: date) -> datetime:
    """The first moment of a day in London."""
    return datetime.combine(day, time(), clock.LONDON)


def organisation_in_brief(organisation: Organisation) -> Record:
    """Who offers it."""
    return tidy(
        {
            "id": str(organisation.id),
            "name": organisation.name,
            "description": safe_html(organisation.description) or organisation.name,
            "email": email(organisation.email),
            "website": uri(organisation.website),
        }
    )


def organisation_in_full(organisation: Organisation, services: Sequence[Record] = ()) -> Record:
    """Who offers it, with the number of the group and what else it offers."""
    phone = {
        "id": part_text(str(organisation.id), "phone", 0),
        "organization_id": str(organisation.id),
        "number": organisation.phone,
    }
    said: Record = {
        "phones": [phone] if organisation.phone else [],
        "services": list(services),
    }
    return organisation_in_brief(organisation) | tidy(said)


def _link(link: ServiceAtLocation) -> Record:
    return {
        "id": str(link.id),
        "service_id": str(link.service_id),
        "location_id": str(link.location_id),
    }


def _schedule(service: Service, owner: str, at: int, said: Schedule) -> Record:
    own = part_text(owner, "schedule", at)
    days = ("valid_from", "valid_to", "dtstart", "until")
    times = ("opens_at", "closes_at")
    written = {
        name: value.isoformat() if (value := getattr(said, name)) is not None else None
        for name in (*days, *times)
    }
    said_of_it = {
        "id": own,
        "service_id": owner,
        **written,
        "freq": said.freq.value if said.freq else None,
        "interval": said.interval if said.freq else None,
        "byday": said.byday,
        "bymonthday": said.bymonthday,
        "description": said.description,
        "attending_type": service.attending.value,
        "attributes": details(own, "schedule", {"term_time": said.term_time or None}),
    }
    return tidy(said_of_it)


def _costs(service: Service, own: str) -> list[Record]:
    return [
        tidy(
            {
                "id": part_text(own, "cost", at),
                "service_id": own,
                "option": each.option,
                "currency": each.currency if each.amount is not None else None,
                "amount": None if each.amount is None else float(each.amount),
                "amount_description": each.amount_description,
            }
        )
        for at, each in enumerate(service.cost_options)
    ]


def _contacts(service: Service, own: str) -> list[Record]:
    """Whom to ask for, by what they are: names and addresses of people stay on our own pages."""
    named = sorted(service.contacts, key=lambda each: (each.title, each.best_time))
    return [
        tidy(
            {
                "id": (its := part_text(own, "contact", at)),
                "service_id": own,
                "title": each.title,
                "attributes": details(its, "contact", {"best_time": each.best_time}),
            }
        )
        for at, each in enumerate(each for each in named if each.title or each.best_time)
    ]


def _terms(service: Service, own: str) -> list[Record]:
    terms = [each.term for each in service.attributes]
    terms.sort(key=lambda each: _RANKS.get(each.taxonomy, len(_RANKS)))
    return [
        {
            "id": part_text(own, "term", said["id"]),
            "link_id": own,
            "link_entity": "service",
            "link_type": each.taxonomy if each.taxonomy in _RANKS else "categories",
            "taxonomy_term_id": said["id"],
            "label": said["taxonomy"],
            "taxonomy_term": said,
        }
        for each in terms
        for said in [term(each)]
    ]


def _details(service: Service) -> dict[str, object]:
    names = (
        "summary",
        "slug",
        "attending",
        "referral_needed",
        "meets_at_door",
        "before_you_come",
        "when_you_arrive",
        "afterwards",
    )
    return {name: getattr(service, name) for name in names}


def _capacities(service: Service, own: str) -> list[Record]:
    return [
        {
            "id": part_text(own, "capacity", code),
            "service_id": own,
            "unit_id": part_text(_NOBODY, "unit", code),
            "unit": {
                "id": part_text(_NOBODY, "unit", code),
                "name": unit,
                "scheme": "Kith",
                "identifier": code,
            },
            "available": number,
            "updated": moment(service.last_modified),
            "description": words,
        }
        for code, (unit, words) in _UNITS.items()
        if (number := getattr(service, code)) is not None
    ]


def _alert(notices: Iterable[Notice], today: date) -> str:
    """What holds these days, in words that say for how long."""
    return " ".join(
        f"{_NOTICES[each.kind]} {_days(each)}. {each.words}".strip()
        for each in notices
        if each.first_on <= today <= each.last_on
    )


def _days(notice: Notice) -> str:
    if notice.first_on == notice.last_on:
        return f"on {notice.first_on:%d %B %Y}"
    return f"from {notice.first_on:%d %B %Y} to {notice.last_on:%d %B %Y}"
