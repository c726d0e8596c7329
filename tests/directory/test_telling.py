"""What people without an account tell us: something is wrong, this is ours, I wish there were."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock, outbox, work
from core.db import db
from core.errors import BadInput, Refused
from core.saving import saving
from core.spreadsheets import as_csv
from directory.desk import claims, reports, wishes
from directory.desk.sendings import MOST_AN_HOUR, note_sending
from directory.listings import letter_address
from directory.models import Claim, Report, Sending, Service, Wish
from directory.rules import Aspect, Decision
from tests.builders import (
    BUILDER,
    MONDAY_MORNING,
    a_listing,
    a_user,
    an_organisation,
)
from tests.client import Client
from tests.engines import on_sqlite

WRONG = {"about": "time", "words": "It is on Thursdays now.", "email": "mo@home.example"}
OURS = {"your_name": "Sheila", "email": "new@knitters.example", "words": "Ring 01632 960 102."}


@pytest.fixture(autouse=True)
def _monday_morning(app: Flask) -> Iterator[None]:
    with clock.set_to(MONDAY_MORNING):
        yield


@pytest.fixture
def listing(app: Flask) -> Service:
    """A listing that somebody else keeps already."""
    group = an_organisation(email="old@knitters.example")
    a_user(group)
    return a_listing(organisation=group)


def a_report(service: Service, about: str = Aspect.TIME, email: str = "mo@home.example") -> Report:
    with saving():
        reports.report(service, about, "It is on Thursdays.", email, by=BUILDER)
    return reports.waiting_reports()[-1]


def a_claim(service: Service) -> Claim:
    with saving():
        claims.claim(service, "Sheila", "new@knitters.example", "", by=BUILDER)
    return claims.waiting_claims()[-1]


def letters() -> dict[str, outbox.Letter]:
    return {letter.to_address: letter for letter in outbox.waiting()}


def test_a_report_reaches_the_editors_and_puts_that_part_in_doubt(listing: Service) -> None:
    a_report(listing)
    assert [each.service_id for each in reports.waiting_reports()] == [listing.id]
    assert reports.doubted([listing.id]) == {listing.id: {Aspect.TIME}}


def test_that_it_has_stopped_puts_time_and_contact_in_doubt(listing: Service) -> None:
    a_report(listing, reports.STOPPED)
    assert reports.doubted([listing.id])[listing.id] == {Aspect.TIME, Aspect.CONTACT}


def test_who_reported_is_told_what_came_of_it_and_then_forgotten(listing: Service) -> None:
    made = a_report(listing)
    with saving():
        reports.answer_report(made, "They moved to Thursdays.", accept=True, by=BUILDER)
    letter = letters()["mo@home.example"]
    assert "They moved to Thursdays." in letter.body
    assert listing.name in letter.body
    assert made.email == ""
    assert reports.doubted([listing.id]) == {}


def test_who_left_no_address_gets_no_letter(listing: Service) -> None:
    made = a_report(listing, email="")
    with saving():
        reports.answer_report(made, "", accept=False, by=BUILDER)
    assert outbox.waiting() == []


def test_a_report_is_answered_once(listing: Service) -> None:
    made = a_report(listing)
    with saving():
        reports.answer_report(made, "", accept=True, by=BUILDER)
    with pytest.raises(Refused), saving():
        reports.answer_report(made, "", accept=False, by=BUILDER)


def test_a_reporters_address_is_forgotten_even_if_nobody_answers(listing: Service) -> None:
    a_report(listing)
    with clock.set_to(MONDAY_MORNING + timedelta(days=91)):
        work.run_until_empty()
    assert list(db.session.scalars(select(Report.email))) == [""]


def test_the_letter_to_a_reporter_forgets_its_address_after_a_week(listing: Service) -> None:
    made = a_report(listing)
    with saving():
        reports.answer_report(made, "", accept=True, by=BUILDER)
    work.run_until_empty()
    with clock.set_to(MONDAY_MORNING + timedelta(days=8)):
        work.run_until_empty()
    found = db.session.scalars(select(outbox.Letter).where(outbox.Letter.kind == reports.LETTER))
    assert [(letter.to_address, "mo@" in letter.same_as) for letter in found] == [("", False)]


def test_a_listing_is_not_buried_under_reports(listing: Service) -> None:
    with saving():
        for _ in range(reports.MOST_WAITING + 5):
            reports.report(listing, Aspect.TIME, "Wrong.", by=BUILDER)
    assert len(reports.waiting_reports()) == reports.MOST_WAITING


def test_an_accepted_claim_moves_the_letters_and_tells_the_old_keepers(listing: Service) -> None:
    [keeper] = [each for each in claims.old_keepers(listing) if each != "old@knitters.example"]
    made = a_claim(listing)
    with saving():
        claims.decide_claim(made, "Welcome.", accept=True, by=BUILDER)
    assert letter_address(listing) == "new@knitters.example"
    assert listing.organisation.email == "old@knitters.example", "what is printed is theirs to say"
    assert set(letters()) == {"new@knitters.example", "old@knitters.example", keeper}
    assert "/still-right/" in letters()["new@knitters.example"].body
    assert "Sheila" not in letters()["old@knitters.example"].body
    assert "new@knitters.example" not in letters()["old@knitters.example"].body


def test_a_refused_claim_changes_nothing_but_tells_them_why(listing: Service) -> None:
    made = a_claim(listing)
    with saving():
        claims.decide_claim(made, "Nobody answered the phone.", accept=False, by=BUILDER)
    assert letter_address(listing) == "old@knitters.example"
    assert set(letters()) == {"new@knitters.example"}
    assert "Nobody answered the phone." in letters()["new@knitters.example"].body


def test_who_claimed_is_forgotten_long_after(listing: Service) -> None:
    made = a_claim(listing)
    with saving():
        claims.decide_claim(made, "", accept=False, by=BUILDER)
    work.run_until_empty()
    with clock.set_to(MONDAY_MORNING + timedelta(days=91)):
        work.run_until_empty()
    [kept] = db.session.scalars(select(Claim))
    assert (kept.your_name, kept.email) == ("", "")
    assert kept.decision is Decision.REFUSED


@pytest.mark.parametrize(
    ("typed", "place", "rounded"),
    [
        ("E3 3BQ", "E3", True),
        ("Horsham", "Horsham, West Sussex", True),
        ("", "", False),
        ("51.52941, -0.02041", "Bow", True),
    ],
)
def test_a_wish_keeps_no_more_than_about_where(
    app: Flask, typed: str, place: str, rounded: bool
) -> None:
    with saving():
        wishes.wish("A slow walking group", typed, ["evening", "morning"], by=BUILDER)
    [kept] = db.session.scalars(select(Wish))
    assert kept.place.startswith(place.partition(",")[0])
    assert kept.times == "morning,evening"
    assert (kept.latitude is not None) is rounded
    if kept.latitude is not None:
        assert kept.latitude == round(kept.latitude, 2)


@pytest.mark.parametrize(
    "words", ["Ring me on 07700 900 982", "Write to mo@home.example", "I live at E3 3BQ"]
)
def test_a_wish_does_not_say_who_wishes(app: Flask, words: str) -> None:
    with pytest.raises(BadInput), saving():
        wishes.wish(words, "", [], by=BUILDER)


def test_wishes_are_read_place_by_place(app: Flask) -> None:
    with saving():
        for words, place in (("Choir", "E3 3BQ"), ("Chess", ""), ("Yoga", "E3 2AA")):
            wishes.wish(words, place, [], by=BUILDER)
    found = wishes.wishes_by_place()
    assert [(each.place, len(each.wishes)) for each in found] == [("E3", 2), ("", 1)]


def test_a_file_for_a_spreadsheet_runs_nothing() -> None:
    file = as_csv(["words", "miles"], [['=HYPERLINK("x")', -0.5], ["@sum", None]])
    assert file.splitlines() == ["\ufeffwords,miles", '"\'=HYPERLINK(""x"")",-0.5', "'@sum,"]


def test_nobody_sends_more_in_an_hour_than_a_person_would(app: Flask) -> None:
    with saving():
        for _ in range(MOST_AN_HOUR):
            note_sending("somebody")
        note_sending("somebody else")
    with pytest.raises(BadInput) as refused, saving():
        note_sending("somebody")
    assert refused.value.status == 429
    with clock.set_to(MONDAY_MORNING + timedelta(hours=2)):
        work.run_until_empty()
        assert list(db.session.scalars(select(Sending))) == []


@on_sqlite
def test_somebody_without_an_account_reports_a_listing(client: Client, listing: Service) -> None:
    page = f"/activities/{listing.slug}/wrong"
    assert page in client.get(f"/activities/{listing.slug}").text
    assert client.fill(page, {"words": ""}).status_code == 422
    sent = client.fill(page, WRONG, follow_redirects=True)
    assert "A person will look at it" in sent.text
    [made] = db.session.scalars(select(Report))
    assert (made.about, made.email) == ("time", "mo@home.example")
    assert not [each for each in db.session.scalars(select(Sending)) if "127" in each.who]


@on_sqlite
def test_a_machine_that_fills_in_everything_is_thanked_and_not_heard(
    client: Client, listing: Service
) -> None:
    for page, said in (("wrong", WRONG), ("ours", OURS)):
        answer = client.fill(
            f"/activities/{listing.slug}/{page}", {**said, "homepage": "https://spam.example"}
        )
        assert answer.status_code == 303
    assert list(db.session.scalars(select(Report))) == []
    assert list(db.session.scalars(select(Claim))) == []


@on_sqlite
def test_a_group_says_that_a_listing_is_its_own(client: Client, listing: Service) -> None:
    page = f"/activities/{listing.slug}/ours"
    assert client.fill(page, {**OURS, "email": "no"}).status_code == 422
    assert "write to you" in client.fill(page, OURS, follow_redirects=True).text
    [made] = db.session.scalars(select(Claim))
    assert made.email == "new@knitters.example"


@on_sqlite
def test_somebody_leaves_a_wish(client: Client) -> None:
    page = client.fill("/wish", {"words": "Ring 07700 900982 about a choir", "place": "Nowhereham"})
    assert page.status_code == 422
    assert "Please take out phone numbers" in page.text
    assert "We do not know that place" in page.text
    said = {"words": "A choir", "place": "e3 3bq", "times": "evening"}
    assert client.fill("/wish", said).status_code == 303
    [kept] = db.session.scalars(select(Wish))
    assert (kept.words, kept.place, kept.times) == ("A choir", "E3", "evening")
