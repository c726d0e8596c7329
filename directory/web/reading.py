"""One activity's page: its facts in the words and the order in which people ask for them."""

from dataclasses import dataclass

from directory.cards import where_words
from directory.models import Location, Service
from directory.rules import Attending

_WAYS = (
    ("bus", "Bus:", "bus"),
    ("walk", "Walk:", "walk"),
    ("car", "Park:", "park"),
    ("phone", "Need a lift?", "lift"),
)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to get there: its picture, its heading and what the group says of it."""

    picture: str
    title: str
    words: str


def where(service: Service) -> list[str]:
    """The place and its address, line by line; or how else one takes part."""
    location = service.location
    if service.attending is not Attending.VENUE or location is None:
        return [where_words(service)]
    postcode = location.postcode.replace(" ", "\N{NO-BREAK SPACE}")
    lines = location.name, location.address_1, location.address_2, location.city, postcode
    return list(dict.fromkeys(line for line in lines if line)) or [where_words(service)]


def who_for(service: Service) -> str:
    """Who it is for, in the group's words or by age."""
    said = service.eligibility_description.strip()
    if said:
        return said if said.endswith((".", "!", "?")) else f"{said}."
    youngest, oldest = service.minimum_age, service.maximum_age
    if youngest is not None and oldest is not None:
        return f"People aged {youngest} to {oldest}."
    if youngest is not None:
        return f"People aged {youngest} and over."
    if oldest is not None:
        return f"People aged {oldest} and under."
    return "Everybody, as far as we know."


def ways(location: Location | None) -> list[Way]:
    """How to get there, as far as anybody has said."""
    if location is None:
        return []
    return [
        Way(picture, title, getattr(location, name))
        for picture, title, name in _WAYS
        if getattr(location, name)
    ]


def point(location: Location | None) -> tuple[float, float] | None:
    """Where it is on the map."""
    if location is None or location.latitude is None or location.longitude is None:
        return None
    return location.latitude, location.longitude


def phone(service: Service) -> str:
    """The number to ring: the activity's own, else that of the group."""
    return service.phones[0].number if service.phones else service.organisation.phone


def email(service: Service) -> str:
    """The address to write to: the activity's own, else that of the group."""
    return service.email or service.organisation.email


def website(service: Service) -> str:
    """The page to look at, if its address is one that a browser may be sent to."""
    address = service.url or service.organisation.website
    return address if address.startswith(("https://", "http://")) else ""
