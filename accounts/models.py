"""Accounts: who signs in and with what, the organisations they act for, and sessions."""

import uuid
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.rules import Decision, OrganisationKind, Proof, Role
from core.db import Model, new_id


class Organisation(Model):
    """A party: a practice, a link-worker team, a community group (HSDS organization), a funder."""

    __tablename__ = "organisation"
    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        CheckConstraint("(source = '') = (source_id IS NULL)", name="source_pair"),
    )

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    kind: Mapped[OrganisationKind]
    name: Mapped[str] = mapped_column(String(200), index=True)
    description: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    website: Mapped[str] = mapped_column(String(500), default="")
    address: Mapped[str] = mapped_column(String(300), default="")
    postcode: Mapped[str] = mapped_column(String(8), default="")
    ods_code: Mapped[str | None] = mapped_column(String(12), unique=True)
    source: Mapped[str] = mapped_column(String(120), default="")
    source_id: Mapped[str | None] = mapped_column(String(200))
    link_worker_team_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    created_at: Mapped[datetime]

    link_worker_team: Mapped["Organisation | None"] = relationship(remote_side="Organisation.id")

    __mapper_args__ = {"version_id_col": version}


class User(Model):
    """Somebody who signs in. (A *person* is whom a referral is about.)"""

    __tablename__ = "user"

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    job: Mapped[str] = mapped_column(String(120), default="")
    password_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    memberships: Mapped[list["Membership"]] = relationship(back_populates="user")

    __mapper_args__ = {"version_id_col": version}


class Membership(Model):
    """A role somebody holds in an organisation."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("user_id", "organisation_id", "role"),)

    id: Mapped[uuid.UUID] = new_id()
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[Role]
    since: Mapped[datetime]

    user: Mapped[User] = relationship(back_populates="memberships")
    organisation: Mapped[Organisation] = relationship()


class SignIn(Model):
    """One signed-in browser. The cookie holds a random token, this row only its hash.

    One that is not `whole` waits for the second step, and opens nothing yet.
    """

    __tablename__ = "sign_in"

    id: Mapped[uuid.UUID] = new_id()
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)
    proof: Mapped[Proof]
    whole: Mapped[bool] = mapped_column(default=True)
    started_at: Mapped[datetime]
    proved_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    device: Mapped[str] = mapped_column(String(120), default="")
    outside: Mapped[str] = mapped_column(String(40), default="")
    outside_session: Mapped[str] = mapped_column(String(64), default="", index=True)

    user: Mapped[User] = relationship()


class WrongTry(Model):
    """A failed sign-in, counted by account and by address; both are kept hashed."""

    __tablename__ = "wrong_try"
    __table_args__ = (Index("ix_wrong_try_who_at", "who", "at"),)

    id: Mapped[uuid.UUID] = new_id()
    who: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class AuthenticatorApp(Model):
    """The secret that somebody's authenticator app shares with us, sealed.

    Of the codes it makes, none is taken that is not younger than the last one taken.
    """

    __tablename__ = "authenticator_app"

    id: Mapped[uuid.UUID] = new_id()
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), unique=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    last_step: Mapped[int] = mapped_column(default=0)


class RecoveryCode(Model):
    """One of ten codes on paper, each good once. The number says which to compare with."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("user_id", "number"),)

    id: Mapped[uuid.UUID] = new_id()
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    number: Mapped[int]
    code_hash: Mapped[str] = mapped_column(String(200))
    used_at: Mapped[datetime | None]


class Passkey(Model):
    """The public half of a key that never leaves somebody's telephone or computer."""

    __tablename__ = "passkey"

    id: Mapped[uuid.UUID] = new_id()
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1_023), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class Challenge(Model):
    """Random bytes that a passkey is asked to sign, once and soon."""

    __tablename__ = "challenge"

    id: Mapped[uuid.UUID] = new_id()
    nonce: Mapped[bytes] = mapped_column(LargeBinary)
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]


class OutsideIdentity(Model):
    """Who somebody is elsewhere: the name an identity provider has for them for good."""

    __tablename__ = "outside_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[uuid.UUID] = new_id()
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(255))
    linked_at: Mapped[datetime]

    user: Mapped[User] = relationship()


class AccessReview(Model):
    """That somebody's roles were looked at in a quarter, and what is to become of them."""

    __tablename__ = "access_review"
    __table_args__ = (UniqueConstraint("user_id", "organisation_id", "quarter"),)

    id: Mapped[uuid.UUID] = new_id()
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    quarter: Mapped[date]
    decision: Mapped[Decision]
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
