"""Leaflets and the noticeboard's booklet, as a page to print and as PDF."""

import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from core import clock, paper
from core.access import open_to_all
from core.errors import BadInput, NotFound
from core.languages import _, lazy
from directory import counting
from directory.addresses import find_spot
from directory.leaflets import BOOKLET_MILES, Size, booklet, easy_words, how_many, rows_of
from directory.listings import get_listing
from directory.models import Service
from directory.short_links import short_address
from directory.shortlists import get_shared
from directory.web import reading
from directory.web.counted import counted

LONGEST_PLACE = 100
MOST_MONTHS_AHEAD = 12

SIZES = {
    Size.A4: lazy("Usual print"),
    Size.LARGE: lazy("Large print"),
    Size.EASY: lazy("Easy Read layout"),
}

bp = Blueprint("leaflets", __name__)


@bp.get("/activities/<slug>/leaflet", defaults={"kind": "page"})
@bp.get("/activities/<slug>/leaflet.pdf", defaults={"kind": "pdf"})
@open_to_all("anybody may print what anybody may read")
def leaflet(slug: str, kind: str) -> ResponseReturnValue:
    """One activity on paper: ?size=a4, large or easy."""
    service, size = get_listing(slug), _size()
    counted([service.id], counting.LEAFLET)
    return _printed(
        "paper/leaflet.html",
        kind,
        name=f"{slug}-{size}.pdf",
        leaflets=[about(service)],
        title=service.name,
        size=size,
        sizes=_sizes("leaflets.leaflet", slug=slug, kind="page"),
        back=url_for("directory.activity", slug=slug),
        pdf=url_for(".leaflet", kind="pdf", slug=slug, size=size),
    )


@bp.get("/l/<code>/leaflet", defaults={"kind": "page"})
@bp.get("/l/<code>/leaflet.pdf", defaults={"kind": "pdf"})
@open_to_all("whoever has the address of a list may print it")
def leaflets(code: str, kind: str) -> ResponseReturnValue:
    """All that is on a shared list, a sheet each: ?size=a4, large or easy."""
    shared, size = get_shared(code), _size()
    if not shared.services:
        raise NotFound
    names = ", ".join(service.name for service in shared.services)
    counted([service.id for service in shared.services], counting.LEAFLET)
    return _printed(
        "paper/leaflet.html",
        kind,
        name=f"shortlist-{size}.pdf",
        leaflets=[about(service) for service in shared.services],
        title=names,
        size=size,
        sizes=_sizes(".leaflets", code=code, kind="page"),
        back=url_for("shortlist.shared", code=code),
        pdf=url_for(".leaflets", code=code, kind="pdf", size=size),
    )


@bp.get("/whats-on", defaults={"kind": "page"})
@bp.get("/whats-on.pdf", defaults={"kind": "pdf"})
@open_to_all("a noticeboard is there for everybody")
def whats_on(kind: str) -> ResponseReturnValue:
    """What is on near ?near= in ?month=2026-12, to pin on a noticeboard."""
    near = " ".join(request.args.get("near", "").split())[:LONGEST_PLACE]
    place = find_spot(near) if near else None
    if place is None:
        if kind == "pdf":
            raise BadInput(_("Type a postcode or a town."))
        return _ask_where(near), 422 if near else 200
    found = booklet(place, _month(), within=_miles())
    month, miles = f"{found.month:%Y-%m}", f"{_miles():g}"
    return _printed(
        "paper/booklet.html",
        kind,
        name=f"whats-on-{month}.pdf",
        booklet=found,
        how_many=how_many(found),
        near=near,
        within=_miles(),
        months=_months(),
        title=_("What’s on near %(place)s", place=place.name),
        back=url_for("directory.activities", near=near),
        pdf=url_for(".whats_on", kind="pdf", near=near, month=month, within=miles),
    )


def about(service: Service) -> dict[str, Any]:
    """What the leaflet of one activity says."""
    phone = reading.phone(service)
    address = short_address(service.id)
    title = _("Code to scan: opens this page on a phone")
    return {
        "service": service,
        "rows": rows_of(service, phone),
        "sentences": easy_words(service, phone),
        "address": re.sub(r"^https?://", "", address),
        "qr": paper.qr(address, title),
    }


def _printed(template: str, kind: str, *, name: str, **facts: Any) -> ResponseReturnValue:
    facts |= {"on_paper": kind == "pdf", "picture": picture, "made_on": clock.today()}
    if kind == "page":
        return render_template(template, **facts)
    static = Path(current_app.static_folder or "static")
    try:
        made = paper.pdf(render_template(template, **facts), static=static)
    except paper.NoPaper as missing:
        words = render_template("paper/no_pdf.html", reason=str(missing), back=facts["back"])
        return words, 501
    response = Response(made, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _ask_where(near: str) -> Response:
    return make_response(
        render_template("paper/whats_on.html", near=near, months=_months(), within=BOOKLET_MILES)
    )


def _size() -> Size:
    try:
        return Size(request.args.get("size", Size.A4))
    except ValueError:
        raise BadInput(_("There is no leaflet of that size.")) from None


def _sizes(endpoint: str, **values: Any) -> list[tuple[Size, Any, str]]:
    return [(size, words, url_for(endpoint, size=size, **values)) for size, words in SIZES.items()]


def _month() -> date:
    said = request.args.get("month", "")
    if not said:
        return clock.today().replace(day=1)
    if said not in _months():
        raise BadInput(_("Choose one of the months on the list."))
    return date.fromisoformat(f"{said}-01")


def _months() -> dict[str, date]:
    """The months there is a booklet for: this one and the year to come."""
    first = clock.today().replace(day=1)
    numbers = range(first.month - 1, first.month + MOST_MONTHS_AHEAD)
    months = [date(first.year + number // 12, number % 12 + 1, 1) for number in numbers]
    return {f"{month:%Y-%m}": month for month in months}


def _miles() -> float:
    said = request.args.get("within", "")
    if said in {"", f"{BOOKLET_MILES:g}"}:
        return BOOKLET_MILES
    if said not in {"1", "3", "5", "10"}:
        raise BadInput(_("Choose one of the distances on the list."))
    return float(said)


@cache
def picture(name: str) -> Markup:
    """One of our pictures whole, for paper cannot look it up in the file they share."""
    drawn = (Path(current_app.static_folder or "static") / "icons.svg").read_text(encoding="utf-8")
    found = re.search(rf'<symbol id="{re.escape(name)}"[^>]*>(.*?)</symbol>', drawn, re.DOTALL)
    if found is None:
        raise KeyError(name)
    svg = f'<svg class="k-picture" viewBox="0 0 20 20" aria-hidden="true">{found[1]}</svg>'
    return Markup(svg)  # noqa: S704 - a file of our own
