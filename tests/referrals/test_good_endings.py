"""Good endings: planned from the start, check-ins at three and six months, and a thank-you."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from core import clock, outbox
from core.errors import Forbidden, Refused
from core.saving import saving
from core.working_days import is_working_day
from referrals.day import tasks
from referrals.endings import TALK, check_ins_of, ending_of, plan_ending
from referrals.models import Referral, TaskKind
from referrals.pathway import act, take_back
from referrals.person import pages
from referrals.rules import Action, Came, ContactRoute, Status
from tests.client import Client
from tests.engines import on_sqlite
from tests.referral_builders import (
    a_link_worker,
    a_new_person,
    a_referral,
    a_visit,
    an_onward,
    as_actor,
    owner_of,
)
from tests.referrals.link_desk import in_parts
from tests.referrals.person_builders import a_private_page, opened

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


def worked_with(**facts: object) -> Referral:
    """Somebody who went to a group, so that the work together can be finished."""
    route = {"contact_route": ContactRoute.TEXT, "phone": "07700 900 222", **facts}
    referral = a_referral(Status.IN_PROGRESS, person=a_new_person(**route))
    a_visit(an_onward(Status.ACCEPTED, parent=referral), came=Came.CAME)
    return referral


def planned(referral: Referral, **changes: object) -> None:
    said: dict[str, object] = {
        "ends_on": clock.today() + timedelta(days=60),
        "looks_like": "I go by myself.",
    }
    with saving():
        plan_ending(referral, **(said | changes), by=owner_of(referral))  # type: ignore[arg-type]


def finish(referral: Referral) -> None:
    with saving():
        act(referral, Action.COMPLETE, by=owner_of(referral))


def test_finishing_lays_check_ins_on_working_days_three_and_six_months_on(app: Flask) -> None:
    with clock.set_to(NOON):
        referral = worked_with()
        planned(referral, gives_back="Show somebody where the kettle is")
        finish(referral)
        first, second = check_ins_of(referral)
    assert (first.due_on, second.due_on) == (date(2027, 2, 3), date(2027, 5, 4))
    assert is_working_day(second.due_on), "the 3rd of May 2027 is a bank holiday"
    assert "where the kettle is" in first.words
    assert first.kind is TaskKind.CHECK_IN
    with clock.set_to(NOON + timedelta(days=100)):
        assert first in tasks.open_for(owner_of(referral), until=clock.today())


def test_who_would_rather_not_be_asked_is_not(app: Flask) -> None:
    referral = worked_with()
    planned(referral, check_ins=False)
    finish(referral)
    assert check_ins_of(referral) == []


def test_who_planned_nothing_is_still_asked(app: Flask) -> None:
    referral = worked_with()
    finish(referral)
    assert len(check_ins_of(referral)) == 2


def test_finishing_taken_back_takes_back_the_check_ins_and_the_letter(app: Flask) -> None:
    referral = worked_with()
    planned(referral, letter=True)
    finish(referral)
    with saving():
        take_back(referral, by=owner_of(referral))
    assert check_ins_of(referral) == []
    assert [each for each in outbox.waiting() if each.kind == "good-ending"] == []


def test_the_letter_says_thank_you_and_nothing_of_what_it_was_about(app: Flask) -> None:
    with clock.set_to(NOON):
        referral = worked_with()
        planned(referral, letter=True, gives_back="Sing")
        finish(referral)
    (letter,) = [each for each in outbox.waiting() if each.kind == "good-ending"]
    assert letter.to_address == "07700 900 222"
    assert letter.next_try_at >= NOON + timedelta(minutes=30), "it waits while it can be undone"
    assert not {"Mavis", "Sing", "Lonely"} & set(letter.body.split())


def test_who_is_not_written_to_gets_it_by_post_from_their_link_worker(app: Flask) -> None:
    referral = worked_with(contact_route=ContactRoute.PHONE)
    planned(referral, letter=True)
    finish(referral)
    assert any("Post the letter" in task.words for task in check_ins_of(referral))


def test_the_talk_about_the_ending_moves_with_its_day(app: Flask) -> None:
    referral = worked_with()
    planned(referral)
    planned(referral, ends_on=clock.today() + timedelta(days=90))
    talks = [task for task in tasks.open_about(referral) if task.words == TALK]
    assert len(talks) == 1
    assert talks[0].due_on > clock.today() + timedelta(days=70)


def test_only_who_works_with_them_plans_their_ending_and_not_for_yesterday(app: Flask) -> None:
    referral = worked_with()
    with pytest.raises(Forbidden), saving():
        plan_ending(
            referral, ends_on=clock.today(), looks_like="Soon.", by=as_actor(a_link_worker())
        )
    with pytest.raises(Refused), saving():
        plan_ending(
            referral,
            ends_on=clock.today() - timedelta(days=1),
            looks_like="Soon.",
            by=owner_of(referral),
        )


def test_who_stops_after_the_end_is_left_in_peace(app: Flask) -> None:
    referral = worked_with()
    finish(referral)
    page, token = a_private_page(referral)
    by = pages.inside(page, opened(page, token))
    assert by is not None
    with saving():
        pages.stop_sharing(page, by=by)
    assert check_ins_of(referral) == []


@on_sqlite
def test_an_ending_is_planned_at_the_desk_and_read_on_the_page_of_their_own(
    app: Flask, client: Client
) -> None:
    referral = worked_with()
    assert referral.owner is not None
    desk = client.as_(referral.owner)
    path = f"/caseload/{referral.id}/ending"
    said = {"looks_like": "I go by myself.", "step_down": "", "check_ins": "y", "gives_back": ""}
    day = in_parts("ends_on", clock.today() + timedelta(days=60))
    assert desk.fill(path, {**said, **day}).status_code == 303
    assert "I go by myself." in desk.get(f"/caseload/{referral.id}").text
    assert ending_of(referral) is not None
    _page, token = a_private_page(referral)
    phone = app.test_client()
    assert isinstance(phone, Client)
    phone.fill(f"/my/{token}", {"pin": "4071"})
    assert "I go by myself." in phone.get(f"/my/{token}").text
