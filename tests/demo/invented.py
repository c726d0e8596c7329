"""What must be true of whatever the demo invents."""

import re
from collections.abc import Iterator

from sqlalchemy import Date, DateTime, String, Text, func, select
from sqlalchemy.sql.schema import Column

from core import clock, sealing
from core.db import UtcDateTime, db

LIE_AHEAD = {
    "due_on",
    "due_at",
    "ends_on",
    "expires_at",
    "expires_on",
    "first_on",
    "from_on",
    "last_on",
    "leased_until",
    "monday",
    "next_contact_on",
    "not_before",
    "session_on",
    "starts_at",
    "until_on",
}
FICTIONAL_PHONE = re.compile(r"01632 960 ?\d{3}|07700 900 ?\d{3}")
PHONE = re.compile(r"\b0\d{2,4} ?\d{3} ?\d{3,4}\b")
EMAIL = re.compile(r"[\w.+-]+@[\w.-]+")
ADDRESS = re.compile(r"https?://\S+")


def could_be_somebodys() -> Iterator[str]:
    """Every telephone number and e-mail address that is not kept for examples, and where it is."""
    for where, text in (*_plain(), *_sealed()):
        said = ADDRESS.sub("", text)
        for number in PHONE.findall(said):
            if not FICTIONAL_PHONE.match(number):
                yield f"{where}: {number}"
        for found in EMAIL.findall(said):
            if not found.endswith(".example"):
                yield f"{where}: {found}"


def _plain() -> Iterator[tuple[str, str]]:
    for column in columns(String, Text):
        for text in db.session.scalars(select(column).where(column != "")):
            yield str(column), text or ""


def _sealed() -> Iterator[tuple[str, str]]:
    for model in {each.model for each in sealing.REGISTER}:
        rows = db.session.scalars(select(model)).all()
        for each in sealing.of_model(model):
            yield from ((each.name, str(getattr(row, each.name))) for row in rows)


def in_the_future() -> Iterator[str]:
    """Every column of what has happened that holds a moment still to come."""
    for column in columns(DateTime, UtcDateTime, Date):
        if column.name in LIE_AHEAD:
            continue
        latest = db.session.scalar(select(func.max(column)))
        now = clock.today() if isinstance(column.type, Date) else clock.now()
        if latest is not None and latest > now:
            yield f"{column}: {latest}"


def columns(*types: type) -> Iterator[Column[object]]:
    for table in db.metadata.tables.values():
        # What is hashed or numbered by lot says nothing, and may look like anything.
        if table.name in {"signed_link", "sign_in", "once", "wrong_try"}:
            continue
        for column in table.columns:
            if isinstance(column.type, types) and column.name not in {"same_as", "about", "by"}:
                yield column
