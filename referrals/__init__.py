"""Referrals: one person's way from a conversation to something good."""

from referrals.models import Person, Referral
from referrals.outcomes import Story, what_happened
from referrals.pathway import accept, act, refer, refer_on, what_may
from referrals.people import NewPerson
from referrals.rules import Action, Status
from referrals.sight import get_referral, referrals_for

__all__ = [
    "Action",
    "NewPerson",
    "Person",
    "Referral",
    "Status",
    "Story",
    "accept",
    "act",
    "get_referral",
    "refer",
    "refer_on",
    "referrals_for",
    "what_happened",
    "what_may",
]
