"""What is looked for and not found: by what was ticked and about where, never words or people."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import OrganisationKind, Role
from core import clock, work
from core.db import db
from directory.desk import unmet
from directory.desk.unmet import Unmet
from directory.models import NotFoundCount
from directory.places import find_place
from directory.search import Query
from tests.builders import MONDAY_MORNING, a_listing, a_user, an_organisation
from tests.client import Client
from tests.engines import on_sqlite

MONDAY = date(2026, 11, 23)
BROWSER = {"User-Agent": "Mozilla/5.0 (Macintosh) Firefox/140.0"}


@pytest.fixture(autouse=True)
def _monday_morning(app: Flask) -> Iterator[None]:
    with clock.set_to(MONDAY_MORNING):
        unmet.write_down()
        yield
        unmet.write_down()


def written() -> list[tuple[date, str, str, str, str, int]]:
    unmet.write_down()
    rows = db.session.scalars(select(NotFoundCount).order_by(NotFoundCount.place))
    return [(row.on, row.kinds, row.needs, row.days, row.place, row.number) for row in rows]


def test_what_was_ticked_and_about_where_is_counted_by_day(app: Flask) -> None:
    query = Query(
        "a secret", near=find_place("E3 3BQ"), kinds={"walking", "arts"}, needs={"lonely"}
    )
    for _ in range(2):
        unmet.found_nothing(query)
        unmet.write_down()
    assert written() == [(MONDAY, "arts,walking", "lonely", "", "E3", 2)]
    with clock.set_to(MONDAY_MORNING + timedelta(days=1)):
        unmet.found_nothing(query)
        unmet.write_down()
        assert unmet.unmet() == [Unmet(("arts", "walking"), ("lonely",), (), "E3", 3)]


def test_who_ticks_everything_looks_for_nothing_in_particular(app: Flask) -> None:
    unmet.found_nothing(Query(kinds={"a", "b", "c", "d", "e"}, days={"MO"}))
    assert written() == [(MONDAY, "", "", "MO", "", 1)]


def test_what_is_looked_for_most_comes_first_and_what_is_old_is_forgotten(app: Flask) -> None:
    for needs in ({"memory"}, {"lonely"}, {"lonely"}):
        unmet.found_nothing(Query(needs=needs))
    unmet.write_down()
    assert [(each.needs, each.number) for each in unmet.unmet()] == [
        (("lonely",), 2),
        (("memory",), 1),
    ]
    with clock.set_to(MONDAY_MORNING + timedelta(days=91)):
        assert unmet.unmet() == []
        assert len(unmet.every_day()) == 2
    with clock.set_to(MONDAY_MORNING + timedelta(days=732)):
        work.run_until_empty()
        assert list(unmet.every_day()) == []


@on_sqlite
def test_only_visitors_who_do_not_mind_are_counted(client: Client) -> None:
    a_listing()
    nothing = "/activities?q=abseiling&near=E3 3BQ&need=lonely"
    client.get(nothing, headers=BROWSER)
    client.get("/activities?q=knit", headers=BROWSER)
    client.get("/activities?q=abseiling&near=Nowhereton", headers=BROWSER)
    client.get(nothing, headers={**BROWSER, "DNT": "1"})
    client.get(nothing, headers={**BROWSER, "Sec-GPC": "1"})
    client.get(nothing, headers={"User-Agent": "curl/8.0"})
    assert written() == [(MONDAY, "", "lonely", "", "E3", 1)]


@on_sqlite
def test_editors_read_what_was_not_found_and_nobody_else_does(client: Client) -> None:
    unmet.found_nothing(Query("abseiling", near=find_place("E3 3BQ"), needs={"lonely"}))
    unmet.write_down()
    assert client.get("/desk/directory/not-found").status_code == 302
    council = an_organisation("Bow Council", OrganisationKind.COUNCIL)
    client.as_(a_user(council, Role.EDITOR, "Ed Moss"))
    page = client.get("/desk/directory/not-found").text
    assert "Lonely or few contacts" in page
    assert "abseiling" not in page
    file = client.get("/desk/directory/not-found.csv").text
    assert file.splitlines()[1:] == ["2026-11-23,,lonely,,E3,1"]
