"""Directory: says what a feed proposes in our own words: kinds, access, languages and the rest."""

import re
from collections.abc import Iterable

from directory.facts import (
    ContactFacts,
    CostFacts,
    LanguageFacts,
    ListingFacts,
    PhoneFacts,
    PlaceFacts,
    ScheduleFacts,
)
from directory.feeds.proposals import (
    CategoryProposal,
    LanguageProposal,
    LocationProposal,
    Proposal,
    ScheduleProposal,
)
from directory.rules import Access, Answer, Attending
from directory.taxonomy import KINDS, NEEDS, find_code, language_code, language_name

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


def facts_in(proposal: Proposal, source: str) -> ListingFacts:
    """The listing a feed proposes, as we would say it."""
    names = [each.name for each in proposal.categories]
    return ListingFacts(
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
        schedules=tuple(_schedule(each) for each in proposal.schedules),
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
            ContactFacts(name=each.name, title=each.title, email=each.email or "")
            for each in proposal.contacts
        ),
        phones=tuple(
            PhoneFacts(number=each.number, description=each.description) for each in proposal.phones
        ),
        languages=_languages(proposal.languages),
        kinds=_ours(KINDS, names),
        needs=_ours(NEEDS, names),
        categories=_theirs(proposal.categories, source),
    )


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
        access=_access(said.accessibility),
    )


def _access(said: Iterable[str]) -> dict[Access, Answer]:
    """The access questions a publisher has clearly answered yes to; the rest are not known."""
    good = [words for words in said if not _NOT.search(words)]
    return {
        feature: Answer.YES
        for feature, pattern in _PATTERNS.items()
        if any(pattern.search(words) for words in good)
    }


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
    )


def _languages(said: Iterable[LanguageProposal]) -> tuple[LanguageFacts, ...]:
    """Each language once, by its code; one we have no code for goes by its name."""
    found: dict[str, str] = {}
    for each in said:
        code = (each.code or language_code(each.name) or each.name[:8]).lower()
        found.setdefault(code, each.name or language_name(code))
    return tuple(LanguageFacts(code=code, name=name) for code, name in sorted(found.items()))


def _ours(taxonomy: str, names: Iterable[str]) -> tuple[str, ...]:
    codes = (find_code(taxonomy, name) for name in names)
    return tuple(dict.fromkeys(code for code in codes if code))


def _theirs(said: Iterable[CategoryProposal], source: str) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys((source, each.name) for each in said))
