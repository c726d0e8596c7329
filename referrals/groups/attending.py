"""Referrals, groups: to say that somebody came or did not, whichever way the word reaches us."""

from datetime import date

from core import clock, outbox
from core.actors import Actor, system
from core.db import hold
from core.errors import Forbidden, Refused
from core.languages import _
from core.working_days import working_days_after
from directory import people_came
from referrals import letters
from referrals.day import tasks
from referrals.groups.attendance import SAID, missed_in_a_row, write_down
from referrals.models import FirstVisit, Referral, TaskKind, Told
from referrals.pathway import act
from referrals.rules import NOT_YOURS, UNDER_WAY, Action, Came, Part
from referrals.sight import parts_of
from referrals.visits import NOT_BEGUN, record_visit

MISSED_TOO_OFTEN = 2


def mark(onward: Referral, on: date, came: Came, *, how: Told, by: Actor) -> None:
    """Note what is known of somebody on a day; it can be put right while they go there.

    The first time they came anywhere the referring clinician hears of it; when they have stayed
    away twice, the link worker is asked to ring.
    """
    hold(onward.parent or onward)
    _check(onward, on, came, by=by)
    visit = _visit_on(onward, on)
    if visit is not None:
        record_visit(visit, came, how=how, by=by)
    if not write_down(onward, on, came, how=how, by=by) and visit is None:
        return
    if came is Came.CAME and visit is None:
        _came(onward, on, by=by)
    elif came is Came.DID_NOT_COME:
        _missed(onward)


def _check(onward: Referral, on: date, came: Came, *, by: Actor) -> None:
    if not onward.is_onward or Part.RECEIVER not in parts_of(by, onward):
        raise Forbidden(NOT_YOURS.reason)
    if onward.status not in UNDER_WAY:
        raise Refused(_("They do not go there any more, so nothing need be said."))
    if came not in SAID:
        raise Refused(_("Say whether the person came."))
    asked = clock.local_date(onward.sent_at or onward.created_at)
    if not asked <= on <= clock.today():
        raise Refused(_("Nothing can be said of %(day)s.", day=letters.day_of(on)))


def _came(onward: Referral, on: date, *, by: Actor) -> None:
    if onward.service_id is not None:
        people_came(onward.service_id, on)
    first = letters.first_attended(onward.parent or onward)
    if first is not None:
        outbox.put(first)
    if onward.status in NOT_BEGUN:
        act(onward, Action.BEGIN, by=by)


def _missed(onward: Referral) -> None:
    if missed_in_a_row(onward) < MISSED_TOO_OFTEN or onward.service is None:
        return
    words = _("Ask how they are: they stayed away twice from %(name)s.", name=onward.service.name)
    due = working_days_after(clock.today(), 1)
    tasks.add(onward, words, due, kind=TaskKind.CALL, by=system("attendance"))


def _visit_on(onward: Referral, on: date) -> FirstVisit | None:
    standing = (visit for visit in onward.visits if visit.came is not Came.CALLED_OFF)
    return next((visit for visit in standing if visit.session_on == on), None)
