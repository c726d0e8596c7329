"""Referrals: the first visit to a group: planned with care, answered honestly, and told on."""

from datetime import date, time, timedelta
from enum import StrEnum

from sqlalchemy import select

from core import audit, clock, outbox
from core.actors import Actor, Kind
from core.db import db, hold
from core.errors import Forbidden, Refused
from core.outbox import Draft
from directory import people_came
from referrals import letters
from referrals.group_keys import LASTS, send_key
from referrals.groups.attendance import write_down
from referrals.models import FirstVisit, Kept, Referral, Told
from referrals.pathway import act
from referrals.rules import NOT_YOURS, UNDER_WAY, Action, Came, Part, Status
from referrals.sight import parts_of


class Became(StrEnum):
    """What became of a first visit, as people read it."""

    TO_COME = "to-come"
    CAME = "came"
    REPLANNED = "replanned"
    MISSED = "missed"
    NOT_KNOWN = "not-known"
    CALLED_OFF = "called-off"


BECAME = {
    Came.PLANNED: Became.TO_COME,
    Came.CAME: Became.CAME,
    Came.DID_NOT_COME: Became.MISSED,
    Came.NOT_KNOWN: Became.NOT_KNOWN,
    Came.CALLED_OFF: Became.CALLED_OFF,
}
MAY_BE_PLANNED_ANEW = frozenset({Came.DID_NOT_COME, Came.CALLED_OFF})
NOT_BEGUN = frozenset({Status.ACCEPTED, Status.CONTACTING})


def plan_visit(
    onward: Referral,
    *,
    session_on: date,
    starts_at: time | None,
    getting_there: str,
    met_by: str,
    cost: str,
    bring: str,
    going_with: str = "",
    worry: str = "",
    by: Actor,
) -> FirstVisit:
    """Plan which session, how they get there and who meets them; a new plan replaces one to come.

    The group is written to with a key that opens until a month after the session.
    """
    _open_for(onward, by, Part.REFERRER)
    if onward.sent_at is None or session_on < clock.local_date(onward.sent_at):
        raise Refused("A visit cannot be before the day the group was asked.")
    earlier = visit_of(onward)
    if earlier is not None and earlier.came is Came.PLANNED:
        if earlier.session_on < clock.today():
            raise Refused("Say first whether the person came to the visit you planned.")
        _answer(earlier, Came.CALLED_OFF, by=by)
    visit = FirstVisit(
        session_on=session_on,
        starts_at=starts_at,
        getting_there=getting_there.strip(),
        met_by=met_by.strip(),
        cost=cost.strip(),
        bring=bring.strip(),
        going_with=going_with.strip(),
        worry=worry.strip(),
        made_at=clock.now(),
    )
    onward.visits.append(visit)
    db.session.flush()
    audit.record(by, "visit planned", about=onward.about, session_on=session_on.isoformat())
    lasts = timedelta(days=max((session_on - clock.today()).days, 0)) + LASTS
    send_key(onward, letters.GROUP_VISIT, occasion=f"visit:{visit.id}", lasts=lasts, by=by)
    return visit


def record_visit(visit: FirstVisit, came: Came, *, how: Told | None = None, by: Actor) -> None:
    """Say what became of a visit; it can be put right while the referral is open.

    The first time that somebody came anywhere, the referring clinician hears of it, once.
    """
    onward = visit.referral
    _open_for(onward, by, Part.RECEIVER)
    if came is Came.PLANNED:
        raise Refused("Say whether the person came.")
    if visit.session_on > clock.today() and came is not Came.CALLED_OFF:
        raise Refused(f"The visit is on {letters.day_of(visit.session_on)}: it is still to come.")
    if visit.came is came:
        return
    _answer(visit, came, by=by)
    how = how or (Told.LINK if by.kind is Kind.LINK else Told.LINK_WORKER)
    write_down(onward, visit.session_on, came, how=how, by=by)
    _post(letters.visit_answered(visit, by=by))
    if came is Came.CAME:
        if onward.service_id is not None:
            people_came(onward.service_id, visit.session_on)
        _post(letters.first_attended(onward.parent or onward))
        if onward.status in NOT_BEGUN:
            act(onward, Action.BEGIN, by=by)


def became_of(visit: FirstVisit) -> Became:
    """What became of a visit. One that another was planned after is not a failure but a change."""
    if visit.came in MAY_BE_PLANNED_ANEW:
        later = (each for each in visit.referral.visits if each.made_at > visit.made_at)
        if any(later):
            return Became.REPLANNED
    return BECAME[visit.came]


def visit_of(onward: Referral) -> FirstVisit | None:
    """The visit planned last, if any was."""
    return db.session.scalar(
        select(FirstVisit)
        .where(FirstVisit.referral_id == onward.id)
        .order_by(FirstVisit.made_at.desc(), FirstVisit.session_on.desc())
        .limit(1)
    )


def _open_for(onward: Referral, by: Actor, part: Part) -> None:
    """Hold the whole way, so that it is not closed meanwhile, and see that this may be done."""
    hold(onward.parent or onward)
    if not onward.is_onward or part not in parts_of(by, onward):
        raise Forbidden(NOT_YOURS.reason)
    if onward.status not in UNDER_WAY:
        raise Refused("Visits can be planned and answered once the group has said yes.")


def _answer(visit: FirstVisit, came: Came, *, by: Actor) -> None:
    visit.came = came
    visit.answered_by = by.ref
    visit.answered_by_name = by.name
    visit.answered_at = clock.now()
    outbox.cancel(visit.about)  # a reminder of what is over, or off, is not sent
    if came is Came.CALLED_OFF and visit.pledge is not None and visit.pledge.kept is Kept.TO_COME:
        visit.pledge.kept, visit.pledge.said_at = Kept.CHANGED, clock.now()
    db.session.flush()
    audit.record(by, "visit answered", about=visit.referral.about, came=came)


def _post(draft: Draft | None) -> None:
    if draft is not None:
        outbox.put(draft)
