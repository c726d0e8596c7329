"""The editors' desk: many listings at once, two made one, and other people's words read as ours."""

import uuid
from typing import Any

from flask import Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts import May
from core import actors
from core.access import door
from core.errors import BadInput, NotFound
from core.inputs import page_number
from core.languages import _, lazy, ngettext
from core.outbox import State
from core.saving import saving
from core.templating import add_to_nav
from directory import taxonomy
from directory.cards import card
from directory.desk import batches, bulk, merging
from directory.desk.bulk import Choice, What
from directory.listings import get_service, whole_listings
from directory.models import Service
from directory.rules import LIFE_WORDS, Life
from directory.web.desk import bp
from directory.web.desk_forms import ManyForm, WordsForm

PER_PAGE = 100

LETTER_STATES = {
    State.WAITING: lazy("waits"),
    State.SENT: lazy("sent"),
    State.GIVEN_UP: lazy("could not be sent"),
    State.CANCELLED: lazy("not sent, because it was undone"),
}


def init_app(app: Flask) -> None:
    """Hang the pages of the editors' desk."""
    app.register_blueprint(bp)
    pages = "item", "note", "many", "batch", "same", "words", "word", "wished", "not_found"
    also = [f"desk.{name}" for name in pages]
    add_to_nav(May.EDIT_DIRECTORY, _called, "desk.queue", *also, order=40)


