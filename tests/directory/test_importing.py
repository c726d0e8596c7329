"""Imports: each good record in, each bad one told of, twice the same, nobody's work undone."""

import json
import uuid
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from accounts import Organisation
from core import clock
from core.actors import system
from core.db import db
from core.saving import saving
from directory.facts import CostFacts, PhoneFacts, ScheduleFacts
from directory.feeds.importing import Summary, import_file
from directory.keeping import facts_of
from directory.listings import change_listing, history_of, step
from directory.models import ListingStep, Service
from directory.rules import Access, Answer, Attending, Frequency, Life, Step
from directory.search import Query, search
from tests.builders import BUILDER, FREE, MONDAY_MORNING, a_listing, an_editor

IMPORT = system("import")
KNIT = "3121dd2f-3900-4c90-b529-4c265f026d6f"

BOW: dict[str, Any] = {
    "id": "a117371a-6591-42d6-ea0a-d89a50b10d40",
    "name": "Bow Common Knitters",
    "description": "Knitters of <b>Bow</b>.",
    "website": "https://bowknitters.example",
}
SERVICE: dict[str, Any] = {
    "id": KNIT,
    "name": "Knit and natter",
    "status": "active",
    "description": "<p>Tea &amp; cake.</p><script>alert(1)</script>",
    "organization": BOW,
    "minimum_age": 18,
    "attending_type": "venue",
    "assured_date": "2026-11-01",
    "schedules": [{"freq": "WEEKLY", "byday": "TU", "opens_at": "10:00", "closes_at": "12:00"}],
    "cost_options": [{"amount": 1.5, "amount_description": "includes tea"}],
    "languages": [{"name": "Bengali"}, {"code": "en"}],
    "phones": [{"number": "01632 960 102"}],
    "contacts": [{"name": "Sheila"}],
    "attributes": [
        {"taxonomy_term": {"id": "1", "name": "Bereaved", "taxonomy": "audience"}},
        {"taxonomy_term": {"id": "2", "name": "Knitting"}},
        {"taxonomy_term": {"id": "3", "name": "Anything else"}},
    ],
    "service_at_locations": [
        {
            "location": {
                "id": "hall",
                "name": "Bow Hall",
                "addresses": [
                    {"address_1": "12 Roman Road", "city": "London", "postal_code": "e33bq"}
                ],
                "accessibility": [
                    {"description": "Step-free access"},
                    {"description": "No hearing loop"},
                ],
            }
        }
    ],
}


def bring_in(*services: Any, source: str = "bow") -> Summary:
    data = json.dumps(list(services)).encode()
    return import_file("bow.json", data, by=IMPORT, source=source)


def counts(summary: Summary) -> tuple[int, int, int, int]:
    return summary.created, summary.updated, summary.unchanged, summary.rejected


def services() -> list[Service]:
    return list(db.session.scalars(select(Service).order_by(Service.name)))


