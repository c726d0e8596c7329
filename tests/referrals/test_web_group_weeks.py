"""A group reports by link, by text message, on paper and at the door, and nobody ever signs in."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock
from core.db import db
from core.outbox import Letter
from core.settings import Settings
from directory import Service
from directory.rules import Life
from referrals.day import tasks
from referrals.groups.attendance import said_of
from referrals.groups.capacity import desk_of, room_at
from referrals.groups.inbox import forget_words, take_one
from referrals.groups.keys import door_key, register_key
from referrals.groups.value import post_all
from referrals.groups.weeks import ask_who_came
from referrals.models import Attendance, GroupPlace, Inbound, InboundMessage, Referral, Told
from referrals.pathway import act
from referrals.rules import Action, Came
from referrals.web.inbound import SIGNATURE
from tests.builders import in_one_work
from tests.client import Client
from tests.engines import on_sqlite
from tests.referral_builders import TEST, a_link_worker, owner_of
from tests.referrals.test_group_weeks import TUESDAY, a_group, at, goes_to

pytestmark = on_sqlite

SECRET = "only the provider knows this one"
WEDNESDAY = at(2, 10)


@pytest.fixture
def wednesday(client: Client) -> Iterator[None]:
    """The morning after the session, all day long."""
    with clock.set_to(WEDNESDAY):
        yield


@pytest.fixture
def two(wednesday: None) -> list[Referral]:
    """Two people who were expected on Tuesday, and the letter about them."""
    service = a_group()
    people = [goes_to(service), goes_to(service)]
    ask_who_came()
    return people


def path_in(kind: str) -> str:
    letter = db.session.scalars(select(Letter).where(Letter.kind == kind)).first()
    assert letter is not None
    found = re.search(r"/g/\S+", letter.body)
    assert found is not None
    return found.group()


def said(onward: Referral) -> Came | None:
    db.session.rollback()
    row = said_of(onward, TUESDAY)
    return row.came if row else None


def field_of(onward: Referral) -> str:
    place = db.session.scalars(select(GroupPlace).where(GroupPlace.referral_id == onward.id)).one()
    return f"p{place.number}-{TUESDAY:%Y%m%d}"


def code_of(onward: Referral) -> str:
    found = select(GroupPlace.code).where(GroupPlace.referral_id == onward.id)
    return db.session.scalars(found).one()


def test_a_group_answers_by_its_link(client: Client, two: list[Referral]) -> None:
    path = path_in("who-came")
    page = client.get(path)
    for onward in two:
        assert onward.person.called in page.text
        assert onward.person.name not in page.text
        assert onward.person.phone not in page.text
    first, second = map(field_of, two)
    answer = client.send_form(page, path, **{first: "came", second: "not-known"})
    assert answer.status_code == 303
    assert [said(each) for each in two] == [Came.CAME, Came.NOT_KNOWN]
    assert "checked" in client.get(path).text
    client.fill_form(path, path, **{second: "did-not-come"})
    assert [said(each) for each in two] == [Came.CAME, Came.DID_NOT_COME]


def test_everybody_came_is_one_press(client: Client, two: list[Referral]) -> None:
    path = path_in("who-came")
    assert client.fill_form(path, path, all="came").status_code == 303
    assert [said(each) for each in two] == [Came.CAME, Came.CAME]


def test_looking_changes_nothing(client: Client, two: list[Referral]) -> None:
    path = path_in("who-came")
    for _ in range(3):
        client.get(path)
        client.head(path)
    assert [said(each) for each in two] == [None, None]


def test_a_link_that_is_replayed_after_its_time_says_what_to_do(
    client: Client, two: list[Referral]
) -> None:
    path = path_in("who-came")
    with clock.set_to(WEDNESDAY + timedelta(days=22)):
        answer = client.get(path)
        assert answer.status_code == 410
        assert "Your next letter brings a new link" in answer.text
        assert two[0].person.called not in answer.text
        assert client.post(path, data={field_of(two[0]): "came"}).status_code in {400, 410}
    assert said(two[0]) is None


def test_a_link_shows_nobody_who_has_ended(client: Client, two: list[Referral]) -> None:
    gone, stays = two
    with in_one_work():
        act(gone, Action.WITHDRAW, by=owner_of(gone.parent or gone), note="Moved.")
    page = client.get(path_in("who-came")).text
    assert code_of(stays) in page
    assert code_of(gone) not in page


def test_a_weeks_link_opens_nothing_else(client: Client, two: list[Referral]) -> None:
    token = path_in("who-came").rpartition("/")[2]
    for path in (f"/g/{token}", f"/g/register/{token}", f"/g/door/{token}"):
        assert client.get(path).status_code == 404


def a_register(service: Service) -> str:
    with in_one_work():
        return register_key(service, by=TEST)


def test_the_register_takes_marks_says_the_room_and_prints_no_names(
    client: Client, two: list[Referral]
) -> None:
    onward = two[0]
    assert onward.service is not None
    path = a_register(onward.service)
    client.fill_form(path, path, **{field_of(onward): "came"})
    assert said(onward) is Came.CAME
    paper = client.get(f"{path}/paper").text
    for each in two:
        assert code_of(each) in paper
        assert each.person.called not in paper
    answer = client.fill(f"{path}/room", {"places": "3", "new_per_week": "1"})
    assert answer.status_code == 303
    db.session.rollback()
    room = room_at(onward.service)
    assert (room.places, room.this_week, room.high_support) == (1, 1, None)
    assert client.fill(f"{path}/room", {"places": "-1"}).status_code == 422


def test_at_the_door_people_tick_themselves_in_and_read_no_names(client: Client) -> None:
    with clock.set_to(at(1, 10)):
        service = a_group()
        onward = goes_to(service)
        with in_one_work():
            path = door_key(service, by=TEST)
        page = client.get(path).text
        assert onward.person.called not in page
        wrong = client.fill(path, {"code": "ZZZZ"})
        assert wrong.status_code == 422
        assert client.fill(path, {"code": code_of(onward).lower()}).status_code == 303
        [row] = db.session.scalars(select(Attendance))
        assert (row.came, row.how) == (Came.CAME, Told.DOOR)


def test_at_the_door_nobody_is_ticked_in_on_another_day(
    client: Client, two: list[Referral]
) -> None:
    assert two[0].service is not None
    with in_one_work():
        path = door_key(two[0].service, by=TEST)
    assert client.fill(path, {"code": code_of(two[0])}).status_code == 422


def test_a_register_is_keyed_in_by_a_line(client: Client, two: list[Referral]) -> None:
    service = two[0].service
    assert service is not None
    client.as_(db.session.get_one(type(two[0].referrer), two[0].referrer_id))
    client.get(f"/groups/{service.id}/register")
    desk = desk_of(service.id)
    assert desk is not None
    answer = client.fill("/groups/key-in", {"lines": f"{desk.code.lower()} 24/11 y?"})
    # Two people of two teams: each team keys in its own.
    assert answer.status_code == 422
    answer = client.fill("/groups/key-in", {"lines": f"{desk.code} 24 Nov y"})
    assert answer.status_code == 303
    assert [said(each) for each in two] == [Came.CAME, None]
    wrong = client.fill("/groups/key-in", {"lines": f"{code_of(two[0])} 24/11 n\nZZZZ 24/11 y"})
    assert wrong.status_code == 422
    assert "no register with this code" in wrong.text
    assert said(two[0]) is Came.CAME, "none of it is noted while a line cannot be read"
    assert client.fill("/groups/key-in", {"lines": f"{code_of(two[0])} 24.11 n"}).location
    assert said(two[0]) is Came.DID_NOT_COME


@pytest.fixture
def provider(app: Flask, client: Client) -> Iterator[Client]:
    """Whoever delivers text messages, and knows the secret."""
    settings: Settings = app.extensions["kith.settings"]
    kept = settings.inbound_secret
    object.__setattr__(settings, "inbound_secret", SECRET)
    yield client
    object.__setattr__(settings, "inbound_secret", kept)


def deliver(
    client: Client,
    words: str,
    sender: str,
    *,
    key: str = "1",
    kind: str = "email",
    once: str | None = None,
) -> int:
    body = json.dumps({"id": key, "from": sender, "text": words}).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {SIGNATURE: signature, "Content-Type": "application/json"}
    if once is not None:
        headers["Idempotency-Key"] = once
    status = client.post(f"/inbound/{kind}", data=body, headers=headers).status_code
    while take_one():
        pass
    return status


def states() -> list[Inbound]:
    db.session.rollback()
    return list(db.session.scalars(select(InboundMessage.state)))


def test_a_group_answers_by_email(provider: Client, two: list[Referral]) -> None:
    assert deliver(provider, "1 yes 2 no\n\n> Who came?", "Sheila <Knit@Group.example>") == 204
    assert deliver(provider, "1 no 2 no", "knit@group.example") == 204, "delivered twice is once"
    assert [said(each) for each in two] == [Came.CAME, Came.DID_NOT_COME]
    assert states() == [Inbound.NOTED]


def test_a_group_answers_by_text_from_its_own_number(provider: Client, two: list[Referral]) -> None:
    with in_one_work():
        two[0].to_organisation.phone = "07700 900 123"
    deliver(provider, "Both came", "+447700900123", kind="text")
    assert [said(each) for each in two] == [Came.CAME, Came.CAME]
    [row, _] = db.session.scalars(select(Attendance))
    assert row.how is Told.TEXT


def test_what_is_not_clear_is_a_task_and_only_that_team_reads_the_words(
    provider: Client, two: list[Referral]
) -> None:
    deliver(provider, "Mavis fell on the step, please ring", "knit@group.example")
    assert states() == [Inbound.FOR_A_PERSON]
    assert [said(each) for each in two] == [None, None]
    assert two[0].parent is not None
    [task] = tasks.open_about(two[0].parent)
    assert "fell" not in task.words
    provider.as_(a_link_worker())
    assert "fell" not in provider.get("/groups/messages").text
    provider.as_(two[0].referrer)
    page = provider.get("/groups/messages")
    assert "fell on the step" in page.text
    [message] = db.session.scalars(select(InboundMessage))
    done = f"/groups/messages/{message.id}/done"
    assert provider.send_form(page, done).status_code == 303
    with clock.set_to(WEDNESDAY + timedelta(days=31)):
        assert forget_words() == 1
    db.session.rollback()
    assert db.session.scalars(select(InboundMessage)).one().words == ""


def test_a_stranger_notes_nothing(provider: Client, two: list[Referral]) -> None:
    deliver(provider, "both came", "stranger@else.example")
    assert [said(each) for each in two] == [None, None]
    assert states() == [Inbound.FOR_A_PERSON]


def test_a_program_that_sends_again_with_its_key_is_told_the_same(provider: Client) -> None:
    assert deliver(provider, "1 yes", "stranger@else.example", once="a") == 204
    assert deliver(provider, "1 yes", "stranger@else.example", once="a") == 204
    assert deliver(provider, "1 no", "stranger@else.example", key="2", once="a") == 422
    assert len(states()) == 1
    assert deliver(provider, "1 no", "stranger@else.example", key="2", once="b") == 204
    assert len(states()) == 2


@pytest.mark.parametrize("once", ["", "k" * 256])
def test_a_key_that_is_none_is_refused(provider: Client, once: str) -> None:
    assert deliver(provider, "1 yes", "stranger@else.example", once=once) == 400
    assert states() == []


@pytest.mark.parametrize("signature", ["", "00", "é"])
def test_what_is_not_signed_finds_no_door(provider: Client, signature: str) -> None:
    headers = {SIGNATURE: signature.encode().decode("latin-1"), "Content-Type": "application/json"}
    for kind in ("text", "email"):
        answer = provider.post(f"/inbound/{kind}", data=b"{}", headers=headers)
        assert answer.status_code == 404
    assert states() == []


def test_without_a_secret_the_door_is_shut(client: Client) -> None:
    signature = hmac.new(b"", b"{}", hashlib.sha256).hexdigest()
    assert (
        client.post("/inbound/text", data=b"{}", headers={SIGNATURE: signature}).status_code == 404
    )


def test_a_message_without_a_sender_is_refused(provider: Client) -> None:
    assert deliver(provider, "1 yes", "") in {400, 422}


def test_two_who_answer_at_once_leave_the_last_word(client: Client, two: list[Referral]) -> None:
    path, name = path_in("who-came"), field_of(two[0])
    ours, theirs = client.get(path), client.get(path)
    assert client.send_form(ours, path, **{name: "came"}).status_code == 303
    assert client.send_form(theirs, path, **{name: "did-not-come"}).status_code == 303
    assert said(two[0]) is Came.DID_NOT_COME
    assert client.send_form(ours, path, **{name: "came"}).status_code == 303, "pressed again"
    assert said(two[0]) is Came.DID_NOT_COME


def test_a_listing_taken_down_meanwhile_still_opens_its_register(
    client: Client, two: list[Referral]
) -> None:
    with in_one_work():
        assert two[0].service is not None
        two[0].service.life = Life.HIDDEN
    path = path_in("who-came")
    assert client.fill_form(path, path, all="came").status_code == 303
    assert said(two[0]) is Came.CAME


def test_a_group_reads_and_downloads_what_it_gave(client: Client, two: list[Referral]) -> None:
    assert two[0].service is not None
    path = a_register(two[0].service)
    client.fill_form(path, path, all="came")
    post_all()
    page = client.get(f"{path}/value").text
    assert "a guess of ours" in page
    answer = client.get(f"{path}/value.csv")
    assert answer.mimetype == "text/csv"
    assert "Visit,1,0.5,7.5,notional" in answer.text
    client.as_(two[0].referrer)
    here = f"/groups/{two[0].service_id}/value"
    said_so = {"welcome_hours": "1", "welcome_pounds": "x", "visit_hours": "1", "visit_pounds": "9"}
    assert client.fill(here, said_so).status_code == 422
    said_so |= {"welcome_pounds": "20", "agreed_with": "Calder Giving"}
    assert client.fill(here, said_so).status_code == 303
    stranger = client.as_(a_link_worker())
    assert stranger.get(here).status_code == 404
