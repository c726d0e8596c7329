"""Referrals, groups: the register on paper, its way back by a few keys, and the code at the door.

A line is keyed as CODE DATE MARKS: the code at the head of a register, the day, and either one mark
for each person in the order of their numbers (`yyn?y`) or marks by number (`1y 4n`). A person's own
code and one mark will do as well.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from core import clock
from core.actors import Actor
from core.db import db
from core.languages import _
from directory import Service, Session, next_sessions
from referrals.groups.attending import mark
from referrals.groups.weeks import Expected, expected_at
from referrals.models import GroupDesk, GroupPlace, Told
from referrals.rules import Came, Part
from referrals.sight import parts_of

COLUMNS = 4
LOOKS_BACK = timedelta(days=60)
MARKS = {
    **dict.fromkeys("y1/✔✓v", Came.CAME),
    **dict.fromkeys("n0x✖✗-", Came.DID_NOT_COME),
    **dict.fromkeys("?", Came.NOT_KNOWN),
}
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_HEAD = re.compile(
    r"\s*(?P<code>[A-Z][A-Z0-9]{3})\s+(?P<day>\d{1,2})(?:\s*[/.-]\s*|\s*)"
    r"(?P<month>\d{1,2}|[a-z]{3,9})\s+(?P<marks>\S.*)",
    re.IGNORECASE,
)
_PAIR = re.compile(r"(\d{1,3})\s*([yn✔✓v✖✗x?])[\s,;]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Keyed:
    """One line that could be read: whom it speaks of, and what it says of each."""

    service: Service
    on: date
    marks: tuple[tuple[Expected, Came], ...]

    def count(self, came: Came) -> int:
        return sum(said is came for _line, said in self.marks)


@dataclass(frozen=True, slots=True)
class Unread:
    """One line that could not be read, and why."""

    line: str
    why: str


def people_on_paper(service: Service, *, seen_by: Actor | None = None) -> list[Expected]:
    """Who stands on a register printed today, in the order of their numbers.

    With `seen_by`, only those whom that link worker's team sent.
    """
    sessions = columns(service)
    last = sessions[-1].on if sessions else clock.today()
    lines: dict[int, Expected] = {}
    for line in expected_at([service], clock.today(), last):
        lines.setdefault(line.number, line)  # the first day they are expected
    return [line for _n, line in sorted(lines.items()) if _is_theirs(line, seen_by)]


def columns(service: Service) -> list[Session]:
    """The next sessions: the columns of a register."""
    return next_sessions(service, after=clock.now(), count=COLUMNS)


def key_in(text: str, *, by: Actor) -> tuple[list[Keyed], list[Unread]]:
    """Note every line that was keyed in; if one cannot be read, none is noted."""
    read = [_read(line, by) for line in text.splitlines() if line.strip()]
    unread = [each for each in read if isinstance(each, Unread)]
    keyed = [each for each in read if isinstance(each, Keyed)]
    if not unread:
        for line in keyed:
            for person, came in line.marks:
                mark(person.onward, line.on, came, how=Told.REGISTER, by=by)
    return keyed, unread


def find_by_code(service: Service, code: str) -> Expected | None:
    """Who is expected today and has this code."""
    lines = expected_at([service], clock.today(), clock.today())
    return next((line for line in lines if line.code == code.strip().upper()), None)


def check_in(mine: Expected, *, by: Actor) -> None:
    """Somebody has typed their own code at the door: they came today."""
    mark(mine.onward, mine.on, Came.CAME, how=Told.DOOR, by=by)


def _read(line: str, by: Actor) -> Keyed | Unread:
    head = _HEAD.fullmatch(line.upper().rstrip())
    if head is None:
        return Unread(line, _("Type the code, the day and the marks, such as K4TB 24/11 yyn."))
    on = _day(head["day"], head["month"])
    if on is None:
        return Unread(line, _("This day is not one of the last two months."))
    service, number = _named(head["code"])
    if service is None:
        return Unread(line, _("There is no register with this code."))
    lines = [each for each in expected_at([service], on, on) if _is_theirs(each, by)]
    if number is not None:
        lines = [each for each in lines if each.number == number]
    if not lines:
        return Unread(line, _("Nobody your team sent was expected on that day."))
    marks = _marks(head["marks"].strip().lower(), [each.number for each in lines])
    if marks is None:
        asked = ", ".join(str(each.number) for each in lines)
        why = _("Give one mark for each of these, or write 1y 4n: %(numbers)s.", numbers=asked)
        return Unread(line, why)
    by_number = {each.number: each for each in lines}
    return Keyed(service, on, tuple((by_number[n], came) for n, came in marks.items()))


def _marks(text: str, numbers: Sequence[int]) -> dict[int, Came] | None:
    run = re.sub(r"\s", "", text)
    if len(run) == len(numbers) and all(sign in MARKS for sign in run):
        return {number: MARKS[sign] for number, sign in zip(numbers, run, strict=True)}
    pairs = _PAIR.findall(text)
    if not pairs or _PAIR.sub("", text).strip():
        return None
    marks = {int(number): MARKS[sign] for number, sign in pairs}
    return marks if _is_in(marks, numbers) and len(marks) == len(pairs) else None


def _is_in(marks: Collection[int], numbers: Sequence[int]) -> bool:
    return set(marks) <= set(numbers)


def _day(day: str, month: str) -> date | None:
    """The latest such day that is not to come."""
    number = int(month) if month.isdigit() else _month(month.lower())
    today = clock.today()
    for year in (today.year, today.year - 1):
        try:
            found = date(year, number, int(day))
        except ValueError:
            continue
        if today - LOOKS_BACK <= found <= today:
            return found
    return None


def _month(word: str) -> int:
    return next((n for n, name in enumerate(MONTHS, 1) if word.startswith(name)), 0)


def _named(code: str) -> tuple[Service | None, int | None]:
    """The activity whose register, or one of whose people, has this code."""
    desk = db.session.scalar(select(GroupDesk).where(GroupDesk.code == code))
    if desk is not None:
        return desk.service, None
    place = db.session.scalar(select(GroupPlace).where(GroupPlace.code == code))
    return (place.referral.service, place.number) if place is not None else (None, None)


def _is_theirs(line: Expected, by: Actor | None) -> bool:
    return by is None or Part.RECEIVER in parts_of(by, line.onward)