def number_of(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def another(**facts: Any) -> dict[str, Any]:
    return {**SERVICE, **facts}


def test_a_service_comes_in_whole(app: Flask) -> None:
    assert counts(bring_in(SERVICE)) == (1, 0, 0, 0)
    [service] = services()
    said = facts_of(service)
    assert (str(service.id), service.source, service.source_id) == (KNIT, "bow", KNIT)
    assert (service.life, service.slug) == (Life.LIVE, "knit-and-natter-london")
    assert (said.description, said.summary) == ("<p>Tea &amp; cake.</p>", "Tea & cake.")
    assert (said.minimum_age, said.attending) == (18, Attending.VENUE)
    assert said.assured_on == date(2026, 11, 1)
    assert said.schedules == (
        ScheduleFacts(freq=Frequency.WEEKLY, byday="TU", opens_at=time(10), closes_at=time(12)),
    )
    assert said.cost_options == (
        CostFacts(amount=Decimal("1.50"), amount_description="includes tea"),
    )
    assert said.phones == (PhoneFacts(number="01632 960 102"),)
    assert [each.name for each in said.contacts] == ["Sheila"]
    assert [(each.code, each.name) for each in said.languages] == [
        ("bn", "Bengali"),
        ("en", "English"),
    ]


def test_its_categories_become_ours_where_they_clearly_mean_the_same(app: Flask) -> None:
    bring_in(SERVICE)
    said = facts_of(services()[0])
    assert said.kinds == ("bereavement", "arts-and-crafts")
    assert said.needs == ("bereavement",)
    assert said.categories == (
        ("bow", "Bereaved"),
        ("bow", "Knitting"),
        ("bow", "Anything else"),
    )


def test_its_postcode_puts_it_on_the_map_and_only_clear_access_counts(app: Flask) -> None:
    bring_in(SERVICE)
    [place] = facts_of(services()[0]).places
    assert (place.name, place.postcode, place.city) == ("Bow Hall", "E3 3BQ", "London")
    assert place.latitude == pytest.approx(51.52, abs=0.02)
    assert place.access == {Access.STEP_FREE: Answer.YES}


def test_the_feeds_own_point_on_the_map_counts_before_the_postcode(app: Flask) -> None:
    hall = SERVICE["service_at_locations"][0]["location"]
    at = {"location": {**hall, "latitude": 51.5, "longitude": -0.1}}
    bring_in(another(service_at_locations=[at]))
    location = services()[0].location
    assert location is not None
    assert (location.latitude, location.longitude) == (51.5, -0.1)


def test_the_same_file_again_changes_nothing(app: Flask) -> None:
    bring_in(SERVICE, another(id="other", name="Sing"))
    steps, versions = number_of(ListingStep), [each.version for each in services()]
    summary = bring_in(SERVICE, another(id="other", name="Sing"))
    assert counts(summary) == (0, 0, 2, 0)
    assert number_of(ListingStep) == steps
    assert [each.version for each in services()] == versions


def test_a_bad_record_is_told_of_and_keeps_no_good_one_out(app: Flask) -> None:
    summary = bring_in(SERVICE, another(id="b", name=""), "not a service", another(id="c"))
    assert counts(summary) == (2, 0, 0, 2)
    fatal = [(each.place, each.field) for each in summary.problems if each.fatal]
    assert fatal == [("record 2 (id b)", "name"), ("record 3", None)]


def test_what_the_publisher_changed_is_changed_here(app: Flask) -> None:
    bring_in(SERVICE)
    later = another(name="Knit, natter and nibble", phones=[], organization={**BOW, "name": "Bow"})
    assert counts(bring_in(later)) == (0, 1, 0, 0)
    [service] = services()
    assert (service.name, service.phones) == ("Knit, natter and nibble", [])
    assert (service.organisation.name, number_of(Organisation)) == ("Bow", 1)
    assert "changed" in {each.what for each in history_of(service)}


def test_an_organisation_that_only_changed_its_name_is_found_by_the_new_one(app: Flask) -> None:
    bring_in(SERVICE)
    bring_in(another(organization={**BOW, "name": "Poplar Purlers"}))
    assert search(Query("purlers")).total == 1


def test_what_somebody_changed_here_is_kept_and_the_rest_follows_the_publisher(app: Flask) -> None:
    editor = an_editor()
    with clock.set_to(MONDAY_MORNING):
        bring_in(SERVICE)
    [service] = services()
    with clock.set_to(MONDAY_MORNING + timedelta(hours=1)), saving():
        facts = replace(facts_of(service), cost_options=(FREE,))
        change_listing(service, facts, version=service.version, by=editor)
    with clock.set_to(MONDAY_MORNING + timedelta(hours=2)):
        summary = bring_in(another(name="Theirs", cost_options=[{"amount": 3}]))
    assert counts(summary) == (0, 1, 0, 0)
    [note] = summary.problems
    assert (note.fatal, note.reason) == (False, "kept what was confirmed here: price")
    assert (service.name, facts_of(service).cost_options) == ("Theirs", (FREE,))


def test_what_a_person_said_is_still_right_is_not_changed_by_a_publisher(app: Flask) -> None:
    editor = an_editor()
    with clock.set_to(MONDAY_MORNING):
        bring_in(SERVICE)
    [service] = services()
    with clock.set_to(MONDAY_MORNING + timedelta(hours=1)), saving():
        step(service, Step.CHECK, by=editor)
    assert counts(bring_in(another(name="Theirs"))) == (0, 0, 1, 0)
    assert service.name == "Knit and natter"


@pytest.mark.parametrize(
    ("status", "life"),
    [
        ("active", Life.LIVE),
        ("inactive", Life.DRAFT),
        ("temporarily closed", Life.PAUSED),
        ("defunct", Life.RETIRED),
    ],
)
@pytest.mark.parametrize("first", [None, "active", "inactive", "temporarily closed", "defunct"])
def test_a_listing_stands_where_its_publisher_says(
    app: Flask, first: str | None, status: str, life: Life
) -> None:
    if first:
        bring_in(another(status=first))
    bring_in(another(status=status))
    assert [each.life for each in services()] == [life]


def test_an_import_takes_no_doubt_away(app: Flask) -> None:
    bring_in(SERVICE)
    [service] = services()
    with saving():
        step(service, Step.DOUBT, by=BUILDER)
    bring_in(another(name="Theirs"))
    assert (service.name, service.life) == ("Theirs", Life.NEEDS_CHECKING)


def test_ids_stay_the_same_and_never_clash(app: Flask) -> None:
    bring_in(SERVICE, another(id="knit-1"), source="bow")
    bring_in(SERVICE, another(id="knit-1"), source="poplar")
    ids = {(each.source, each.source_id): each.id for each in services()}
    assert len(set(ids.values())) == 4
    assert ids["bow", KNIT] == uuid.UUID(KNIT)
    made = uuid.uuid5(uuid.NAMESPACE_URL, "poplar/services/knit-1")
    assert ids["poplar", "knit-1"] == made
    assert number_of(Organisation) == 2


def test_services_of_one_organisation_share_it_and_unnamed_ones_stand_alone(app: Flask) -> None:
    bring_in(
        SERVICE,
        another(id="b", name="Sing"),
        another(id="c", name="Walk", organization=None),
    )
    by_name = {each.name: each.organisation.name for each in services()}
    assert by_name == {
        "Knit and natter": "Bow Common Knitters",
        "Sing": "Bow Common Knitters",
        "Walk": "Walk",
    }
    assert number_of(Organisation) == 2


def test_listings_of_our_own_are_not_touched(app: Flask) -> None:
    own = a_listing("Knit and natter")
    bring_in(SERVICE)
    assert {each.slug for each in services()} == {own.slug, f"{own.slug}-2"}


def test_if_something_goes_wrong_in_the_middle_nothing_has_happened(app: Flask) -> None:
    class PulledThePlug(Exception):
        pass

    def pull_the_plug(done: int, total: int) -> None:
        if done:
            raise PulledThePlug

    data = json.dumps([SERVICE, another(id="b"), another(id="c")]).encode()
    with pytest.raises(PulledThePlug):
        import_file("bow.json", data, by=IMPORT, source="bow", progress=pull_the_plug)
    assert (services(), number_of(Organisation)) == ([], 0)


SHEET = """id,name,organisation,description,postcode,phone,category,day,opens_at,closes_at,cost
k1,Knit and natter,Bow Knitters,Tea,E3 3BQ,01632 960 102,Knitting,Tuesday,10am,11.30am,£1.50
k2,Sing,bow knitters,,,,,,,,free
"""


def test_a_sheet_comes_in_by_the_same_door(app: Flask) -> None:
    summary = import_file("bow.csv", SHEET.encode(), by=IMPORT, source="bow")
    assert counts(summary) == (2, 0, 0, 0)
    knit, sing = (facts_of(each) for each in services())
    assert knit.kinds == ("arts-and-crafts",)
    assert (knit.schedules[0].byday, knit.schedules[0].closes_at) == ("TU", time(11, 30))
    assert (knit.cost_options[0].amount, sing.cost_options[0].amount) == (Decimal("1.50"), 0)
    assert knit.places[0].latitude == pytest.approx(51.52, abs=0.02)
    assert number_of(Organisation) == 1


def test_hours_in_words_become_a_schedule_where_they_are_certain(app: Flask) -> None:
    sheet = "id,name,opening hours\na,Lunch,Weds 12-2pm\nb,Tea,when the kettle boils\n"
    import_file("bow.csv", sheet.encode(), by=IMPORT, source="bow")
    lunch, tea = (facts_of(each).schedules for each in services())
    assert [(each.byday, each.opens_at, each.closes_at) for each in lunch] == [
        ("WE", time(12), time(14))
    ]
    assert [(each.byday, each.description) for each in tea] == [("", "when the kettle boils")]


def command(app: Flask, *args: str) -> Result:
    return app.test_cli_runner().invoke(args=["directory", "import", *args])


def test_the_command_prints_one_object_of_json_and_nothing_else(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "bow-2026.json"
    file.write_text(json.dumps([SERVICE, another(id="b", name="")]))
    first, second = command(app, str(file), "--json"), command(app, str(file), "--json")
    assert (first.exit_code, second.exit_code) == (0, 0)
    problem = {"place": "record 2 (id b)", "field": "name", "reason": "is blank", "fatal": True}
    assert json.loads(first.stdout) == {
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": 1,
        "problems": [problem],
    }
    assert json.loads(second.stdout)["unchanged"] == 1
    assert services()[0].source == "bow-2026"


def test_the_command_says_in_words_what_it_did(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "bow.json"
    file.write_text(json.dumps([SERVICE, another(id="b", name="")]))
    done = command(app, str(file), "--source", "Bow council")
    assert done.exit_code == 0
    assert "1 new, 0 changed, 0 as they were, 1 left out." in done.stdout
    assert "record 2 (id b), name: is blank" in done.stdout
    assert services()[0].source == "Bow council"


@pytest.mark.parametrize("content", [None, b"", b"<html>", b"[{", b"name,cost\nKnit,2\n"])
def test_a_file_that_cannot_be_read_changes_nothing_and_says_why(
    app: Flask, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "bow.json"
    if content is not None:
        file.write_bytes(content)
    in_words, in_json = command(app, str(file)), command(app, str(file), "--json")
    assert (in_words.exit_code, in_json.exit_code) == (1, 1)
    assert in_words.stderr.startswith("bow.json was not brought in: ")
    assert set(json.loads(in_json.stdout)) == {"error"}
    assert services() == []
