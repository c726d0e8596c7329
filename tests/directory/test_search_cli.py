"""`flask directory search` and `reindex`: one JSON object on stdout, plain words otherwise."""

import json
import shutil

from flask import Flask

from core.settings import Settings
from directory.search import Query, search
from tests.builders import a_listing, an_organisation
from tests.engines import on_sqlite


@on_sqlite
def test_what_is_found_is_one_json_object(app: Flask) -> None:
    service = a_listing("Knit and natter", organisation=an_organisation("Bow Knitters"))
    ran = app.test_cli_runner().invoke(
        args=["directory", "search", "knitting", "--near", "E3 3BQ", "--within", "2", "--json"]
    )
    assert ran.exit_code == 0
    assert json.loads(ran.stdout) == {
        "total": 1,
        "results": [
            {
                "id": str(service.id),
                "source_id": None,
                "name": "Knit and natter",
                "organisation": "Bow Knitters",
                "distance_miles": 0.0,
                "url": "http://127.0.0.1:8000/activities/" + service.slug,
            }
        ],
    }


@on_sqlite
def test_without_a_place_there_is_no_distance(app: Flask) -> None:
    for name in ("Bingo", "Bingo for two", "Gardening"):
        a_listing(name)
    ran = app.test_cli_runner().invoke(
        args=["directory", "search", "bingo", "--limit", "1", "--json"]
    )
    found = json.loads(ran.stdout)
    assert (found["total"], len(found["results"])) == (2, 1)
    assert found["results"][0]["distance_miles"] is None


@on_sqlite
def test_people_may_read_what_is_found_too(app: Flask) -> None:
    a_listing("Bingo", organisation=an_organisation("Bow Players"))
    ran = app.test_cli_runner().invoke(args=["directory", "search", "", "--near", "Bow"])
    assert ran.stdout.startswith("1 found.\n\nBingo, Bow Players (")


@on_sqlite
def test_a_place_nobody_knows_is_said_plainly(app: Flask) -> None:
    asked = ["directory", "search", "bingo", "--near", "Zzyzx"]
    ran = app.test_cli_runner().invoke(args=asked)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr == "There is no place or postcode called 'Zzyzx'.\n"
    ran = app.test_cli_runner().invoke(args=[*asked, "--json"])
    assert ran.exit_code == 2
    assert json.loads(ran.stdout) == {"error": "There is no place or postcode called 'Zzyzx'."}


@on_sqlite
def test_reindex_builds_the_index_anew(app: Flask) -> None:
    a_listing("Bingo")
    settings: Settings = app.extensions["kith.settings"]
    shutil.rmtree(settings.data_dir / "index")
    ran = app.test_cli_runner().invoke(args=["directory", "reindex"])
    assert (ran.exit_code, ran.stdout) == (0, "1 activity can be searched.\n")
    assert not search(Query("bingo")).from_sql
