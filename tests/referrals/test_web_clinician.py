"""The clinician's desk: one page to refer, nothing typed is lost, and everybody hears the same."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from accounts import User
from core import clock
from core.audit import AuditEntry
from core.db import db
from directory.listings import step
from directory.rules import Step
from referrals.models import Referral
from referrals.rules import Basis, ContactRoute, Reason, Status
from tests.builders import BUILDER, a_listing
from tests.client import Client
from tests.engines import on_sqlite
from tests.referral_builders import (
    a_clinician,
    a_link_worker,
    a_new_person,
    a_nhs_number,
    a_practice,
    a_practice_admin,
    a_referral,
    as_actor,
    in_one_work,
)

pytestmark = on_sqlite

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def clinician(client: Client) -> User:
    """A clinician, signed in."""
    user = a_clinician()
    client.as_(user)
    return user


def whom(**changes: Any) -> dict[str, Any]:
    """What a clinician types about somebody who agrees."""
    typed = {
        "name": "Joan  Greenwood",
        "preferred_name": "Joanie",
        "born_on-day": "31",
        "born_on-month": "3",
        "born_on-year": "1948",
        "nhs_number": "943 476 5919",
        "postcode": "e33bq",
        "contact_route": "phone",
        "reach": "01632 960 204",
        "communication_needs": "Large print",
        "reasons": ["bereavement", "lonely"],
        "note": "Rings after ten are best.",
    }
    return typed | changes


def a_checked_listing(name: str, **facts: Any) -> None:
    with in_one_work():
        step(a_listing(name, **facts), Step.CHECK, by=BUILDER)


def sent_by(user: User) -> list[Referral]:
    db.session.rollback()
    return list(db.session.scalars(select(Referral).where(Referral.referrer_id == user.id)))


def words_of(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", page))


def test_one_page_and_one_button_send_somebody_to_the_link_workers(
    client: Client, clinician: User
) -> None:
    answer = client.fill("/refer", whom())
    [made] = sent_by(clinician)
    assert (answer.status_code, answer.location) == (303, f"/refer/sent/{made.id}")
    assert made.status is Status.SENT
    assert made.reasons == [Reason.LONELY, Reason.BEREAVEMENT]
    assert made.consents[0].basis is Basis.AGREED
    person = made.person
    assert (person.name, person.called) == ("Joan Greenwood", "Joanie")
    assert (person.nhs_number, person.postcode) == ("9434765919", "E3 3BQ")
    assert (person.contact_route, person.phone) == (ContactRoute.PHONE, "01632 960 204")


def test_pressing_the_button_twice_makes_one_referral(client: Client, clinician: User) -> None:
    page = client.get("/refer")
    answers = [client.send_form(page, "/refer", **whom()) for _ in range(2)]
    assert len(sent_by(clinician)) == 1
    assert answers[0].location == answers[1].location


@pytest.mark.asvs("2.2.2")
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": " "}, "Enter their full name"),
        ({"born_on-year": "2948"}, "Date of birth must be in the past"),
        ({"born_on-month": ""}, "Date of birth must include a month"),
        ({"nhs_number": ""}, "Enter their NHS number, or tick that you have none to hand"),
        ({"nhs_number": "943 476 5918"}, "one of its 10 digits is not right"),
        ({"postcode": "E3"}, "Enter a full postcode, like E3 3BQ"),
        ({"contact_route": ""}, "Choose how the link worker may reach them"),
        ({"reach": ""}, "Enter the phone number to ring"),
        ({"reach": "by the church"}, "Enter a phone number, like"),
        ({"contact_route": "email"}, "Enter an email address, like name@example.com"),
        ({"contact_route": "letter", "reach": ""}, "Enter the address to write to"),
        ({"contact_route": "someone-else", "reach": ""}, "Enter whom to ask for"),
        ({"reasons": []}, "Choose at least one reason"),
        ({"note": "x" * 501}, "Use 500 letters or fewer"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    client: Client, clinician: User, changes: dict[str, Any], says: str
) -> None:
    answer = client.fill("/refer", whom(**changes))
    assert answer.status_code == 422
    assert words_of(answer.text).count(says) == 2, "in the summary and at the field"
    assert answer.text.count("<title>Error: ") == 1
    for name, value in whom(**changes).items():
        if name not in {"reasons", "contact_route"} and value:
            assert html.escape(value) in answer.text, name
    for reason in whom(**changes)["reasons"]:
        assert re.search(rf'value="{reason}" checked', answer.text)
    assert not sent_by(clinician)


@pytest.mark.parametrize(
    ("route", "reach", "kept"),
    [
        ("text", "07700 900 123", "phone"),
        ("email", "joan@people.example", "email"),
        ("letter", "12 Canary Lane", "address"),
        ("someone-else", "Her son Ravi, 07700 900 321", "contact_note"),
    ],
)
def test_each_way_to_reach_somebody_keeps_what_it_needs_and_no_more(
    client: Client, clinician: User, route: str, reach: str, kept: str
) -> None:
    client.fill("/refer", whom(contact_route=route, reach=reach))
    person = sent_by(clinician)[0].person
    facts = {name: getattr(person, name) for name in ("phone", "email", "address", "contact_note")}
    assert {name: value for name, value in facts.items() if value} == {kept: reach}


def test_somebody_without_a_number_to_hand_is_referred_with_a_tick(
    client: Client, clinician: User
) -> None:
    client.fill("/refer", whom(nhs_number="", no_number="y"))
    assert sent_by(clinician)[0].person.nhs_number is None


def test_somebody_already_referred_is_shown_where_they_are(client: Client, clinician: User) -> None:
    number = a_nhs_number()
    with clock.set_to(MONDAY):
        first = a_referral(
            Status.ACCEPTED, referrer=clinician, person=a_new_person(nhs_number=number)
        )
    owner = first.owner.name if first.owner else ""
    answer = client.fill("/refer", whom(nhs_number=number))
    assert answer.status_code == 422
    assert f"Already with {owner} since 23 November 2026: add a note" in words_of(answer.text)
    assert f"/my-referrals/{first.id}" in answer.text
    assert "Rings after ten are best." in answer.text
    assert len(sent_by(clinician)) == 1


def test_a_number_with_another_birthday_is_refused_without_saying_whose_it_is(
    client: Client, clinician: User
) -> None:
    known = a_referral(referrer=clinician, person=a_new_person(name="Zelda Quill"))
    number = known.person.nhs_number
    answer = client.fill("/refer", whom(**{"nhs_number": number, "born_on-year": "1950"}))
    assert answer.status_code == 422
    assert "somebody with another date of birth" in answer.text
    for secret in ("Zelda", known.ref, str(known.id)):
        assert secret not in answer.text


def test_another_practice_learns_nothing_of_who_is_known_here(client: Client) -> None:
    number = a_nhs_number()
    a_referral(person=a_new_person(nhs_number=number))
    stranger = a_clinician()
    client.as_(stranger)
    assert client.fill("/refer", whom(nhs_number=number)).status_code == 303


def test_somebody_who_cannot_agree_goes_another_way_with_all_that_was_typed(
    client: Client, clinician: User
) -> None:
    page = client.get("/refer")
    assert 'formaction="/refer/best-interests"' in page.text
    carried = client.send_form(page, "/refer/best-interests", **whom(name="Jo"), carry="yes")
    assert carried.status_code == 200
    assert "Rings after ten are best." in carried.text
    assert "There is a problem" not in carried.text
    refused = client.send_form(carried, "/refer/best-interests", **whom())
    assert refused.status_code == 422
    assert "Say why this is in their best interests" in refused.text
    client.send_form(refused, "/refer/best-interests", **whom(why="Her daughter agrees."))
    [made] = sent_by(clinician)
    assert (made.consents[0].basis, made.consents[0].why) == (
        Basis.BEST_INTERESTS,
        "Her daughter agrees.",
    )


def test_a_practice_without_link_workers_is_told_so_and_sees_what_was_typed(
    client: Client,
) -> None:
    client.as_(a_clinician(a_practice(has_team=False)))
    answer = client.fill("/refer", whom())
    assert answer.status_code == 409
    assert "no link-worker team yet" in answer.text
    assert "Rings after ten are best." in answer.text


def test_from_an_activity_the_wish_travels_with_the_referral(
    client: Client, clinician: User
) -> None:
    slug = a_listing("Knit and natter").slug
    assert f"/refer?activity={slug}" in client.get(f"/activities/{slug}").text
    page = client.get(f"/refer?activity={slug}")
    assert "You would like them to try" in page.text
    assert f'formaction="/refer/best-interests?activity={slug}"' in page.text
    client.send_form(page, f"/refer?activity={slug}", **whom())
    [made] = sent_by(clinician)
    assert made.service is not None
    assert made.service.slug == slug
    assert "Asked for: Knit and natter." in client.get(f"/refer/sent/{made.id}").text


def test_nobody_else_is_offered_to_refer_from_an_activity(client: Client) -> None:
    page = f"/activities/{a_listing().slug}"
    assert "Refer someone" not in client.get(page).text
    client.as_(a_link_worker())
    assert "/refer?" not in client.get(page).text


def test_what_is_nearest_can_be_handed_over_at_once(client: Client) -> None:
    practice = a_practice()
    with in_one_work():
        practice.postcode = "E3 3BQ"
        db.session.add(practice)
    a_checked_listing("Knit and natter")
    a_checked_listing("Stitch and chat")
    a_checked_listing("Sound bath", kinds=("talking-and-support",), referral_needed=True)
    a_checked_listing("Old friends", kinds=("outdoors-and-nature",))
    a_listing("Never checked", kinds=("bereavement",))
    client.as_(a_clinician(practice))
    offered = client.get("/refer").text.partition("Or hand over something now")[2]
    names = re.findall(r'<li><a class="govuk-link" href="/activities/[^"]+">([^<]+)', offered)
    assert len(names) == 2, "one of each kind, and none that needs a referral"
    assert "Old friends" in names


def test_the_words_for_the_record_hold_the_code_once_and_stay_the_same(
    client: Client, clinician: User
) -> None:
    with clock.set_to(MONDAY):
        client.as_(clinician)
        client.fill("/refer", whom())
        [made] = sent_by(clinician)
        first = client.get(f"/refer/sent/{made.id}").text
    with clock.set_to(MONDAY + timedelta(days=9)):
        client.as_(clinician)
        later = client.get(f"/refer/sent/{made.id}").text
    record = re.compile(r"<textarea[^>]* readonly[^>]*>\n?(.*?)</textarea>", re.DOTALL)
    texts = [record.search(page)[1] for page in (first, later)]  # type: ignore[index]
    assert texts[0] == texts[1]
    assert texts[0].count("871731000000106") == 1
    assert "Reason: Lonely or few contacts; Bereavement." in texts[0]
    assert "First contact by 25 November 2026." in texts[0]
    assert "Joan" not in texts[0], "it is pasted into her own record"
    assert f"Reference {made.ref}" in first
    assert "They ring Joan Greenwood by Wed 25 Nov." in words_of(first)


def test_the_record_says_when_somebody_could_not_agree(client: Client, clinician: User) -> None:
    client.fill("/refer/best-interests", whom(why="Her daughter agrees."))
    [made] = sent_by(clinician)
    page = client.get(f"/refer/sent/{made.id}").text
    assert "Sent in their best interests: Her daughter agrees." in page
    assert "They agreed to share" not in page


@pytest.mark.asvs("8.2.2")
@pytest.mark.parametrize("path", ["/refer/sent/{}", "/my-referrals/{}", "/my-referrals/{}/mistake"])
def test_a_stranger_cannot_know_that_a_referral_exists(client: Client, path: str) -> None:
    made = a_referral()
    client.as_(a_clinician())
    assert client.get(path.format(made.id)).status_code == 404


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("path", ["/refer", "/refer/best-interests"])
def test_only_clinicians_refer(client: Client, path: str) -> None:
    assert client.get(path).status_code == 302
    client.as_(a_practice_admin(a_practice()))
    assert client.get(path).status_code == 404


@pytest.mark.asvs("16.2.1")
def test_opening_a_referral_is_written_down(client: Client, clinician: User) -> None:
    made = a_referral(referrer=clinician)
    for path in (f"/my-referrals/{made.id}", f"/refer/sent/{made.id}"):
        client.get(path)
    looks = select(func.count()).where(
        AuditEntry.action == "looked",
        AuditEntry.about == made.about,
        AuditEntry.by == as_actor(clinician).ref,
    )
    assert db.session.scalar(looks) == 2


def test_refer_is_the_first_thing_a_clinician_sees(client: Client, clinician: User) -> None:
    menu = re.search(r'<nav class="k-nav".*?</nav>', client.get("/refer").text, re.DOTALL)
    assert menu
    assert re.findall(r">([^<>]+)</a>", menu.group()) == [
        "Refer",
        "My referrals",
        "What happened",
        "Find activities",
        "Shortlist",
    ]
