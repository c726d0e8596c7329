"""Asking for help from a phone: few questions, nothing kept in vain, nothing said to a stranger."""

from typing import Any

import pytest
from sqlalchemy import func, select

from accounts import Organisation
from core import outbox
from core.db import db
from core.saving import saving
from referrals import slips
from referrals.models import AskedBy, Asking, Person, PrivatePage, Referral, ToldBy
from referrals.person.areas import look_after
from referrals.rules import Status
from tests.builders import a_listing
from tests.client import Client
from tests.engines import on_sqlite
from tests.referral_builders import a_clinician, a_link_worker, a_practice, as_actor
from tests.referrals.person_builders import TEST, a_team_near

pytestmark = on_sqlite

ANSWERS: dict[str, dict[str, Any]] = {
    "why": {"reasons": ["lonely", "money-housing"], "words": "It is quiet here."},
    "who": {
        "called": "Rosa Quill",
        "born_on-day": "4",
        "born_on-month": "5",
        "born_on-year": "1961",
    },
    "reach": {"contact_route": "text", "phone": "07700 900 111"},
    "safe": {"voicemail": "no", "not_before": "14:00", "code_word": "kingfisher"},
    "pin": {"pin": "4071"},
}
FRIEND: dict[str, dict[str, Any]] = {
    "friend": {"name": "Ivy Marsh", "is_their": "neighbour", "phone": "", "said_yes": "y"},
    "reach": {"contact_route": "phone", "phone": "07700 900 111"},
}


@pytest.fixture
def team(app: object) -> Organisation:
    return a_team_near("E3", name="Bow link workers")


def answer_all(client: Client, *, start: str = "/ask-for-help/where", **changes: Any) -> str:
    """Answer each question as it comes; returns where that ends."""
    said: dict[str, Any] = {**ANSWERS, **changes}
    coming = client.fill(start, {"postcode": "e33bq"})
    while coming.status_code == 303 and not coming.location.endswith("/check"):
        page = coming.location.rpartition("/")[2]
        coming = client.fill(coming.location, said[page])
    assert coming.status_code == 303, coming.text
    return str(coming.location)


def the_one() -> Referral:
    db.session.expire_all()
    return db.session.scalars(select(Referral)).one()


def how_many(model: type) -> int:
    db.session.expire_all()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_somebody_asks_for_help_in_seven_short_pages(client: Client, team: Organisation) -> None:
    check = answer_all(client)
    shown = client.get(check).text
    assert "Money, benefits or a home" in shown
    assert "goes to Bow link workers" in shown
    done = client.fill(check, {"agreed": "y"})
    assert done.location == "/ask-for-help/sent"
    referral = the_one()
    assert referral.status is Status.SENT
    assert referral.asked_by is AskedBy.PERSON
    assert referral.referrer is None
    assert referral.reasons == ["lonely", "money-housing"]
    assert referral.consents[0].withdrawn_at is None
    assert referral.steps[0].by_name == "the person"
    telling = referral.person.telling
    assert telling is not None
    assert (telling.told_by, telling.voicemail, telling.code_word) == (
        ToldBy.TEXT,
        False,
        "kingfisher",
    )
    sent = client.get("/ask-for-help/sent").text
    assert referral.ref in sent
    assert "Bow link workers" in sent
    assert "Rosa" not in sent, "the page stays on the phone"


def test_it_stands_in_the_shared_queue_of_the_team_like_any_other(
    client: Client, team: Organisation
) -> None:
    client.fill(answer_all(client), {"agreed": "y"})
    worker = a_link_worker(team)
    desk = client.as_(worker)
    assert "Rosa Quill" in desk.get("/caseload?tab=new&team=1").text
    page = desk.get(f"/caseload/{the_one().id}").text
    assert "Themselves" in page
    assert "Say their word first" in page
    assert "Leave no voicemail" in page


def test_the_letters_go_to_the_team_and_to_the_person_and_to_nobody_else(
    client: Client, team: Organisation
) -> None:
    client.fill(answer_all(client), {"agreed": "y"})
    letters = {letter.to_address: letter for letter in outbox.waiting()}
    assert set(letters) == {team.email, "07700 900 111"}
    text = letters["07700 900 111"].body
    assert text.startswith("kingfisher. ")
    assert "Rosa" not in text
    assert "link worker" not in text.lower()


def test_where_no_team_is_near_nothing_is_kept(client: Client, team: Organisation) -> None:
    answer = client.fill("/ask-for-help/where", {"postcode": "PR1 3SB"})
    assert answer.status_code == 200
    assert "There is no link worker" in answer.text
    assert "01632 960 111" in answer.text
    assert "kith_asking" not in answer.headers.get("Set-Cookie", "")
    assert how_many(Asking) == 0


def test_the_answers_are_forgotten_once_sent_and_the_pin_is_never_kept(
    client: Client, team: Organisation
) -> None:
    check = answer_all(client)
    assert "4071" not in str(db.session.scalars(select(Asking)).one().said)
    client.fill(check, {"agreed": "y"})
    db.session.expire_all()
    assert db.session.scalars(select(Asking)).one().said == {}
    assert "4071" not in db.session.scalars(select(PrivatePage.pin_hash)).one()


def test_to_stop_half_way_leaves_nothing(client: Client, team: Organisation) -> None:
    check = answer_all(client)
    client.fill_act("/ask-for-help/stop", on=check)
    assert how_many(Asking) == 0
    assert client.get(check).status_code == 302
    assert how_many(Person) == 0


