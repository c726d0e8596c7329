"""Referrals, rights: what somebody must look at before a copy is handed over, and what they decide.

What is restricted, and what others said or are called, is never handed over unread. To hold a line
back needs a reason; so does to give one about safety, for somebody must have asked whether it could
do serious harm.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from accounts import Field
from core import audit, clock
from core.actors import Actor
from core.db import db
from core.errors import NotFound, Refused
from core.languages import _
from referrals.models import Concern, Handing, ReviewLine, RightsRequest, Stage
from referrals.rights.gathering import Kept, as_words, collect
from referrals.rights.requests import handles

RELATIVES = re.compile(
    r"\b(daughter|son|wife|husband|partner|mother|father|mum|dad|sister|brother|neighbou?r|friend"
    r"|grand\w+|niece|nephew|aunt|uncle|cousin|landlord|carer)s?\b",
    re.IGNORECASE,
)
WAYS = re.compile(r"[\w.+-]+@[\w-]+\.\w+|\b0\d[\d ]{8,}\d\b")
NAME = re.compile(r"(?<![.!?:]\s)(?<!^)\b[A-Z][a-z]{2,}\b")
DAYS = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
MONTHS = {"January", "February", "March", "April", "May", "June", "July", "August"}
MONTHS |= {"September", "October", "November", "December"}
NOBODY = frozenset(DAYS | MONTHS | {"Christmas", "Easter", "English"})


@dataclass(frozen=True, slots=True)
class Looked:
    """A line to decide, and what it says."""

    line: ReviewLine
    title: str
    word: str
    says: str


def lay_out(request: RightsRequest, *, by: Actor) -> Sequence[Looked]:
    """Every line that has to be looked at, as things stand now; that they were read is noted."""
    handles(request, by)
    if request.stage is not Stage.CHECKED:
        return []
    kept = collect(request.person_id)
    known = {line.place: line for line in request.lines}
    found = list(_concerns(kept))
    for place, concern, *_said in found:
        if place not in known:
            known[place] = ReviewLine(request=request, place=place, concern=concern)
            db.session.add(known[place])
    db.session.flush()
    audit.looked(
        by,
        about=f"{request.about}",
        classes=[Field.IDENTITY, Field.NEEDS, Field.RESTRICTED],
    )
    return [Looked(known[place], *said) for place, _concern, *said in found]


def look_at(line: ReviewLine, *, by: Actor) -> Looked:
    """One line, and what it says now; NotFound when it is there no more."""
    found = (each for each in lay_out(line.request, by=by) if each.line is line)
    one = next(found, None)
    if one is None:
        raise NotFound
    return one


def decide(line: ReviewLine, verdict: Handing, reason: str, *, by: Actor) -> None:
    """Give it, or hold it back and say why."""
    request = line.request
    handles(request, by)
    if request.stage is not Stage.CHECKED:
        raise Refused(_("The copy has been made already."))
    needs_reason = verdict is not Handing.GIVE or line.concern is Concern.RESTRICTED
    if needs_reason and not reason.strip():
        raise Refused(_("Say why, and whom you asked."))
    if verdict is Handing.HOLD_HARM and line.concern is not Concern.RESTRICTED:
        raise Refused(_("What others said is held back because it is about them."))
    line.verdict, line.reason = verdict, reason.strip()
    line.decided_by_name, line.decided_at = by.name, clock.now()
    db.session.flush()
    audit.record(
        by,
        "line of a copy decided",
        about=request.about,
        verdict=verdict,
        concern=line.concern,
    )


def line_of(request: RightsRequest, line_id: object) -> ReviewLine:
    """A line of this request; NotFound else."""
    found = next((line for line in request.lines if line.id == line_id), None)
    if found is None:
        raise NotFound
    return found


def concerns_of(kept: Sequence[Kept]) -> dict[str, Concern]:
    """Why which places have to be looked at."""
    return {place: concern for place, concern, *_said in _concerns(kept)}


def _concerns(kept: Sequence[Kept]) -> Iterator[tuple[str, Concern, str, str, str]]:
    own = _own_names(kept)
    for row in kept:
        for column, value in row.facts.items():
            concern = _concern(row, column, value, own)
            if concern is not None:
                said = (row.sort.title, row.word(column), as_words(value))
                yield row.place(column), concern, *said


def _concern(row: Kept, column: str, value: object, own: frozenset[str]) -> Concern | None:
    if row.sort.field_class is Field.RESTRICTED and isinstance(value, str):
        if column in row.sort.other_people:
            return Concern.SOMEBODY_ELSE
        return Concern.RESTRICTED if column not in {"by", "by_name"} else None
    if column in row.sort.other_people:
        return Concern.SOMEBODY_ELSE
    if column in row.sort.free and _names_somebody(as_words(value), own):
        return Concern.SOMEBODY_ELSE
    return None


def _names_somebody(words: str, own: frozenset[str]) -> bool:
    if RELATIVES.search(words) or WAYS.search(words):
        return True
    return any(name not in NOBODY and name.lower() not in own for name in NAME.findall(words))


def _own_names(kept: Sequence[Kept]) -> frozenset[str]:
    said = next((row.facts for row in kept if row.table == "person"), {})
    names = f"{said.get('name', '')} {said.get('preferred_name', '')}"
    return frozenset(names.lower().split())
