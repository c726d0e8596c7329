"""Ground floor: what may come in. Malformed requests are refused here, once, before any view."""

import json
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from flask import Flask, current_app, request

from core import actors
from core.access import door_of
from core.errors import BadInput, NotFound
from core.languages import _, lazy

LONGEST_QUERY = 4_000
LONGEST_QUESTION = 64_000
LONGEST_FIELD = 50_000
MOST_FIELDS = 500
DEEPEST_JSON = 20
LARGEST_BODY = 4 * 1024 * 1024
LAST_PAGE = 500

LARGEST = "_kith_largest_body"
IS_ASKED = "_kith_is_asked"

View = TypeVar("View", bound=Callable[..., Any])

NOT_TEXT = lazy("Some of what you sent is not text we can read. Please type it again.")


def init_app(app: Flask) -> None:
    """Put the check before every request."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_BODY
    app.config["MAX_FORM_PARTS"] = MOST_FIELDS
    app.before_request(_set_size)
    app.before_request(_check)


def takes_files(of_bytes: int) -> Callable[[View], View]:
    """Let a view be sent files of so many bytes in all, beyond what every page takes."""

    def mark(view: View) -> View:
        setattr(view, LARGEST, LARGEST_BODY + of_bytes)
        return view

    return mark


def is_asked_anything(view: View) -> View:
    """Let a view be asked at length: people put whole letters into a search, and get an answer."""
    setattr(view, IS_ASKED, True)
    return view


def page_number(text: str | None) -> int:
    """The page asked for, from 1; NotFound for what is no page number."""
    if text is None or text == "":
        return 1
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else 0
    if not 1 <= number <= LAST_PAGE:
        raise NotFound
    return number


def _set_size() -> None:
    if request.endpoint is not None:
        view = current_app.view_functions[request.endpoint]
        largest = getattr(view, LARGEST, LARGEST_BODY)
        request.max_content_length = largest if _is_admitted(view) else LARGEST_BODY


def _is_admitted(view: Callable[..., Any]) -> bool:
    """Whether the door stands open: who may not come in need not send a large file to hear so."""
    door = door_of(view)
    if not hasattr(view, LARGEST) or door is None or not door.permissions:
        return True
    return any(actors.current().may(each) for each in door.permissions)


def _check() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    longest = LONGEST_QUESTION if hasattr(view, IS_ASKED) else LONGEST_QUERY
    if len(request.query_string) > longest:
        # To programs it is one more bad question; their documents describe one answer to those.
        status = 400 if request.path.startswith("/api/") else 414
        raise BadInput(_("The address of this page is too long."), status)
    _check_bytes(request.query_string)
    _check_bytes(request.environ.get("PATH_INFO", "").encode("latin-1", "replace"))
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    if request.is_json or (request.mimetype or "").endswith("+json"):
        read_json(request.get_data())
        return
    if request.mimetype == "application/x-www-form-urlencoded":
        _check_bytes(request.get_data(cache=True))
    fields = list(request.form.items(multi=True))
    if len(fields) > MOST_FIELDS:
        raise BadInput(_("There are too many answers in this form."), 413)
    for name, value in fields:
        _check_text(name)
        _check_text(value)
        if len(value) > LONGEST_FIELD:
            raise BadInput(_("One of the answers is too long."), 413)


def _check_bytes(escaped: bytes) -> None:
    """What arrives must be UTF-8 before anybody decodes it kindly."""
    try:
        _check_text(unquote_to_bytes(escaped).decode("utf-8"))
    except UnicodeDecodeError:
        raise BadInput(str(NOT_TEXT)) from None


def _check_text(text: str) -> None:
    # U+FFFD is what a kind decoder leaves where the bytes were not UTF-8.
    if "\0" in text or "\ufffd" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise BadInput(str(NOT_TEXT))


def read_json(body: bytes) -> Any:
    """JSON from outside: UTF-8, of bounded depth, numbers we can keep, each key once. BadInput."""
    try:
        text = body.decode("utf-8")
        _check_text(text)
        _check_depth(text)
        value = json.loads(
            text, parse_constant=_refuse, parse_int=_whole, object_pairs_hook=_each_key_once
        )
        json.dumps(value).encode("ascii")
        _check_strings(value)
    except (ValueError, RecursionError) as error:
        raise BadInput("The JSON sent here cannot be read.") from error
    return value


def _check_depth(text: str) -> None:
    depth = 0
    for char in text:
        if char in "[{":
            depth += 1
            if depth > DEEPEST_JSON:
                raise BadInput(f"The JSON sent here is nested more than {DEEPEST_JSON} deep.")
        elif char in "]}":
            depth -= 1


def _check_strings(value: object) -> None:
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key)
            _check_strings(item)
    elif isinstance(value, list):
        for item in value:
            _check_strings(item)
    elif isinstance(value, float) and value in (float("inf"), float("-inf")):
        raise ValueError("a number too large")


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")


def _whole(digits: str) -> int:
    if len(digits.lstrip("-")) > 18:
        raise ValueError("a number too large")
    return int(digits)


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)
