"""Referrals: the tables of the record: who somebody is in their own words, goals, risks, safety."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts import Field
from core.db import Model, new_id
from core.sealing import SealedBy, sealed, sealed_list, sealed_words
from referrals.models.way import Person, Referral


class Heading(StrEnum):
    """What is written about somebody (PRSB: about me, care and support plan, social context)."""

    MATTERS = "matters"
    PEOPLE = "people"
    WELLNESS = "wellness"
    PLEASE_DO = "please_do"
    PLEASE_DONT = "please_dont"
    SUPPORT = "support"
    ALSO = "also"
    WRITTEN_WITH = "written_with"
    STRENGTHS = "strengths"
    HARD_NOW = "hard_now"
    HOUSEHOLD = "household"
    HOME = "home"
    WORK_AND_MONEY = "work_and_money"
    CARING = "caring"
    UNDERSTANDING = "understanding"


class NeedKind(StrEnum):
    """What somebody needs, in a short list of our own; a code of a national list may be added."""

    COMPANY = "company"
    MOOD = "mood"
    LOSS = "loss"
    HEALTH = "health"
    MOVING = "moving"
    MONEY = "money"
    HOUSING = "housing"
    WORK = "work"
    LEARNING = "learning"
    CARING = "caring"
    MEMORY = "memory"
    DRINK = "drink"
    ONLINE = "online"
    EVERY_DAY = "every-day"
    SAFE = "safe"


class HelpKind(StrEnum):
    """What helps somebody to understand and be understood (Accessible Information Standard)."""

    INTERPRETER = "interpreter"
    SIGN_LANGUAGE = "sign-language"
    LIP_READING = "lip-reading"
    HEARING_LOOP = "hearing-loop"
    LARGE_PRINT = "large-print"
    BRAILLE = "braille"
    EASY_READ = "easy-read"
    SLOWLY = "slowly"
    MORE_TIME = "more-time"
    SPEAKS_FOR = "speaks-for"
    NO_CALLS = "no-calls"


class GoalEnd(StrEnum):
    """What became of a goal."""

    REACHED = "reached"
    PARTLY = "partly"
    SET_ASIDE = "set-aside"
    SAID_ANEW = "said-anew"


class AboutVersion(Model):
    """The whole of what is written about somebody, as it stood from one day on. Never changed."""

    __tablename__ = "about_version"
    __sealed_by__ = SealedBy("person")
    __table_args__ = (UniqueConstraint("person_id", "number"),)

    id: Mapped[uuid.UUID] = new_id()
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"))
    number: Mapped[int]
    said = sealed_words(Field.NEEDS)
    needs = sealed_list(Field.NEEDS)
    helps = sealed_list(Field.MINIMUM)
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class Goal(Model):
    """What somebody wants for themselves, in their own words (PRSB: goals and hopes).

    It is not rewritten: said in other words it is a new goal that `follows` the old one.
    """

    __tablename__ = "goal"
    __sealed_by__ = SealedBy("referral", "person")
    __table_args__ = (
        CheckConstraint("importance BETWEEN 1 AND 10", name="importance"),
        CheckConstraint("confidence BETWEEN 1 AND 10", name="confidence"),
        CheckConstraint("(ended_at IS NULL) = (ended_as IS NULL)", name="ended"),
        Index("ix_goal_referral_at", "referral_id", "at"),
    )

    id: Mapped[uuid.UUID] = new_id()
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"))
    follows_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("goal.id"), unique=True)
    words = sealed(Field.NEEDS)
    steps = sealed(Field.NEEDS, default="")
    importance: Mapped[int | None]
    confidence: Mapped[int | None]
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    ended_as: Mapped[GoalEnd | None]
    ended_at: Mapped[datetime | None]
    ended_by_name: Mapped[str] = mapped_column(String(120), default="")

    referral: Mapped[Referral] = relationship()


class RiskStatement(Model):
    """What is known of risks, or that none are known (PRSB: risks, mandatory). Never changed."""

    __tablename__ = "risk_statement"
    __sealed_by__ = SealedBy("referral", "person")
    __table_args__ = (
        CheckConstraint("none_known = (length(words) = 0)", name="stated"),
        UniqueConstraint("referral_id", "number"),
    )

    id: Mapped[uuid.UUID] = new_id()
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"))
    number: Mapped[int]
    none_known: Mapped[bool]
    words = sealed(Field.NEEDS, default="")
    visiting = sealed(Field.NEEDS, default="")
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]

    referral: Mapped[Referral] = relationship()


class SafetyNote(Model):
    """A worry about somebody's safety (F5). A table of its own: nothing else reads it."""

    __tablename__ = "safety_note"
    __sealed_by__ = SealedBy("referral", "person", kind="safety")

    id: Mapped[uuid.UUID] = new_id()
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    worry = sealed(Field.RESTRICTED)
    done = sealed(Field.RESTRICTED, default="")
    told = sealed(Field.RESTRICTED, default="")
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]

    referral: Mapped[Referral] = relationship()
