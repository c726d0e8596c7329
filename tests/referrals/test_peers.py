"""Peer proof: three others or nothing, never oneself; tips are signed and name no patient."""

from datetime import timedelta

import pytest

from accounts import OrganisationKind, Role, User, set_up
from core import clock
from core.errors import Forbidden, NotFound, Refused
from core.saving import saving
from directory import Service
from referrals.peers import (
    get_tip,
    near,
    objection_to,
    show_tip,
    tips_of,
    tips_to_read,
    withdraw_tip,
    write_tip,
)
from referrals.rules import Status
from tests.builders import a_user, in_one_work
from tests.client import Client
from tests.engines import on_sqlite
from tests.referral_builders import (
    TEST,
    a_clinician,
    a_link_worker,
    a_practice,
    a_referral,
    a_service,
    a_team,
    an_onward,
    as_actor,
)


def an_editor() -> User:
    with in_one_work():
        council = set_up("Council", OrganisationKind.COUNCIL, by=TEST)
    return a_user(council, Role.EDITOR)


def a_network(service: Service, clinicians: int) -> list[User]:
    """So many clinicians of two practices of one team, each with two people sent there."""
    with in_one_work():
        team = a_team()
        practices = [a_practice(team), a_practice(team)]
        worker = a_link_worker(team)
        users = [a_clinician(practices[number % 2]) for number in range(clinicians)]
        for user in users:
            for _ in range(2):
                parent = a_referral(Status.IN_PROGRESS, referrer=user, link_worker=worker)
                an_onward(parent=parent, service=service)
    return users


@pytest.mark.usefixtures("app")
def test_three_others_are_told_of_and_nobody_counts_oneself() -> None:
    service = a_service()
    users = a_network(service, 3)
    assert [near(service, by=as_actor(user)) for user in users] == [None, None, None]
    newcomer = a_clinician(users[0].memberships[0].organisation)
    assert near(service, by=as_actor(newcomer)) == 3


@pytest.mark.usefixtures("app")
def test_clinicians_of_another_network_or_of_years_ago_do_not_count() -> None:
    service = a_service()
    users = a_network(service, 4)
    assert near(service, by=as_actor(users[0])) == 3
    assert near(service, by=as_actor(a_clinician())) is None
    assert near(a_service(), by=as_actor(users[0])) is None
    with clock.set_to(clock.now() + timedelta(days=366)):
        assert near(service, by=as_actor(users[0])) is None


@pytest.mark.usefixtures("app")
def test_a_tip_is_shown_only_after_an_editor_has_read_it() -> None:
    service, gp, editor = a_service(), as_actor(a_clinician()), as_actor(an_editor())
    with saving():
        tip = write_tip(service, "  Quiet on Mondays.\nA good first step. ", by=gp)
    assert list(tips_of(service)) == []
    assert list(tips_to_read()) == [tip]
    with saving():
        show_tip(tip, by=editor)
    assert [each.words for each in tips_of(service)] == ["Quiet on Mondays. A good first step."]
    with saving():
        withdraw_tip(tip, by=gp)
    assert list(tips_of(service)) == []


@pytest.mark.usefixtures("app")
def test_a_new_tip_takes_the_place_of_ones_own_and_not_of_anothers() -> None:
    service, gp, editor = a_service(), as_actor(a_clinician()), as_actor(an_editor())
    for by, words in ((gp, "First."), (as_actor(a_clinician()), "Another."), (gp, "Second.")):
        with saving():
            show_tip(write_tip(service, words, by=by), by=editor)
    assert {each.words for each in tips_of(service)} == {"Another.", "Second."}


@pytest.mark.usefixtures("app")
def test_others_can_neither_write_show_nor_take_back_a_tip() -> None:
    service, gp = a_service(), as_actor(a_clinician())
    other, worker = as_actor(a_clinician()), as_actor(a_link_worker())
    with saving():
        tip = write_tip(service, "Bring reading glasses.", by=gp)
    for refused in (
        lambda: write_tip(service, "Hello.", by=worker),
        lambda: show_tip(tip, by=gp),
        lambda: withdraw_tip(tip, by=other),
    ):
        with pytest.raises(Forbidden), saving():
            refused()
    with pytest.raises(NotFound):
        get_tip(tip.id, seen_by=other)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "words",
    [
        "",
        "x" * 201,
        "Ring 01632 960 555 first.",
        "Mrs Thistlewood loved it.",
        "A patient of mine came back smiling.",
        "MAVIS THISTLEWOOD goes there.",
        "Write to me at gp@nhs.example.",
    ],
)
def test_a_tip_with_somebody_in_it_is_refused(words: str) -> None:
    gp = a_clinician()
    a_referral(referrer=gp)
    assert objection_to(words, by=as_actor(gp))
    with pytest.raises(Refused), saving():
        write_tip(a_service(), words, by=as_actor(gp))


@on_sqlite
def test_a_clinician_writes_an_editor_shows_and_a_colleague_reads(client: Client) -> None:
    service, gp = a_service(), a_clinician()
    activity = f"/activities/{service.slug}"
    client.as_(gp)
    assert client.fill(f"{activity}/tip", {"words": "Mr Brown liked it."}).status_code == 422
    assert client.fill(f"{activity}/tip", {"words": "Sit near the window."}).status_code == 303
    client.as_(a_clinician())
    assert "Sit near the window." not in client.get(activity).text
    (tip,) = tips_to_read()
    show = f"/tips/{tip.id}/show"
    client.as_(an_editor())
    assert "Sit near the window." in client.get("/tips").text
    assert client.fill_form("/tips", show).status_code == 303
    client.as_(a_clinician())
    assert gp.name in client.get(activity).text
