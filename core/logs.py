"""Ground floor: what is written to the log: one line a happening, and only fields named here.

A page is named by its route, never by its address, which may be a key. Of an error only the kind
and the place are kept: its words can quote what somebody typed.
"""

import json
import logging
import time
import traceback
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, g, has_request_context, request

from core.settings import Settings

OURS = ("core", "accounts", "directory", "referrals", "demo", "kith", "alembic")
"""Whose words are known to hold nothing of anybody; Alembic tells of the schema alone."""
FIELDS = ("route", "method", "status", "ms")
"""What a line may say besides who says it, when, and its words."""

FRAMES = 6

_requests = logging.getLogger("kith.requests")


def set_up(settings: Settings) -> None:
    """Have everything logged in one way; requests too where machines read the log."""
    as_json = settings.logs == "json" or (not settings.logs and settings.is_production)
    handler = logging.StreamHandler()
    handler.setFormatter(AsJson() if as_json else Plain())
    root = logging.getLogger()
    for old in [each for each in root.handlers if getattr(each, "is_kiths", False)]:
        root.removeHandler(old)
    handler.is_kiths = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    _requests.setLevel(logging.INFO if as_json else logging.WARNING)


def init_app(app: Flask) -> None:
    """Note every request when it has been answered."""
    app.before_request(_begin)
    app.after_request(_note)


def route() -> str:
    """The page that is asked for, by its rule: `/g/<token>`, with no token in it."""
    return request.url_rule.rule if request.url_rule else "none"


def seconds() -> float:
    """How long the present request has taken so far."""
    return time.perf_counter() - float(g.get("began", time.perf_counter()))


class AsJson(logging.Formatter):
    """A line of JSON with no field but those allowed."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": _at(record),
            "level": record.levelname.lower(),
            "from": record.name,
            "said": _words(record),
        }
        if has_request_context() and "request_id" in g:
            line["request"] = g.request_id
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[0]:
            line["error"], line["place"] = _trouble(record)
        return json.dumps(line, ensure_ascii=False, default=str)


class Plain(logging.Formatter):
    """The same for a person's eyes."""

    def format(self, record: logging.LogRecord) -> str:
        line = f"{_at(record)} {record.levelname} {record.name} {_words(record)}"
        if record.exc_info and record.exc_info[0]:
            kind, place = _trouble(record)
            line += f": {kind} at {' < '.join(place)}"
        return line


def _at(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _words(record: logging.LogRecord) -> str:
    """One line of signs that can be printed: nothing that is logged begins a line of its own."""
    return "".join(sign if sign.isprintable() else " " for sign in _whole_words(record))


def _whole_words(record: logging.LogRecord) -> str:
    """Our own words, filled in; of a library's only the pattern, for we do not know what it
    puts there."""
    if record.name.partition(".")[0] in OURS:
        return record.getMessage()
    return str(record.msg) if record.args or record.levelno > logging.INFO else record.getMessage()


def _trouble(record: logging.LogRecord) -> tuple[str, list[str]]:
    kind, _error, where = record.exc_info or (None, None, None)
    frames = traceback.extract_tb(where)[-FRAMES:]
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames)]
    return (kind.__name__ if kind else ""), places


def _begin() -> None:
    g.began = time.perf_counter()


def _note(response: Response) -> Response:
    said = {
        "route": route(),
        "method": request.method,
        "status": response.status_code,
        "ms": round(seconds() * 1000, 1),
    }
    _requests.info("answered", extra=said)
    return response
