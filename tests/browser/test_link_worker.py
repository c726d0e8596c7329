"""A link worker brings somebody from the queue of the new to their first visit."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from accounts import User
from core import clock
from core.db import db
from referrals.models import Referral
from referrals.rules import Status
from tests.browser.desks import Browse, Group, LinkWorker
from tests.browser.live import EMAILS, MONDAY, Live

ACTIVITY = "Knit and natter"
WORRY, PLEDGE = "Walking in alone", "After breakfast I will take the bus with Jean."


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_link_worker_brings_somebody_new_to_their_first_visit(
    browse: Browse, live: Live, script: bool
) -> None:
    amina, group = (
        LinkWorker(browse, live, script=script),
        Group(browse, live, script=script),
    )
    name = somebody_new(live)

    # Given somebody new, whom she takes on and reaches at the second try
    amina.signs_in()
    amina.finds_new(name)
    amina.accepts()
    amina.tries_in_vain()
    amina.logs_a_call("Would like company. The bus is hard.")

    # When she finds help with what stands in the way, and a group that says yes
    amina.says_what_helps("Getting there", "A lift with the minibus")
    amina.opens_person(name)
    amina.sees("A lift with the minibus")
    amina.states_no_risks()
    amina.opens_person(name)
    amina.asks_group("knit", ACTIVITY, "Please look out for them at the door.")
    group.opens_newest_letter()
    group.says_yes()

    # and plans the first visit with them, in their own words
    amina.opens_person(name)
    visit_on = amina.plans_first_visit(worry=WORRY, pledge=PLEDGE, witness="Jean")
    amina.sees(PLEDGE)
    amina.sees("Jean knows of this plan.")
    group.page.reload()
    group.does_not_see(WORRY)
    group.does_not_see(PLEDGE)

    # Then the day after she is asked whether they came, and says so in one press
    live.move_to(morning_after(visit_on))
    amina.signs_in()
    amina.opens("/today")
    place = amina.page.get_by_role("region", name="Did they come?")
    amina.presses(name, within=place)
    place = amina.page.get_by_role("region", name="What became of a visit")
    place.get_by_role("button", name="They came").click()
    amina.looks_around()
    amina.sees("They came")
    assert stands(live, name) == {Status.IN_PROGRESS}


def somebody_new(live: Live) -> str:
    """Somebody of Amina's team whom nobody has taken on."""
    with live.app.app_context(), clock.set_to(MONDAY):
        worker = db.session.scalars(select(User).where(User.email == EMAILS["link-worker"])).one()
        teams = [each.organisation_id for each in worker.memberships]
        new = select(Referral).where(
            Referral.to_organisation_id.in_(teams),
            Referral.parent_id.is_(None),
            Referral.status == Status.SENT,
        )
        found = db.session.scalars(new.order_by(Referral.sent_at, Referral.ref)).first()
        assert found is not None
        return found.person.name


def stands(live: Live, name: str) -> set[Status]:
    """Where somebody's referrals stand, the one to the team and those on to groups."""
    with live.app.app_context():
        every = db.session.scalars(select(Referral)).all()
        return {each.status for each in every if each.person.name == name}


def morning_after(day: str) -> datetime:
    """Half past nine on the day after."""
    return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(9, 30), tzinfo=UTC)
