"""Open data for people: what there is, and whole files of it at any time."""

from collections.abc import Iterator

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from core import clock, site
from core.access import open_to_all
from core.inputs import page_number
from core.languages import in_english
from directory import changes, exporting
from directory.feeds import published
from directory.web.open_answers import answer_stream

WHY = "open data: what everybody may see, to keep and to use"

bp = Blueprint("data", __name__)


@bp.get("/data")
@open_to_all("anybody may ask what they can do with what is here")
def about() -> ResponseReturnValue:
    """What open data there is, where, and under which licence."""
    return render_template("directory/data.html", licence=exporting.LICENCE)


@bp.get("/data/listings.csv")
@open_to_all(WHY)
def listings_csv() -> Response:
    """Every listing as a row of a table."""
    return _file("csv", "text/csv", "listings.csv")


@bp.get("/data/listings.geojson")
@open_to_all(WHY)
def listings_geojson() -> Response:
    """Every place of a listing as a point."""
    return _file("geojson", "application/geo+json", "listings.geojson")


@bp.get("/data/listings.json")
@open_to_all(WHY)
def listings_json() -> Response:
    """Every listing as Open Referral UK says it."""
    return _file("oruk-json", "application/json", "listings.json")


@bp.get("/data/hsds.zip")
@open_to_all(WHY)
def hsds() -> Response:
    """The tables of HSDS."""
    return _file("hsds", "application/zip", "hsds.zip")


@bp.get("/data/changes.atom")
@open_to_all(WHY)
def changes_atom() -> Response:
    """What changed of late, for feed readers."""
    page = page_number(request.args.get("page"))
    with in_english():
        feed = changes.atom(page)
    made: Iterator[bytes] = iter([feed])
    return answer_stream(
        made,
        "application/atom+xml",
        state=(published.state(), page),
        changed=published.latest_change(),
    )


def _file(form: str, kind: str, name: str) -> Response:
    # The day is in it: which sessions are next, and what a listing says of itself this week.
    state = (*published.state(), clock.today())
    return answer_stream(
        _english(exporting.FORMATS[form]()),
        kind,
        state=state,
        changed=published.latest_change(),
        file=f"{site.name().lower().replace(' ', '-')}-{name}",
    )


def _english(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Files for everybody are in one language, whatever the asker reads pages in."""
    with in_english():
        yield from chunks
