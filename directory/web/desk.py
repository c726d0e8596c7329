"""The editors' desk: one queue of all that waits for a person, the oldest first."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts import May
from core import actors
from core.access import door
from core.errors import NotFound
from core.inputs import page_number
from core.languages import _, lazy
from core.saving import saving
from directory import editing
from directory.cards import card
from directory.desk import claims, merging, reports, thanks, waiting
from directory.listings import get_service, step
from directory.rules import Decision, Step
from directory.web import reading
from directory.web.desk_forms import ACCEPT, DecideForm, NoteForm, YesOrNoForm

TOLD = frozenset({"new", "changes", "reports", "claims"})
"""Of these, whoever sent them is told what became of them, and why."""

bp = Blueprint("desk", __name__, url_prefix="/desk/directory")

PER_PAGE = 50

TABS = {
    "new": lazy("New"),
    "changes": lazy("Changes"),
    "reports": lazy("Reports"),
    "claims": lazy("“This is our group”"),
    "thanks": lazy("Thanks"),
    "duplicates": lazy("Twice here"),
    "old": lazy("Not checked"),
}

WAITING: dict[str, Callable[[], Any]] = {
    "new": waiting.new_listings,
    "changes": editing.waiting_changes,
    "reports": reports.waiting_reports,
    "claims": claims.waiting_claims,
    "thanks": thanks.waiting_thanks,
    "duplicates": merging.pairs,
}

THANKS = {
    "new": lazy("Done. Whoever sent it is told."),
    "changes": lazy("Done. The group is told."),
    "reports": lazy("Done. If they left an email address, they are told."),
    "claims": lazy("Done. They are told."),
    "thanks": lazy("Done."),
}


@bp.get("")
@door(May.EDIT_DIRECTORY)
def queue() -> ResponseReturnValue:
    """What waits, sort by sort; the first sort that has anything opens."""
    counts = waiting.counts()
    busy = next((key for key, count in counts.items() if count), "new")
    tab = request.args.get("tab", busy)
    if tab not in TABS:
        raise NotFound
    page = page_number(request.args.get("page"))
    rows = WAITING[tab]() if tab in WAITING else _doubtful(page)
    if page > 1 and not rows:
        raise NotFound
    return render_template(
        "directory/desk/queue.html",
        tab=tab,
        tabs=[
            {
                "href": url_for(".queue", tab=key),
                "text": words,
                "count": counts.get(key),
                "active": key == tab,
            }
            for key, words in TABS.items()
        ],
        rows=rows,
        about_words=reports.ABOUT_WORDS,
        phone=reading.phone,
        looked_at=merging.looked_at() if tab == "duplicates" else None,
        card=card,
        page=page,
        pages=-(-counts["old"] // PER_PAGE) if tab == "old" else 1,
        page_link=lambda number: url_for(".queue", tab="old", page=number),
    )


@bp.route(
    "/<any(new, changes, reports, claims, thanks):what>/<uuid:item_id>", methods=["GET", "POST"]
)
@door(May.EDIT_DIRECTORY)
def item(what: str, item_id: uuid.UUID) -> ResponseReturnValue:
    """One thing that waits, with all that helps to decide it."""
    facts = _facts(what, item_id)
    form = DecideForm() if what in TOLD else YesOrNoForm()
    if form.validate_on_submit():
        with saving() as work:
            words = form["words"].data or "" if "words" in form else ""
            _decide(what, item_id, words, accept=form.answer.data == ACCEPT)
            work.leads_to(url_for(".queue", tab=what))
        return work.redirect(str(THANKS[what]))
    page = render_template("directory/desk/item.html", what=what, form=form, **facts)
    return page, form.status


@bp.post("/rang/<uuid:service_id>")
@door(May.EDIT_DIRECTORY)
def rang(service_id: uuid.UUID) -> ResponseReturnValue:
    """An editor rang, and everything in the listing is right."""
    with saving() as work:
        service = get_service(service_id)
        step(service, Step.CHECK, by=actors.current())
        name = service.name
        work.leads_to(url_for(".queue", tab="old"))
    return work.redirect(_("Thank you. %(name)s now says it was checked today.", name=name))


@bp.route("/note/<uuid:service_id>", methods=["GET", "POST"])
@door(May.EDIT_DIRECTORY)
def note(service_id: uuid.UUID) -> ResponseReturnValue:
    """Leave a line for the next editor, and read those that are there."""
    service = get_service(service_id)
    form = NoteForm()
    if form.validate_on_submit():
        with saving() as work:
            waiting.note(service, form.words.data or "", by=actors.current())
            work.leads_to(url_for(".queue", tab="old"))
        return work.redirect(_("Your note is kept."))
    page = render_template(
        "directory/desk/note.html", service=service, form=form, notes=waiting.notes_of(service)
    )
    return page, form.status


def _doubtful(page: int) -> list[waiting.Doubtful]:
    return waiting.doubtful(start=(page - 1) * PER_PAGE, most=PER_PAGE)


def _facts(what: str, item_id: uuid.UUID) -> dict[str, Any]:
    """What the page of one waiting thing shows; NotFound once it is decided."""
    if what == "new":
        service = waiting.get_new(item_id)
        return {"service": service, "card": card(service), "sender": waiting.sender_of(service)}
    found: Any = {
        "changes": editing.get_change,
        "reports": reports.get_report,
        "claims": claims.get_claim,
        "thanks": thanks.get_thanks,
    }[what](item_id)
    facts = {"it": found, "service": found.service, "card": card(found.service)}
    if found.decision is not Decision.WAITING and request.method == "GET":
        raise NotFound
    if what == "changes":
        facts["differences"] = editing.what_waits(found)
        facts["reasons"] = editing.why_it_waits(found)
    elif what == "reports":
        facts["about"] = reports.ABOUT_WORDS[found.about]
    elif what == "claims":
        facts["keepers"] = sorted(claims.old_keepers(found.service))
    return facts


def _decide(what: str, item_id: uuid.UUID, words: str, *, accept: bool) -> None:
    by = actors.current()
    if what == "new":
        waiting.decide_new(waiting.get_new(item_id), words, accept=accept, by=by)
    elif what == "changes":
        editing.decide(editing.get_change(item_id), accept=accept, why=words, by=by)
    elif what == "reports":
        reports.answer_report(reports.get_report(item_id), words, accept=accept, by=by)
    elif what == "thanks":
        thanks.decide_thanks(thanks.get_thanks(item_id), accept=accept, by=by)
    else:
        claims.decide_claim(claims.get_claim(item_id), words, accept=accept, by=by)
