"""What other pages show of people's own pages, and what those show of the record."""

from typing import Any

from referrals.about import current, open_goals
from referrals.models import AskedBy, Heading, Referral
from referrals.person import pages, telling
from referrals.person.asking import alike
from referrals.person.keys import page_of
from referrals.rules import UNANSWERED
from referrals.web.about_words import HEADING_WORDS


def panel(referral: Referral) -> dict[str, Any]:
    """On the person's page: their own page, and what they said is wrong."""
    return {
        "template": "referrals/person/panel.html",
        "referral": referral,
        "page": page_of(referral),
        "corrections": pages.corrections_of(referral),
        "can_be_told": telling.can_be_told(referral.person),
    }


def warning(referral: Referral) -> dict[str, Any] | None:
    """At the head of the person's page: how to ring in safety, and who they may be."""
    safety, same = telling.words_of_safety(referral), alike(referral)
    ask_first = referral.asked_by is AskedBy.FRIEND and referral.status in UNANSWERED
    if not (safety or same or ask_first):
        return None
    return {
        "template": "referrals/person/warning.html",
        "safety": safety,
        "same": same,
        "ask_first": ask_first,
    }


def said_about_me(referral: Referral) -> dict[str, Any] | None:
    """On the page of their own: what was written down with them, and their goals."""
    version, goals = current(referral.person), open_goals(referral)
    if version is None and not goals:
        return None
    said = version.said if version else {}
    return {
        "template": "referrals/person/own_record.html",
        "rows": [(HEADING_WORDS[Heading(head)], words) for head, words in said.items() if words],
        "goals": goals,
    }
