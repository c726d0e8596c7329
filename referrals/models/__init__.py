"""Referrals: the tables: a person, what was asked for them, what was done, what came of it."""

from referrals.models.day import (
    Appointment,
    Cover,
    HowItStood,
    ManyChanged,
    ManyKind,
    OwnerChange,
    Task,
    TaskKind,
    ToDiscuss,
)
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
    "Appointment",
    "Attendance",
    "Consent",
    "ContactMade",
    "Cover",
    "FirstVisit",
    "HowItStood",
    "ManyChanged",
    "ManyKind",
    "Measure",
    "OwnerChange",
    "Person",
    "Referral",
    "Step",
    "Task",
    "TaskKind",
    "ToDiscuss",
    "Told",
]
