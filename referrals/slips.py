"""Referrals: slips: an activity handed over without a referral, by a code that stands for nobody.

Slips are counted, people are not: nothing here says who was given one, or by whom. Whoever holds
the code can look the activity up and refer themselves; the group can tick that a slip was shown.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, func, select

from accounts import May, get_organisation
from core import audit, clock, work
from core.actors import Actor
from core.db import change_rows, db, hold
from core.errors import BadInput, Forbidden, NotFound
from core.languages import _
from core.saving import saving
from directory import Service
from referrals.models import Slip, WrongCode

MARKS = "23456789BCDFGHJKMNPQRSTVWXYZ"
"""Nothing that looks or sounds like something else, and no vowels to make words of."""

LENGTH = 8
"""So many marks that, with the limit on wrong tries, none is found by trying."""

READ_AS = str.maketrans("OIL", "QJJ")
"""Never printed. An O was a Q, an I or an L was a J."""

GOOD_FOR = timedelta(days=183)
WINDOW = timedelta(minutes=15)
MOST_WRONG = 20


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of a practice's slips. Each may be in more than one of the last three."""

    handed_over: int
    looked_up: int
    turned: int
    ticked: int


def init_app() -> None:
    """Have wrong tries forgotten."""
    work.chore("forget wrong codes", timedelta(hours=1), forget_wrong_codes)


def hand_over(service: Service, *, by: Actor) -> Slip:
    """A new slip for this activity, from the actor's practice."""
    practices = by.where(May.REFER)
    if len(practices) != 1:
        raise Forbidden("Only somebody who works for one practice can hand over a slip.")
    slip = Slip(
        code=_new_code(),
        service=service,
        practice=get_organisation(next(iter(practices))),
        made_on=clock.today(),
    )
    db.session.add(slip)
    db.session.flush()
    # Who handed it over stays out: it would say who sat in whose surgery on that day.
    return slip


def find(code: str) -> Slip | None:
    """The slip with this code, however it was typed; None for none, or one too old."""
    good = Slip.made_on >= clock.today() - GOOD_FOR
    return db.session.scalar(select(Slip).where(Slip.code == tidy(code), good))


def looked_up(slip: Slip) -> None:
    """Somebody has opened the slip's page; counted once, however many open it at once."""
    hold(slip)
    slip.looked_up_on = slip.looked_up_on or clock.today()


def turned(slip: Slip) -> None:
    """Somebody has referred themselves with it; counted once, for nobody is sent away."""
    hold(slip)
    slip.turned_on = slip.turned_on or clock.today()


def tick(code: str, services: Collection[Service], *, by: Actor) -> Slip:
    """The group has been shown this slip; NotFound when it is for somebody else's activity."""
    slip = find(code)
    if slip is None or slip.service_id not in {service.id for service in services}:
        raise NotFound
    hold(slip)
    if slip.ticked_on is None:
        slip.ticked_on = clock.today()
        audit.record(by, "slip ticked", about=f"slip:{slip.id}")
    return slip


def count(actor: Actor, *, since: date) -> Counted:
    """What became of the slips that the actor's practice has handed over since a day."""
    mine = Slip.practice_id.in_(actor.where(May.SEE_PRACTICE_REFERRALS)), Slip.made_on >= since
    columns = (Slip.id, Slip.looked_up_on, Slip.turned_on, Slip.ticked_on)
    counted = select(*(func.count(column) for column in columns)).where(*mine)
    found = db.session.execute(counted).one()
    return Counted(found[0], found[1], found[2], found[3])


def written(code: str) -> str:
    """A code as it is printed: two groups of four."""
    return f"{code[:4]}-{code[4:]}"


def tidy(code: str) -> str:
    """A code as it was meant, however it was typed."""
    marks = (mark for mark in code.upper().translate(READ_AS) if mark.isalnum())
    return "".join(marks)[: LENGTH + 1]


def refuse_guessing(who: str) -> None:
    """BadInput when this visitor has tried more wrong codes than somebody who mistypes."""
    lately = WrongCode.who == who, WrongCode.at > clock.now() - WINDOW
    tried = db.session.scalar(select(func.count()).select_from(WrongCode).where(*lately)) or 0
    if tried >= MOST_WRONG:
        raise BadInput(_("Too many wrong codes. Wait 15 minutes, or ring us."), 429)


def note_wrong(who: str) -> None:
    """Count a wrong code; what was typed is not kept."""
    db.session.add(WrongCode(who=who, at=clock.now()))


def forget_wrong_codes() -> int:
    """Drop the wrong tries that matter no longer; returns how many."""
    with saving():
        return change_rows(delete(WrongCode).where(WrongCode.at < clock.now() - WINDOW))


def _new_code() -> str:
    while True:
        code = "".join(secrets.choice(MARKS) for _mark in range(LENGTH))
        if db.session.scalar(select(Slip.id).where(Slip.code == code)) is None:
            return code
