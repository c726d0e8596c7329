"""The demo's surgeries: slips handed over, tips for colleagues, a note, codes in the record."""

from datetime import date, timedelta
from itertools import cycle

from sqlalchemy import select

from accounts import actor_for
from core import clock
from core.actors import system
from core.db import db
from demo.days import A_DAY
from demo.story import World
from referrals import slips
from referrals.models import Referral
from referrals.notes import add_note
from referrals.peers import show_tip, write_tip
from referrals.record import take
from referrals.rules import OPEN, UNDER_WAY

DEMO = system("demo")
GP, EDITOR = "gp", "editor"
CLINICIANS = ("gp", "second-gp", "nurse", "gp", "limehouse-gp")
HANDED_OVER = ("knit-and-natter-bruce-road", "devons-road-singers-tuesday", "sweet-enough-kitchen")
SLIPS, EVERY = 24, 4
LOOKED_UP, TURNED, TICKED = 2, 6, 4
"""Of so many slips one was looked up, one became a request for help, one was shown at the group."""

TIPS = {
    "second-gp": "Say that somebody meets them at the door. That is what makes people go.",
    "nurse": "Good for people who do not like to talk about themselves. Hands are busy.",
}
NOTE = "They have a new hearing aid. Please ring, texts are hard to read just now."


def fill(world: World) -> None:
    """What clinicians did besides referring."""
    _hand_over(world)
    _write_tips(world)
    _add_to_records(world)


def _hand_over(world: World) -> None:
    now, services = clock.now(), cycle(HANDED_OVER)
    for number, key in zip(range(SLIPS), cycle(CLINICIANS), strict=False):
        with clock.set_to(now - (1 + number * EVERY) * A_DAY):
            slip = slips.hand_over(world.service(next(services)), by=actor_for(world.users[key]))
        slip.looked_up_on = _later(slip.made_on, 0) if number % LOOKED_UP == 0 else None
        slip.turned_on = _later(slip.made_on, 1) if number % TURNED == 0 else None
        slip.ticked_on = _later(slip.made_on, 5) if number % TICKED == 2 else None


def _later(day: date, by: int) -> date | None:
    """A day not to come."""
    return min(day + timedelta(days=by), clock.today())


def _write_tips(world: World) -> None:
    service, editor = world.service(HANDED_OVER[0]), actor_for(world.users[EDITOR])
    for key, words in TIPS.items():
        show_tip(write_tip(service, words, by=actor_for(world.users[key])), by=editor)


def _add_to_records(world: World) -> None:
    """The codes of all but the newest are in the record; about one there was more to say."""
    doctor = world.users[GP]
    mine = select(Referral).where(
        Referral.referrer_id == doctor.id,
        Referral.parent_id.is_(None),
        Referral.status.in_(OPEN),
    )
    found = db.session.scalars(mine.order_by(Referral.sent_at.desc())).all()
    for referral in found[1:]:
        with clock.set_to(referral.sent_at or clock.now()):
            take(referral, by=actor_for(doctor))
    told = next((each for each in found if each.status in UNDER_WAY), None)
    if told is not None:
        with clock.set_to(clock.now() - A_DAY):
            add_note(told, NOTE, by=actor_for(doctor))
