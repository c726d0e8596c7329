"""Directory: says a place in the words of HSDS 3: its address, the way there, and access."""

from directory.counties import county_at, county_of, district_of
from directory.feeds.details import details
from directory.feeds.writing import Record, tidy
from directory.identity import part_text
from directory.models import Location
from directory.rules import ACCESS_WORDS, Answer


def location_in_brief(location: Location) -> Record:
    """A place, without its parts."""
    return tidy(
        {
            "id": str(location.id),
            "location_type": location.location_type.value,
            "name": location.name,
            "transportation": location.bus,
            "latitude": location.latitude,
            "longitude": location.longitude,
        }
    )


def location_in_full(location: Location) -> Record:
    """A place with its address, how to get there, and what is known of access."""
    address = _address(location)
    here = str(location.id)
    answers = sorted(
        (each.feature, each.answer, each.details)
        for each in location.accessibility
        if each.answer is not Answer.UNKNOWN
    )
    ways = {name: getattr(location, name) for name in ("walk", "park", "lift")}
    access = [
        tidy(
            {
                "id": (own := part_text(here, "access", feature)),
                "location_id": here,
                "description": (words := f"{ACCESS_WORDS[feature]}: {answer}"),
                "accessibility": words,
                "details": said,
                "attributes": details(own, "accessibility", {feature: answer}),
            }
        )
        for feature, answer, said in answers
    ]
    parts = tidy({"accessibility": access, "attributes": details(here, "location", ways)})
    return location_in_brief(location) | ({"addresses": [address]} if address else {}) | parts


def _address(location: Location) -> Record | None:
    """The address with every part that HSDS requires, or none when hardly any of it is known."""
    postcode = location.postcode
    if not (location.address_1 or location.city or postcode):
        return None
    town = location.city or district_of(postcode)
    said = {
        "id": part_text(str(location.id), "address", 0),
        "location_id": str(location.id),
        "address_1": location.address_1 or location.name or town,
        "city": town,
        "state_province": location.county or county_of(postcode) or _county_near(location),
        "postal_code": postcode,
        "country": "GB",
        "address_type": location.location_type.value,
    }
    return said | tidy({"address_2": location.address_2})


def _county_near(location: Location) -> str:
    if location.latitude is None or location.longitude is None:
        return ""
    return county_at(location.latitude, location.longitude)
