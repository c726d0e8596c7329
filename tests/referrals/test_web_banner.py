"""The clinician's page from a pasted banner: read back before use, and nothing typed is lost."""

import html
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from accounts import User
from core import clock
from core.db import db
from core.outbox import Letter
from referrals.models import AddedNote, Referral, Task
from referrals.rules import Basis, Status
from tests.builders import a_listing
from tests.client import Client
from tests.engines import on_sqlite
from tests.referral_builders import (
    a_clinician,
    a_link_worker,
    a_new_person,
    a_referral,
)

pytestmark = on_sqlite

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
BANNER = (
    "GREENWOOD, Joan (Mrs)\tBorn 31-Mar-1948 (78y)\tGender Female\tNHS No. 999 000 0018\n"
    "Address 12 Canary Lane, London, E3 3BQ\tHome 01632 960 204"
)
OTHER = BANNER.replace("999 000 0018", "999 000 0026").replace("Joan", "Rita")


@pytest.fixture
def clinician(client: Client) -> User:
    user = a_clinician()
    client.as_(user)
    return user


def fill_in(client: Client, banner: str, path: str = "/refer", **typed: Any) -> TestResponse:
    return client.send_form(client.get(path), path, banner=banner, fill="yes", **typed)


def value_of(page: TestResponse, name: str) -> str:
    found = re.search(
        rf'<(?:input|textarea)[^>]*name="{name}"[^>]*?(?:value="([^"]*)"|>([^<]*))', page.text
    )
    return html.unescape((found[1] or found[2] or "").strip()) if found else ""


def read_back(page: TestResponse) -> str:
    found = re.search(r'<div class="k-patient".*?</div>', page.text, re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found[0])).split()) if found else ""


def as_read(page: TestResponse, **changes: Any) -> dict[str, Any]:
    """What the page would send, as it was filled in."""
    names = (
        "name",
        "born_on-day",
        "born_on-month",
        "born_on-year",
        "nhs_number",
        "postcode",
        "reach",
    )
    route = re.search(r'<option value="([^"]+)" selected', page.text)
    read = {name: value_of(page, name) for name in names}
    return read | {"contact_route": route[1] if route else ""} | changes


def sent_by(user: User) -> list[Referral]:
    db.session.rollback()
    return list(db.session.scalars(select(Referral).where(Referral.referrer_id == user.id)))


def test_a_pasted_banner_is_read_back_and_sent_with_a_reason(
    client: Client, clinician: User
) -> None:
    page = fill_in(client, BANNER)
    assert page.status_code == 200
    assert read_back(page).startswith(
        "Joan Greenwood Born 31 March 1948 NHS 999 000 0018 01632 960 204 E3 3BQ"
    )
    assert not sent_by(clinician), "it was read, and nobody has agreed yet"
    answer = client.send_form(page, "/refer", **as_read(page, reasons=["lonely"]))
    [made] = sent_by(clinician)
    assert answer.location == f"/refer/sent/{made.id}", "nothing about anybody is in the address"
    assert made.consents[0].basis is Basis.AGREED
    assert (made.person.nhs_number, made.person.phone) == ("9990000018", "01632 960 204")


@pytest.mark.parametrize(
    ("wrong", "right", "says"),
    [
        ("999 000 0019", "999 000 0018", "one of its 10 digits is not right"),
        ("31-Mar-2948", "31-Mar-1948", "Date of birth must be in the past"),
        ("31-Feb-1948", "31-Mar-1948", "Date of birth must be a real date"),
    ],
)
def test_what_is_wrong_in_a_banner_is_said_at_its_field_and_all_is_kept(
    client: Client, clinician: User, wrong: str, right: str, says: str
) -> None:
    page = fill_in(
        client, BANNER.replace(right, wrong), note="Rings after ten.", reasons=["lonely"]
    )
    assert page.status_code == 422
    assert page.text.count(says) == 2, "in the summary and at the field"
    assert page.text.count("govuk-error-message") == 1, (
        "what is still to be chosen is not wrong yet"
    )
    assert value_of(page, "name") == "Joan Greenwood"
    assert "Rings after ten." in page.text
    assert 'value="lonely" checked' in page.text
    assert not read_back(page)


def test_what_could_not_be_read_is_said(client: Client, clinician: User) -> None:
    page = fill_in(client, "GREENWOOD, Joan (Mrs)  Born 31-Mar-1948  NHS No. 999 000 0018")
    assert page.status_code == 200
    assert "We could not read their postcode, a phone number." in page.text
    nothing = fill_in(client, "see attached")
    assert nothing.status_code == 422
    assert "We could not read that." in nothing.text
    assert value_of(nothing, "banner") == "see attached"


