"""What came of those sent somewhere: counted right, drawn towards its kind, telling of nobody."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from accounts import Role, User
from core import clock
from core.db import db
from core.disclosure import FEWEST, could_be, rounded
from core.saving import saving
from directory import Service
from referrals import evidence
from referrals.evidence import Evidence, TooFew
from referrals.evidence.counting import LONG_ENOUGH, Went, how_moved, who_went
from referrals.evidence.shrinking import Changes, Shares
from referrals.measures import ONS4
from referrals.models import Attendance, Referral, Told
from referrals.outcomes import record_measure
from referrals.pathway import act
from referrals.rules import Action, Came, Point, Status
from tests.builders import a_user
from tests.client import Client
from tests.engines import on_sqlite
from tests.referral_builders import (
    a_clinician,
    a_link_worker,
    a_practice,
    a_practice_admin,
    a_referral,
    a_service,
    a_team,
    a_visit,
    an_onward,
    owner_of,
)

LONG_AGO = datetime(2026, 1, 12, 10, tzinfo=UTC)
QUESTIONS = [question.key for question in ONS4.questions]
FULL_DAYS = (0, 7, 14)


def attend(onward: Referral, *days: int, came: Came = Came.CAME) -> None:
    """Somebody was, or was not, there on these days after today."""
    for day in days:
        db.session.add(
            Attendance(
                service_id=onward.service_id,
                referral_id=onward.id,
                on=clock.today() + timedelta(days=day),
                came=came,
                by="system:test",
                by_name="Test",
                how=Told.REGISTER,
                at=clock.now(),
            )
        )
    db.session.flush()


def send(service: Service, count: int, *days: int) -> list[Referral]:
    """So many people sent there long ago, who came on these days after that."""
    with clock.set_to(LONG_AGO), saving():
        team = a_team()
        gp, worker = a_clinician(a_practice(team)), a_link_worker(team)
        parents = [
            a_referral(Status.IN_PROGRESS, referrer=gp, link_worker=worker) for _ in range(count)
        ]
        sent = [an_onward(Status.ACCEPTED, parent=each, service=service) for each in parents]
        for onward in sent:
            attend(onward, *days)
    return sent


def answer(sent: list[Referral], before: int, after: int) -> None:
    """They answered twice, the same to every question."""
    with clock.set_to(LONG_AGO), saving():
        for onward in sent:
            for point, said in ((Point.BEFORE, before), (Point.AFTER, after)):
                told = dict.fromkeys(QUESTIONS, said)
                parent = onward.parent
                assert parent
                by = owner_of(parent)
                record_measure(parent, point, told, taken_on=clock.today(), by=by)


@pytest.mark.usefixtures("app")
def test_each_person_is_counted_once_by_the_days_they_came() -> None:
    service = a_service()
    with clock.set_to(LONG_AGO), saving():
        often, once, never, unsure, both, wrong = (
            an_onward(Status.ACCEPTED, service=service) for _ in range(6)
        )
        attend(often, *FULL_DAYS)
        attend(once, 0)
        attend(never, 0, came=Came.DID_NOT_COME)
        attend(unsure, 0, came=Came.NOT_KNOWN)
        a_visit(both, came=Came.CAME)
        attend(both, 7)
        attend(wrong, *FULL_DAYS)
        assert wrong.parent
        act(wrong, Action.MARK_ERROR, by=owner_of(wrong.parent), note="The wrong group.")
    an_onward(service=service)
    assert who_went() == {service.id: Went(referred=5, started=3, often=1, not_known=1)}


@pytest.mark.usefixtures("app")
def test_somebody_sent_lately_is_not_counted_yet() -> None:
    service = a_service()
    an_onward(service=service)
    assert who_went() == {}
    with clock.set_to(clock.now() + LONG_ENOUGH + timedelta(days=1)):
        assert who_went()[service.id].referred == 1


@pytest.mark.usefixtures("app")
def test_only_those_who_answered_both_times_are_compared_and_less_worry_is_better() -> None:
    service = a_service()
    first, second = send(service, 2, 0)
    answer([first], 3, 5)
    with clock.set_to(LONG_AGO), saving():
        assert second.parent
        only = {QUESTIONS[0]: 4}
        by = owner_of(second.parent)
        record_measure(second.parent, Point.BEFORE, only, taken_on=clock.today(), by=by)
    gains = {"life_satisfaction": [2], "worthwhile": [2], "happiness": [2], "anxiety": [-2]}
    assert how_moved() == {service.id: gains}


@pytest.mark.usefixtures("app")
def test_of_nine_people_nothing_is_said_and_of_ten_it_is() -> None:
    service = a_service()
    send(service, 9, 0)
    evidence.make_up()
    assert evidence.of(service) == TooFew(10)
    send(service, 1, 0)
    evidence.make_up()
    found = evidence.of(service)
    assert isinstance(found, Evidence)
    assert found.few, "ten are too few to draw conclusions"


@pytest.mark.usefixtures("app")
def test_figures_are_rounded_and_say_how_many_did_not_answer() -> None:
    service = a_service()
    came = send(service, 12, *FULL_DAYS)
    send(service, 9)
    answer(came, 4, 6)
    evidence.make_up()
    found = evidence.of(service)
    assert isinstance(found, Evidence)
    assert (found.referred, found.known, found.not_known) == (20, 20, None)
    assert (found.started.did, found.often.did) == (10, 10)
    low, high = found.started.low, found.started.high
    assert low is not None
    assert high is not None
    assert low < 100 * 12 / 21 < high
    by_question = {change.question.key: change for change in found.changes}
    happy, worried = by_question["happiness"], by_question["anxiety"]
    assert (happy.twice, happy.missing) == (10, 10)
    assert happy.guess == -worried.guess == 2.0


@pytest.mark.usefixtures("app")
def test_a_figure_changes_only_when_eight_more_people_are_behind_it() -> None:
    service = a_service()
    send(service, 12, 0)
    evidence.make_up()
    before = evidence.of(service)
    for _ in range(FEWEST - 1):
        send(service, 1)
        assert evidence.make_up() == 0
        assert evidence.of(service) == before
    send(service, 1)
    assert evidence.make_up() == 1
    assert evidence.of(service) != before


@given(st.integers(0, 5000))
def test_no_count_under_the_limit_can_be_told_from_what_is_shown(count: int) -> None:
    possible = could_be(rounded(count))
    assert count in possible
    assert len([each for each in possible if each < FEWEST]) in (0, FEWEST)


@given(st.data())
def test_a_share_lies_within_its_interval_and_few_lean_on_their_kind_more(
    data: st.DataObject,
) -> None:
    did = data.draw(st.integers(80, 95))
    kind = Shares([100] * 12 + [10, 100], [30] * 12 + [did // 10, did])
    few, many = (kind.share(number, of, did_) for number, of, did_ in _shown(did))
    for each in (few, many):
        assert 0 <= each.low <= each.guess <= each.high <= 1
    assert abs(few.guess - 0.3) < abs(many.guess - 0.3)
    assert few.high - few.low > many.high - many.low


def _shown(did: int) -> list[tuple[int, int, int]]:
    few, many = rounded(did // 10), rounded(did)
    return [(12, 10, few or 0), (13, 100, many or 0)]


def test_a_change_leans_on_its_kind_by_the_share_worked_out_by_hand() -> None:
    """With many alike the spread is near nothing, so a far one of ten is drawn to the middle."""
    kind = Changes([400] * 30 + [10], [1.0] * 30 + [3.0], variance=4.0)
    found = kind.change(30)
    assert 1.0 < found.guess < 1.6
    alone = Changes([100], [1.0], variance=4.0).change(0)
    assert alone.guess == pytest.approx(1.0, abs=0.01)
    assert alone.high - alone.low == pytest.approx(2 * 1.96 * 2 / 10, abs=0.01)


SEES: Mapping[str, bool] = {"clinician": True, "link worker": True, "administrator": False}


@on_sqlite
@pytest.mark.parametrize(("who", "sees"), [*SEES.items(), ("organiser", False), ("nobody", False)])
def test_evidence_is_for_those_who_choose_with_somebody(
    app: Flask, client: Client, who: str, sees: bool
) -> None:
    service = a_service()
    send(service, 12, 0)
    evidence.make_up()
    users: dict[str, Callable[[], User]] = {
        "clinician": a_clinician,
        "link worker": a_link_worker,
        "administrator": lambda: a_practice_admin(a_practice()),
        "organiser": lambda: a_user(service.organisation, Role.ORGANISER),
    }
    there = client.as_(users[who]()) if who in users else client
    page = there.get(f"/activities/{service.slug}").text
    assert ("What came of it so far" in page) is sees
    assert ("Before and after is not proof" in page) is sees


@on_sqlite
def test_an_activity_nobody_was_sent_to_says_too_few_to_tell(client: Client) -> None:
    page = client.as_(a_clinician()).get(f"/activities/{a_service().slug}").text
    assert "Too few to tell" in page
