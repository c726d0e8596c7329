"""Ground floor: who acts. Nothing in Kith is done by nobody."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from flask import g, has_request_context

NOWHERE: frozenset[uuid.UUID] = frozenset()


class Kind(StrEnum):
    """The sorts of actor there are."""

    USER = "user"
    VISITOR = "visitor"
    LINK = "link"
    API = "api"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that acts, and what it may do where.

    `holds` maps a permission to the ids of the organisations it is held in;
    `reads` and `writes` are the field classes (security.md §5) its roles open.
    """

    kind: Kind
    ref: str
    name: str = ""
    user_id: uuid.UUID | None = None
    roles: frozenset[str] = frozenset()
    holds: Mapping[str, frozenset[uuid.UUID]] = field(default_factory=lambda: MappingProxyType({}))
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    place: str = ""

    @classmethod
    def of_user(cls, user_id: uuid.UUID) -> "Actor":
        """A user by name only, before it is known what they may do."""
        return cls(Kind.USER, f"user:{user_id}", user_id=user_id)

    @property
    def is_signed_in(self) -> bool:
        return self.kind is Kind.USER

    def may(self, permission: str) -> bool:
        """Whether this actor holds the permission anywhere."""
        return permission in self.holds

    def where(self, permission: str) -> frozenset[uuid.UUID]:
        """The organisations this actor holds the permission in; empty means nowhere."""
        return self.holds.get(permission, NOWHERE)


VISITOR = Actor(Kind.VISITOR, "visitor")

_who: list[Callable[[], Actor]] = []
_heard: list[Callable[[], None]] = []


def system(job: str) -> Actor:
    """A named job of the system itself, such as `system("import")`."""
    return Actor(Kind.SYSTEM, f"system:{job}", name=job)


def told_by(who: Callable[[], Actor]) -> None:
    """Register how the actor behind a request is found. Called once, by the accounts room."""
    _who[:] = [who]


def current() -> Actor:
    """The actor behind the present request; outside a request, the system."""
    if not has_request_context():
        return system("command")
    if "actor" not in g:
        become(_who[0]() if _who else VISITOR)
    actor: Actor = g.actor
    return actor


def become(actor: Actor) -> None:
    """From here on this request acts as somebody; whoever needs to know hears of it."""
    g.actor = actor
    for hear in _heard:
        hear()


def heard_by(hear: Callable[[], None]) -> None:
    """Have something done whenever it is known who acts. Called once, by core.db."""
    if hear not in _heard:
        _heard.append(hear)
