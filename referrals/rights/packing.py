"""Referrals, rights: the copy itself: all that is kept about one person, as a page and as data.

It is made only when every line that somebody had to look at is decided. What is held back is not
left out in silence: its place says that it is, and why.
"""

import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core import clock
from core.errors import Refused
from core.languages import _
from referrals.models import Handing, ReviewLine, RightsRequest
from referrals.person.looking import names_of
from referrals.rights.gathering import Kept, as_words, collect
from referrals.rights.reviewing import concerns_of

BY = ("by", "done_by", "answered_by", "talked_by", "ended_by")
"""Columns that hold the reference of whoever did something."""

KEY = re.compile(r"[\w-]{43}")
"""What opens something stays out of the copy, which may be read by others."""

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parents[2] / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
)


@dataclass(frozen=True, slots=True)
class Section:
    """All of one sort."""

    title: str
    field_class: str
    rows: list[dict[str, str]]


def build(request: RightsRequest) -> bytes:
    """The copy as a ZIP file. Refused while a line is not decided."""
    kept = collect(request.person_id)
    lines = {line.place: line for line in request.lines}
    open_lines = [place for place in concerns_of(kept) if _undecided(lines.get(place))]
    if open_lines:
        raise Refused(_("%(count)s lines are still to be decided.", count=len(open_lines)))
    names = names_of({str(row.facts[by]) for row in kept for by in BY if by in row.facts})
    data = [_as_data(row, lines, names) for row in kept]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("your-record.html", _page(request, _sections(kept, lines, names)))
        archive.writestr("your-record.json", json.dumps(data, indent=1, ensure_ascii=False))
    return made.getvalue()


def _undecided(line: ReviewLine | None) -> bool:
    return line is None or line.verdict is None


def _sections(
    kept: Sequence[Kept], lines: Mapping[str, ReviewLine], names: Mapping[str, tuple[str, str]]
) -> list[Section]:
    found: dict[str, Section] = {}
    for row in kept:
        sort = row.sort
        section = found.setdefault(row.table, Section(sort.title, sort.field_class.value, []))
        said = {row.word(each): _said(row, each, lines, names) for each in row.facts}
        section.rows.append({word: as_words(value) for word, value in said.items()})
    return list(found.values())


def _as_data(
    row: Kept, lines: Mapping[str, ReviewLine], names: Mapping[str, tuple[str, str]]
) -> dict[str, Any]:
    facts = {each: _plain(_said(row, each, lines, names)) for each in row.facts}
    return {"kept_as": row.table, "class": row.sort.field_class.value, "id": row.row} | facts


def _said(
    row: Kept,
    column: str,
    lines: Mapping[str, ReviewLine],
    names: Mapping[str, tuple[str, str]],
) -> Any:
    line = lines.get(row.place(column))
    if line is not None and line.verdict is Handing.HOLD_HARM:
        return _("Held back: it could do serious harm to somebody.")
    if line is not None and line.verdict is Handing.HOLD_OTHER:
        return _("Held back: it is about somebody else.")
    value = row.facts[column]
    if column in BY and value in names:
        name, job = names[value]
        return f"{name}, {job}" if job else name
    if isinstance(value, datetime):
        return _moment(value)
    return KEY.sub("…", value) if row.table == "letter" and isinstance(value, str) else value


def _moment(value: datetime) -> str:
    at = clock.local(value)
    return f"{at.day} {at:%B %Y, %H:%M}"


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, time)) else value


def _page(request: RightsRequest, sections: Sequence[Section]) -> str:
    page = _pages.get_template("referrals/rights/copy.html")
    return page.render(
        _=_, request=request, sections=sections, today=_moment(clock.now()), team=request.team.name
    )
