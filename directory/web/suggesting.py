"""The directory's search: what may be meant by what is typed so far, for script to offer.

Without script nobody asks for this, and the box is a box. Nothing typed is kept or written down.
"""

from typing import Any

from flask import jsonify, request, url_for
from flask.typing import ResponseReturnValue

from core.access import open_to_all
from core.inputs import is_asked_anything
from core.languages import _, language, lazy, ngettext, translated
from directory.places import Place, find_place
from directory.search import Suggestion, suggest
from directory.web.finding import Asked
from directory.web.public import bp
from directory.web.typed import LONGEST_PLACE, LONGEST_WORDS, tidy

SORTS = {
    "need": lazy("Help with"),
    "kind": lazy("Kind of thing"),
    "activity": lazy("Activity"),
    "place": lazy("Place"),
}

IN_ENGLISH = frozenset({"need", "activity"})
"""The sorts whose names are English whatever the page is in."""


@bp.get("/suggest")
@open_to_all("anybody may look for something to do")
@is_asked_anything
def suggestions() -> ResponseReturnValue:
    """What ?q= may become, as links, those near ?near= first; or places that begin as ?place=."""
    near = tidy(request.args.get("near", ""))[:LONGEST_PLACE]
    place = tidy(request.args.get("place", ""))[:LONGEST_PLACE]
    typed = tidy(request.args.get("q", ""))[:LONGEST_WORDS]
    # Not `find_spot`: what is only half typed is nothing to ask another machine.
    spot = find_place(near) if near else None
    said = suggest(place, only="place") if place else suggest(typed, spot)
    found = [_told(each, near, spot) for each in said]
    answer = jsonify(
        suggestions=found,
        said=ngettext("%(num)s suggestion", "%(num)s suggestions", len(found))
        if found
        else _("No suggestions"),
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _told(it: Suggestion, near: str, spot: Place | None) -> dict[str, Any]:
    kept = near if spot else ""
    text = translated(it.text) if it.kind == "kind" else it.text
    return {
        "text": text,
        "because": it.because,
        "lang": "en" if it.kind in IN_ENGLISH and language().code != "en" else "",
        "sort": str(SORTS[it.kind]),
        "href": _address(it, Asked(near=kept)),
    }


def _address(it: Suggestion, asked: Asked) -> str:
    if it.kind == "activity" and it.slug_or_code:
        return url_for("directory.activity", slug=it.slug_or_code)
    if it.kind == "kind":
        return asked.address(kind=(it.slug_or_code,))
    if it.kind == "place":
        return asked.address(near=it.slug_or_code)
    return asked.address(q=it.because or it.text)