def test_without_agreement_nothing_is_sent(client: Client, team: Organisation) -> None:
    answer = client.fill(answer_all(client), {})
    assert answer.status_code == 422
    assert how_many(Referral) == 0


def test_sent_twice_it_is_one(client: Client, team: Organisation) -> None:
    page = client.get(answer_all(client))
    client.send_form(page, "/ask-for-help/check", agreed="y")
    again = client.send_form(page, "/ask-for-help/check", agreed="y")
    assert again.status_code in {302, 303}
    assert how_many(Referral) == 1


def test_a_friend_asks_and_the_person_is_told_nothing_before_they_are_asked(
    client: Client, team: Organisation
) -> None:
    check = answer_all(client, start="/ask-for-help/where?for=friend", **FRIEND)
    client.fill(check, {"agreed": "y"})
    referral = the_one()
    assert referral.asked_by is AskedBy.FRIEND
    assert referral.asked_for is not None
    assert referral.asked_for.name == "Ivy Marsh"
    assert [letter.to_address for letter in outbox.waiting()] == [team.email]
    assert how_many(PrivatePage) == 0
    worker = a_link_worker(team)
    page = client.as_(worker).get(f"/caseload/{referral.id}").text
    assert "Ivy Marsh (neighbour)" in page
    assert "Ask them first whether they want it" in page


def test_a_friend_has_to_say_that_the_person_said_yes(client: Client, team: Organisation) -> None:
    client.fill("/ask-for-help/where?for=friend", {"postcode": "E3 3BQ"})
    client.fill("/ask-for-help/why", ANSWERS["why"])
    answer = client.fill("/ask-for-help/friend", {"name": "Ivy Marsh", "is_their": "friend"})
    assert answer.status_code == 422
    assert "Ask them first" in answer.text


def test_who_asks_twice_is_not_told_that_they_are_known(client: Client, team: Organisation) -> None:
    client.fill(answer_all(client), {"agreed": "y"})
    other = client.application.test_client()
    assert isinstance(other, Client)
    done = other.fill(answer_all(other, reach={**FRIEND["reach"]}), {"agreed": "y"})
    assert done.location == "/ask-for-help/sent"
    first, second = db.session.scalars(select(Referral).order_by(Referral.created_at))
    assert first.person.phone == "07700 900 111"
    assert first.person_id != second.person_id, "a stranger changes nobody's record"
    page = client.as_(a_link_worker(team)).get(f"/caseload/{second.id}").text
    assert "Perhaps the same person" in page


def test_from_a_listing_the_activity_comes_along(client: Client, team: Organisation) -> None:
    service = a_listing(name="Knit and natter")
    listing = client.get(f"/activities/{service.slug}").text
    start = f"/ask-for-help?activity={service.slug}"
    assert start in listing
    where = f"/ask-for-help/where?activity={service.slug}"
    assert where in client.get(start).text
    client.fill(answer_all(client, start=where), {"agreed": "y"})
    assert the_one().service is not None


def test_a_slip_becomes_a_self_referral_and_is_counted_but_not_kept_with_it(
    client: Client, team: Organisation
) -> None:
    service = a_listing(name="Knit and natter")
    with saving():
        slip = slips.hand_over(service, by=as_actor(a_clinician(a_practice(team))))
    start = f"/ask-for-help?slip={slips.written(slip.code)}"
    assert "Knit and natter" in client.get(start).text
    client.fill(answer_all(client, start=start.replace("help?", "help/where?")), {"agreed": "y"})
    referral = the_one()
    assert referral.service_id == service.id
    assert slip.turned_on is not None
    unknown = client.get("/ask-for-help?slip=QQQQ-QQQQ")
    assert unknown.status_code == 200, "who has no good slip may ask all the same"
    assert "Knit and natter" not in unknown.text


@pytest.mark.asvs("2.4.1")
def test_more_than_a_person_would_send_is_held_back(client: Client, team: Organisation) -> None:
    for _ in range(12):
        client.fill("/ask-for-help/where", {"postcode": "E3 3BQ"})
    assert client.fill("/ask-for-help/where", {"postcode": "E3 3BQ"}).status_code == 429


def test_where_no_practice_referred_them_the_desk_speaks_of_none(
    client: Client, team: Organisation
) -> None:
    client.fill(answer_all(client), {"agreed": "y"})
    desk, path = client.as_(a_link_worker(team)), f"/caseload/{the_one().id}"
    assert "Ask the practice" not in desk.get(path).text
    asking = desk.get(f"{path}/ask").text
    assert "Ask them a question" in asking
    desk.fill(f"{path}/ask", {"note": "Would mornings suit you?"})
    page = desk.get(path).text
    assert "Asked them a question" in page
    assert "practice" not in desk.get(f"{path}/said-no").text.partition("<main")[2]


def test_somebody_signed_in_who_fills_it_in_with_them_is_not_the_referrer(
    client: Client, team: Organisation
) -> None:
    desk = client.as_(a_link_worker(team))
    desk.fill(answer_all(desk), {"agreed": "y"})
    referral = the_one()
    assert referral.referrer is None
    assert referral.steps[0].by_name == "the person"


def test_where_the_team_has_gone_meanwhile_nothing_is_kept(
    client: Client, team: Organisation
) -> None:
    check = answer_all(client)
    with saving():
        look_after(team, [], by=TEST)
    assert "There is no link worker" in client.get(check).text
    assert how_many(Asking) == 0
