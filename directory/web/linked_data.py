"""One activity as schema.org says it, for search engines that show events and places."""

from datetime import date, datetime, time
from typing import Any

from flask import url_for

from core import clock
from core.languages import translated
from directory.cards import access_of, is_free
from directory.models import CostOption, Location, Service
from directory.notices import is_full
from directory.rules import ACCESS_WORDS, Answer, Attending
from directory.timing.recurrence import Rule, rule_of
from directory.timing.series import Series, series_of
from directory.timing.sessions import Session, next_sessions
from directory.timing.timetables import WEEK
from directory.web import reading

SCHEMA = "https://schema.org/"

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def linked_data(service: Service) -> dict[str, Any]:
    """The activity as an Event with its schedule; as a Service while it has no coming session.

    A search engine that shows a date sends people out of the door: it is told only dates that hold.
    """
    coming = next_sessions(service, after=clock.now(), count=1, with_cancelled=True)
    said = {"@context": SCHEMA.rstrip("/"), **_alike(service)}
    # Without a place there is no event to anybody's search engine.
    if coming and _where(service) is not None:
        said |= _as_event(service, coming[0])
    else:
        said |= _as_service(service)
    whole: dict[str, Any] = _without_gaps(said)
    return whole


def _alike(service: Service) -> dict[str, Any]:
    return {
        "name": service.name,
        "description": service.summary,
        "url": _page(service),
        "offers": [_offer(service, each) for each in service.cost_options],
    }


def _as_event(service: Service, session: Session) -> dict[str, Any]:
    status = "EventCancelled" if session.cancelled else "EventScheduled"
    return {
        "@type": "Event",
        "startDate": _moment(session.on, session.starts_at),
        "endDate": _end(session),
        "eventStatus": f"{SCHEMA}{status}",
        "eventSchedule": [each for one in series_of(service) if (each := _schedule(one))],
        "eventAttendanceMode": _mode(service),
        "location": _where(service),
        "organizer": _organisation(service),
        "isAccessibleForFree": is_free(service) or None,
        "typicalAgeRange": _ages(service),
        "inLanguage": [each.code for each in service.languages],
    }


def _as_service(service: Service) -> dict[str, Any]:
    location = service.location
    return {
        "@type": "Service",
        "provider": _organisation(service),
        "audience": {
            "@type": "PeopleAudience",
            "suggestedMinAge": service.minimum_age,
            "suggestedMaxAge": service.maximum_age,
        }
        if _ages(service)
        else None,
        "availableChannel": {
            "@type": "ServiceChannel",
            "servicePhone": {"@type": "ContactPoint", "telephone": reading.phone(service)}
            if reading.phone(service)
            else None,
            "serviceLocation": _place(service, location) if location else None,
            "serviceUrl": _page(service),
        },
    }


def _schedule(series: Series) -> dict[str, Any] | None:
    rule, schedule = rule_of(series.schedule), series.schedule
    if rule is None or not _can_be_said(rule):
        return None
    today = clock.today()
    return {
        "@type": "Schedule",
        "repeatFrequency": f"P{rule.interval}{'M' if rule.monthly else 'W'}",
        "byDay": _by_day(rule),
        "byMonthDay": list(rule.month_days) if rule.monthly else None,
        "startDate": series.first.isoformat(),
        "endDate": min(
            (each for each in (schedule.until, schedule.valid_to) if each), default=None
        ),
        "startTime": _on_the_wall(schedule.opens_at),
        "endTime": _on_the_wall(schedule.closes_at),
        "exceptDate": [on for on in series.called_off if on >= today],
        "scheduleTimezone": "Europe/London",
    }


def _can_be_said(rule: Rule) -> bool:
    """Whether schema.org has words for it: it counts days of a month from their beginning only."""
    return all(each > 0 for each in rule.month_days) or not rule.monthly


def _by_day(rule: Rule) -> list[str]:
    if not rule.monthly:
        return [f"{SCHEMA}{_DAYS[day]}" for _, day in rule.weekdays]
    # A first Saturday is 1SA to iCalendar, which schema.org takes as it is.
    return [f"{which or ''}{WEEK[day]}" for which, day in rule.weekdays]


def _offer(service: Service, option: CostOption) -> dict[str, Any] | None:
    if option.amount is None:
        return None
    sold_out = is_full(service, clock.today())
    return {
        "@type": "Offer",
        "name": option.option,
        "price": f"{option.amount:.2f}",
        "priceCurrency": option.currency,
        "availability": f"{SCHEMA}{'SoldOut' if sold_out else 'InStock'}",
        "url": _page(service),
    }


def _mode(service: Service) -> str:
    online = service.attending in {Attending.ONLINE, Attending.PHONE}
    return f"{SCHEMA}{'Online' if online else 'Offline'}EventAttendanceMode"


def _where(service: Service) -> dict[str, Any] | None:
    if service.attending is Attending.ONLINE:
        return {"@type": "VirtualLocation", "url": reading.website(service) or _page(service)}
    return _place(service, service.location) if service.location else None


def _place(service: Service, location: Location) -> dict[str, Any]:
    geo = None
    if location.latitude is not None:
        geo = {
            "@type": "GeoCoordinates",
            "latitude": location.latitude,
            "longitude": location.longitude,
        }
    address = {
        "@type": "PostalAddress",
        "streetAddress": ", ".join(filter(None, (location.address_1, location.address_2))),
        "addressLocality": location.city,
        "addressRegion": location.county,
        "postalCode": location.postcode,
        "addressCountry": "GB",
    }
    # What nobody has told us is left out: a false value would be taken for a no.
    features = [
        {
            "@type": "LocationFeatureSpecification",
            "name": translated(ACCESS_WORDS[each]),
            "value": answer is Answer.YES,
        }
        for each, answer in access_of(service).items()
        if answer is not Answer.UNKNOWN
    ]
    named = location.name or location.address_1 or location.postcode
    return {
        "@type": "Place",
        "name": named,
        "address": address,
        "geo": geo,
        "amenityFeature": features,
    }


def _organisation(service: Service) -> dict[str, Any]:
    return {
        "@type": "Organization",
        "name": service.organisation.name,
        "url": reading.website(service),
        "email": reading.email(service),
        "telephone": reading.phone(service),
    }


def _ages(service: Service) -> str:
    if service.minimum_age is None and service.maximum_age is None:
        return ""
    oldest = "" if service.maximum_age is None else service.maximum_age
    return f"{service.minimum_age or 0}-{oldest}"


def _moment(on: date, at: time | None) -> str:
    """The day, or the moment with the offset that London's clocks have on it."""
    return datetime.combine(on, at, clock.LONDON).isoformat() if at else on.isoformat()


def _end(session: Session) -> str | None:
    if session.starts_at is None or session.ends_at is None:
        return None
    later = session.ends_at > session.starts_at
    on = session.on if later else date.fromordinal(session.on.toordinal() + 1)
    return _moment(on, session.ends_at)


def _on_the_wall(at: time | None) -> str | None:
    return at.isoformat() if at else None


def _page(service: Service) -> str:
    return url_for("directory.activity", slug=service.slug, _external=True)


def _without_gaps(said: Any) -> Any:
    """The same without what nobody has told us: an empty value would be a claim."""
    if isinstance(said, dict):
        kept = {name: _without_gaps(value) for name, value in said.items()}
        return {name: value for name, value in kept.items() if value not in (None, "", [], {})}
    if isinstance(said, list):
        kept_items = [_without_gaps(each) for each in said]
        return [each for each in kept_items if each is not None]
    return said.isoformat() if isinstance(said, date) else said
