"""The directory: a listing into its form, and what was filled in back into what a listing says.

Whatever the form does not ask for stays as it was.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

from directory.cleaning import plain_text
from directory.facts import (
    ContactFacts,
    CostFacts,
    LanguageFacts,
    ListingFacts,
    PhoneFacts,
    PlaceFacts,
    ScheduleFacts,
)
from directory.rules import Access, Answer, Attending, Frequency, LocationType
from directory.taxonomy import languages
from directory.web.forms import (
    FORTNIGHTLY,
    FREE,
    HOW_OFTEN,
    KEEP,
    MOST_MORE,
    MOST_TIMES,
    NOT_KNOWN,
    ONCE,
    PAID,
    WEEKLY,
    Edits,
    WhenPart,
)

Said = dict[str, Any]

_TEXTS = (
    "name",
    "summary",
    "before_you_come",
    "when_you_arrive",
    "afterwards",
    "eligibility_description",
    "url",
)
_NUMBERS = ("minimum_age", "maximum_age", "places_free", "new_people_per_week")
_MORE_PRICE = ("option", "amount", "amount_description")
_MORE_CONTACT = ("name", "best_time")
_MORE_PHONE = ("number", "description")
_MORE_PLACE = ("name", "address_1", "city", "postcode")
_PLACE = ("address_1", "city", "postcode", "bus", "walk", "park", "lift")


def filled_in(facts: ListingFacts) -> dict[str, Any]:
    """What the form shows of a listing before anybody changes it."""
    place = facts.places[0] if facts.places else PlaceFacts()
    contact = facts.contacts[0] if facts.contacts else ContactFacts()
    price = facts.cost_options[0] if facts.cost_options else CostFacts()
    return {
        **{name: getattr(facts, name) for name in (*_TEXTS, *_NUMBERS)},
        **{name: getattr(place, name) for name in _PLACE},
        "kind": facts.kinds[0] if facts.kinds else "",
        "description": _editable(facts.description),
        "meets_at_door": bool(facts.meets_at_door),
        "attending": facts.attending,
        "place_name": place.name,
        "whens": [*map(_when, facts.schedules), {}][:MOST_TIMES],
        "cost": _cost(price),
        "amount": price.amount or None,
        "cost_note": price.amount_description or price.option,
        "contact_name": contact.name,
        "best_time": contact.best_time,
        "phone": facts.phones[0].number if facts.phones else "",
        "email": facts.email,
        "more_places": [*map(asdict, facts.places[1:]), {}][:MOST_MORE],
        "more_prices": [*map(asdict, facts.cost_options[1:]), {}][:MOST_MORE],
        "more_phones": [*map(asdict, facts.phones[1:]), {}][:MOST_MORE],
        "more_contacts": [*map(asdict, facts.contacts[1:]), {}][:MOST_MORE],
        "audiences": list(facts.audiences),
        "languages": [each.code for each in facts.languages],
        "access": {str(each): place.access.get(each, Answer.UNKNOWN) for each in Access},
    }


def said_in(form: Edits, before: ListingFacts) -> ListingFacts:
    """What the listing says with what was filled in; what the form does not ask for stays."""
    said: dict[str, Any] = {name: _text(form[name].data) for name in _TEXTS if name in form}
    said |= {name: form[name].data for name in _NUMBERS if name in form}
    for asked, read in _READ.items():
        if asked in form:
            said |= read(form, replace(before, **said))
    return replace(before, **said)


def _text(typed: str | None) -> str:
    return (typed or "").strip()


def _editable(safe: str) -> str:
    """Safe HTML as somebody would type it: a blank line between paragraphs."""
    blocks = safe.replace("</p>", "</p>\0").replace("</ul>", "</ul>\0").split("\0")
    return "\n\n".join(filter(None, map(plain_text, blocks)))


def _about(form: Edits, before: ListingFacts) -> Said:
    # Links and lists are lost once the words are typed anew, so not unless they were.
    typed = _text(form["description"].data).replace("\r\n", "\n")
    is_as_it_was = typed == _editable(before.description)
    chosen = form["kind"].data
    # The chosen kind first; those that were said besides stay behind it.
    besides = tuple(code for code in before.kinds[1:] if code != chosen)
    return {
        "description": before.description if is_as_it_was else typed,
        "kinds": (chosen, *besides) if chosen else besides,
    }


def _arrival(form: Edits, before: ListingFacts) -> Said:
    met = True if form["meets_at_door"].data else before.meets_at_door and False
    return {"meets_at_door": met}


def _where(form: Edits, before: ListingFacts) -> Said:
    typed: dict[str, Any] = {name: _text(form[name].data) for name in _PLACE}
    typed["name"] = _text(form["place_name"].data)
    attending = Attending(form["attending"].data)
    elsewhere = attending != Attending.VENUE and not typed["postcode"]
    new = PlaceFacts(location_type=_sort_of_place(away=elsewhere))
    first = before.places[0] if before.places else new
    is_one = before.places or any(typed.values())
    further = _further(form, "more_places", before.places, PlaceFacts(), _MORE_PLACE)
    return {
        "attending": attending,
        "places": (*((replace(first, **typed),) if is_one else ()), *further),
    }


def _access(form: Edits, before: ListingFacts) -> Said:
    answers = {each: Answer(form["access"].form[str(each)].data) for each in Access}
    is_known = set(answers.values()) != {Answer.UNKNOWN}
    if not before.places:
        away = before.attending != Attending.VENUE
        first = PlaceFacts(location_type=_sort_of_place(away=away), access=answers)
        return {"places": (first,) if is_known else ()}
    first = before.places[0]
    if first.access or is_known:
        first = replace(first, access=answers)
    return {"places": (first, *before.places[1:])}


def _further(
    form: Edits, asked: str, before: Sequence[Any], new: Any, names: Sequence[str]
) -> tuple[Any, ...]:
    """What there is besides the first: as the boxes say it, gone where they were emptied."""
    held, said = before[1:], []
    for position, entry in enumerate(form[asked].entries):
        was = held[position] if position < len(held) else new
        typed = {name: _said(entry.form[name].data) for name in names}
        is_as_it_was = was is not new and all(getattr(was, each) == typed[each] for each in names)
        if is_as_it_was or any(each not in {"", None} for each in typed.values()):
            said.append(replace(was, **typed))
    return (*said, *held[MOST_MORE:])


def _said(typed: Any) -> Any:
    return _text(typed) if typed is None or isinstance(typed, str) else typed


def _sort_of_place(*, away: bool) -> LocationType:
    return LocationType.VIRTUAL if away else LocationType.PHYSICAL


def _when(schedule: ScheduleFacts) -> dict[str, Any]:
    often, days = rhythm(schedule)
    return {
        "often": often,
        "days": days,
        "starts_on": schedule.dtstart,
        "until": schedule.until,
        "opens_at": schedule.opens_at,
        "closes_at": schedule.closes_at,
        "term_time": schedule.term_time,
    }


def rhythm(schedule: ScheduleFacts) -> tuple[str, list[str]]:
    """How often and on which days, as the form puts it; KEEP for what it has no words for."""
    parts = [part.strip() for part in schedule.byday.split(",") if part.strip()]
    days, which = [part[-2:] for part in parts], {part[:-2] for part in parts}
    if schedule.freq is None and schedule.dtstart:
        return ONCE, []
    if schedule.freq is Frequency.WEEKLY and parts and which == {""}:
        often = {1: WEEKLY, 2: FORTNIGHTLY}.get(schedule.interval, KEEP)
        return often, days if often != KEEP else []
    if schedule.freq is Frequency.MONTHLY and schedule.interval == 1 and len(which) == 1:
        [one] = which
        return (one, days) if one in HOW_OFTEN else (KEEP, [])
    return KEEP, []


def _times(form: Edits, before: ListingFacts) -> Said:
    said, held = [], before.schedules
    for position, entry in enumerate(form["whens"].entries):
        was = held[position] if position < len(held) else ScheduleFacts()
        if not entry.form.is_blank:
            said.append(_schedule(entry.form, was))
    return {"schedules": (*said, *held[MOST_TIMES:])}


def _schedule(part: WhenPart, was: ScheduleFacts) -> ScheduleFacts:
    often, days = part.often.data, part.days.data or []
    if (often, days) != rhythm(was) and often != KEEP:
        was = replace(was, description="", bymonthday="", **_rule(often, days))
    return replace(
        was,
        dtstart=part.starts_on.data,
        until=part.until.data,
        opens_at=part.opens_at.data,
        closes_at=part.closes_at.data,
        term_time=part.term_time.data,
    )


def _rule(often: str, days: Sequence[str]) -> dict[str, Any]:
    if often == ONCE:
        return {"freq": None, "interval": 1, "byday": ""}
    if often in {WEEKLY, FORTNIGHTLY}:
        interval = 2 if often == FORTNIGHTLY else 1
        return {"freq": Frequency.WEEKLY, "interval": interval, "byday": ",".join(days)}
    byday = ",".join(f"{often}{day}" for day in days)
    return {"freq": Frequency.MONTHLY, "interval": 1, "byday": byday}


def _cost(price: CostFacts) -> str:
    if price.amount is None:
        return NOT_KNOWN
    return PAID if price.amount else FREE


def _costs(form: Edits, before: ListingFacts) -> Said:
    note, choice = _text(form["cost_note"].data), form["cost"].data
    was = before.cost_options[0] if before.cost_options else CostFacts()
    if note != (was.amount_description or was.option):
        was = replace(was, option="", amount_description=note)
    first = replace(was, amount={FREE: Decimal(0), PAID: form["amount"].data}.get(choice))
    further = _further(form, "more_prices", before.cost_options, CostFacts(), _MORE_PRICE)
    is_said = choice != NOT_KNOWN or note or first.option
    return {"cost_options": (*((first,) if is_said else ()), *further)}


def _who(form: Edits, before: ListingFacts) -> Said:
    chosen, known = form["languages"].data or [], languages()
    names = {each.code: each.name for each in before.languages}
    kept = {code for code in names if code not in known}
    return {
        "audiences": tuple(form["audiences"].data or ()),
        "languages": tuple(
            LanguageFacts(code=code, name=names.get(code) or known[code])
            for code in sorted({*chosen, *kept})
        ),
    }


def _reached(form: Edits, before: ListingFacts) -> Said:
    name, best_time = _text(form["contact_name"].data), _text(form["best_time"].data)
    was = before.contacts[0] if before.contacts else ContactFacts()
    contact = replace(was, name=name, best_time=best_time)
    others = _further(form, "more_contacts", before.contacts, ContactFacts(), _MORE_CONTACT)
    number = _text(form["phone"].data)
    phone = replace(before.phones[0] if before.phones else PhoneFacts(number=""), number=number)
    numbers = _further(form, "more_phones", before.phones, PhoneFacts(number=""), _MORE_PHONE)
    return {
        "email": _text(form["email"].data),
        "contacts": (*((contact,) if contact != ContactFacts() else ()), *others),
        "phones": (*((phone,) if number else ()), *(each for each in numbers if each.number)),
    }


_READ: dict[str, Callable[[Edits, ListingFacts], Said]] = {
    "description": _about,
    "meets_at_door": _arrival,
    "whens": _times,
    "attending": _where,
    "access": _access,
    "cost": _costs,
    "languages": _who,
    "phone": _reached,
}
"""By one of the boxes it asks for: how a part of the form is read."""
