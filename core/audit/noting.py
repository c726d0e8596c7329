"""Ground floor: how something is noted: in the transaction of what is done, or not at all."""

import uuid
from collections.abc import Sequence

from flask import g, has_request_context

from core import clock
from core.actors import Actor
from core.audit.entries import AuditEntry, Fact
from core.db import db

LOOKED = "looked"


def record(by: Actor, action: str, *, about: str, **facts: Fact) -> None:
    """Note a change in the transaction that makes it. `about` is a reference: `referral:<id>`."""
    if action == LOOKED and has_request_context():
        g.looked = True
    db.session.add(
        AuditEntry(
            id=uuid.uuid4(),
            at=clock.now(),
            by=by.ref,
            action=action,
            about=about,
            facts=facts,
            request_id=g.get("request_id", "") if has_request_context() else "",
        )
    )


def looked(by: Actor, *, about: str, classes: Sequence[str], **facts: Fact) -> None:
    """Note that a person's record was opened, before it is shown; the caller saves."""
    record(by, LOOKED, about=about, classes=sorted(classes), **facts)
