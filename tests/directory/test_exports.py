"""Directory: everything public can be carried away as files, at any time, and read back."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as Tree

import pytest
from flask import Flask

from core import clock
from core.db import db
from core.saving import saving
from core.spreadsheets import plain_cell, safe_cell
from directory.exporting import FORMATS, as_csv, as_geojson, as_hsds, as_json
from directory.feeds.packing import COLUMNS, FILES
from directory.listings import step
from directory.models import Service
from directory.rules import Step
from tests.builders import BUILDER, MONDAY_MORNING, a_listing
from tests.client import Client
from tests.directory.open_feed import a_whole_directory, everything, faults
from tests.engines import on_sqlite

HOSTILE = (
    "=1+1",
    "\n=1",
    "+44 1632",
    "-2",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "'=1",
    "''@x",
    "=cmd|' /C calc'!A0",
)
PLAIN = ("Tea", "'Twas", "", "a=b", "£2", "01632 960 111", "''")


def rows(chunks: Iterator[bytes]) -> list[dict[str, str]]:
    text = b"".join(chunks).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def tables() -> dict[str, list[dict[str, str]]]:
    archive = zipfile.ZipFile(io.BytesIO(b"".join(as_hsds())))
    assert archive.testzip() is None
    return {
        table: list(csv.DictReader(io.StringIO(archive.read(file).decode("utf-8"), newline="")))
        for table, file in FILES.items()
    }


@pytest.mark.asvs("1.3.3")
@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_is_taken_for_a_formula_and_reading_undoes_it(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    assert plain_cell(safe_cell(text)) == text


@pytest.mark.parametrize("text", PLAIN)
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text
    assert plain_cell(text) == text


def test_the_table_holds_what_is_shown_and_no_names_of_people(app: Flask) -> None:
    with clock.set_to(MONDAY_MORNING):
        a_whole_directory()
        a_listing("=HYPERLINK(evil)")
        found = {row["name"]: row for row in rows(as_csv())}
    assert "'=HYPERLINK(evil)" in found
    assert "One that is draft" not in found
    assert "One that is retired" not in found
    shed = found["Men’s shed & tools"]
    assert shed["description"] == "Bring something broken."
    assert (shed["postcode"], shed["step_free"], shed["seating"]) == ("PR1 2HE", "yes", "")
    assert float(shed["longitude"]) < 0, "a number is no formula"
    assert shed["phone"] == "01632 960 111"
    assert "Private" not in b"".join(as_csv()).decode()
    assert not [row for row in found.values() if row["name"][:1] in "=+-@"]


def test_the_map_holds_a_point_for_each_place_that_is_known(app: Flask) -> None:
    a_whole_directory()
    said = json.loads(b"".join(as_geojson()))
    assert said["type"] == "FeatureCollection"
    sheds = [
        each for each in said["features"] if each["properties"]["name"].endswith("shed & tools")
    ]
    assert len(sheds) == 1, "where the library is, nobody knows"
    longitude, latitude = sheds[0]["geometry"]["coordinates"]
    assert (49 < latitude < 61, -9 < longitude < 2) == (True, True)


def test_the_json_is_what_the_api_says(app: Flask, client: Client) -> None:
    a_whole_directory()
    said = json.loads(b"".join(as_json()))["contents"]
    assert said == everything(client, "services?full=true")
    assert not [fault for each in said for fault in faults("service", each)]


def test_the_package_describes_its_tables_and_every_reference_leads_somewhere(app: Flask) -> None:
    a_whole_directory()
    archive = zipfile.ZipFile(io.BytesIO(b"".join(as_hsds())))
    told = json.loads(archive.read("datapackage.json"))
    assert {each["path"] for each in told["resources"]} == set(FILES.values())
    held = tables()
    ids = {table: {row["id"] for row in found} for table, found in held.items()}
    for resource in told["resources"]:
        table = resource["name"]
        assert tuple(each["name"] for each in resource["schema"]["fields"]) == COLUMNS[table]
        assert len(ids[table]) == len(held[table]) > 0, f"{table}: an id twice, or nothing"
        for key in resource["schema"].get("foreignKeys", ()):
            there = ids[key["reference"]["resource"]]
            assert {row[key["fields"]] for row in held[table]} - {""} <= there, (table, key)
    everybody = {each for table in ids.values() for each in table}
    assert {row["link_id"] for row in held["attribute"]} <= everybody
    schedule = next(row for row in held["schedule"] if row["freq"] == "MONTHLY")
    assert schedule["byday"] == "-1FR", "a code, not a formula"
    assert "'=Tools" in {row["name"] for row in held["taxonomy_term"]}


def test_the_same_directory_makes_the_same_bytes(app: Flask) -> None:
    a_whole_directory()
    with clock.set_to(MONDAY_MORNING):
        first = {form: b"".join(write()) for form, write in FORMATS.items()}
    with clock.set_to(MONDAY_MORNING + timedelta(minutes=1)):
        assert {form: b"".join(write()) for form, write in FORMATS.items()} == first


@pytest.mark.parametrize("form", sorted(FORMATS))
@on_sqlite
def test_the_command_writes_the_file(app: Flask, tmp_path: Path, form: str) -> None:
    a_whole_directory()
    out = tmp_path / "out"
    with clock.set_to(MONDAY_MORNING):
        ran = app.test_cli_runner().invoke(args=["directory", "export", "--format", form, str(out)])
        assert ran.exit_code == 0, ran.output
        assert out.read_bytes() == b"".join(FORMATS[form]())
    lost = app.test_cli_runner().invoke(
        args=["directory", "export", str(tmp_path / "no" / "out.zip")]
    )
    assert lost.exit_code != 0


@on_sqlite
def test_everybody_may_fetch_the_files_and_read_about_them(client: Client) -> None:
    a_whole_directory()
    for name in ("listings.csv", "listings.geojson", "listings.json", "hsds.zip", "changes.atom"):
        answer = client.get(f"/data/{name}")
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        tag = {"If-None-Match": answer.headers["ETag"]}
        assert client.get(f"/data/{name}", headers=tag).status_code == 304
        assert f"/data/{name}" in client.get("/data").text


def test_the_feed_of_changes_tells_what_came_and_what_went(client: Client) -> None:
    with clock.set_to(MONDAY_MORNING):
        a_listing('Old & "older"')
        goes = a_listing("Goes")
    with clock.set_to(MONDAY_MORNING + timedelta(hours=1)), saving():
        step(db.session.get_one(Service, goes.id), Step.RETIRE, by=BUILDER)
    feed = Tree.fromstring(client.get("/data/changes.atom").data)
    atom = "{http://www.w3.org/2005/Atom}"
    assert [each.text for each in feed.iter(f"{atom}title")][1:] == ['Old & "older"']
    gone = feed.find("{http://purl.org/atompub/tombstones/1.0}deleted-entry")
    assert gone is not None
    assert gone.get("ref") == goes.id.urn
    assert feed.findtext(f"{atom}updated") == "2026-11-23T10:00:00Z"
    assert client.get("/data/changes.atom?page=0").status_code == 404
