"""The group's desk: no account, one link, two taps, and nothing more than it needs to know."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from core import clock
from core.db import db
from core.outbox import Letter
from referrals.models import Referral
from referrals.pathway import act
from referrals.rules import Action, Came, Status
from tests.client import Client
from tests.engines import on_sqlite
from tests.referral_builders import a_visit, an_onward, in_one_work, owner_of

pytestmark = on_sqlite


def key_to(onward: Referral) -> str:
    """The path in the letter the group was sent."""
    letters = db.session.scalars(select(Letter).where(Letter.about == onward.about))
    found = [re.search(r"/g/[\w-]+", letter.body) for letter in letters]
    return next(match.group() for match in found if match)


def read(onward: Referral) -> Referral:
    db.session.rollback()
    return onward


@pytest.fixture
def onward(client: Client) -> Referral:
    return an_onward()


def test_before_saying_yes_a_group_reads_one_line_and_no_name(
    client: Client, onward: Referral
) -> None:
    page = client.get(key_to(onward)).text
    assert "Lonely or few contacts" in page
    for secret in (onward.person.called, onward.person.name, onward.person.phone, onward.note):
        assert secret not in page


def test_yes_is_one_press_and_then_the_name_and_one_way_to_reach_them(
    client: Client, onward: Referral
) -> None:
    path = key_to(onward)
    assert client.fill_form(path, f"{path}/accept").status_code == 303
    assert read(onward).status is Status.ACCEPTED
    page = client.get(path).text
    assert onward.person.called in page
    assert onward.person.phone in page
    assert onward.person.name not in page
    assert str(onward.person.born_on.year) not in page


def test_pressing_yes_twice_is_saying_yes_once(client: Client, onward: Referral) -> None:
    path = key_to(onward)
    page = client.get(path)
    for _ in range(2):
        answer = client.send_form(page, f"{path}/accept")
        assert (answer.status_code, answer.location) == (303, path)
    assert [step.action for step in read(onward).steps].count(Action.ACCEPT) == 1


@pytest.mark.asvs("3.5.3")
def test_looking_changes_nothing(client: Client, onward: Referral) -> None:
    path = key_to(onward)
    for _ in range(3):
        client.get(path)
        client.head(path)
        client.get(f"{path}/decline")
    assert read(onward).status is Status.SENT


def test_no_needs_a_reason_and_keeps_what_was_typed(client: Client, onward: Referral) -> None:
    path = f"{key_to(onward)}/decline"
    answer = client.fill(path, {"note": "Ring Joan instead"})
    assert answer.status_code == 422
    assert "Choose a reason" in answer.text
    assert "Ring Joan instead" in answer.text
    assert client.fill(path, {"reason": "full"}).status_code == 303
    assert read(onward).status is Status.REJECTED


def test_a_group_says_who_came(client: Client) -> None:
    visit = a_visit(in_days=0)
    path = key_to(visit.referral)
    answer = client.fill_form(path, f"{path}/came/{visit.id}", came="came")
    assert answer.status_code == 303
    db.session.rollback()
    assert visit.came is Came.CAME
    assert "They came" in client.get(path).text or "they came" in client.get(path).text


def test_a_group_is_not_asked_before_the_day(client: Client) -> None:
    visit = a_visit(in_days=3)
    assert "Did they come?" not in client.get(key_to(visit.referral)).text


def test_an_empty_answer_is_asked_again(client: Client) -> None:
    visit = a_visit(in_days=0)
    path = key_to(visit.referral)
    answer = client.fill_form(path, f"{path}/came/{visit.id}")
    assert answer.status_code == 422
    assert "I do not know” is a good answer" in answer.text
    again = client.send_form(answer, f"{path}/came/{visit.id}", came="came")
    assert again.status_code == 303


def test_a_key_opens_one_referral_only(client: Client) -> None:
    mine, theirs = a_visit(in_days=0), a_visit(in_days=0)
    path = key_to(mine.referral)
    answer = client.fill_form(path, f"{path}/came/{theirs.id}", came="came")
    assert answer.status_code == 404
    db.session.rollback()
    assert theirs.came is Came.PLANNED


def test_a_key_stops_when_the_referral_ends(client: Client, onward: Referral) -> None:
    path = key_to(onward)
    with in_one_work():
        act(
            onward,
            Action.WITHDRAW,
            by=owner_of(onward.parent or onward),
            note="They have moved away.",
        )
    assert client.get(path).status_code == 410


def test_a_key_stops_after_its_time(client: Client, onward: Referral) -> None:
    path = key_to(onward)
    with clock.set_to(clock.now() + timedelta(days=60)):
        answer = client.get(path)
    assert answer.status_code == 410
    assert "link" in answer.text.lower()


@pytest.mark.asvs("14.3.2")
def test_the_page_is_kept_by_nobody_and_tells_no_other_site(
    client: Client, onward: Referral
) -> None:
    headers = client.get(key_to(onward)).headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("end", ["", "/decline"])
def test_a_made_up_key_opens_nothing(client: Client, end: str) -> None:
    assert client.get(f"/g/{'x' * 43}{end}").status_code == 404
