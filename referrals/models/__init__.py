"""Referrals: the tables: a person, what was asked for them, what was done, what came of it."""

from referrals.models.closing import ClosingMessage, Limit, ReadHow
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
from referrals.models.evidence import Figures, Tip
from referrals.models.groups import (
    Attendance,
    GroupDesk,
    GroupNudge,
    GroupPlace,
    GroupWeek,
    Inbound,
    InboundMessage,
    RestWeek,
    Told,
)
from referrals.models.sending import AddedNote, RecordEntry
from referrals.models.sharing import Given, ValueEntry, ValueRate, WaitingPlace, Waits
from referrals.models.visiting import Barrier, BarrierKind, Helped, Kept, Pledge
from referrals.models.way import Consent, ContactMade, FirstVisit, Measure, Person, Referral, Step

__all__ = [
    "AddedNote",
    "Appointment",
    "Attendance",
    "Barrier",
    "BarrierKind",
    "ClosingMessage",
    "Consent",
    "ContactMade",
    "Cover",
    "Figures",
    "FirstVisit",
    "Given",
    "GroupDesk",
    "GroupNudge",
    "GroupPlace",
    "GroupWeek",
    "Helped",
    "HowItStood",
    "Inbound",
    "InboundMessage",
    "Kept",
    "Limit",
    "ManyChanged",
    "ManyKind",
    "Measure",
    "OwnerChange",
    "Person",
    "Pledge",
    "ReadHow",
    "RecordEntry",
    "Referral",
    "RestWeek",
    "Step",
    "Task",
    "TaskKind",
    "Tip",
    "ToDiscuss",
    "Told",
    "ValueEntry",
    "ValueRate",
    "WaitingPlace",
    "Waits",
]
