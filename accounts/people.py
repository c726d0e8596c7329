"""Accounts: organisations and the people who act for them: set up, join, leave, look up."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from sqlalchemy import insert, select

from accounts.models import Membership, Organisation, User
from accounts.rules import MAY_JOIN, ROLES, Field, OrganisationKind, Role
from accounts.signing_in import hash_password
from core import audit, clock
from core.actors import Actor, Kind
from core.db import db
from core.errors import NotFound, Refused


def set_up(name: str, kind: OrganisationKind, *, by: Actor, **facts: object) -> Organisation:
    """Enter an organisation. `facts` are its columns."""
    organisation = Organisation(name=name, kind=kind, created_at=clock.now(), **facts)
    db.session.add(organisation)
    db.session.flush()
    audit.record(by, "organisation set up", about=f"organisation:{organisation.id}", kind=kind)
    return organisation


def describe(organisation: Organisation, *, by: Actor, **facts: str) -> None:
    """Say anew what an organisation is called and how to reach it; `facts` are its columns."""
    changed = [name for name, said in facts.items() if getattr(organisation, name) != said]
    if not changed:
        return
    for name in changed:
        setattr(organisation, name, facts[name])
    audit.record(
        by, "organisation described", about=f"organisation:{organisation.id}", columns=changed
    )


def get_organisation(organisation_id: uuid.UUID) -> Organisation:
    """The organisation, or NotFound."""
    found = db.session.get(Organisation, organisation_id)
    if found is None:
        raise NotFound
    return found


def find_organisation(*, source: str, source_id: str) -> Organisation | None:
    """The organisation an import brought in, by where it came from."""
    return db.session.scalar(
        select(Organisation).where(
            Organisation.source == source, Organisation.source_id == source_id
        )
    )


def organisations_from(source: str, source_ids: Collection[str]) -> dict[str, Organisation]:
    """The organisations an import brought in, by the ids of where they came from."""
    found = select(Organisation).where(
        Organisation.source == source, Organisation.source_id.in_(source_ids)
    )
    return {each.source_id or "": each for each in db.session.scalars(found)}


def set_up_many(
    kind: OrganisationKind, organisations: Sequence[Mapping[str, object]], *, by: Actor
) -> None:
    """Enter organisations by the hundred; each mapping is of columns, of which one is its id."""
    entered = {"kind": kind, "version": 1, "created_at": clock.now()}
    if organisations:
        table = Organisation.__table__
        db.session.execute(insert(table), [{**entered, **each} for each in organisations])  # type: ignore[arg-type]
        audit.record(by, "organisations set up", about="organisations", count=len(organisations))


def add_user(
    email: str,
    name: str,
    *,
    password: str = "",
    password_hash: str = "",
    job: str = "",
    by: Actor,
) -> User:
    """Enter somebody who can sign in, with a password, one already hashed, or none as yet."""
    user = User(
        email=email.strip().lower(),
        name=name,
        job=job,
        password_hash=password_hash or (hash_password(password) if password else ""),
        created_at=clock.now(),
    )
    db.session.add(user)
    db.session.flush()
    audit.record(by, "user added", about=f"user:{user.id}")
    return user


def join(user: User, organisation: Organisation, role: Role, *, by: Actor) -> Membership:
    """Give somebody a role in an organisation that has such a role."""
    if role not in MAY_JOIN[organisation.kind]:
        raise Refused(f"Nobody can be a {role} in this kind of organisation.")
    membership = Membership(user=user, organisation=organisation, role=role, since=clock.now())
    db.session.add(membership)
    db.session.flush()
    audit.record(
        by,
        "joined",
        about=f"user:{user.id}",
        organisation=str(organisation.id),
        role=role,
    )
    return membership


def actor_for(user: User) -> Actor:
    """A user as an actor: what their roles let them do, and where."""
    holds: dict[str, frozenset[uuid.UUID]] = {}
    for membership in user.memberships:
        for permission in ROLES[membership.role].may:
            held = holds.get(permission, frozenset())
            holds[permission] = held | {membership.organisation_id}
    roles = [membership.role for membership in user.memberships]
    return Actor(
        kind=Kind.USER,
        ref=f"user:{user.id}",
        name=user.name,
        user_id=user.id,
        roles=frozenset(roles),
        holds=MappingProxyType(holds),
        reads=frozenset(field for role in roles for field in ROLES[role].reads),
        writes=frozenset(field for role in roles for field in ROLES[role].writes),
        place=user.memberships[0].organisation.name if user.memberships else "",
    )


def actor_for_client(
    ref: str, name: str, organisation_id: uuid.UUID, only: frozenset[Field]
) -> Actor:
    """A program as an actor: the role's rights, in one organisation, to `only` these facts."""
    rights = ROLES[Role.API_CLIENT]
    return Actor(
        kind=Kind.API,
        ref=ref,
        name=name,
        roles=frozenset({Role.API_CLIENT}),
        holds=MappingProxyType({each: frozenset({organisation_id}) for each in rights.may}),
        reads=frozenset(rights.reads & only),
    )


def members(organisation_id: uuid.UUID, role: Role) -> list[User]:
    """Those who hold a role in an organisation and have not left, by name."""
    found = (
        select(User)
        .join(Membership)
        .where(
            Membership.organisation_id == organisation_id,
            Membership.role == role,
            User.disabled_at.is_(None),
        )
        .order_by(User.name)
    )
    return list(db.session.scalars(found))
