"""The directory: the answers of somebody who adds a group, in words, to be read once more."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.languages import _, translated
from core.templating import day, on_the_clock, pounds
from directory.cleaning import plain_text
from directory.facts import ListingFacts, PlaceFacts
from directory.rules import ACCESS_WORDS, Answer
from directory.taxonomy import Term, audiences, kinds
from directory.web.choices import ATTENDING, DAYS
from directory.web.forms import HOW_OFTEN, WhenPart
from directory.web.joining_forms import WhenForm


@dataclass(frozen=True, slots=True)
class Told:
    """A question, its answer line by line, and the page on which it can be changed."""

    page: str
    asked: str
    lines: tuple[str, ...]


def answers_of(facts: ListingFacts, group: str, times: WhenForm) -> list[Told]:
    """What was said, in the order it was asked; what was left empty is left out."""
    contact = facts.contacts[0] if facts.contacts else None
    place = facts.places[0] if facts.places else PlaceFacts()
    rows = (
        ("about", _("Name"), facts.name),
        ("about", _("Who runs it"), group),
        ("about", _("What sort of thing"), _named(kinds(), facts.kinds)),
        ("about", _("In one sentence"), facts.summary),
        ("about", _("What people do there"), plain_text(facts.description)),
        ("when", _("When"), _when(times)),
        ("where", _("How people join in"), str(ATTENDING[facts.attending])),
        ("where", _("Where"), _where(place)),
        ("where", _("By bus"), place.bus),
        ("cost", _("Cost"), _cost(facts)),
        ("who", _("Who it is for"), facts.eligibility_description),
        ("who", _("Most of all for"), _named(audiences(), facts.audiences)),
        ("who", _("Ages"), _ages(facts)),
        ("arrive", _("Before they come"), facts.before_you_come),
        ("arrive", _("When they arrive"), _arrival(facts)),
        ("arrive", _("Access"), _access(place)),
        ("contact", _("Who to ask for"), contact.name if contact else ""),
        ("contact", _("Phone"), facts.phones[0].number if facts.phones else ""),
        ("contact", _("Best time to ring"), contact.best_time if contact else ""),
        ("contact", _("Email"), facts.email),
        ("contact", _("Web page"), facts.url),
    )
    return [
        Told(page, asked, tuple(said.splitlines())) for page, asked, said in rows if said.strip()
    ]


def _named(terms: Iterable[Term], codes: tuple[str, ...]) -> str:
    return "\n".join(str(each.name) for each in terms if each.code in codes)


def _when(form: WhenForm) -> str:
    times = [_time(each.form) for each in form.whens if not each.form.is_blank]
    return "\n".join([*times, (form.when_note.data or "").strip()])


def _time(part: WhenPart) -> str:
    """One time, as it was filled in."""
    said = [str(HOW_OFTEN[part.often.data]), *(str(DAYS[each]) for each in part.days.data or [])]
    hours = [on_the_clock(each) for each in (part.opens_at.data, part.closes_at.data) if each]
    said += [" – ".join(hours)] if hours else []
    said += [day(part.starts_on.data)] if part.starts_on.data else []
    said += [_("in school term time")] if part.term_time.data else []
    return ", ".join(said)


def _where(place: PlaceFacts) -> str:
    return "\n".join(filter(None, (place.name, place.address_1, place.city, place.postcode)))


def _cost(facts: ListingFacts) -> str:
    if not facts.cost_options or facts.cost_options[0].amount is None:
        note = facts.cost_options[0].amount_description if facts.cost_options else ""
        return "\n".join(filter(None, (_("Ring to ask"), note)))
    price = facts.cost_options[0]
    return "\n".join(filter(None, (pounds(price.amount or 0), price.amount_description)))


def _ages(facts: ListingFacts) -> str:
    youngest, oldest = facts.minimum_age, facts.maximum_age
    if youngest is not None and oldest is not None:
        return _("%(youngest)s to %(oldest)s", youngest=youngest, oldest=oldest)
    if youngest is not None:
        return _("%(age)s and over", age=youngest)
    return "" if oldest is None else _("up to %(age)s", age=oldest)


def _arrival(facts: ListingFacts) -> str:
    met = _("Somebody meets new people at the door.") if facts.meets_at_door else ""
    return "\n".join(filter(None, (facts.when_you_arrive, met)))


def _access(place: PlaceFacts) -> str:
    known = [
        f"{translated(ACCESS_WORDS[each])}: {_('Yes') if answer is Answer.YES else _('No')}"
        for each, answer in place.access.items()
        if answer is not Answer.UNKNOWN
    ]
    if not known:
        return _("Not known, ring to ask")
    if len(known) < len(ACCESS_WORDS):
        known.append(_("Everything else: not known, ring to ask"))
    return "\n".join(known)
