"""Asking groups: one letter a group about what is in doubt, one reminder, then the editors."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock, work
from core.db import db
from core.outbox import Letter
from core.saving import saving
from directory.freshness import enquiries
from directory.freshness.doubt import USUAL
from directory.freshness.enquiries import go_round
from directory.listings import get_listing, get_service, history_of, step
from directory.models import Enquiry, Service
from directory.notices import pause_between
from directory.rules import Life, Step
from tests.builders import MONDAY_MORNING, a_listing, an_editor, an_organisation, an_organiser_of

GROUP = "hello@knitters.example"


@pytest.fixture(autouse=True)
def usual_cycle() -> Iterator[None]:
    yield
    enquiries.set_up({})


def test_a_group_is_asked_about_what_is_in_doubt_by_one_letter_for_all_it_has(app: Flask) -> None:
    group = an_organisation(email=GROUP)
    checked("Knit", organisation=group)
    checked("Sew", organisation=group)
    assert on_day(USUAL.rest - 1) == 0
    assert on_day(USUAL.ask_after) == 1
    [letter] = letters()
    assert (letter.to_address, letter.subject) == (GROUP, "Are your listings still right?")
    assert "- Knit: price and time" in letter.body
    assert "- Sew: price and time" in letter.body
    assert on_day(USUAL.ask_after + 1) == 0


def test_a_group_without_an_address_of_its_own_is_written_to_at_its_listings(app: Flask) -> None:
    checked("Knit", email="knit@hall.example")
    on_day(USUAL.ask_after)
    [letter] = letters()
    assert (letter.to_address, letter.subject) == ("knit@hall.example", "Is Knit still right?")


def test_who_does_not_answer_is_reminded_once_and_then_an_editor_is_told(app: Flask) -> None:
    service = checked("Knit", organisation=an_organisation(email=GROUP))
    asked_on = USUAL.ask_after
    sent = [on_day(asked_on + day) for day in (0, 13, 14, 15, 28, 29)]
    assert sent == [1, 0, 1, 0, 0, 0]
    assert letters()[1].subject == "A reminder: Is Knit still right?"
    assert link_in(letters()[0]) != link_in(letters()[1])
    enquiry = enquiry_about(service)
    assert enquiry.passed_on_at == morning(asked_on + 28)
    assert enquiry.answered_at is None


def test_where_nobody_can_be_written_to_it_is_the_editors_at_once(app: Flask) -> None:
    service = checked("Knit")
    assert on_day(USUAL.ask_after) == 0
    assert not letters()
    assert enquiry_about(service).passed_on_at == morning(USUAL.ask_after)


def test_whoever_answers_is_not_reminded_however_the_answer_came(app: Flask) -> None:
    service = checked("Knit", organisation=an_organisation(email=GROUP))
    on_day(USUAL.ask_after)
    with clock.set_to(morning(USUAL.ask_after + 3)), saving():
        step(service, Step.CHECK, by=an_organiser_of(service.organisation))
    assert on_day(USUAL.ask_after + 14) == 0
    assert enquiry_about(service).answered_at == morning(USUAL.ask_after + 3)


def test_silence_leads_to_not_checked_lately_then_to_hiding_and_one_check_back(
    app: Flask,
) -> None:
    service = checked("Knit", organisation=an_organisation(email=GROUP))
    for day in (240, 254, 268, 269):
        on_day(day)
    assert get_service(service.id).life is Life.LIVE
    on_day(270)
    assert get_service(service.id).life is Life.NEEDS_CHECKING
    assert get_listing(service.slug).id == service.id
    on_day(364)
    assert get_service(service.id).life is Life.NEEDS_CHECKING
    on_day(365)
    hidden = get_service(service.id)
    assert hidden.life is Life.HIDDEN
    assert history_of(hidden)[0].by == "system:freshness"
    with clock.set_to(morning(380)), saving():
        step(hidden, Step.CHECK, by=an_organiser_of(hidden.organisation))
    assert get_listing(service.slug).assured_on == morning(380).date()


def test_a_listing_of_somebodys_feed_is_doubted_and_never_hidden(app: Flask) -> None:
    service = checked("Knit")
    with saving():
        service.source, service.source_id = "council", "1"
    for day in (240, 270, 365, 500):
        on_day(day)
    assert get_service(service.id).life is Life.NEEDS_CHECKING


def test_no_group_has_more_than_three_letters_in_a_year(app: Flask) -> None:
    enquiries.set_up({"ask_again_after": "40", "hide_after": "5000"})
    checked("Knit", organisation=an_organisation(email=GROUP))
    sent = sum(on_day(day) for day in range(240, 240 + 364, 7))
    assert sent == USUAL.letters_a_year


def test_a_day_has_only_so_many_letters_and_the_most_doubtful_come_first(app: Flask) -> None:
    enquiries.set_up({"letters_a_day": "1"})
    checked("Checked", organisation=an_organisation("B", email="b@groups.example"))
    checked("Shaky", organisation=an_organisation("A", email="a@groups.example"), days_before=100)
    assert [on_day(day) for day in (260, 261, 262)] == [1, 1, 0]
    assert [each.to_address for each in letters()] == ["a@groups.example", "b@groups.example"]


def test_nobody_is_asked_while_they_are_away(app: Flask) -> None:
    service = checked("Knit", organisation=an_organisation(email=GROUP))
    away = morning(235)
    with clock.set_to(away), saving():
        first, last = away.date(), away.date() + timedelta(days=20)
        pause_between(service, first, last, by=an_editor())
    assert on_day(USUAL.ask_after) == 0
    assert on_day(USUAL.ask_after + 30) == 1


def test_the_background_loop_does_it_once_a_day(app: Flask) -> None:
    checked("Knit", organisation=an_organisation(email=GROUP))
    with clock.set_to(morning(USUAL.ask_after)):
        work.run_until_empty()
        work.run_until_empty()
    assert [each.to_address for each in letters()] == [GROUP]


def checked(name: str, *, days_before: int = 0, **facts: object) -> Service:
    """A listing an editor has checked on the first morning, or some days before it."""
    with clock.set_to(morning(-days_before)), saving():
        service = a_listing(name, **facts)  # type: ignore[arg-type]
        step(service, Step.CHECK, by=an_editor())
    return service


def morning(day: int) -> datetime:
    return MONDAY_MORNING + timedelta(days=day)


def on_day(day: int) -> int:
    with clock.set_to(morning(day)):
        return go_round()


def letters() -> list[Letter]:
    kinds = Letter.kind.startswith("still-right")
    db.session.rollback()
    return list(db.session.scalars(select(Letter).where(kinds).order_by(Letter.written_at)))


def link_in(letter: Letter) -> str:
    found = re.search(r"https?://\S+/still-right/\S+", letter.body)
    assert found is not None
    return found[0]


def enquiry_about(service: Service) -> Enquiry:
    db.session.rollback()
    found = db.session.scalar(select(Enquiry).where(Enquiry.service_id == service.id))
    assert found is not None
    return found
