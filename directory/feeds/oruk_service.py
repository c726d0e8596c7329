"""Directory: one service of Open Referral UK, 1.0 or 3.0, as a proposal to our directory."""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from directory.cleaning import phone_number, sum_in_words, summary_of
from directory.feeds.own_words import access_of, details_of, own_words_in
from directory.feeds.proposals import (
    CategoryProposal,
    ContactProposal,
    CostProposal,
    LanguageProposal,
    LocationProposal,
    OrganisationProposal,
    PhoneProposal,
    Proposal,
    ScheduleProposal,
)
from directory.feeds.records import (
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_WORDS,
    Record,
    Rejected,
    point,
)
from directory.rules import LIFE_OF_STATUS, Attending, Frequency, LocationType
from directory.timing.timetables import WEEK, days_of_week, moment

T = TypeVar("T")
NOTHING_SAID = ScheduleProposal(), ContactProposal(), LanguageProposal()
LONGEST_NUMBER = 40

# Fields that organisations, taxonomies, terms and locations have, and services have not.
_OTHER_KINDS = frozenset({"website", "uri", "vocabulary", "taxonomy", "term_uri", "location_type"})


def service(record: Record) -> Proposal:
    """What this record proposes, or Rejected; what it had to leave out is in its notes."""
    source_id, name = record.required("id"), record.required("name")
    if "status" not in record.raw and _OTHER_KINDS & record.raw.keys():
        raise Rejected(None, "is not a service")
    description = record.html("description")
    minimum, maximum, eligibility = _who(record)
    process = record.words(
        "application_process", "pc_attendingAccess_additionalInfo", longest=LONGEST_WORDS
    )
    own = own_words_in(record)
    if own is not None:  # written by a site like ours, whose words keep their lines
        eligibility, process = (
            record.text("eligibility_description"),
            record.text("application_process"),
        )
    links = list(record.parts("service_at_locations"))
    return Proposal(
        source_id=source_id,
        name=name,
        description=description,
        summary=summary_of(description),
        url=record.web_address("url"),
        email=record.email("email"),
        status=_status(record),
        minimum_age=minimum,
        maximum_age=maximum,
        eligibility=eligibility,
        attending=record.read(_attending, "attending_type"),
        application_process=process,
        organisation=_organisation(record),
        locations=_unique(_locations(record, links)),
        schedules=_unique(_schedules(record, links)),
        costs=_unique(_costs(record)),
        phones=_unique(_phones(record, links)),
        contacts=_unique(_contacts(record, links)),
        languages=_unique(_languages(record)),
        categories=_unique(_categories(record)),
        assured_on=record.day("assured_date"),
        last_modified=_last_modified(record),
        own=own,
    )


def _status(record: Record) -> str:
    value = record.raw.get("status")
    if value is None or (isinstance(value, str) and not value.strip()):
        record.note("status", "is missing, so it was taken as active")
        return "active"
    words = " ".join(value.lower().split()) if isinstance(value, str) else ""
    if words not in LIFE_OF_STATUS:
        raise Rejected("status", f"is not one of {', '.join(LIFE_OF_STATUS)}")
    return words


def _attending(words: str) -> Attending:
    if words.lower() not in set(Attending):
        raise ValueError(f"is not one of {', '.join(Attending)}")
    return Attending(words.lower())


def _who(record: Record) -> tuple[int | None, int | None, str]:
    """The ages it is for and the words about whom it is for, from either version."""
    groups = list(record.parts("eligibilitys", "eligibilities"))
    texts = [record.words("eligibility_description", longest=LONGEST_WORDS)]
    texts += [group.words("eligibility") for group in groups]
    ages = [_ages(each) for each in [record, *groups]]
    lowest, highest = next(filter(any, ages), (None, None))
    return lowest, highest, "; ".join(dict.fromkeys(filter(None, texts)))


