"""The editors' desk: what people wish there were, and what they look for and do not find."""

from typing import Any

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from accounts import May
from core.access import door
from core.spreadsheets import as_csv
from directory.desk import unmet, wishes
from directory.web.choices import GROUPS
from directory.web.desk import bp


@bp.get("/wishes")
@door(May.EDIT_DIRECTORY)
def wished() -> ResponseReturnValue:
    """What people wish there were, place by place."""
    return render_template(
        "directory/desk/wishes.html", places=wishes.wishes_by_place(), times=wishes.times_of
    )


@bp.get("/wishes.csv")
@door(May.EDIT_DIRECTORY)
def wishes_file() -> ResponseReturnValue:
    """The same as a file for a spreadsheet."""
    heading = ["on", "place", "latitude", "longitude", "times", "words"]
    rows = (
        (
            each.made_at.date(),
            each.place,
            each.latitude,
            each.longitude,
            wishes.times_of(each),
            each.words,
        )
        for each in wishes.all_wishes()
    )
    return _file(as_csv(heading, rows), "wishes.csv")


@bp.get("/not-found")
@door(May.EDIT_DIRECTORY)
def not_found() -> ResponseReturnValue:
    """What people looked for of late and did not find, by what they ticked and about where."""
    words = {group.facet: group.words() for group in GROUPS}

    def said(facet: str, codes: tuple[str, ...]) -> list[Any]:
        return [words[facet].get(code, code) for code in codes]

    rows = [
        (
            [*said("kinds", each.kinds), *said("needs", each.needs), *said("days", each.days)],
            each.place,
            each.number,
        )
        for each in unmet.unmet()
    ]
    return render_template("directory/desk/not_found.html", rows=rows, days=unmet.LATELY.days)


@bp.get("/not-found.csv")
@door(May.EDIT_DIRECTORY)
def not_found_file() -> ResponseReturnValue:
    """The same, day by day, as a file for a spreadsheet."""
    heading = ["on", "kinds", "needs", "days", "place", "number"]
    rows = (
        (each.on, each.kinds, each.needs, each.days, each.place, each.number)
        for each in unmet.every_day()
    )
    return _file(as_csv(heading, rows), "looked-for-and-not-found.csv")


def _file(text: str, name: str) -> Response:
    answer = Response(text, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer
