"""The second step: asked for by who has one, once a code, set up first by who must have one."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from accounts import Role, actor_for, join
from accounts.models import AuthenticatorApp
from accounts.rules import ROLES, SecondStep, needs_second_step
from accounts.signing_in import codes
from accounts.signing_in.factors import factors_of, reset_second_step
from accounts.staff import wake
from core import clock, outbox
from core.db import db
from core.errors import NotFound, Refused
from core.saving import saving
from tests.accounts.at_the_door import (
    SECRET,
    TEST,
    an_organiser,
    code_now,
    is_in,
    require_second_step,
    sign_in,
    with_an_app,
    with_codes_on_paper,
)
from tests.builders import a_user, an_organisation
from tests.client import Client
from tests.engines import on_sqlite
from tests.page import hidden_fields

NOON = datetime(2026, 5, 5, 12, 0, 10, tzinfo=UTC)
STEP = "/sign-in/second-step"
CHOOSE = "/your-account/second-step"


def enter(client: Client, code: str) -> int:
    return client.fill(STEP, {"code": code}).status_code


@pytest.mark.asvs("6.3.3")
def test_a_password_alone_opens_nothing_for_who_has_an_app(client: Client) -> None:
    with clock.set_to(NOON):
        with_an_app(an_organiser())
        assert sign_in(client) == 303
        assert not is_in(client)
        assert enter(client, code_now()) == 303
        assert is_in(client)


@pytest.mark.asvs("6.5.1")
def test_a_code_is_good_once(client: Client, app: Flask) -> None:
    with clock.set_to(NOON):
        with_an_app(an_organiser())
        code = code_now()
        sign_in(client)
        assert enter(client, code) == 303
        thief = app.test_client()
        assert isinstance(thief, Client)
        sign_in(thief)
        assert enter(thief, code) == 422
        assert not is_in(thief)


@pytest.mark.asvs("6.5.5")
@on_sqlite
@pytest.mark.parametrize(
    ("later", "is_right"), [(-30, True), (30, True), (-60, False), (60, False)]
)
def test_a_code_may_be_half_a_minute_off_and_no_more(
    app: Flask, *, later: int, is_right: bool
) -> None:
    with clock.set_to(NOON):
        assert (codes.step_of(SECRET, code_now(later)) is not None) is is_right


@pytest.mark.asvs("6.3.1", "6.6.3")
def test_guessing_codes_is_stopped(client: Client) -> None:
    with clock.set_to(NOON):
        with_an_app(an_organiser())
        sign_in(client)
        assert [enter(client, "000000") for _ in range(11)] == [422] * 10 + [429]


@pytest.mark.asvs("6.5.1", "6.5.2", "6.5.4")
def test_a_code_on_paper_works_once_and_its_owner_hears(client: Client) -> None:
    user = with_an_app(an_organiser())
    printed = with_codes_on_paper(user)
    sign_in(client)
    assert enter(client, printed[3].upper()) == 303
    assert is_in(client)
    assert "on paper was used" in outbox.waiting()[-1].body
    sign_in(client)
    assert enter(client, printed[3]) == 422
    assert factors_of(user).codes_left == 9


def test_who_waits_for_the_second_step_waits_ten_minutes(client: Client) -> None:
    with clock.set_to(NOON):
        with_an_app(an_organiser())
        sign_in(client)
    with clock.set_to(NOON + timedelta(minutes=11)):
        assert client.get(STEP).status_code == 302


@pytest.mark.asvs("11.3.3", "14.2.4")
@on_sqlite
def test_the_secret_is_sealed_and_bound_to_its_row(app: Flask) -> None:
    user = with_an_app(an_organiser())
    kept = factors_of(user).app
    assert kept is not None
    assert SECRET.encode() not in kept.secret


@pytest.mark.asvs("6.3.3", "6.3.4", "6.5.3")
@on_sqlite
def test_who_must_have_a_second_step_is_led_to_it_before_anything_else(
    client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_second_step(app, monkeypatch)
    an_organiser()
    sign_in(client)
    for path in ("/my-listings", "/desk"):
        assert client.get(path).location == "/your-account/second-step"
    page = client.get("/your-account/second-step/app")
    secret = hidden_fields(page.text)["secret"]
    monkeypatch.setattr("tests.accounts.at_the_door.SECRET", secret)
    answer = client.send_form(page, "/your-account/second-step/app", code=code_now())
    assert answer.location == "/your-account/second-step/codes"
    assert is_in(client)
    shown = client.fill("/your-account/second-step/codes", {}).text
    assert len(re.findall(r'<li><code dir="ltr">', shown)) == 10
    assert "<li><code" not in client.get("/your-account/second-step/codes").text


@pytest.mark.asvs("6.4.4", "7.4.5")
@on_sqlite
def test_a_colleague_takes_a_lost_second_step_away_and_its_owner_hears(client: Client) -> None:
    user = with_an_app(an_organiser())
    client.as_(user)
    helper = a_user(user.memberships[0].organisation, Role.ORG_ADMIN)
    with pytest.raises(Refused), saving():
        reset_second_step(user, by=actor_for(user))
    with saving():
        reset_second_step(user, by=actor_for(helper))
    assert not is_in(client)
    assert db.session.query(AuthenticatorApp).count() == 0
    assert "took away your second step" in outbox.waiting()[-1].body


@pytest.mark.asvs("6.3.3")
@on_sqlite
def test_whoever_keeps_accounts_takes_it_away_on_a_page(client: Client) -> None:
    user = with_an_app(an_organiser())
    group = user.memberships[0].organisation
    admin = a_user(group, Role.ORG_ADMIN, "Ada Min")
    path = f"/people/{group.id}/{user.id}/second-step"
    assert client.as_(admin).fill(path, {}).location == "/people"
    assert not factors_of(user).has_any
    stranger = a_user(an_organisation("Far Group"), Role.ORG_ADMIN, "Far Away")
    assert client.as_(stranger).get(path).status_code == 404


@pytest.mark.asvs("6.4.4", "8.2.2")
def test_who_adds_somebody_to_a_second_organisation_wins_nothing_of_their_sign_in(
    client: Client,
) -> None:
    user, later = with_an_app(an_organiser()), an_organisation("Far Group")
    admin = a_user(later, Role.ORG_ADMIN, "Far Away")
    with clock.set_to(clock.now() + timedelta(days=1)), saving():
        join(user, later, Role.ORGANISER, by=TEST)
    page = f"/people/{later.id}/{user.id}"
    client.as_(admin)
    assert "second-step" not in client.get(page).text
    assert client.get(f"{page}/second-step").status_code == 404
    with pytest.raises(NotFound), saving():
        reset_second_step(user, by=actor_for(admin))
    with pytest.raises(Refused), saving():
        wake(user, later, by=actor_for(admin))
    assert factors_of(user).has_any


@pytest.mark.asvs("6.3.3", "7.4.3")
@on_sqlite
def test_who_removes_their_last_second_step_is_asked_for_a_new_one_at_once(
    client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_second_step(app, monkeypatch)
    with clock.set_to(NOON):
        with_an_app(an_organiser())
        sign_in(client)
        enter(client, code_now())
        assert is_in(client)
        client.fill_act(f"{CHOOSE}/app/remove", on=CHOOSE)
        assert client.get("/my-listings").location == CHOOSE


def test_everybody_who_may_see_a_person_needs_one_in_production() -> None:
    free = {
        role
        for role in Role
        if not needs_second_step(ROLES[role].reads, SecondStep.OFFERED, is_production=True)
    }
    assert free == {Role.PUBLIC, Role.EDITOR, Role.COMMISSIONER, Role.OPERATOR}
    assert all(
        needs_second_step(ROLES[role].reads, SecondStep.REQUIRED, is_production=False)
        for role in Role
    )
