"""The editors' desk: what waits, what is decided, and what grows old."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from accounts import OrganisationKind, Role
from core import clock, outbox
from core.actors import Actor
from core.db import db
from core.errors import Refused
from core.saving import saving
from directory import editing, joining
from directory.desk import claims, reports, waiting, wishes
from directory.facts import ListingFacts, PhoneFacts, PlaceFacts
from directory.keeping import facts_of
from directory.listings import letter_address, step
from directory.models import Enquiry, GroupDraft, ProposedChange, Service
from directory.rules import Aspect, Life, Step
from tests.builders import (
    BUILDER,
    MONDAY_MORNING,
    a_listing,
    a_user,
    an_editor,
    an_organisation,
    an_organiser_of,
)
from tests.client import Client
from tests.engines import on_sqlite


@pytest.fixture(autouse=True)
def _monday_morning(app: Flask) -> Iterator[None]:
    with clock.set_to(MONDAY_MORNING):
        yield


@pytest.fixture
def editor(app: Flask) -> Actor:
    """Somebody who keeps the whole directory."""
    return an_editor()


@pytest.fixture
def desk_of(client: Client) -> Client:
    """An editor at a browser."""
    council = an_organisation("Bow Council", OrganisationKind.COUNCIL)
    return client.as_(a_user(council, Role.EDITOR, "Ed Moss"))


def a_sent_group(name: str = "Bow Choir", **said: Any) -> Service:
    """A group that somebody without an account has added."""
    with saving():
        draft = GroupDraft(
            email="choir@bow.example",
            said={},
            begun_at=clock.now(),
            written_to_at=clock.now(),
            changed_at=clock.now(),
        )
        db.session.add(draft)
        db.session.flush()
        place = PlaceFacts(postcode="E3 3BQ")
        reached = said or {"email": "choir@bow.example"}
        facts = ListingFacts(name=name, places=(place,), **reached)
        return joining.send(draft, facts, name, by=BUILDER)


def a_change(**facts: Any) -> ProposedChange:
    """A change that a group asked for and that must wait."""
    service = a_listing(organisation=an_organisation(email="knit@bow.example"))
    said = {"phones": (PhoneFacts(number="01632 960 199"),), **facts}
    keeper = an_organiser_of(service.organisation)
    with saving():
        asked = replace(facts_of(service), **said)
        outcome = editing.propose_change(service, asked, version=service.version, by=keeper)
    assert outcome.waiting is not None
    return outcome.waiting


def letters_to(address: str) -> list[outbox.Letter]:
    return [letter for letter in outbox.waiting() if letter.to_address == address]


def test_a_new_group_waits_until_an_editor_shows_it(editor: Actor) -> None:
    service = a_sent_group()
    a_listing("A draft of somebody's own", life=Life.DRAFT)
    assert [draft.service_id for draft in waiting.new_listings()] == [service.id]
    with saving():
        waiting.decide_new(service, "Lovely to have you.", accept=True, by=editor)
    assert service.life is Life.LIVE
    assert waiting.new_listings() == []
    [letter] = [each for each in letters_to("choir@bow.example") if "accepted" in each.kind]
    assert "Lovely to have you." in letter.body
    assert "/still-right/" in letter.body
    assert f"/activities/{service.slug}" in letter.body


@pytest.mark.parametrize("accept", [True, False])
def test_who_added_a_group_that_has_only_a_phone_number_is_written_to(
    editor: Actor, accept: bool
) -> None:
    service = a_sent_group(phones=(PhoneFacts(number="01632 960 102"),))
    assert letter_address(service) == "choir@bow.example", "for letters alone"
    with saving():
        waiting.decide_new(service, "A word.", accept=accept, by=editor)
    decided = [each for each in letters_to("choir@bow.example") if "listing-" in each.kind]
    assert ["A word." in each.body for each in decided] == [True]


def test_a_new_group_that_is_refused_hears_why(editor: Actor) -> None:
    service = a_sent_group()
    with saving():
        waiting.decide_new(service, "It is a shop.", accept=False, by=editor)
    assert service.life is Life.RETIRED
    [letter] = [each for each in letters_to("choir@bow.example") if "refused" in each.kind]
    assert "It is a shop." in letter.body
    with pytest.raises(Refused), saving():
        waiting.decide_new(service, "", accept=True, by=editor)


def test_the_tabs_count_what_waits(editor: Actor) -> None:
    service = a_sent_group()
    a_change()
    with saving():
        reports.report(service, Aspect.TIME, "Wrong.", by=BUILDER)
        claims.claim(service, "Mo", "mo@bow.example", "", by=BUILDER)
    counts = waiting.counts()
    assert {key: counts[key] for key in ("new", "changes", "reports", "claims")} == {
        "new": 1,
        "changes": 1,
        "reports": 1,
        "claims": 1,
    }


def test_those_who_do_not_answer_stand_first_on_the_stale_board(editor: Actor) -> None:
    never = a_listing("Never checked")
    silent = a_listing("Does not answer")
    fresh = a_listing("Checked today")
    with saving():
        step(fresh, Step.CHECK, by=editor)
        step(silent, Step.CHECK, by=editor)
        enquiry = Enquiry(service_id=silent.id, asked_at=clock.now(), passed_on_at=clock.now())
        db.session.add(enquiry)
        waiting.note(silent, "Rang, nobody there.", by=editor)
    found = waiting.doubtful()
    assert [each.service.name for each in found] == ["Does not answer", "Never checked"]
    assert found[0].asked_in_vain
    assert [note.words for note in found[0].notes] == ["Rang, nobody there."]
    assert waiting.how_many_doubtful() == 2
    assert never.assured_on is None


@on_sqlite
def test_an_editor_rings_and_says_with_one_press_that_all_is_right(desk_of: Client) -> None:
    service = a_listing(phones=(PhoneFacts(number="01632 960 102"),))
    page = "/desk/directory?tab=old"
    assert "tel:01632960102" in desk_of.get(page).text
    desk_of.fill_act(f"/desk/directory/rang/{service.id}", on=page)
    db.session.expire_all()
    assert service.assured_on == clock.today()
    assert service.name not in desk_of.get(page).text.partition("k-table")[2]


@on_sqlite
def test_an_editor_leaves_a_note_for_the_next(desk_of: Client) -> None:
    service = a_listing()
    page = f"/desk/directory/note/{service.id}"
    assert desk_of.fill(page, {"words": ""}).status_code == 422
    desk_of.fill(page, {"words": "Rang twice."})
    assert "Rang twice." in desk_of.get("/desk/directory?tab=old").text


@on_sqlite
def test_an_editor_decides_each_sort_of_thing(desk_of: Client) -> None:
    service = a_sent_group()
    change = a_change()
    with saving():
        reports.report(change.service, Aspect.PRICE, "It costs £2.", "mo@x.example", by=BUILDER)
        claims.claim(change.service, "Mo", "mo@bow.example", "", by=BUILDER)
    [report], [claim] = reports.waiting_reports(), claims.waiting_claims()
    pages = {
        "new": service.id,
        "changes": change.id,
        "reports": report.id,
        "claims": claim.id,
    }
    for what, key in pages.items():
        page = f"/desk/directory/{what}/{key}"
        assert page in desk_of.get(f"/desk/directory?tab={what}").text
        assert desk_of.fill(page, {"answer": "refuse", "words": ""}).status_code == 422
        assert desk_of.fill(page, {"answer": "accept", "words": "Good."}).status_code == 303
        assert desk_of.get(page).status_code == 404
    db.session.expire_all()
    assert service.life is Life.LIVE
    assert change.service.phones[0].number == "01632 960 199"
    assert letter_address(change.service) == "mo@bow.example"
    assert not any(waiting.counts()[key] for key in pages)


@on_sqlite
def test_a_change_is_shown_with_what_was_and_what_is_asked(desk_of: Client) -> None:
    change = a_change()
    assert "01632 960 199" in desk_of.get(f"/desk/directory/changes/{change.id}").text


@on_sqlite
def test_wishes_are_read_and_taken_away_as_a_file(desk_of: Client) -> None:
    with saving():
        wishes.wish("=A choir", "E3 3BQ", ["evening"], by=BUILDER)
    assert "=A choir" in desk_of.get("/desk/directory/wishes").text
    file = desk_of.get("/desk/directory/wishes.csv")
    assert file.mimetype == "text/csv"
    assert "'=A choir" in file.text
    assert "E3" in file.text


@on_sqlite
def test_the_desk_is_shut_to_everybody_else(client: Client) -> None:
    assert client.get("/desk/directory").status_code == 302
    client.as_(a_user(an_organisation()))
    assert client.get("/desk/directory").status_code == 404


@on_sqlite
def test_the_queue_says_how_long_something_has_waited(desk_of: Client) -> None:
    with clock.set_to(MONDAY_MORNING - timedelta(days=4)):
        a_sent_group()
    assert "sent 4 days ago" in desk_of.get("/desk/directory").text
