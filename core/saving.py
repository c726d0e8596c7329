"""Ground floor: the unit of work. What belongs together is one commit, or nothing at all."""

import hashlib
import hmac
import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import flash, has_request_context, redirect, request
from sqlalchemy import String, Text, delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from core import actors, clock, keys
from core.db import Model, change_rows, db, is_writing, may_write
from core.errors import AlreadyDone, BadInput, ChangedMeanwhile, Refused
from core.languages import _

KEPT_FOR = timedelta(days=7)
"""How long a form's key is remembered (security.md §5.1 keeps idempotency keys a week)."""

HEADER, LONGEST_KEY = "Idempotency-Key", 255

log = logging.getLogger(__name__)


class Once(Model):
    """What has been sent: its key, what it said (hashed), and where its answer is, or the answer.

    A browser brings the key in its form, a program in the header `Idempotency-Key`.
    """

    __tablename__ = "once"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    said: Mapped[str] = mapped_column(String(64))
    location: Mapped[str] = mapped_column(String(500), default="/")
    status: Mapped[int | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]


_ONCE = Model.metadata.tables[Once.__tablename__]


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form or a program brought: its key, already its own, and what it said."""

    key: str
    said: str


@dataclass
class Work:
    """One unit of work, and where its answer will be found."""

    location: str = "/"
    afterwards: list[Callable[[], None]] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)
    """What is kept beside the key of the answer, where it is not what was kept at first."""

    def leads_to(self, location: str) -> None:
        """Say where the answer is, so that a second press of the button goes there too."""
        self.location = self.kept["location"] = location

    def answers(self, answer: str, status: int) -> Response:
        """The answer to a program, in JSON, kept so that the same key is told the same again."""
        self.kept |= {"status": status, "answer": answer}
        return as_told(answer, status)

    def redirect(self, message: str = "") -> Response:
        """The answer to the form: go and look, with an optional word on the way."""
        if message:
            flash(message)
        return redirect(self.location, 303)


@contextmanager
def saving(*, keyed: bool = True) -> Iterator[Work]:
    """Do the work in one transaction: all of it, or none.

    What was read before is read anew inside, so nothing is decided on stale facts. What is done
    besides a form's own work, such as counting that it was sent, is not `keyed` by the form.
    Raises AlreadyDone when this form was sent before, ChangedMeanwhile when somebody else won.
    """
    session = db.session()
    if is_writing():
        raise RuntimeError("saving() does not nest: the caller commits, domain functions never do")
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("something was changed outside saving()")
    # What was sent is worked out before others have to wait for us.
    sent = _what_was_sent() if keyed and has_request_context() else None
    session.rollback()
    with may_write():
        try:
            work = _begin(sent)
            session.info["work"] = work
            yield work
            if sent is not None and work.kept:
                session.execute(update(_ONCE).where(_ONCE.c.key == sent.key).values(**work.kept))
            session.commit()
        except StaleDataError as error:
            session.rollback()
            raise ChangedMeanwhile from error
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info.pop("work", None)
    for act in work.afterwards:
        try:
            act()
        except Exception:  # the work is saved; what follows is also done by the background loop
            log.exception("what follows a save failed")


def as_told(answer: str, status: int) -> Response:
    """What a program is told, the first time and every time after."""
    return Response(answer, status, mimetype="application/json")


def afterwards(act: Callable[[], None]) -> None:
    """Run `act` once when the present unit of work has been committed, and never otherwise."""
    work: Work = db.session.info["work"]
    if act not in work.afterwards:
        work.afterwards.append(act)


def stop_if_sent() -> None:
    """Raise AlreadyDone when this very form was sent before.

    For a view that refuses what only its own first sending has made impossible.
    """
    key = request.form.get("once", "")
    first = db.session.get(Once, _own_key(key)) if key else None
    if first is not None and first.said == _what_was_said():
        raise AlreadyDone(first.location)


def forget_old_keys() -> int:
    """Drop the keys of forms sent more than a week ago; returns how many."""
    with saving():
        return change_rows(delete(Once).where(Once.at < clock.now() - KEPT_FOR))


def new_key() -> str:
    """A key for a form about to be shown."""
    return uuid.uuid4().hex


def _what_was_sent() -> Sent | None:
    key = _key_brought()
    return Sent(_own_key(key), _what_was_said()) if key else None


def _begin(sent: Sent | None) -> Work:
    if sent is None:
        return Work()
    row = {"key": sent.key, "said": sent.said, "location": request.path, "at": clock.now()}
    try:
        db.session.execute(insert(_ONCE), row)
    except IntegrityError:
        db.session.rollback()
        first = db.session.get(Once, sent.key)
        if first is None or first.said != sent.said:
            if HEADER in request.headers:
                raise BadInput(_("This key was sent before, with something else."), 422) from None
            raise Refused(
                _(
                    "This form has already been sent once, with other answers. "
                    "Open it again to send a new one."
                )
            ) from None
        raise AlreadyDone(first.location, first.answer, first.status) from None
    return Work(location=request.path)


def _key_brought() -> str:
    """The key of a form, or of a program's header; nothing where nothing is to be changed."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return ""
    given = request.headers.get(HEADER)
    if given is None:
        return request.form.get("once", "")
    if not 1 <= len(given) <= LONGEST_KEY or not given.isprintable():
        raise BadInput(_("A key has from 1 to 255 letters."))
    return f"header:{given}"


def _own_key(key: str) -> str:
    """A key counts for one sender and one page: nobody can use up another person's."""
    sender = f"{actors.current().ref}|{request.path}|{key}"
    return hashlib.sha256(sender.encode()).hexdigest()


def _what_was_said() -> str:
    """Enough to know the same answers again. Hashed under a key of ours: what people type, a
    password among it, must not be guessed from what is kept here."""
    if HEADER in request.headers:
        return _hashed(request.get_data())
    answers = sorted(
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in {"once", "csrf_token"}
    )
    return _hashed(repr(answers).encode())


def _hashed(said: bytes) -> str:
    return hmac.new(keys.derive("once"), said, hashlib.sha256).hexdigest()
