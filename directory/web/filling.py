"""The directory: a listing into its form, and what was filled in back into what a listing says.

Whatever the form does not ask for stays as it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from directory.cleaning import plain_text
from directory.facts import (
    ContactFacts,
    CostFacts,
    ListingFacts,
    PhoneFacts,
    PlaceFacts,
    ScheduleFacts,
)
from directory.rules import Access, Answer, Attending, Frequency, LocationType
from directory.web.forms import (
    FORTNIGHTLY,
    FREE,
    HOW_OFTEN,
    KEEP,
    MOST_TIMES,
    NOT_KNOWN,
    ONCE,
    PAID,
    WEEKLY,
    ListingForm,
    WhenPart,
)

_TEXTS = (
    "name",
    "summary",
    "before_you_come",
    "when_you_arrive",
    "afterwards",
    "eligibility_description",
    "url",
)
_NUMBERS = ("minimum_age", "maximum_age", "places_free")
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
        "access": {str(each): place.access.get(each, Answer.UNKNOWN) for each in Access},
    }


def said_in(form: ListingForm, before: ListingFacts) -> ListingFacts:
    """What the listing says with what was filled in."""
    as_typed: dict[str, Any] = {name: _text(form[name].data) for name in _TEXTS}
    as_typed |= {name: form[name].data for name in _NUMBERS}
    return replace(
        before,
        **as_typed,
        description=_description(form, before),
        kinds=_kinds(form.kind.data, before.kinds),
        email=_text(form.email.data),
        meets_at_door=True if form.meets_at_door.data else before.meets_at_door and False,
        attending=Attending(form.attending.data),
        places=_places(form, before.places),
        schedules=_schedules(form, before.schedules),
        cost_options=_costs(form, before.cost_options),
        contacts=_contacts(form, before.contacts),
        phones=_phones(_text(form.phone.data), before.phones),
    )


def _text(typed: str | None) -> str:
    return (typed or "").strip()


def _editable(safe: str) -> str:
    """Safe HTML as somebody would type it: a blank line between paragraphs."""
    blocks = safe.replace("</p>", "</p>\0").replace("</ul>", "</ul>\0").split("\0")
    return "\n\n".join(filter(None, map(plain_text, blocks)))


def _description(form: ListingForm, before: ListingFacts) -> str:
    # Links and lists are lost once the words are typed anew, so not unless they were.
    typed = _text(form.description.data).replace("\r\n", "\n")
    return before.description if typed == _editable(before.description) else typed


def _kinds(chosen: str, before: Sequence[str]) -> tuple[str, ...]:
    """The chosen kind first; those that were said besides stay behind it."""
    besides = tuple(code for code in before[1:] if code != chosen)
    return (chosen, *besides) if chosen else besides


def _places(form: ListingForm, before: tuple[PlaceFacts, ...]) -> tuple[PlaceFacts, ...]:
    typed: dict[str, Any] = {name: _text(form[name].data) for name in _PLACE}
    typed["name"] = _text(form.place_name.data)
    answers: Mapping[Access, Answer] = {
        each: Answer(form.access.form[str(each)].data) for each in Access
    }
    if not before and not any(typed.values()) and set(answers.values()) == {Answer.UNKNOWN}:
        return ()
    elsewhere = form.attending.data != Attending.VENUE and not typed["postcode"]
    place = before[0] if before else PlaceFacts(location_type=_sort_of_place(away=elsewhere))
    if place.access or set(answers.values()) != {Answer.UNKNOWN}:
        place = replace(place, access=answers)
    return replace(place, **typed), *before[1:]


def _sort_of_place(*, away: bool) -> LocationType:
    return LocationType.VIRTUAL if away else LocationType.PHYSICAL


def _when(schedule: ScheduleFacts) -> dict[str, Any]:
    often, days = _rhythm(schedule)
    return {
        "often": often,
        "days": days,
        "starts_on": schedule.dtstart,
        "opens_at": schedule.opens_at,
        "closes_at": schedule.closes_at,
        "term_time": schedule.term_time,
    }


def _rhythm(schedule: ScheduleFacts) -> tuple[str, list[str]]:
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


def _schedules(form: ListingForm, before: tuple[ScheduleFacts, ...]) -> tuple[ScheduleFacts, ...]:
    said = []
    for position, entry in enumerate(form.whens.entries):
        was = before[position] if position < len(before) else ScheduleFacts()
        if not entry.form.is_blank:
            said.append(_schedule(entry.form, was))
    return (*said, *before[MOST_TIMES:])


def _schedule(part: WhenPart, was: ScheduleFacts) -> ScheduleFacts:
    often, days = part.often.data, part.days.data or []
    if (often, days) != _rhythm(was) and often != KEEP:
        was = replace(was, description="", bymonthday="", **_rule(often, days))
    return replace(
        was,
        dtstart=part.starts_on.data,
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


def _costs(form: ListingForm, before: tuple[CostFacts, ...]) -> tuple[CostFacts, ...]:
    """The first price is the form's; further ones stay, unless it has become free."""
    note, choice = _text(form.cost_note.data), form.cost.data
    was = before[0] if before else CostFacts()
    if choice == NOT_KNOWN and not note:
        return before[1:] if was.amount is None else ()
    amount = {FREE: Decimal(0), PAID: form.amount.data}.get(choice)
    if note != (was.amount_description or was.option):
        was = replace(was, option="", amount_description=note)
    said = replace(was, amount=amount)
    return (said,) if choice == FREE else (said, *before[1:])


def _contacts(form: ListingForm, before: tuple[ContactFacts, ...]) -> tuple[ContactFacts, ...]:
    was = before[0] if before else ContactFacts()
    name, best_time = _text(form.contact_name.data), _text(form.best_time.data)
    said = replace(was, name=name, best_time=best_time)
    return (said, *before[1:]) if said != ContactFacts() else before[1:]


def _phones(number: str, before: tuple[PhoneFacts, ...]) -> tuple[PhoneFacts, ...]:
    if not number:
        return before[1:]
    first = replace(before[0], number=number) if before else PhoneFacts(number=number)
    return first, *before[1:]
