"""Directory: lists of activities that somebody keeps for themselves, or shares by a short address.

A list names activities and nobody: who made it or opened it is not known.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete

from core import clock, site, work
from core.db import change_rows, db
from core.errors import NotFound, Refused
from core.languages import _
from core.saving import saving
from directory.listings import shown_listings
from directory.models import Service, SharedList
from directory.short_links import new_code, tidy

MOST = 30
UNUSED_FOR = timedelta(days=180)
"""A shared list that nobody has opened for so long is forgotten."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A shared list as it is today: its activities, and how many of it are no longer on."""

    code: str
    services: tuple[Service, ...]
    gone: int

    @property
    def address(self) -> str:
        """Where anybody finds it."""
        return site.address(f"/l/{self.code}")


def init_app() -> None:
    """Have unused lists forgotten once a day."""
    work.chore("forget unused lists", timedelta(days=1), forget_unused)


def share(service_ids: Iterable[uuid.UUID]) -> SharedList:
    """Put a list of activities under a short address."""
    kept = [each.id for each in shown_listings(list(service_ids)[:MOST])]
    if not kept:
        raise Refused(_("There is nothing on this list to share yet."))
    made = SharedList(
        code=new_code(),
        service_ids=[str(each) for each in kept],
        made_at=clock.now(),
        used_on=clock.today(),
    )
    db.session.add(made)
    return made


def get_shared(code: str) -> Shared:
    """The list under a short address, however that was typed; NotFound if it is forgotten."""
    found = _find(code)
    wanted = [uuid.UUID(each) for each in found.service_ids]
    services = tuple(shown_listings(wanted))
    return Shared(found.code, services, len(wanted) - len(services))


def needs_marking(code: str) -> bool:
    """Whether today's first use of a list has yet to be written down."""
    return _find(code).used_on < clock.today()


def mark_used(code: str) -> None:
    """Keep a list for another while, because somebody opened it."""
    _find(code).used_on = clock.today()


def forget_unused() -> int:
    """Forget the shared lists that nobody has opened for long; returns how many."""
    with saving():
        old = SharedList.used_on < clock.today() - UNUSED_FOR
        return change_rows(delete(SharedList).where(old))


def _find(code: str) -> SharedList:
    found = db.session.get(SharedList, tidy(code)[:12])
    if found is None or found.used_on < clock.today() - UNUSED_FOR:
        raise NotFound
    return found
