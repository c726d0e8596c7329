"""Referrals under the PRSB headings: what link workers wrote down, for those who keep it."""

from collections.abc import Mapping

from core import clock
from referrals.about import current, goals_of, risks_of
from referrals.closing import message_of
from referrals.fhir.prsb import NO_KNOWN_RISKS, Goal, Item, Record, assessment
from referrals.measures import Instrument
from referrals.measuring.choosing import choosable
from referrals.models import AboutVersion, GoalEnd, Heading, NeedKind, Referral

ABOUT_ME = {
    Heading.MATTERS: "What is most important to me",
    Heading.PEOPLE: "People who are important to me",
    Heading.UNDERSTANDING: "How I communicate and how to communicate with me",
    Heading.WELLNESS: "My wellness",
    Heading.PLEASE_DO: "Please do",
    Heading.PLEASE_DONT: "Please don't",
    Heading.SUPPORT: "How and when to support me",
    Heading.ALSO: "Also worth knowing about me",
    Heading.WRITTEN_WITH: "Supported to write this by",
}
SOCIAL = {
    Heading.HOUSEHOLD: "Household composition",
    Heading.WORK_AND_MONEY: "Social circumstances",
    Heading.CARING: "Dependants",
    Heading.HOME: "Household environment",
}
"""Which of our headings stands under which of the standard's."""


def record_of(
    referral: Referral, *, needs: Mapping[NeedKind, object], ends: Mapping[GoalEnd, object]
) -> Record:
    """The record as it stands, in the words these lists are known by.

    Safety notes are no part of it: they leave only with those who must know.
    """
    message = message_of(referral)
    version, risks = current(referral.person), risks_of(referral)
    said = _said(version)
    return Record(
        risks=(NO_KNOWN_RISKS if risks.none_known else risks.words) if risks else "",
        risks_since=clock.local_date(risks.at).isoformat() if risks else "",
        before_visiting=risks.visiting if risks else "",
        strengths=said.get(Heading.STRENGTHS, ""),
        hard_now=said.get(Heading.HARD_NOW, ""),
        needs=tuple(str(needs[NeedKind(each)]) for each in (version.needs if version else [])),
        goals=tuple(
            Goal(
                words=goal.words,
                importance=goal.importance,
                confidence=goal.confidence,
                actions=goal.steps,
                ended=str(ends[goal.ended_as]) if goal.ended_as else "",
            )
            for goal in goals_of(referral)
        ),
        matters={called: said[each] for each, called in ABOUT_ME.items() if each in said},
        social={called: said[each] for each, called in SOCIAL.items() if each in said},
        plan=message.plan if message else "",
        assessments=_assessments(referral),
        updated=clock.local_date(version.at).isoformat() if version else "",
    )


def _said(version: AboutVersion | None) -> dict[Heading, str]:
    return {Heading(each): words for each, words in version.said.items()} if version else {}


def _assessments(referral: Referral) -> tuple[Item, ...]:
    """Every set of answers of which we may give the questions; a licence can have ended since."""
    asked = {each.key: each for each in choosable(referral) if isinstance(each, Instrument)}
    known = (each for each in referral.measures if each.instrument in asked)
    return tuple(assessment(each, asked[each.instrument]) for each in known)
