"""Referrals: the tables: a person, what was asked for them, what was done, what came of it."""

from referrals.models.way import (
    Consent,
    ContactMade,
    FirstVisit,
    Measure,
    Person,
    Referral,
    Step,
)

__all__ = [
    "Consent",
    "ContactMade",
    "FirstVisit",
    "Measure",
    "Person",
    "Referral",
    "Step",
]