@bp.route("/many", methods=["GET", "POST"])
@door(May.EDIT_DIRECTORY)
def many() -> ResponseReturnValue:
    """Choose listings, and what shall be done with them; nothing is done yet."""
    choice, page = _choice(), page_number(request.args.get("page"))
    form = ManyForm()
    ticked = request.form.getlist("listing")
    if form.validate_on_submit():
        if form.which.data == "all":
            chosen = bulk.chosen_ids(choice)
        else:
            chosen = [_id(each) for each in ticked]
        if chosen:
            return _plan(whole_listings(chosen), form)
        form.which.errors = [_("Tick at least one listing")]
    total = bulk.how_many_chosen(choice)
    found = whole_listings(bulk.chosen_ids(choice, start=(page - 1) * PER_PAGE, most=PER_PAGE))
    if page > 1 and not found:
        raise NotFound
    shown = render_template(
        "directory/desk/many.html",
        form=form,
        choice=choice,
        rows=[(each, card(each)) for each in found],
        ticked=ticked,
        total=total,
        most=bulk.MOST_AT_ONCE,
        kinds=taxonomy.kinds(),
        lives=LIFE_WORDS,
        sources=bulk.sources(),
        page=page,
        pages=-(-total // PER_PAGE),
        page_link=lambda number: url_for(".many", **{**request.args, "page": number}),
        latest=batches.latest_batches(),
        what_words=bulk.WHAT_WORDS,
        can_undo=batches.can_undo,
    )
    return shown, form.status


@bp.route("/many/<uuid:batch_id>", methods=["GET", "POST"])
@door(May.EDIT_DIRECTORY)
def batch(batch_id: uuid.UUID) -> ResponseReturnValue:
    """What would be done, listing by listing; and once it is done, what was."""
    if request.method == "POST":
        with saving() as work:
            plan = bulk.carry_out(batches.get_batch(batch_id), by=actors.current())
            work.leads_to(url_for(".batch", batch_id=batch_id))
        count = len(plan.will)
        done = ngettext("Done with one listing.", "Done with %(num)s listings.", count)
        return work.redirect(f"{done} {_('You can undo it for 30 minutes.')}")
    found = batches.get_batch(batch_id)
    return render_template(
        "directory/desk/batch.html",
        batch=found,
        what=bulk.WHAT_WORDS[What(found.what)],
        plan=bulk.foresee(found) if found.done_at is None else None,
        changed=[] if found.done_at is None else batches.changed_in(found),
        letters=batches.letters_of(found),
        letter_states=LETTER_STATES,
        can_undo=batches.can_undo(found),
        undo_until=batches.letters_leave_at(found),
    )


@bp.post("/many/<uuid:batch_id>/undo")
@door(May.EDIT_DIRECTORY)
def undo(batch_id: uuid.UUID) -> ResponseReturnValue:
    """Put back everything that nobody has touched since."""
    with saving() as work:
        left = batches.undo(batches.get_batch(batch_id), by=actors.current())
        work.leads_to(url_for(".batch", batch_id=batch_id))
    if not left:
        return work.redirect(_("Everything is as it was before. No letters are sent."))
    return work.redirect(
        ngettext(
            "Undone, but for one listing that was changed since.",
            "Undone, but for %(num)s listings that were changed since.",
            len(left),
        )
    )


@bp.route("/same", methods=["GET", "POST"])
@door(May.EDIT_DIRECTORY)
def same() -> ResponseReturnValue:
    """Two listings side by side: which facts shall stay, if they are one?"""
    keep, other = _asked("keep"), _asked("other")
    if keep.id == other.id:
        raise NotFound
    if request.method == "POST":
        versions = _number("keep_version"), _number("other_version")
        taken = [piece.key for piece in merging.PIECES if request.form.get(piece.key) == "other"]
        with saving() as work:
            made = merging.merge(keep, other, taken, versions=versions, by=actors.current())
            work.leads_to(url_for(".batch", batch_id=made.id))
        return work.redirect(_("The two are one now. You can undo it for 30 minutes."))
    return render_template(
        "directory/desk/same.html", keep=keep, other=other, sides=merging.sides(keep, other)
    )


@bp.post("/two")
@door(May.EDIT_DIRECTORY)
def two() -> ResponseReturnValue:
    """These two are not the same: nobody is asked again."""
    keep, other = _asked("keep"), _asked("other")
    with saving() as work:
        merging.say_not_the_same(keep, other, by=actors.current())
        work.leads_to(url_for(".queue", tab="duplicates"))
    return work.redirect(_("We will not ask about these two again."))


@bp.get("/words")
@door(May.EDIT_DIRECTORY)
def words() -> ResponseReturnValue:
    """Other people's categories, and what each means in our words."""
    q = request.args.get("q", "")[:100]
    return render_template(
        "directory/desk/words.html",
        q=q,
        terms=taxonomy.foreign_in_use(q),
        names=taxonomy.own_names(),
        ours=[
            (_("What kind of thing"), taxonomy.kinds()),
            (_("What it helps with"), taxonomy.needs()),
            (_("Who it is for"), taxonomy.audiences()),
        ],
    )


@bp.route("/word", methods=["GET", "POST"])
@door(May.EDIT_DIRECTORY)
def word() -> ResponseReturnValue:
    """One category of somebody else's: which of our words does it mean?"""
    term = taxonomy.get_term(_id(request.args.get("term", "")))
    said: dict[str, list[str]] = {}
    for name, code in taxonomy.meant_by(term.id):
        said.setdefault(name, []).append(code)
    form = WordsForm(data=said)
    if form.validate_on_submit():
        with saving() as work:
            services = whole_listings(taxonomy.listings_under(term.id, most=bulk.MOST_AT_ONCE))
            made = batches.new_batch(
                What.WORDS, services, by=actors.current(), term=str(term.id), to=form.meant
            )
            work.leads_to(url_for(".batch", batch_id=made.id))
        return redirect(work.location, 303)
    page = render_template("directory/desk/word.html", term=term, form=form)
    return page, form.status


def _called() -> str:
    return _("To do")


def _plan(services: list[Service], form: ManyForm) -> ResponseReturnValue:
    said: dict[str, Any] = {}
    if form.what.data == What.KIND:
        said["to"] = [[taxonomy.KINDS, form.kind.data]]
    elif form.what.data == What.EMAIL:
        said |= {"subject": form.subject.data, "words": form.words.data}
    with saving() as work:
        made = batches.new_batch(form.what.data, services, by=actors.current(), **said)
        work.leads_to(url_for(".batch", batch_id=made.id))
    return redirect(work.location, 303)


def _choice() -> Choice:
    args = request.args
    life = args.get("life", "")
    return Choice(
        text=args.get("q", "")[:100],
        kind=args.get("kind", "")[:60],
        place=args.get("place", "")[:100],
        source=args.get("source", "")[:120],
        life=life if life in set(Life) else "",
        stale=bool(args.get("stale")),
    )


def _asked(name: str) -> Service:
    return get_service(_id(request.args.get(name, "")))


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound from None


def _number(name: str) -> int:
    typed = request.form.get(name, "")
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise BadInput(_("This form was not filled in from its page. Open it again."))
    return int(typed)