def _ages(record: Record) -> tuple[int | None, int | None]:
    lowest = record.number("minimum_age", least=0, most=120)
    highest = record.number("maximum_age", least=0, most=120)
    if lowest is not None and highest and lowest > highest:
        record.note("minimum_age", "is above the maximum age, so both were left out")
        return None, None
    # Nought as the highest age is how some systems say that there is no limit.
    return None if lowest is None else int(lowest), int(highest) if highest else None


def _organisation(record: Record) -> OrganisationProposal | None:
    found = record.part("organization")
    if found is None:
        return None
    name = found.words("name")
    if not name:
        found.note("name", "is missing, so the organisation was left out")
        return None
    return OrganisationProposal(
        source_id=found.words("id") or name.casefold()[:LONGEST_NAME],
        name=name,
        description=found.html("description"),
        url=found.web_address("website", "url", longest=500),
        email=found.email("email"),
        phone=next(_numbers(found), ""),
    )


def _numbers(organisation: Record) -> Iterator[str]:
    """The numbers of an organisation itself that are short enough to be kept."""
    for each in organisation.parts("phones"):
        number = each.read(phone_number, "number")
        if number and len(number) <= LONGEST_NUMBER:
            yield number


def _locations(record: Record, links: list[Record]) -> Iterator[LocationProposal]:
    nested = [place for link in links if (place := link.part("location"))]
    for number, place in enumerate([*nested, *record.parts("locations")], start=1):
        yield _location(place, f"{record.words('id')}#{number}")


def _location(place: Record, own_id: str) -> LocationProposal:
    addresses = list(place.parts("addresses", "physical_addresses"))
    address = next(
        (each for each in addresses if each.words("address_type") in {"", "physical"}),
        addresses[0] if addresses else Record(place.place, {}),
    )
    latitude, longitude = point(place)
    accessibility = place.parts("accessibility", "accessibility_for_disabilities")
    rest = (address.words(f"address_{line}") for line in (2, 3, 4))
    return LocationProposal(
        source_id=place.words("id") or own_id,
        name=place.words("name"),
        address_1=address.words("address_1"),
        address_2=", ".join(filter(None, rest))[:LONGEST_NAME],
        city=address.words("city"),
        county=address.words("state_province", "region"),
        postcode=address.postcode("postal_code"),
        latitude=latitude,
        longitude=longitude,
        location_type=_location_type(place),
        accessibility=tuple(
            dict.fromkeys(
                words
                for each in accessibility
                for key in ("description", "accessibility", "details")
                if (words := each.words(key, longest=LONGEST_NOTE))
            )
        ),
        bus=place.words("transportation", longest=LONGEST_NOTE),
        details=details_of(place),
        access=access_of(place),
    )


def _location_type(place: Record) -> LocationType:
    words = place.words("location_type").lower()
    if words and words not in set(LocationType):
        place.note("location_type", f"is not one of {', '.join(LocationType)}")
        return LocationType.PHYSICAL
    return LocationType(words or LocationType.PHYSICAL)


def _schedules(record: Record, links: list[Record]) -> Iterator[ScheduleProposal]:
    nested = [place for link in links if (place := link.part("location"))]
    for holder in [record, *links, *nested]:
        for each in holder.parts("schedules", "regular_schedules"):
            found = _schedule(each)
            if found not in NOTHING_SAID:  # some feeds send a schedule with nothing in it
                yield found


def _schedule(record: Record) -> ScheduleProposal:
    freq, days = _frequency(record, record.read(days_of_week, "byday") or ())
    opens_at, closes_at = record.times()
    return ScheduleProposal(
        byday=days,
        freq=freq,
        interval=int(record.number("interval", least=1, most=52) or 1),
        bymonthday=(record.read(_days_of_month, "bymonthday") or ()) if freq == "MONTHLY" else (),
        opens_at=opens_at,
        closes_at=closes_at,
        dtstart=record.day("dtstart"),
        until=record.day("until"),
        valid_from=record.day("valid_from"),
        valid_to=record.day("valid_to"),
        description=record.words("description", "notes", longest=LONGEST_WORDS),
        term_time=("term_time", "yes") in details_of(record),
    )


