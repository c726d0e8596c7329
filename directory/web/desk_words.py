"""The editors' desk: the needs people come with, and the words they have for them."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts import May
from core import actors
from core.access import door
from core.errors import BadInput, NotFound
from core.languages import _
from core.saving import saving
from directory import search
from directory.desk import foreseeing
from directory.desk import thesaurus as changing
from directory.listings import whole_listings
from directory.meaning import Concept, thesaurus
from directory.web.desk import bp
from directory.web.meaning_forms import KEEP, MeaningForm

MOST_SHOWN = 50


@bp.get("/meanings")
@door(May.EDIT_DIRECTORY)
def meanings() -> ResponseReturnValue:
    """Every need the search knows, with how many ways there are to say it."""
    concepts = thesaurus(now=True).concepts
    return render_template(
        "directory/desk/meanings.html",
        concepts=sorted(concepts.values(), key=lambda each: each.name.casefold()),
        counts=search.meaning_counts(concepts),
    )


@bp.route("/meaning", methods=["GET", "POST"])
@door(May.EDIT_DIRECTORY)
def meaning() -> ResponseReturnValue:
    """One need: what people call it, what a change would do, and who changed it when."""
    concept = _concept(request.args.get("code", ""))
    form = MeaningForm(data=_as_typed(concept))
    foreseen = None
    if form.validate_on_submit():
        changed = form.concept(concept.code)
        if form.step.data == KEEP:
            with saving() as work:
                why, seen = form.why.data or "", form.version
                changing.change(changed, why=why, seen=seen, by=actors.current())
                work.leads_to(url_for(".meaning", code=concept.code))
            return work.redirect(_("Saved. The search knows it now."))
        foreseen = foreseeing.foresee(changed)
    page = render_template(
        "directory/desk/meaning.html",
        concept=concept,
        form=form,
        foreseen=foreseen,
        listings=whole_listings,
        most=MOST_SHOWN,
        history=changing.history(concept.code),
    )
    return page, form.status


@bp.post("/meaning/back")
@door(May.EDIT_DIRECTORY)
def meaning_back() -> ResponseReturnValue:
    """Make an earlier version of a need the latest again."""
    code, version = request.args.get("code", ""), request.args.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) < 6):
        raise BadInput(_("This form was not filled in from its page. Open it again."))
    with saving() as work:
        changing.revert(_concept(code).code, int(version), by=actors.current())
        work.leads_to(url_for(".meaning", code=code))
    return work.redirect(_("That version is back. The search knows it now."))


def _concept(code: str) -> Concept:
    found = thesaurus(now=True).concepts.get(code)
    if found is None:
        raise NotFound
    return found


def _as_typed(concept: Concept) -> dict[str, object]:
    names = thesaurus().concepts
    return {
        "name": concept.name,
        "shown_as": concept.shown_as,
        "phrases": "\n".join(concept.phrases),
        "words": "\n".join(concept.words),
        "near": "\n".join(names[code].name for code in concept.near if code in names),
        "kinds": list(concept.kinds),
        "needs": list(concept.needs),
        "seen": str(changing.last_version(concept.code)),
    }
