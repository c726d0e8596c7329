"""Directory: says what a feed proposes in our own words: kinds, access, languages and the rest."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from directory.facts import (
    ContactFacts,
    CostFacts,
    LanguageFacts,
    ListingFacts,
    PhoneFacts,
    PlaceFacts,
    ScheduleFacts,
)
from directory.feeds.opening_hours import read_opening_hours
from directory.feeds.proposals import (
    CategoryProposal,
    LanguageProposal,
    LocationProposal,
    OwnWords,
    Proposal,
    ScheduleProposal,
)
from directory.rules import Access, Answer, Attending
from directory.taxonomy import (
    AUDIENCES,
    KINDS,
    NEEDS,
    find_code,
    language_code,
    language_name,
    steady_code,
)

_WAYS = ("walk", "park", "lift")
_YES_OR_NO = {"yes": True, "no": False}
_NOT = re.compile(r"\b(?:no|not|none|without|limited|un\w+able)\b", re.IGNORECASE)
_ACCESS = {
    Access.STEP_FREE: r"step[- ]?free|level access|ramp|wheelchair (?:access|user|friendly)",
    Access.ACCESSIBLE_TOILET: r"(?:accessible|disabled) toilet|toilets?\b.*\baccessible",
    Access.HEARING_LOOP: r"(?:hearing|induction) loop",
    Access.BLUE_BADGE_PARKING: r"blue badge|(?:disabled|accessible) parking",
    Access.QUIET_SPACE: r"quiet (?:space|room|area)",
    Access.BSL: r"\bbsl\b|sign language",
    Access.NEAR_BUS: r"\bbus (?:stop|route)",
}
_PATTERNS = {feature: re.compile(words, re.IGNORECASE) for feature, words in _ACCESS.items()}


Meanings = Mapping[tuple[str, str], tuple[tuple[str, str], ...]]
"""What editors say other people's words mean: (list, word) to our own words, as (list, code)."""


def facts_in(
    proposal: Proposal, source: str, meant: Meanings = MappingProxyType({})
) -> ListingFacts:
    """The listing a feed proposes, as we would say it."""
    names = [each.name for each in proposal.categories]
    ours = [pair for name in names for pair in meant.get((source, steady_code(name)), ())]
    facts = ListingFacts(
        name=proposal.name,
        summary=proposal.summary,
        description=proposal.description,
        url=proposal.url or "",
        email=proposal.email or "",
        eligibility_description=proposal.eligibility,
        minimum_age=proposal.minimum_age,
        maximum_age=proposal.maximum_age,
        application_process=proposal.application_process,
        attending=proposal.attending or Attending.VENUE,
        assured_on=proposal.assured_on,
        places=tuple(_place(each) for each in proposal.locations),
        schedules=tuple(_schedules(proposal)),
        cost_options=tuple(
            CostFacts(
                option=each.option,
                amount=each.amount,
                currency=each.currency,
                amount_description=each.amount_description,
            )
            for each in proposal.costs
        ),
        contacts=tuple(
            ContactFacts(
                name=each.name,
                title=each.title,
                email=each.email or "",
                best_time=each.best_time,
            )
            for each in proposal.contacts
        ),
        phones=tuple(
            PhoneFacts(number=each.number, description=each.description) for each in proposal.phones
        ),
        languages=_languages(proposal.languages),
        kinds=_ours(KINDS, names, ours),
        needs=_ours(NEEDS, names, ours),
        audiences=_ours(AUDIENCES, names, ours),
        categories=_theirs(proposal.categories, source),
    )
    return facts if proposal.own is None else _in_own_words(facts, proposal.own)


def _in_own_words(facts: ListingFacts, own: OwnWords) -> ListingFacts:
    """The same as the other site of our kind has it, which leaves nothing to guess."""
    said = dict(own.details)
    answers: dict[str, bool | None] = {
        name: _YES_OR_NO.get(said.get(name, "")) for name in ("referral_needed", "meets_at_door")
    }
    numbers: dict[str, int] = dict(own.capacities)
    return replace(
        facts,
        summary=said.get("summary", ""),
        attending=_attending(said.get("attending", "")) or facts.attending,
        before_you_come=said.get("before_you_come", ""),
        when_you_arrive=said.get("when_you_arrive", ""),
        afterwards=said.get("afterwards", ""),
        referral_needed=answers["referral_needed"],
        meets_at_door=answers["meets_at_door"],
        places_free=numbers.get("places_free"),
        new_people_per_week=numbers.get("new_people_per_week"),
        kinds=_known(KINDS, own.kinds),
        needs=_known(NEEDS, own.needs),
        audiences=_known(AUDIENCES, own.audiences),
        categories=own.categories,
    )


def _attending(said: str) -> Attending | None:
    return Attending(said) if said in set(Attending) else None


def _known(taxonomy: str, codes: Iterable[str]) -> tuple[str, ...]:
    """Those of these codes that are words of ours too."""
    return tuple(each for each in codes if find_code(taxonomy, each) == each)


def _place(said: LocationProposal) -> PlaceFacts:
    return PlaceFacts(
        name=said.name,
        location_type=said.location_type,
        address_1=said.address_1,
        address_2=said.address_2,
        city=said.city,
        county=said.county,
        postcode=said.postcode or "",
        latitude=said.latitude,
        longitude=said.longitude,
        bus=said.bus,
        **{name: words for name, words in said.details if name in _WAYS},
        access=dict(said.access) or _access(said.accessibility),
    )


def _access(said: Iterable[str]) -> dict[Access, Answer]:
    """The access questions a publisher has clearly answered yes to; the rest are not known."""
    good = [words for words in said if not _NOT.search(words)]
    return {
        feature: Answer.YES
        for feature, pattern in _PATTERNS.items()
        if any(pattern.search(words) for words in good)
    }


def _schedules(proposal: Proposal) -> Iterator[ScheduleFacts]:
    """When it is on; what a publisher only says in words is read where they are certain."""
    for said in proposal.schedules:
        if proposal.own is None and said == ScheduleProposal(description=said.description):
            yield from read_opening_hours(said.description)
        else:
            yield _schedule(said)


def _schedule(said: ScheduleProposal) -> ScheduleFacts:
    return ScheduleFacts(
        freq=said.freq,
        interval=said.interval,
        byday=",".join(said.byday),
        bymonthday=",".join(map(str, said.bymonthday)),
        dtstart=said.dtstart,
        until=said.until,
        valid_from=said.valid_from,
        valid_to=said.valid_to,
        opens_at=said.opens_at,
        closes_at=said.closes_at,
        description=said.description,
        term_time=said.term_time,
    )


def _languages(said: Iterable[LanguageProposal]) -> tuple[LanguageFacts, ...]:
    """Each language once, by its code; one we have no code for goes by its name."""
    found: dict[str, str] = {}
    for each in said:
        code = (each.code or language_code(each.name) or each.name[:8]).lower()
        found.setdefault(code, each.name or language_name(code))
    return tuple(LanguageFacts(code=code, name=name) for code, name in sorted(found.items()))


def _ours(taxonomy: str, names: Iterable[str], meant: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Our own words: those editors chose for theirs, and those theirs clearly mean."""
    chosen = [code for name, code in meant if name == taxonomy]
    codes = [*chosen, *(find_code(taxonomy, name) for name in names)]
    return tuple(dict.fromkeys(code for code in codes if code))


def _theirs(said: Iterable[CategoryProposal], source: str) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys((source, each.name) for each in said))
