"""Accounts: the people of an organisation, as whoever keeps them sees and changes them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from accounts.models import Membership, Organisation, SignIn, User
from accounts.people import join
from accounts.rules import KEPT_BY_OPERATORS, MAY_JOIN, May, Role
from accounts.signing_in.letters import invited
from accounts.signing_in.resetting import invitation_to
from core import audit, clock, outbox
from core.actors import Actor, Kind
from core.db import db
from core.errors import Forbidden, NotFound, Refused
from core.languages import _

OWN_ACCOUNT = "Somebody else has to change what you may do."


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of an organisation, what they are there, and when they were last seen."""

    user: User
    roles: tuple[Role, ...]
    last_seen_at: datetime | None

    @property
    def is_asleep(self) -> bool:
        """Whether they were shut out for not coming, and can be let in again."""
        return self.user.disabled_at is not None


@dataclass(frozen=True, slots=True)
class Staff:
    """An organisation and its people, by name."""

    organisation: Organisation
    people: Sequence[Colleague]


def staff_kept_by(actor: Actor) -> list[Staff]:
    """The people of every organisation whose users this actor keeps."""
    kept = select(Organisation).where(Organisation.id.in_(actor.where(May.KEEP_USERS)))
    by_name = kept.order_by(Organisation.name)
    return [Staff(each, people_of(each.id)) for each in db.session.scalars(by_name)]


def people_of(organisation_id: uuid.UUID) -> list[Colleague]:
    """Everybody with a role there, by name."""
    people = (
        select(User)
        .where(User.memberships.any(Membership.organisation_id == organisation_id))
        .order_by(User.name)
        .options(selectinload(User.memberships))
    )
    found = list(db.session.scalars(people))
    seen = last_seen([user.id for user in found])
    return [Colleague(user, roles_in(organisation_id, user), seen.get(user.id)) for user in found]


def last_seen(user_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """When each of them was here last."""
    rows = db.session.execute(
        select(SignIn.user_id, func.max(SignIn.seen_at))
        .where(SignIn.user_id.in_(user_ids))
        .group_by(SignIn.user_id)
    )
    return dict(rows.all())


def kept_organisation(organisation_id: uuid.UUID, *, by: Actor) -> Organisation:
    """An organisation whose users this actor keeps, or NotFound."""
    found = db.session.get(Organisation, organisation_id)
    if found is None or organisation_id not in by.where(May.KEEP_USERS):
        raise NotFound
    return found


def get_colleague(organisation: Organisation, user_id: uuid.UUID) -> User:
    """Somebody of this organisation, or NotFound."""
    user = db.session.get(User, user_id)
    if user is None or not roles_in(organisation.id, user):
        raise NotFound
    return user


def roles_to_give(organisation: Organisation) -> list[Role]:
    """What somebody can be made here, on a screen."""
    return sorted(MAY_JOIN[organisation.kind] - KEPT_BY_OPERATORS)


def invite(
    organisation: Organisation, email: str, name: str, roles: Sequence[Role], *, job: str, by: Actor
) -> tuple[User, str]:
    """Enter somebody and write them a letter; also the path of the page the letter leads to.

    Who is known already, from another organisation, keeps their password and gains the roles.
    """
    _may_keep(organisation, by)
    address = email.strip().lower()
    user = db.session.scalar(select(User).where(User.email == address))
    if user is not None and (roles_in(organisation.id, user) or _is_asleep(user)):
        raise Refused(_("Somebody with this email address is here already."))
    if user is not None and user.disabled_at is not None:
        user.disabled_at, user.password_hash = None, ""  # they had left, and come back
    if user is None:
        user = User(
            email=address, name=name.strip(), job=job, password_hash="", created_at=clock.now()
        )
        db.session.add(user)
        db.session.flush()
        audit.record(by, "user added", about=f"user:{user.id}")
    for role in roles:
        join(user, organisation, role, by=by)
    path = "/sign-in" if user.password_hash else invitation_to(user, by=by)
    outbox.put(invited(user, organisation, path))
    return user, path


def set_roles(user: User, organisation: Organisation, roles: Sequence[Role], *, by: Actor) -> None:
    """Give somebody just these roles; those that only operators give stay as they are."""
    _may_keep(organisation, by)
    if user.id == by.user_id:
        raise Forbidden(OWN_ACCOUNT)
    if not roles:
        raise Refused(_("Choose at least one. If they leave, use the page for leaving."))
    now = set(roles_in(organisation.id, user))
    for role in sorted(set(roles) - now):
        join(user, organisation, role, by=by)
    for role in sorted(now - set(roles) - KEPT_BY_OPERATORS):
        take_role(user, organisation, role, by=by)


def take_role(user: User, organisation: Organisation, role: Role, *, by: Actor) -> None:
    """Take a role away."""
    for each in list(user.memberships):
        if each.organisation_id == organisation.id and each.role == role:
            user.memberships.remove(each)
            db.session.delete(each)
    db.session.flush()
    audit.record(
        by, "role taken", about=f"user:{user.id}", organisation=str(organisation.id), role=role
    )


def wake(user: User, organisation: Organisation, *, by: Actor) -> str:
    """Let somebody in again who was shut out for not coming: with a new password of their own."""
    _may_keep(organisation, by)
    if user.disabled_at is None:
        raise Refused(_("They can sign in as it is."))
    user.disabled_at, user.password_hash = None, ""
    path = invitation_to(user, by=by)
    outbox.put(invited(user, organisation, path))
    audit.record(by, "user let in again", about=f"user:{user.id}")
    return path


def roles_in(organisation_id: uuid.UUID, user: User) -> tuple[Role, ...]:
    """What somebody is in an organisation."""
    return tuple(
        sorted(it.role for it in user.memberships if it.organisation_id == organisation_id)
    )


def _is_asleep(user: User) -> bool:
    return user.disabled_at is not None and bool(user.memberships)


def _may_keep(organisation: Organisation, by: Actor) -> None:
    if by.kind is not Kind.SYSTEM and organisation.id not in by.where(May.KEEP_USERS):
        raise NotFound
