"""Directory: reads files of Open Referral UK 1.0 and 3.0, whatever wraps the services in them."""

import codecs
import json
from collections.abc import Iterator, Mapping
from typing import NoReturn

from directory.cleaning import one_line
from directory.feeds import sheets
from directory.feeds.oruk_service import service
from directory.feeds.proposals import Problem, Proposal, Unreadable, once_each
from directory.feeds.records import Record, Rejected

_WRAPPERS = ("contents", "content", "items", "results", "services", "data")


def read_file(name: str, data: bytes) -> Iterator[Proposal | Problem]:
    """The services in a file of JSON or CSV, told apart by what is in it, or Unreadable."""
    start = data[:200].removeprefix(codecs.BOM_UTF8).replace(b"\0", b"").lstrip(b" \t\r\n\xff\xfe")
    if not start:
        raise Unreadable(f"{name} is empty")
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Unreadable(f"{name} is a spreadsheet or an archive: save it as CSV and try again")
    if start.startswith((b"<", b"%PDF")):
        raise Unreadable(f"{name} is a web page or a document, not JSON or CSV")
    return read(data) if start.startswith((b"{", b"[")) else sheets.read(data)


def read(data: bytes) -> Iterator[Proposal | Problem]:
    """Each service of an Open Referral UK file, or why it is left out, or Unreadable."""
    return once_each(_each(_services(_document(data))))


def _document(data: bytes) -> object:
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if utf16 else "utf-8-sig")
        return json.loads(text, parse_constant=_no_such_number)
    except UnicodeDecodeError as problem:
        raise Unreadable(f"it is not UTF-8 text (at byte {problem.start + 1})") from None
    except RecursionError:
        raise Unreadable("it is nested too deeply") from None
    except json.JSONDecodeError as problem:
        where = f"line {problem.lineno}, column {problem.colno}"
        ends = " (it ends too soon)" if _is_cut_short(problem) else ""
        raise Unreadable(f"it is not JSON: something is wrong at {where}{ends}") from None
    except ValueError:  # Python refuses to read a number of more than 4,300 digits
        raise Unreadable("a number in it is too long") from None


def _is_cut_short(problem: json.JSONDecodeError) -> bool:
    return problem.msg.startswith("Unterminated") or problem.pos >= len(problem.doc.rstrip())


def _no_such_number(word: str) -> NoReturn:
    raise Unreadable(f"it is not JSON: {word} is not a number")


def _services(document: object) -> list[object]:
    """The raw services in a page, a list, a list of pages, or one service alone."""
    if isinstance(document, list):
        found: list[object] = []
        for each in document:
            page = _page(each)
            found += [each] if page is None else page
        return found
    page = _page(document)
    if page is not None:
        return page
    if isinstance(document, Mapping) and {"id", "name"} & document.keys():
        return [document]
    raise Unreadable("there are no services in it")


def _page(document: object) -> list[object] | None:
    if not isinstance(document, Mapping) or "name" in document:
        return None
    return next((found for key in _WRAPPERS if isinstance(found := document.get(key), list)), None)


def _each(services: list[object]) -> Iterator[tuple[str, Proposal | Problem]]:
    for number, raw in enumerate(services, start=1):
        place = f"record {number}"
        if not isinstance(raw, Mapping):
            yield place, Problem(place, None, "is not an object")
            continue
        if isinstance(raw.get("id"), str) and one_line(raw["id"]):
            place += f" (id {one_line(raw['id'])[:80]})"
        record = Record(place, raw)
        try:
            yield place, service(record)
        except Rejected as refusal:
            yield place, Problem(place, refusal.field, refusal.reason)
        else:
            yield from ((place, note) for note in record.notes)
