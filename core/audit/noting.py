"""Ground floor: how something is noted: in the transaction of what is done, or not at all.

What is noted is kept in mind and written as the last thing before the commit, all at once: on
SQLite nobody else may write meanwhile, and every question and row costs all who wait.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import g, has_request_context
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from core import clock
from core.actors import Actor
from core.audit.entries import Fact
from core.db import db, is_writing

LOOKED = "looked"

Entry = dict[str, Any]
"""The row of an entry that is not written yet."""


def record(by: Actor, action: str, *, about: str, **facts: Fact) -> None:
    """Note a change in the transaction that makes it. `about` is a reference: `referral:<id>`."""
    if action == LOOKED and has_request_context():
        g.looked = True
    if not is_writing():
        raise RuntimeError("nothing is noted outside the transaction of what is done")
    session = db.session()
    if not session.in_transaction():
        session.begin()  # so that a rollback forgets it, though nothing has been asked or written
    noted_in(session).append(
        {
            "id": uuid.uuid4(),
            "at": clock.now(),
            "by": by.ref,
            "action": action,
            "about": about,
            "facts": facts,
            "request_id": g.get("request_id", "") if has_request_context() else "",
        }
    )


def looked(by: Actor, *, about: str, classes: Sequence[str], **facts: Fact) -> None:
    """Note that a person's record was opened, before it is shown; the caller saves."""
    record(by, LOOKED, about=about, classes=sorted(classes), **facts)


def noted_in(session: Session) -> list[Entry]:
    """What the present transaction has noted and not yet written."""
    noted: list[Entry] = session.info.setdefault("noted", [])
    return noted


@event.listens_for(Session, "after_transaction_create")
def _remember_before(session: Session, begun: SessionTransaction) -> None:
    if begun.nested:
        session.info.setdefault("noted before", {})[begun] = len(noted_in(session))


@event.listens_for(Session, "after_soft_rollback")
def _forget_undone(session: Session, undone: SessionTransaction) -> None:
    if undone.nested:
        del noted_in(session)[session.info["noted before"][undone] :]


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        noted_in(session).clear()
        session.info.pop("noted before", None)