def _frequency(record: Record, days: tuple[str, ...]) -> tuple[Frequency | None, tuple[str, ...]]:
    words = record.words("freq").upper()
    if words == "DAILY":
        return Frequency.WEEKLY, days or WEEK
    if words and words not in set(Frequency):
        record.note("freq", "is not WEEKLY or MONTHLY, so it was left out")
        return None, days
    if days and days[0] not in WEEK:  # "1TU" is the first Tuesday, which only a month has
        return Frequency.MONTHLY, days
    if words or days:
        return Frequency(words or Frequency.WEEKLY), days
    return None, days


def _days_of_month(words: str) -> tuple[int, ...]:
    parts = [part.strip() for part in words.split(",")]
    if not all(re.fullmatch(r"-1|[12]?[1-9]|[123]0|31", part) for part in parts):
        raise ValueError("is not a list of days of the month")
    return tuple(sorted({int(part) for part in parts}))


def _costs(record: Record) -> Iterator[CostProposal]:
    costed = False
    for each in record.parts("cost_options"):
        amount = each.number("amount", least=0, most=100_000)
        found = CostProposal(
            option=each.words("option", longest=LONGEST_NOTE),
            amount=None if amount is None else Decimal(f"{amount:.2f}"),
            currency=each.words("currency", longest=3).upper() or "GBP",
            amount_description=each.words("amount_description", longest=LONGEST_NOTE),
        )
        if found.option or found.amount_description or amount is not None:
            costed = True
            yield found
    fees = record.words("fees_description", "fees", longest=LONGEST_NOTE)
    if fees and not costed:
        yield CostProposal(amount=sum_in_words(fees), amount_description=fees)


def _phones(record: Record, links: list[Record]) -> Iterator[PhoneProposal]:
    for holder in [record, *links]:
        for owner in [holder, *holder.parts("contacts")]:
            for each in owner.parts("phones"):
                if number := each.read(phone_number, "number"):
                    yield PhoneProposal(number, each.words("description", "type"))


def _contacts(record: Record, links: list[Record]) -> Iterator[ContactProposal]:
    for holder in [record, *links]:
        for each in holder.parts("contacts"):
            found = ContactProposal(
                name=each.words("name", longest=120),
                title=each.words("title", "department", longest=120),
                email=each.email("email"),
                best_time=dict(details_of(each)).get("best_time", ""),
            )
            if found not in NOTHING_SAID:
                yield found


def _languages(record: Record) -> Iterator[LanguageProposal]:
    for each in record.parts("languages"):
        found = LanguageProposal(
            each.words("name", "language", longest=60), each.words("code", longest=8)
        )
        if found not in NOTHING_SAID:
            yield found


def _categories(record: Record) -> Iterator[CategoryProposal]:
    for each in record.parts("attributes", "service_taxonomys", "service_taxonomies"):
        term = each.part("taxonomy_term") or each.part("taxonomy")
        if term and (name := term.words("name", "term")):
            taxonomy = term.words("taxonomy", "vocabulary", longest=120)
            taxonomy = taxonomy or each.words("link_type", longest=120)
            yield CategoryProposal(name, term.words("id"), taxonomy)
    for key in ("deliverable_type", "attending_access"):
        if name := record.words(key):
            yield CategoryProposal(name, taxonomy=key)
    # Not of the standard, but many councils' systems send whom a service is for in this way.
    for each in record.parts("pc_targetAudience"):
        if name := each.words("audienceType"):
            yield CategoryProposal(name, each.words("id"), "audience")


def _last_modified(record: Record) -> datetime | None:
    found = record.read(moment, "last_modified")
    metadata = None if found else record.part("pc_metadata")
    return metadata.read(moment, "date_modified") if metadata else found


def _unique(found: Iterator[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(found))
