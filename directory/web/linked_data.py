"""One activity as schema.org says it, for search engines that show events and places."""

from typing import Any

from flask import url_for

from directory.cards import is_free
from directory.models import Location, Schedule, Service
from directory.rules import Attending, Frequency
from directory.web import reading

_DAYS = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}


def linked_data(service: Service) -> dict[str, Any]:
    """The activity as an Event with its Schedule, or as a Service when it has no times."""
    schedules = [_schedule(each) for each in service.schedules if each.freq and each.byday]
    location = service.location
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event" if schedules else "Service",
        "name": service.name,
        "description": service.summary,
        "url": url_for("directory.activity", slug=service.slug, _external=True),
        "isAccessibleForFree": is_free(service) or None,
        "organizer" if schedules else "provider": {
            "@type": "Organization",
            "name": service.organisation.name,
            "telephone": reading.phone(service) or None,
        },
        "offers": _offers(service) if schedules else None,
        "eventSchedule": schedules or None,
        "eventAttendanceMode": _mode(service) if schedules else None,
        "location" if schedules else "areaServed": _place(location) if location else None,
        "inLanguage": [each.code for each in service.languages] if schedules else None,
    }
    whole: dict[str, Any] = _without_gaps(said)
    return whole


def _schedule(schedule: Schedule) -> dict[str, Any]:
    days = [part.strip() for part in schedule.byday.split(",") if part.strip()]
    monthly = schedule.freq is Frequency.MONTHLY
    return {
        "@type": "Schedule",
        "repeatFrequency": f"P{schedule.interval}{'M' if monthly else 'W'}",
        # A first Saturday is 1SA to iCalendar, which schema.org takes as it is.
        "byDay": days if monthly else [f"https://schema.org/{_DAYS[day[-2:]]}" for day in days],
        "startTime": schedule.opens_at.isoformat() if schedule.opens_at else None,
        "endTime": schedule.closes_at.isoformat() if schedule.closes_at else None,
        "startDate": schedule.dtstart.isoformat() if schedule.dtstart else None,
        "endDate": schedule.until.isoformat() if schedule.until else None,
        "scheduleTimezone": "Europe/London",
    }


def _offers(service: Service) -> list[dict[str, Any]]:
    return [
        {"@type": "Offer", "price": f"{each.amount:.2f}", "priceCurrency": each.currency}
        for each in service.cost_options
        if each.amount is not None
    ]


def _mode(service: Service) -> str:
    online = service.attending in {Attending.ONLINE, Attending.PHONE}
    return f"https://schema.org/{'Online' if online else 'Offline'}EventAttendanceMode"


def _place(location: Location) -> dict[str, Any]:
    geo = None
    if location.latitude is not None:
        geo = {
            "@type": "GeoCoordinates",
            "latitude": location.latitude,
            "longitude": location.longitude,
        }
    address = {
        "@type": "PostalAddress",
        "streetAddress": location.address_1,
        "addressLocality": location.city,
        "postalCode": location.postcode,
        "addressCountry": "GB",
    }
    return {"@type": "Place", "name": location.name, "address": address, "geo": geo}


def _without_gaps(said: Any) -> Any:
    """The same without what nobody has told us: an empty value would be a claim."""
    if isinstance(said, dict):
        kept = {name: _without_gaps(value) for name, value in said.items()}
        return {name: value for name, value in kept.items() if value not in (None, "", [], {})}
    if isinstance(said, list):
        return [_without_gaps(each) for each in said]
    return said
