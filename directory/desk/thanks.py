"""Directory: somebody thanks a group; the number is the group's at once, the words when read.

Nobody is asked who they are, and nothing of it is public. An editor reads the words before the
group does, so that nothing reaches a group that should not.
"""

import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from core import audit, clock
from core.actors import Actor
from core.db import db
from core.errors import BadInput, NotFound
from core.languages import _
from directory.desk.deciding import settle, verdict
from directory.desk.wishes import tells_who
from directory.models import Service, Thanks
from directory.rules import Decision

LONGEST = 300
MOST_WAITING = 25
"""With so many words of thanks unread, more are counted and not kept."""


def thank(service: Service, words: str, *, by: Actor) -> None:
    """Thank a group. Words wait for an editor; without words nothing waits."""
    words = words.strip()
    if len(words) > LONGEST:
        raise BadInput(_("Use %(count)s letters or fewer", count=LONGEST))
    if tells_who(words):
        raise BadInput(_("Leave out phone numbers, email addresses and postcodes."))
    if words and _how_many_wait(service) >= MOST_WAITING:
        words = ""
    made = Thanks(
        id=uuid.uuid4(),
        service_id=service.id,
        words=words,
        made_at=clock.now(),
        decision=Decision.WAITING if words else Decision.ACCEPTED,
    )
    db.session.add(made)
    audit.record(by, "group thanked", about=f"thanks:{made.id}")


def how_many(service: Service) -> int:
    """How often a group was thanked, with words or without."""
    counted = select(func.count()).where(Thanks.service_id == service.id)
    return db.session.scalar(counted) or 0


def words_for(service: Service, *, most: int = 20) -> list[Thanks]:
    """What people said to this group, as far as an editor has let it through; the latest first."""
    found = select(Thanks).where(
        Thanks.service_id == service.id, Thanks.decision == Decision.ACCEPTED, Thanks.words != ""
    )
    latest = found.order_by(Thanks.made_at.desc(), Thanks.id).limit(most)
    return list(db.session.scalars(latest))


def waiting_thanks() -> list[Thanks]:
    """The words no editor has read yet, the oldest first."""
    found = select(Thanks).where(Thanks.decision == Decision.WAITING)
    order = found.order_by(Thanks.made_at, Thanks.id)
    return list(db.session.scalars(order.options(selectinload(Thanks.service))))


def get_thanks(thanks_id: uuid.UUID) -> Thanks:
    """The thanks, or NotFound."""
    found = db.session.get(Thanks, thanks_id)
    if found is None:
        raise NotFound
    return found


def decide_thanks(thanks: Thanks, *, accept: bool, by: Actor) -> None:
    """Let the words through to the group, or forget them; the thanks are counted either way."""
    settle(thanks, verdict(accept=accept), by=by)
    if not accept:
        thanks.words = ""
    audit.record(by, "thanks read", about=f"thanks:{thanks.id}", accepted=accept)


def _how_many_wait(service: Service) -> int:
    waiting = Thanks.service_id == service.id, Thanks.decision == Decision.WAITING
    return db.session.scalar(select(func.count()).select_from(Thanks).where(*waiting)) or 0
