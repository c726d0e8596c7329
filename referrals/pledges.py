"""Referrals: what somebody means to do to get to their first visit, and one reminder of it.

A pledge is in the person's own words. Nobody is told off: a plan that changes is a new plan, and
the reminder says only that there is a plan for tomorrow, as a stranger may read it on their phone.
"""

import re
from datetime import datetime, time, timedelta

from core import audit, clock, outbox, site
from core.actors import Actor
from core.db import db, hold
from core.errors import Forbidden, Refused
from core.outbox import Channel, Draft
from core.templating import on_the_clock
from referrals.models import FirstVisit, Kept, Person, Pledge
from referrals.person.telling import OwnLetter, address_of, can_be_told, safe_moment
from referrals.rules import NOT_YOURS, UNDER_WAY, Came, Part
from referrals.sight import parts_of

REMINDED_AT = time(10)
"""The hour in Britain: nobody is woken."""

CAN_BE_FOUND_BY = re.compile(r"[@\d]")
BY_TEXT = "Hello. You have a plan for tomorrow{at}. If it does not suit, that is fine: ring {team}."
SUBJECT = "A plan for tomorrow"


def pledge(visit: FirstVisit, words: str, *, witness: str = "", by: Actor) -> Pledge:
    """Write down what somebody means to do. The witness is a name or who they are, no more."""
    _open_for(visit, by)
    said, named = words.strip(), witness.strip()
    if not said:
        raise Refused("Write what they mean to do, in their own words.")
    if CAN_BE_FOUND_BY.search(named):
        raise Refused("Say the witness's name or who they are, and no number or address.")
    if visit.came is not Came.PLANNED:
        raise Refused("This visit is over. Plan another first.")
    made = visit.pledge or Pledge(visit=visit)
    made.words, made.witness = said, named
    made.by, made.by_name, made.at = by.ref, by.name, clock.now()
    db.session.add(made)
    db.session.flush()
    audit.record(by, "pledge noted", about=visit.referral.about)
    return made


def remind(made: Pledge, *, by: Actor) -> datetime | None:
    """Have a reminder sent the day before, by text or e-mail; None when it is too late for one."""
    visit = made.visit
    _open_for(visit, by)
    person = visit.referral.person
    way = address_of(person)
    if way is None:
        raise Refused("They have not chosen text or email, so ring them instead.")
    day_before = visit.session_on - timedelta(days=1)
    # The hour of the wall clock on that day, whichever side of a clock change it is.
    moment = safe_moment(person, datetime.combine(day_before, REMINDED_AT, tzinfo=clock.LONDON))
    if visit.came is not Came.PLANNED or moment <= clock.now():
        return None
    made.remind_at = moment
    outbox.put(_letter(visit, *way, moment))
    db.session.flush()
    return moment


def stop_reminder(made: Pledge, *, by: Actor) -> None:
    """They want no reminder: from now on none is sent."""
    _open_for(made.visit, by)
    outbox.cancel(made.visit.about)
    made.remind_at = None
    db.session.flush()
    audit.record(by, "reminder stopped", about=made.visit.referral.about)


def say_kept(made: Pledge, kept: Kept, *, by: Actor) -> None:
    """What became of it, as the person says. It can be put right."""
    _open_for(made.visit, by)
    if kept is Kept.TO_COME:
        raise Refused("Say what became of it.")
    if kept is not Kept.CHANGED and made.visit.session_on > clock.today():
        raise Refused("It is still to come.")
    made.kept, made.said_at = kept, clock.now()
    db.session.flush()
    audit.record(by, "pledge answered", about=made.visit.referral.about, kept=kept)


def can_remind(person: Person) -> bool:
    """Whether the one way they agreed to be reached by can carry a reminder."""
    return can_be_told(person)


def _letter(visit: FirstVisit, channel: Channel, address: str, moment: datetime) -> Draft:
    at = f" at {on_the_clock(visit.starts_at)}" if visit.starts_at else ""
    by_text = channel is Channel.SMS
    return Draft(
        kind=OwnLetter.REMINDER,
        about=visit.about,
        for_whom=visit.referral.person.about,
        same_as=f"{visit.about}:{clock.now().isoformat()}",
        to_address=address,
        subject="" if by_text else SUBJECT,
        body=BY_TEXT.format(at=at, team=visit.referral.from_organisation.name)
        + ("" if by_text else f"\n\n{site.name()}\n"),
        channel=channel,
        not_before=moment,
    )


def _open_for(visit: FirstVisit, by: Actor) -> None:
    onward = visit.referral
    hold(onward.parent or onward)
    if Part.REFERRER not in parts_of(by, onward):
        raise Forbidden(NOT_YOURS.reason)
    if onward.status not in UNDER_WAY:
        raise Refused("This referral has ended.")
