"""A group says yes and says who came, by link and by text message, and nobody there signs in."""

import hashlib
import hmac
import json
import re
import uuid
from datetime import timedelta
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import select

from core import clock
from core.db import db
from core.outbox import Letter
from directory import Service, next_sessions
from referrals.groups.inbox import take_one
from referrals.groups.weeks import ask_who_came
from referrals.models import Attendance, GroupWeek, Referral, Told
from referrals.rules import Came, Status
from referrals.web.inbound import SIGNATURE
from tests.browser.desks import Browse, Group
from tests.browser.live import MONDAY, Live

A_WEEK = timedelta(days=7)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_group_says_yes_and_reports_without_a_login(
    browse: Browse, live: Live, script: bool
) -> None:
    group = Group(browse, live, script=script)
    onward, path = _asked(live)

    # Given that a group was asked for somebody and says yes in two taps: the link, and the button
    group.opens(path)
    group.says_yes()

    # When the week is over it is sent one letter, and opens it
    live.move_to(MONDAY + A_WEEK)
    group.opens(_weekly(live, onward))
    group.is_at("Who came?")
    group.presses("Everybody came")
    group.sees("Thank you.")
    assert _said(live, onward) == {Told.LETTER}

    # and the week after it answers by text message or e-mail
    live.move_to(MONDAY + 2 * A_WEEK)
    _weekly(live, onward)
    _texts(live, onward, "all came, thanks")
    assert _said(live, onward) == {Told.LETTER, Told.TEXT}


def _asked(live: Live) -> tuple[uuid.UUID, str]:
    """Somebody whose group has not answered yet and meets every week, and its letter's path."""
    with live.app.app_context(), clock.set_to(MONDAY):
        for onward in db.session.scalars(select(Referral).where(Referral.status == Status.SENT)):
            letter = db.session.scalar(
                select(Letter).where(Letter.about == onward.about, Letter.kind == "group-asked")
            )
            if letter is not None and onward.service is not None and _meets(onward.service):
                return onward.id, _path(letter)
    raise LookupError("the demo has a group that has not answered")


def _meets(service: Service) -> bool:
    coming = next_sessions(service, after=MONDAY, count=1)
    return bool(coming) and coming[0].on < (MONDAY + A_WEEK).date()


def _weekly(live: Live, onward_id: uuid.UUID) -> str:
    """Have the letters of the week written; the path in that to this person's group."""
    with live.app.app_context(), clock.set_to(live.now()):
        ask_who_came()
        group = db.session.get_one(Referral, onward_id).to_organisation_id
        week = select(GroupWeek).where(GroupWeek.organisation_id == group)
        newest = db.session.scalars(week.order_by(GroupWeek.monday.desc())).first()
        assert newest is not None
        return _path(db.session.scalars(select(Letter).where(Letter.about == newest.about)).one())


def _texts(live: Live, onward_id: uuid.UUID, words: str) -> None:
    """The group's answer from its own telephone, as the provider of text messages delivers it."""
    with live.app.app_context():
        service = db.session.get_one(Referral, onward_id).service
        assert service is not None
        sender = service.phones[0].number
    body = json.dumps({"id": words, "from": sender, "text": words}).encode()
    signed = hmac.new(live.settings.inbound_secret.encode(), body, hashlib.sha256).hexdigest()
    post = Request(f"{live.address}/inbound/text", body, {SIGNATURE: signed})
    post.add_header("Content-Type", "application/json")
    with urlopen(post) as answer:
        assert answer.status == 204
    with live.app.app_context(), clock.set_to(live.now()):
        while take_one():
            pass


def _said(live: Live, onward_id: uuid.UUID) -> set[Told]:
    """Which ways it was said that they came."""
    with live.app.app_context():
        found = select(Attendance.how).where(
            Attendance.referral_id == onward_id, Attendance.came == Came.CAME
        )
        return set(db.session.scalars(found))


def _path(letter: Letter) -> str:
    found = re.search(r"/g/\S+", letter.body)
    assert found is not None
    return found.group()
