"""Lists that visitors keep and share: a signed cookie with ids, a short address, no account."""

import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta

from flask import (
    Blueprint,
    Flask,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, Signer
from werkzeug.wrappers import Response

from core import cookies, site
from core.access import open_to_all
from core.errors import NotFound, Refused
from core.languages import _
from core.saving import saving
from core.templating import add_to_nav
from directory import counting, shortlists
from directory.cards import Card, card
from directory.listings import shown_in_brief, shown_listings
from directory.shortlists import MOST
from directory.web import sharing
from directory.web.counted import counted

COOKIE = "kith_shortlist"
KEPT_FOR = timedelta(days=90)

_ID = 16

bp = Blueprint("shortlist", __name__)


def init_app(app: Flask) -> None:
    """Hang the pages, show the list in the navigation, and let templates ask what is on it."""
    app.register_blueprint(bp)
    app.jinja_env.globals.update(
        is_kept=lambda service_id: service_id in kept(), shortlist_words=_called
    )
    add_to_nav("", _called, "shortlist.mine", order=60)
    add_to_nav("*", _called, "shortlist.mine", order=91)


@bp.get("/shortlist")
@open_to_all("a list of one's own needs no account")
def mine() -> ResponseReturnValue:
    """What somebody has saved on this device."""
    return render_template(
        "directory/shortlist.html", cards=_cards(kept()), days=KEPT_FOR.days, most=MOST
    )


@bp.post("/shortlist/<uuid:service_id>/<any(save, remove):what>")
@open_to_all("a list of one's own needs no account")
def keep(service_id: uuid.UUID, what: str) -> ResponseReturnValue:
    """Save an activity or take it off; twice is once."""
    before = kept()
    after = [each for each in before if each != service_id]
    if what == "save":
        found = shown_in_brief([service_id])
        if not found:
            raise NotFound
        after = _with(before, [service_id])
        if service_id not in before:
            counted([service_id], counting.SHORTLISTED)
    g.shortlist = tuple(after)
    if "X-Fragment" in request.headers:
        name = next((each.name for each in shown_in_brief([service_id])), "")
        page = render_template("directory/parts/save_one.html", id=service_id, name=name)
        return _remembered(make_response(page), after)
    return _remembered(redirect(site.came_from() or url_for(".mine"), 303), after)


@bp.post("/shortlist/clear")
@open_to_all("a list of one's own needs no account")
def clear() -> ResponseReturnValue:
    """Take everything off."""
    flash(_("Your shortlist is empty again."))
    return _remembered(redirect(url_for(".mine"), 303), [])


@bp.post("/shortlist/share")
@open_to_all("whoever has a list may pass it on; it names activities and nobody")
def share() -> ResponseReturnValue:
    """Put the list under a short address."""
    with saving() as work:
        made = shortlists.share(kept())
        work.leads_to(url_for(".shared", code=made.code, mine=1))
    return work.redirect()


@bp.get("/l/<code>")
@open_to_all("a shared list is for whoever was told its address")
def shared(code: str) -> ResponseReturnValue:
    """A list that somebody shared, as it is today."""
    if shortlists.needs_marking(code):
        with saving():
            shortlists.mark_used(code)
    found = shortlists.get_shared(code)
    page = make_response(
        render_template(
            "directory/shared_list.html",
            list=found,
            cards=[card(each) for each in found.services],
            sharing=sharing.of_list(found),
            months=shortlists.UNUSED_FOR.days // 30,
            is_mine="mine" in request.args,
            have_all={each.id for each in found.services} <= set(kept()),
        )
    )
    page.headers["X-Robots-Tag"] = "noindex"
    return page


@bp.post("/l/<code>/save")
@open_to_all("a shared list is for whoever was told its address")
def keep_all(code: str) -> ResponseReturnValue:
    """Save everything on a shared list."""
    new = [each.id for each in shortlists.get_shared(code).services if each.id not in kept()]
    after = _with(kept(), new)
    counted(new, counting.SHORTLISTED)
    flash(_("These activities are on your shortlist now."))
    return _remembered(redirect(url_for(".mine"), 303), after)


def kept() -> tuple[uuid.UUID, ...]:
    """The ids on this device's shortlist, in the order they were saved."""
    if "shortlist" not in g:
        g.shortlist = tuple(_read(cookies.given(COOKIE)))
    found: tuple[uuid.UUID, ...] = g.shortlist
    return found


def _with(before: Iterable[uuid.UUID], new: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    after = list(dict.fromkeys([*before, *new]))
    if len(after) > MOST:
        # What is no longer on makes room before anybody is sent away.
        after = [each.id for each in shown_in_brief(after)]
    if len(after) > MOST:
        raise Refused(
            _("A shortlist holds %(most)s activities. Take one off yours first.", most=MOST)
        )
    return after


def _called() -> str:
    number = len(kept())
    return _("Shortlist (%(number)s)", number=number) if number else _("Shortlist")


def _cards(ids: tuple[uuid.UUID, ...]) -> list[Card]:
    return [card(each) for each in shown_listings(ids)]


def _signer() -> Signer:
    return Signer(current_app.secret_key or "", salt="shortlist")


def _read(cookie: str) -> Iterator[uuid.UUID]:
    """The ids in a cookie; whatever we have not written ourselves is an empty list."""
    packed = b""
    with suppress(BadSignature, ValueError):
        packed = urlsafe_b64decode(_signer().unsign(cookie))
    for at in range(0, len(packed) - len(packed) % _ID, _ID):
        yield uuid.UUID(bytes=packed[at : at + _ID])


def _remembered(response: Response, ids: list[uuid.UUID]) -> Response:
    if not ids:
        cookies.take_away(response, COOKIE)
        return response
    packed = urlsafe_b64encode(b"".join(each.bytes for each in ids))
    cookies.give(response, COOKIE, _signer().sign(packed).decode(), kept_for=KEPT_FOR)
    return response
