"""Bringing listings in, for editors: choose a file, look at what it would do, let it, or not."""

import uuid
from typing import Any

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts import May
from core import actors
from core.access import door
from core.errors import NotFound, Refused
from core.inputs import page_number, takes_files
from core.languages import _, lazy
from core.saving import saving
from directory.feeds import limits, preview, runs
from directory.feeds.details import PARTS
from directory.feeds.reading import look
from directory.models import ImportRun
from directory.rules import ImportState
from directory.web.import_forms import ImportForm, columns_form

bp = Blueprint("imports", __name__, url_prefix="/imports")

LARGEST_UPLOAD = 500 * limits.MEGABYTE
PER_PAGE, MOST_NAMES, MOST_PROBLEMS = 20, 20, 50

STATES = {
    ImportState.WAITING: lazy("Waiting its turn"),
    ImportState.READING: lazy("Being read"),
    ImportState.MAPPING: lazy("Waits for you: what are its columns?"),
    ImportState.READY: lazy("Waits for you: look at it"),
    ImportState.BRINGING_IN: lazy("Coming in"),
    ImportState.TAKING_BACK: lazy("Being taken back"),
    ImportState.DONE: lazy("Done"),
    ImportState.REFUSED: lazy("Refused"),
    ImportState.CANCELLED: lazy("Cancelled"),
}
COLOURS = {
    ImportState.DONE: "green",
    ImportState.REFUSED: "red",
    ImportState.CANCELLED: "grey",
    ImportState.MAPPING: "yellow",
    ImportState.READY: "yellow",
}


@bp.route("", methods=["GET", "POST"])
@door(May.EDIT_DIRECTORY)
@takes_files(LARGEST_UPLOAD)
def start() -> ResponseReturnValue:
    """Choose what to bring in; and what was brought in of late."""
    form = ImportForm()
    if form.validate_on_submit():
        upload, url = form.file.data, (form.url.data or "").strip()
        parked = limits.waiting_room() / f"new-{uuid.uuid4().hex}"
        if upload:
            upload.save(parked)
        with saving() as work:
            run = runs.begin(
                name=upload.filename if upload else url,
                source=str(form.source.data),
                url=url,
                by=actors.current(),
            )
            if upload:
                parked.rename(runs.file_of(run.id))
            work.leads_to(url_for(".one", run_id=run.id))
        return work.redirect()
    page = render_template(
        "directory/imports/start.html",
        form=form,
        runs=runs.latest_runs(),
        states=STATES,
        colours=COLOURS,
    )
    return page, form.status


@bp.get("/<uuid:run_id>")
@door(May.EDIT_DIRECTORY)
def one(run_id: uuid.UUID) -> ResponseReturnValue:
    """An import: how far it is, or what it would do."""
    run = runs.get_run(run_id)
    if run.state is ImportState.MAPPING:
        return _columns(run)
    page = page_number(request.args.get("page"))
    return render_template("directory/imports/one.html", **_seen(run, page), page=page)


@bp.post("/<uuid:run_id>/columns")
@door(May.EDIT_DIRECTORY)
def columns(run_id: uuid.UUID) -> ResponseReturnValue:
    """Say what the columns of a sheet are."""
    run = runs.get_run(run_id)
    if run.state is not ImportState.MAPPING:
        raise Refused(_("This import has moved on since. Open it again to see how far it is."))
    return _columns(run)


@bp.post("/<uuid:run_id>/go")
@door(May.EDIT_DIRECTORY)
def go(run_id: uuid.UUID) -> ResponseReturnValue:
    """Let what was looked at come in."""
    with saving() as work:
        runs.go_ahead(runs.get_run(run_id), by=actors.current())
        work.leads_to(url_for(".one", run_id=run_id))
    return work.redirect()


@bp.post("/<uuid:run_id>/cancel")
@door(May.EDIT_DIRECTORY)
def cancel(run_id: uuid.UUID) -> ResponseReturnValue:
    """Stop it; what has come in already is taken back."""
    with saving() as work:
        runs.cancel(runs.get_run(run_id), by=actors.current())
        work.leads_to(url_for(".one", run_id=run_id))
    return work.redirect(_("The import is cancelled. Nothing of it stays."))


@bp.get("/<uuid:run_id>/left-out.csv")
@door(May.EDIT_DIRECTORY)
def left_out(run_id: uuid.UUID) -> ResponseReturnValue:
    """The records that were left out and why, to be mended and sent again."""
    run = runs.get_run(run_id)
    response = make_response(preview.left_out(preview.problems_of(run, fatal=True)))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="left-out-{run_id}.csv"'
    return response


def _columns(run: ImportRun) -> ResponseReturnValue:
    path = runs.file_of(run.id)
    if not path.exists():
        raise NotFound
    with path.open("rb") as file:
        seen = look(file)
    form = columns_form(seen)
    if form.validate_on_submit():
        with saving() as work:
            runs.say_columns(run, form.chosen, by=actors.current())
            work.leads_to(url_for(".one", run_id=run.id))
        return work.redirect()
    return render_template(
        "directory/imports/columns.html", run=run, form=form, look=seen
    ), form.status


def _seen(run: ImportRun, page: int) -> dict[str, Any]:
    """All that is shown of a run where it stands."""
    is_ready = run.state is ImportState.READY
    changed = preview.changes(run, start=(page - 1) * PER_PAGE, most=PER_PAGE) if is_ready else []
    if page > 1 and not changed:
        raise NotFound
    shows_problems = is_ready or run.state is ImportState.DONE
    problems = {
        fatal: list(preview.problems_of(run, fatal=fatal, most=MOST_PROBLEMS))
        if shows_problems
        else []
        for fatal in (True, False)
    }
    return {
        "run": run,
        "words": STATES[run.state],
        "colour": COLOURS.get(run.state, "blue"),
        "is_working": run.state in runs.WORKING,
        "is_over": run.state in runs.OVER,
        "state": ImportState,
        "changed": changed,
        "pages": -(-run.updated // PER_PAGE),
        "page_link": lambda number: url_for(".one", run_id=run.id, page=number),
        "new": preview.new_names(run, most=MOST_NAMES) if is_ready else [],
        "problems": problems[True],
        "notes": problems[False],
        "parts": PARTS,
    }
