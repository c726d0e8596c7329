"""Adding a group, behind its pages: few letters, one listing, the right group, soon forgotten."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts import Organisation, OrganisationKind
from core import clock, outbox
from core.db import db
from core.errors import Refused
from core.saving import saving
from directory.facts import ListingFacts, PhoneFacts, PlaceFacts
from directory.joining import (
    MOST_DRAFTS_A_DAY,
    MOST_LETTERS_A_DAY,
    ask_for_link,
    forget_old_drafts,
    keep,
    send,
)
from directory.listings import history_of, letter_address, step
from directory.models import GroupDraft, Photo, Service
from directory.photos import add_to_draft, photos_of
from directory.rules import Life, Step
from tests.builders import BUILDER, MONDAY_MORNING, an_organisation
from tests.client import Client
from tests.joining_builders import EMAIL, a_picture

FACTS = ListingFacts(
    name="Table tennis and tea",
    email="bats@poplar.example",
    phones=(PhoneFacts(number="01632 960 987"),),
    places=(PlaceFacts(postcode="E3 3TX"),),
)


def ask(email: str = EMAIL) -> None:
    with saving():
        ask_for_link(email, "Wendy Lowe", by=BUILDER)


def drafts() -> list[GroupDraft]:
    return list(db.session.scalars(select(GroupDraft).order_by(GroupDraft.begun_at)))


def sent(facts: ListingFacts = FACTS, group: str = "Poplar Bats") -> Service:
    with saving():
        ask_for_link(EMAIL, "Wendy Lowe", by=BUILDER)
        return send(drafts()[-1], facts, group, by=BUILDER)


def groups() -> int:
    wanted = select(func.count()).where(Organisation.kind == OrganisationKind.GROUP)
    return db.session.scalar(wanted) or 0


def test_an_address_is_written_to_once_an_hour_whoever_asks(app: Flask) -> None:
    with clock.set_to(MONDAY_MORNING):
        for address in (EMAIL, EMAIL.upper(), f" {EMAIL} "):
            ask(address)
        assert len(outbox.waiting()) == 1
    with clock.set_to(MONDAY_MORNING + timedelta(minutes=61)):
        ask()
        assert len(outbox.waiting()) == 2
    assert len(drafts()) == 1


@pytest.mark.asvs("2.3.2", "2.4.1")
def test_an_address_is_written_to_a_few_times_a_day_at_most(app: Flask) -> None:
    for hour in range(20):
        with clock.set_to(MONDAY_MORNING + timedelta(hours=1.1 * hour)):
            ask()
    assert len(outbox.waiting()) == MOST_LETTERS_A_DAY


def test_an_address_begins_a_few_groups_a_day_at_most(app: Flask) -> None:
    for hour in range(6):
        with clock.set_to(MONDAY_MORNING + timedelta(hours=1.1 * hour)):
            ask()
            with saving():
                for draft in drafts():
                    draft.sent_at = draft.sent_at or clock.now()
    assert len(drafts()) == MOST_DRAFTS_A_DAY


def test_a_letter_carries_no_word_of_whoever_asked_for_it(app: Flask) -> None:
    with saving():
        ask_for_link(EMAIL, "Buy gold at gold.example", by=BUILDER)
    [letter] = outbox.waiting()
    assert "gold" not in letter.subject + letter.body + letter.to_name


def test_what_is_sent_becomes_a_draft_of_a_new_group(app: Flask) -> None:
    service = sent()
    assert service.life is Life.DRAFT
    assert service.organisation.name == "Poplar Bats"
    assert service.organisation.phone == "01632 960 987"
    assert [note.what for note in history_of(service)] == ["drafted"]


def test_a_group_without_a_name_of_its_own_is_called_as_what_it_does(app: Flask) -> None:
    assert sent(group="").organisation.name == "Table tennis and tea"


def test_a_group_already_here_is_known_by_its_name_and_how_it_is_reached(app: Flask) -> None:
    known = an_organisation("poplar bats", email="Bats@poplar.example")
    assert sent().organisation_id == known.id
    assert groups() == 1


def test_another_groups_name_alone_opens_nothing(app: Flask) -> None:
    known = an_organisation("Poplar Bats", email="other@bats.example", phone="01632 960 111")
    assert sent().organisation_id != known.id
    assert groups() == 2


def test_what_is_sent_cannot_be_changed_or_sent_again(app: Flask) -> None:
    sent()
    for again in (
        lambda: keep(drafts()[0], "about", {"name": ["Other"]}),
        lambda: send(drafts()[0], FACTS, "", by=BUILDER),
    ):
        with pytest.raises(Refused), saving():
            again()
    assert len(db.session.scalars(select(Service)).all()) == 1


def test_the_photos_of_a_draft_go_with_it(app: Flask) -> None:
    ask()
    with saving():
        add_to_draft(drafts()[0], a_picture(), "The hall")
    with saving():
        service = send(drafts()[0], FACTS, "", by=BUILDER)
    assert [photo.alt for photo in photos_of(service)] == ["The hall"]


def test_what_nobody_finishes_is_forgotten_with_its_photos(app: Flask) -> None:
    with clock.set_to(MONDAY_MORNING):
        ask()
        with saving():
            add_to_draft(drafts()[0], a_picture(), "The hall")
    with clock.set_to(MONDAY_MORNING + timedelta(days=20)):
        assert forget_old_drafts() == 0
    with clock.set_to(MONDAY_MORNING + timedelta(days=32)):
        assert forget_old_drafts() == 1
    assert drafts() == []
    assert db.session.scalar(select(func.count()).select_from(Photo)) == 0


def test_who_sent_a_group_is_forgotten_after_a_month_and_the_group_is_not(app: Flask) -> None:
    with clock.set_to(MONDAY_MORNING):
        sent()
    with clock.set_to(MONDAY_MORNING + timedelta(days=32)):
        assert forget_old_drafts() == 1
        assert forget_old_drafts() == 0
    [draft] = drafts()
    assert (draft.email, draft.your_name, draft.said) == ("", "", {})
    assert draft.service is not None


def test_the_address_of_who_added_a_group_is_for_letters_alone(app: Flask, client: Client) -> None:
    with clock.set_to(MONDAY_MORNING):
        service = sent()
        with saving():
            step(service, Step.PUBLISH, by=BUILDER)
        assert letter_address(service) == EMAIL
        shown = [f"/activities/{service.slug}", f"/api/oruk/v3/services/{service.id}"]
        shown += ["/data/listings.csv", "/data/listings.json", "/data/changes.atom"]
        for path in shown:
            page = client.get(path, buffered=True)
            assert page.status_code == 200, path
            assert EMAIL not in page.get_data(as_text=True), path
