"""Signing in and out: sessions end on the server, guessing is slowed, doors stay shut."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import OrganisationKind, Role, add_user, join, set_up
from accounts.leaving import leave
from accounts.models import WrongTry
from accounts.signing_in import MOST_PER_ACCOUNT, forget_wrong_tries
from accounts.signing_in.passwords import MOST_AT_ONCE, a_place
from accounts.web import COOKIE
from core import clock, outbox
from core.db import db
from core.errors import Refused
from core.saving import saving
from tests.accounts.at_the_door import EMAIL, HASH, PASSWORD, TEST, an_organiser, is_in, sign_in
from tests.client import Client

NOON = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)


def test_the_right_password_opens_your_own_desk(client: Client) -> None:
    an_organiser()
    answer = client.fill("/sign-in", {"email": "ANN@group.example ", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/desk")
    assert client.get("/desk").location == "/my-listings"
    assert is_in(client)


@pytest.mark.parametrize(
    ("email", "password"),
    [("ann@group.example", "wrong"), ("nobody@group.example", PASSWORD)],
)
def test_a_wrong_try_says_the_same_whatever_was_wrong(
    client: Client, email: str, password: str
) -> None:
    an_organiser()
    answer = client.fill("/sign-in", {"email": email, "password": password})
    assert answer.status_code == 422
    assert "The email address or the password is not right" in answer.text
    assert not is_in(client)


@pytest.mark.asvs("2.4.1", "6.3.1")
def test_guessing_is_stopped_and_the_right_password_too_until_it_is_over(client: Client) -> None:
    an_organiser()
    with clock.set_to(NOON):
        for _ in range(MOST_PER_ACCOUNT):
            assert sign_in(client, EMAIL, "guess") == 422
        assert sign_in(client) == 429
        [letter] = outbox.waiting()
        assert (letter.to_address, "http" in letter.body) == (EMAIL, False)
    with clock.set_to(NOON + timedelta(minutes=16)):
        assert sign_in(client, "ann@group.example") == 303


@pytest.mark.asvs("6.3.1")
def test_a_browser_known_from_before_gets_in_while_others_try_the_account(
    client: Client, app: Flask
) -> None:
    an_organiser()
    assert sign_in(client) == 303
    stranger: Any = app.test_client()
    for _ in range(MOST_PER_ACCOUNT):
        assert sign_in(stranger, EMAIL, "guess") == 422
    assert sign_in(stranger) == 429
    assert sign_in(client) == 303
    for _ in range(MOST_PER_ACCOUNT):
        assert sign_in(client, EMAIL, "guess") == 422
    assert sign_in(client) == 429


def test_a_browser_is_known_for_those_who_signed_in_there_and_nobody_else(client: Client) -> None:
    an_organiser()
    an_organiser("bea@group.example", "Bea Other")
    sign_in(client)
    for _ in range(MOST_PER_ACCOUNT):
        assert sign_in(client, "bea@group.example", "guess") == 422
    assert sign_in(client, "bea@group.example") == 429
    assert sign_in(client) == 303


def test_strangers_wait_where_all_places_are_taken_and_a_known_browser_does_not(
    client: Client, app: Flask
) -> None:
    an_organiser()
    sign_in(client)
    stranger: Any = app.test_client()
    with ExitStack() as crowd:
        for _ in range(MOST_AT_ONCE):
            assert crowd.enter_context(a_place(is_known=False))
        answer = stranger.fill("/sign-in", {"email": EMAIL, "password": PASSWORD})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert "Very many people are signing in" in answer.text
        assert sign_in(client) == 303
    assert sign_in(stranger) == 303


def test_failed_tries_are_forgotten_once_they_count_no_longer(client: Client) -> None:
    an_organiser()
    with clock.set_to(NOON):
        sign_in(client, "ann@group.example", "guess")
        assert forget_wrong_tries() == 0
    with clock.set_to(NOON + timedelta(minutes=16)):
        assert forget_wrong_tries() == 2
        assert db.session.scalar(select(WrongTry.id).limit(1)) is None


def test_pressing_sign_in_twice_leads_to_the_desk_twice(client: Client) -> None:
    an_organiser()
    page = client.get("/sign-in")
    for _ in range(2):
        answer = client.send_form(page, "/sign-in", email="ann@group.example", password=PASSWORD)
        assert (answer.status_code, answer.location) == (303, "/desk")


@pytest.mark.asvs("7.2.1", "7.4.1")
def test_signing_out_kills_a_copied_cookie(client: Client, app: Flask) -> None:
    client.as_(an_organiser())
    copied = client.get_cookie(COOKIE)
    assert copied is not None
    client.fill_act("/sign-out", on="/my-listings")
    thief = app.test_client()
    thief.set_cookie(COOKIE, copied.value)
    assert thief.get("/my-listings").status_code == 302


@pytest.mark.asvs("7.2.2", "7.2.4")
def test_signing_in_again_ends_the_old_session(client: Client, app: Flask) -> None:
    an_organiser()
    sign_in(client, "ann@group.example")
    old = client.get_cookie(COOKIE)
    assert old is not None
    sign_in(client, "ann@group.example")
    assert is_in(client)
    thief = app.test_client()
    thief.set_cookie(COOKIE, old.value)
    assert thief.get("/my-listings").status_code == 302


@pytest.mark.asvs("7.3.1", "7.4.1")
def test_a_session_ends_after_half_an_hour_of_nothing(client: Client) -> None:
    with clock.set_to(NOON):
        client.as_(an_organiser())
    with clock.set_to(NOON + timedelta(minutes=29)):
        assert is_in(client)
    with clock.set_to(NOON + timedelta(minutes=58)):
        assert is_in(client)
    with clock.set_to(NOON + timedelta(minutes=89)):
        assert not is_in(client)


@pytest.mark.asvs("7.3.2")
def test_a_session_ends_after_twelve_hours_of_work(client: Client) -> None:
    with clock.set_to(NOON):
        client.as_(an_organiser())
    for minutes in range(20, 12 * 60, 20):
        with clock.set_to(NOON + timedelta(minutes=minutes)):
            assert is_in(client)
    with clock.set_to(NOON + timedelta(hours=12, minutes=1)):
        assert not is_in(client)


def test_a_clock_set_back_shuts_the_door(client: Client) -> None:
    with clock.set_to(NOON):
        client.as_(an_organiser())
    with clock.set_to(NOON - timedelta(hours=1)):
        assert not is_in(client)


def test_who_was_wrong_once_can_try_again_on_the_same_page(client: Client) -> None:
    an_organiser()
    answers = {"email": "ann@group.example", "password": "wrong"}
    page = client.fill("/sign-in", answers)
    again = client.send_form(page, "/sign-in", **answers | {"password": PASSWORD})
    assert again.status_code == 303
    assert is_in(client)


@pytest.mark.asvs("7.4.2", "7.4.5")
def test_who_leaves_is_out_at_once_everywhere(client: Client) -> None:
    user = an_organiser()
    client.as_(user)
    assert is_in(client)
    with saving():
        leave(user, user.memberships[0].organisation, to=None, by=TEST)
    assert not is_in(client)
    assert sign_in(client, "ann@group.example") == 422


@pytest.mark.asvs("3.7.2")
@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "/\t/evil.example", "evil"],
)
def test_signing_in_never_leads_to_another_site(client: Client, elsewhere: str) -> None:
    an_organiser()
    answer = client.fill(
        "/sign-in", {"email": "ann@group.example", "password": PASSWORD, "next": elsewhere}
    )
    assert answer.location == "/desk"


def test_a_page_that_needs_signing_in_leads_back_to_itself(client: Client) -> None:
    an_organiser()
    door = client.get("/my-listings")
    assert door.status_code == 302
    assert door.location == "/sign-in?next=/my-listings"


@pytest.mark.asvs("6.3.2", "15.2.3")
def test_the_cast_can_be_borrowed_in_the_demo_only(client: Client) -> None:
    user = an_organiser()
    path = f"/sign-in/as/{user.id}"
    assert client.fill_act(path, on="/sign-in").status_code == 404


def test_nobody_holds_a_role_their_organisation_does_not_have(app: Flask) -> None:
    with pytest.raises(Refused), saving():
        group = set_up("Bow Walkers", OrganisationKind.GROUP, by=TEST)
        user = add_user("ann@group.example", "Ann Other", password_hash=HASH, by=TEST)
        join(user, group, Role.CLINICIAN, by=TEST)
