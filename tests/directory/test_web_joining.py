"""Adding a group: seven pages reached by a link, kept as typed, sent once they are checked."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock, outbox
from core.db import db
from core.saving import saving
from directory.joining import ask_for_link
from directory.keeping import facts_of
from directory.models import GroupDraft, Service
from directory.rules import Access, Answer, Life
from tests.builders import BUILDER, MONDAY_MORNING, a_listing
from tests.client import Client
from tests.engines import on_sqlite
from tests.joining_builders import ANSWERS, EMAIL, key_in_letter

pytestmark = on_sqlite

START = "/add-your-group"


@pytest.fixture
def token(app: Flask) -> str:
    """The key in the letter to somebody who adds a group."""
    with saving():
        ask_for_link(EMAIL, "Wendy Lowe", by=BUILDER)
    return key_in_letter()


def fill(client: Client, token: str, page: str, **other: Any) -> Any:
    return client.fill(f"{START}/{token}/{page}", {**ANSWERS[page], **other})


def fill_all(client: Client, token: str) -> None:
    for page in ANSWERS:
        answer = fill(client, token, page)
        assert answer.status_code == 303, (page, answer.text)


def draft() -> GroupDraft:
    return db.session.scalars(select(GroupDraft)).one()


def test_somebody_adds_a_group_by_seven_pages(client: Client) -> None:
    asked = client.fill(START, {"your_name": "Wendy Lowe", "email": EMAIL})
    assert asked.location == f"{START}/check-your-email"
    assert "email" in client.get(asked.location).text
    token = key_in_letter()
    page, seen = client.get(f"{START}/{token}"), []
    for name in ANSWERS:
        seen.append(re.search(r"Question (\d) of 7", page.text)[1])  # type: ignore[index]
        answer = fill(client, token, name)
        page = client.get(answer.location)
    assert seen == list("1234567")
    assert answer.location == f"{START}/{token}/check"
    for words in ("Table tennis", "Fridays", "£1.50", "50 and over", "Step-free access: Yes"):
        assert words.removesuffix("s") in page.text
    assert "Reads like age" in page.text
    sent = client.fill(f"{START}/{token}/check", {"declared": "y"})
    assert "Thank you. We have it" in client.get(sent.location).text

    service = db.session.scalars(select(Service)).one()
    facts = facts_of(service)
    assert service.life is Life.DRAFT
    assert service.organisation.name == "Poplar Bats"
    assert (facts.name, facts.kinds, facts.audiences) == (
        "Table tennis & tea",
        ("moving-more",),
        ("men",),
    )
    assert facts.places[0].postcode == "E3 3TX"
    assert facts.places[0].access[Access.STEP_FREE] is Answer.YES
    assert facts.schedules[0].byday == "FR"
    assert str(facts.cost_options[0].amount) == "1.50"
    assert facts.phones[0].number == "01632 960 987"
    assert draft().service_id == service.id
    letters = [letter for letter in outbox.waiting() if letter.kind == "add-group-sent"]
    assert [letter.to_address for letter in letters] == [EMAIL]
    assert "5 working days" in letters[0].body


def test_nothing_is_shown_to_anybody_before_an_editor_has_looked(
    client: Client, token: str
) -> None:
    fill_all(client, token)
    client.fill(f"{START}/{token}/check", {"declared": "y"})
    slug = db.session.scalars(select(Service.slug)).one()
    assert client.get(f"/activities/{slug}").status_code == 404
    assert "Table tennis" not in client.get("/activities?q=tennis").text


def test_coming_back_by_the_link_goes_on_where_it_was_left(client: Client, token: str) -> None:
    fill(client, token, "about")
    fill(client, token, "when")
    page = client.get(f"{START}/{token}")
    assert "Question 3 of 7" in page.text
    assert "Where is it?" in page.text
    for page_name in ("where", "cost", "who", "arrive", "contact"):
        fill(client, token, page_name)
    assert "Check your answers" in client.get(f"{START}/{token}").text


def test_going_back_finds_what_was_typed(client: Client, token: str) -> None:
    fill_all(client, token)
    assert 'value="Table tennis &amp; tea"' in client.get(f"{START}/{token}/about").text
    when = client.get(f"{START}/{token}/when").text
    assert 'value="2pm"' in when
    assert "Another time" in when
    assert 'value="e33tx"' in client.get(f"{START}/{token}/where").text
    assert "Ring the bell." in client.get(f"{START}/{token}/arrive").text


def test_a_change_leads_back_to_the_check(client: Client, token: str) -> None:
    fill_all(client, token)
    answer = fill(client, token, "cost", cost="free", amount="")
    assert answer.location == f"{START}/{token}/check"
    assert "Free" in client.get(answer.location).text


@pytest.mark.parametrize(
    ("question", "typed", "box", "words"),
    [
        ("about", {"name": " "}, "name", "Enter what it is called"),
        ("about", {"summary": ""}, "summary", "Say in one sentence"),
        ("when", {"whens-0-days": []}, "whens-0-days", "Choose at least one day"),
        ("when", {"whens-0-opens_at": "half ten"}, "whens-0-opens_at", "Enter a time"),
        ("where", {"postcode": ""}, "postcode", "Enter the postcode"),
        ("where", {"postcode": "E99 9ZZ"}, "postcode", "We do not know that postcode"),
        ("cost", {"amount": ""}, "amount", "Enter how much it costs"),
        ("cost", {"amount": "a little"}, "amount", ""),
        ("who", {"eligibility_description": ""}, "eligibility_description", "Say who it is for"),
        ("who", {"maximum_age": "20"}, "maximum_age", "must be above"),
        ("arrive", {"when_you_arrive": ""}, "when_you_arrive", "Say what happens"),
        ("contact", {"phone": ""}, "phone", "Enter a phone number or an email"),
        ("contact", {"phone": "ring me"}, "phone", "Enter a phone number, like"),
        ("contact", {"url": "javascript:x"}, "url", "Enter a web address"),
    ],
)
def test_what_is_wrong_is_told_at_its_box_and_what_was_typed_stays(
    client: Client, token: str, question: str, typed: dict[str, Any], box: str, words: str
) -> None:
    answer = fill(client, token, question, **typed)
    assert answer.status_code == 422
    assert f'id="{box}-error"' in answer.text
    assert words in answer.text
    other = next(value for name, value in ANSWERS[question].items() if name not in typed)
    assert str(other).replace("&", "&amp;") in answer.text
    assert draft().said == {}


def test_it_is_sent_once_and_only_when_declared_to_be_true(client: Client, token: str) -> None:
    fill_all(client, token)
    path = f"{START}/{token}/check"
    assert client.fill(path, {}).status_code == 422
    page = client.get(path)
    assert client.send_form(page, path, declared="y").status_code == 303
    assert client.send_form(page, path, declared="y").status_code in {303, 409}
    assert client.get(path).status_code == 409
    assert len(db.session.scalars(select(Service)).all()) == 1


@pytest.mark.asvs("2.3.1")
def test_it_cannot_be_sent_before_all_is_answered(client: Client, token: str) -> None:
    fill(client, token, "about")
    assert client.get(f"{START}/{token}/check").status_code == 404


def test_what_cannot_be_put_in_days_is_said_in_words(client: Client, token: str) -> None:
    words = {"when_note": "We ring to arrange a time.", "whens-0-days": [], "whens-0-opens_at": ""}
    assert fill(client, token, "when", **words, **{"whens-0-closes_at": ""}).status_code == 303
    for page in ("about", "where", "cost", "who", "arrive", "contact"):
        fill(client, token, page)
    assert "We ring to arrange" in client.get(f"{START}/{token}/check").text
    client.fill(f"{START}/{token}/check", {"declared": "y"})
    service = db.session.scalars(select(Service)).one()
    assert facts_of(service).schedules[0].description == "We ring to arrange a time."


def test_saving_to_see_how_it_reads_stays_on_the_page(client: Client, token: str) -> None:
    answer = fill(client, token, "about", look="yes")
    assert answer.location == f"{START}/{token}/about"
    assert "Reads like age" in client.get(answer.location).text
    assert "look" not in draft().said["about"]


def test_a_listing_much_like_it_is_shown_before_more_is_asked(client: Client, token: str) -> None:
    a_listing("Table tennis and tea")
    fill(client, token, "about")
    fill(client, token, "when")
    answer = fill(client, token, "where", postcode="E3 3BQ")
    assert answer.location == f"{START}/{token}/is-it-here"
    page = client.get(answer.location)
    assert "Is it one of these?" in page.text
    assert "Table tennis and tea" in page.text
    assert "/activities/table-tennis-and-tea-london/ours" in page.text
    onward = client.fill(answer.location, {})
    assert onward.location == f"{START}/{token}/cost"


def test_a_link_page_names_nobody_and_tells_no_other_site_its_address(
    client: Client, token: str
) -> None:
    for path in ("", "/about", "/contact"):
        page = client.get(f"{START}/{token}{path}")
        assert "Wendy" not in page.text
        assert EMAIL not in page.text
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"


def test_a_link_runs_out_and_the_page_says_how_to_get_another(client: Client) -> None:
    with clock.set_to(MONDAY_MORNING):
        with saving():
            ask_for_link(EMAIL, "Wendy Lowe", by=BUILDER)
        token = key_in_letter()
    with clock.set_to(MONDAY_MORNING + timedelta(days=31)):
        answer = client.get(f"{START}/{token}")
        assert answer.status_code == 410
        assert START in answer.text
    assert client.get(f"{START}/{'x' * 43}").status_code == 404


def test_the_same_is_said_whether_a_letter_was_sent_or_not(client: Client) -> None:
    said = {"your_name": "Wendy", "email": EMAIL}
    first = client.fill(START, said)
    second = client.fill(START, said)
    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert len(outbox.waiting()) == 1
    wrong = client.fill(START, {"your_name": "", "email": "wendy"})
    assert wrong.status_code == 422
    assert 'value="wendy"' in wrong.text
