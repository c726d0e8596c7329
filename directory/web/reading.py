"""One activity's page: its facts in the words and the order in which people ask for them."""

from dataclasses import dataclass

from core.languages import _, lazy, ngettext, translated
from directory.cards import where_words
from directory.models import Location, Service
from directory.rules import Attending
from directory.taxonomy import AUDIENCES, language_words

_WAYS = (
    ("bus", lazy("Bus:"), "bus"),
    ("walk", lazy("Walk:"), "walk"),
    ("car", lazy("Park:"), "park"),
    ("phone", lazy("Need a lift?"), "lift"),
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
        return _("People aged %(youngest)s to %(oldest)s.", youngest=youngest, oldest=oldest)
    if youngest is not None:
        return _("People aged %(youngest)s and over.", youngest=youngest)
    if oldest is not None:
        return _("People aged %(oldest)s and under.", oldest=oldest)
    return _("Everybody, as far as we know.")


def audiences(service: Service) -> list[str]:
    """Whom it is meant for above all, in our own words."""
    terms = (each.term for each in service.attributes if each.term.taxonomy == AUDIENCES)
    return [translated(term.name) for term in terms]


def languages_spoken(service: Service) -> list[str]:
    """The languages spoken there, as the reader calls them."""
    return [language_words(each.code, each.name) for each in service.languages]


def joining(service: Service) -> list[str]:
    """How somebody new comes to take part: with or without a referral, and how soon."""
    said = []
    if service.referral_needed:
        said.append(
            _(
                "Somebody has to refer you to this one. "
                "Ask your GP practice, your link worker or another helper."
            )
        )
    elif service.referral_needed is False:
        said.append(_("You do not need a referral."))
    if service.new_people_per_week:
        said.append(
            ngettext(
                "They can welcome %(num)s new person a week.",
                "They can welcome %(num)s new people a week.",
                service.new_people_per_week,
            )
        )
    if service.application_process:
        said.append(service.application_process)
    return said


def ways(location: Location | None) -> list[Way]:
    """How to get there, as far as anybody has said."""
    if location is None:
        return []
    return [
        Way(picture, str(title), getattr(location, name))
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