def test_of_another_patient_nothing_stays_behind(client: Client, clinician: User) -> None:
    first = fill_in(client, BANNER)
    typed = as_read(first, note="About Joan only.", reasons=["memory"])
    same = client.send_form(first, "/refer", **typed, banner=BANNER, fill="yes")
    assert "About Joan only." in same.text
    other = client.send_form(first, "/refer", **typed, banner=OTHER, fill="yes")
    assert "Rita Greenwood" in read_back(other)
    assert "Joan" not in other.text
    assert 'value="memory" checked' not in other.text


def test_somebody_who_cannot_agree_comes_from_a_banner_too(client: Client, clinician: User) -> None:
    page = fill_in(client, BANNER, "/refer/best-interests")
    typed = as_read(page, reasons=["memory"])
    refused = client.send_form(page, "/refer/best-interests", **typed)
    assert refused.status_code == 422
    client.send_form(refused, "/refer/best-interests", **typed, why="Her daughter agrees.")
    [made] = sent_by(clinician)
    assert made.consents[0].basis is Basis.BEST_INTERESTS


def test_somebody_referred_already_gets_a_note_instead(client: Client, clinician: User) -> None:
    with clock.set_to(MONDAY):
        worker = a_link_worker(clinician.memberships[0].organisation.link_worker_team)
        first = a_referral(
            Status.ACCEPTED,
            referrer=clinician,
            link_worker=worker,
            person=a_new_person(nhs_number="9990000018"),
        )
    page = fill_in(client, BANNER)
    assert page.status_code == 422
    assert f"Already with {worker.name} since 23 November 2026: add a note" in page.text
    assert "They agree: send referral" not in page.text
    answer = client.send_form(page, f"/my-referrals/{first.id}/note", note="She has moved.")
    assert answer.location == f"/my-referrals/{first.id}"
    assert "She has moved." in client.get(answer.location).text
    [note] = db.session.scalars(select(AddedNote))
    assert (note.words, note.by_name) == ("She has moved.", clinician.name)
    [task] = db.session.scalars(select(Task).where(Task.referral_id == first.id))
    assert task.words == "Read the note from the practice"
    [letter] = db.session.scalars(select(Letter).where(Letter.kind == "news-for-link-worker"))
    assert letter.to_address == worker.email
    assert "moved" not in letter.body
    assert len(sent_by(clinician)) == 1


def test_a_note_for_somebody_else_s_referral_is_no_page(client: Client, clinician: User) -> None:
    theirs = a_referral(person=a_new_person(nhs_number="9990000018"))
    assert "Already with" not in fill_in(client, BANNER).text, "another practice knows of her"
    page = client.get("/refer")
    assert client.send_form(page, f"/my-referrals/{theirs.id}/note", note="x").status_code == 404


def test_an_age_that_does_not_fit_is_said_before_sending_and_the_wish_can_be_left_out(
    client: Client, clinician: User
) -> None:
    slug = a_listing("Young makers", maximum_age=25).slug
    page = fill_in(client, BANNER, f"/refer?activity={slug}")
    assert page.status_code == 422
    assert "Young makers is for people of 25 or younger. They are 78." in page.text
    typed = as_read(page, reasons=["lonely"])
    assert client.send_form(page, f"/refer?activity={slug}", **typed).status_code == 422
    carried = client.send_form(page, "/refer", **typed, carry="yes")
    assert carried.status_code == 200
    client.send_form(carried, "/refer", **typed)
    assert sent_by(clinician)[0].service is None


def test_a_long_way_is_said_once_before_sending_and_never_after(
    client: Client, clinician: User
) -> None:
    path = f"/refer?activity={a_listing('Sea swim').slug}"
    far_away = BANNER.replace("E3 3BQ", "PR1 8UQ")
    page = fill_in(client, far_away, path)
    assert "miles from their home" in page.text
    assert client.send_form(page, path, **as_read(page, reasons=["lonely"])).status_code == 303
    # typed by hand it was not said yet: then it is, and the second press sends
    typed = as_read(fill_in(client, OTHER.replace("E3 3BQ", "PR1 8UQ"), path), reasons=["lonely"])
    first = client.send_form(client.get(path), path, **typed)
    assert (first.status_code, "miles from their home" in first.text) == (422, True)
    assert client.send_form(first, path, **typed).status_code == 303
    assert len(sent_by(clinician)) == 2


def test_evidence_stands_beside_the_wish(client: Client, clinician: User) -> None:
    page = client.get(f"/refer?activity={a_listing('Knit and natter').slug}").text
    assert "What came of it so far" in page
    assert "From clinicians near you" in page
