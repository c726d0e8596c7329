"""Referrals: the tables: a person, what was asked for them, what was done, what came of it."""

from referrals.models.groups import Attendance, Told
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
    "Attendance",
    "Consent",
    "ContactMade",
    "FirstVisit",
    "Measure",
    "Person",
    "Referral",
    "Step",
    "Told",
]
