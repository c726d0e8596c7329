"""Referrals, the person: which link-worker team looks after which postcodes."""

import re
import uuid
from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from accounts import May, Organisation
from core import audit
from core.actors import Actor
from core.db import db
from core.errors import Forbidden, Refused
from directory import format_postcode
from referrals.models import TeamArea
from referrals.rules import NOT_YOURS

BEGINNING = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?( [0-9])?")
"""An outward code, "HX7", or a sector, "HX7 8"."""


def team_for(postcode: str) -> Organisation | None:
    """The team that looks after a full postcode; None when it is unknown or nobody does."""
    whole = format_postcode(postcode)
    if whole is None:
        return None
    outward, _, inward = whole.partition(" ")
    found = select(TeamArea).where(TeamArea.begins.in_([outward, f"{outward} {inward[:1]}"]))
    areas = sorted(db.session.scalars(found), key=lambda area: len(area.begins))
    return areas[-1].team if areas else None


def beginnings_of(team_id: uuid.UUID) -> list[str]:
    """What the postcodes begin with that a team looks after."""
    found = select(TeamArea.begins).where(TeamArea.team_id == team_id)
    return sorted(db.session.scalars(found), key=_by_number)


def objection_to(typed: Iterable[str]) -> str:
    """Why these are not all beginnings of postcodes; "" when they are."""
    wrong = sorted(each for each in _tidy(typed) if not BEGINNING.fullmatch(each))
    return f"“{wrong[0][:10]}” is no beginning of a postcode, like HX7 or HX7 8" if wrong else ""


def look_after(team: Organisation, typed: Iterable[str], *, by: Actor) -> None:
    """Say what the postcodes begin with that this team looks after: these and no others."""
    if by.is_signed_in and team.id not in by.where(May.LEAD_TEAM):
        raise Forbidden(NOT_YOURS.reason)
    begins = _tidy(typed)
    if wrong := objection_to(begins):
        raise Refused(wrong)
    db.session.execute(delete(TeamArea).where(TeamArea.team_id == team.id))
    try:
        with db.session.begin_nested():
            db.session.add_all(TeamArea(team_id=team.id, begins=each) for each in sorted(begins))
    except IntegrityError:
        raise Refused("Another team looks after one of these already.") from None
    audit.record(by, "area noted", about=f"organisation:{team.id}", beginnings=len(begins))


def _tidy(typed: Iterable[str]) -> set[str]:
    return {" ".join(each.upper().split()) for each in typed if each.strip()}


def _by_number(begins: str) -> tuple[str, int, str]:
    """HX7 stands before HX12."""
    found = re.fullmatch(r"([A-Z]+)([0-9]+)(.*)", begins)
    return (found[1], int(found[2]), found[3]) if found else (begins, 0, "")
