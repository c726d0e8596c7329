"""Ground floor: what is noted though nothing was changed: pages shown, and requests denied."""

import logging
import uuid
from collections.abc import Sequence

from flask import current_app, g, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from core import access, actors
from core.actors import Actor, Kind
from core.audit.entries import Fact
from core.audit.noting import record
from core.db import db, may_write

ABOUT_PEOPLE = frozenset({"F3", "F4", "F5", "F6", "F7"})
"""The classes of fact that are shown to nobody without a note."""

MOST_NAMED = 500

log = logging.getLogger(__name__)


def record_apart(by: Actor, action: str, *, about: str, **facts: Fact) -> None:
    """Note something in a transaction of its own, when the request's work is over."""
    db.session.rollback()
    with may_write():
        record(by, action, about=about, **facts)
        db.session.commit()


def denied(status: int) -> None:
    """Note that somebody whom we know asked for what is not theirs; ids only."""
    by = actors.current()
    if request.endpoint is None or by.kind not in {Kind.USER, Kind.API}:
        return
    about = f"route:{request.endpoint}"[:80]
    try:
        record_apart(by, "denied", about=about, status=status, keys=_keys(), how=request.method)
    except SQLAlchemyError as error:
        db.session.rollback()
        log.error("a denied request was not noted: %s", type(error).__name__)


def read(about: str) -> None:
    """Say that a page about to be shown was made from what is kept about this person."""
    g.setdefault("people_read", set()).add(about)


def note_page(response: Response) -> Response:
    """Before a page with private facts leaves: a note, unless its view has made a better one.

    Without a note there is no page: what is raised here is an error instead of it.
    """
    if response.status_code not in {200, 422} or request.endpoint is None or g.get("looked"):
        return response
    door = access.door_of(current_app.view_functions[request.endpoint])
    classes = sorted(ABOUT_PEOPLE & set(door.shows)) if door else []
    if classes:
        record_apart(
            actors.current(),
            "page shown",
            about=f"page:{request.endpoint}"[:80],
            classes=classes,
            keys=_keys(),
            people=sorted(g.get("people_read", ()))[:MOST_NAMED],
        )
    return response


def _keys() -> Sequence[str]:
    """The ids in the address, which name things; keys that open something are not kept."""
    said = (request.view_args or {}).values()
    return [str(each) for each in said if isinstance(each, uuid.UUID)]
