"""The person's side of their rights: they ask on their own page, and fetch a copy once."""

import uuid

from flask import Blueprint, Response, make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts import May
from core import links
from core.access import by_link, door
from core.actors import Actor, current
from core.languages import _
from core.links import LinkExpired
from core.saving import new_key, saving
from core.web import trouble
from referrals.models import PrivatePage, Right
from referrals.person.keys import MY_PAGE
from referrals.person.pages import stop_sharing_with
from referrals.rights import handing, history, requests
from referrals.rights.handing import COPY_LINK
from referrals.rules import OPEN
from referrals.sight import get_referral, parts_of
from referrals.web.linkworker import SHOWS, open_record, person_page
from referrals.web.linkworker import bp as caseload
from referrals.web.person import SHOWN, behind_the_pin
from referrals.web.person import bp as own
from referrals.web.rights_forms import OWN_RIGHT_WORDS, CopyForm, OwnRightForm, PutRightForm

bp = Blueprint("copies", __name__, url_prefix="/copy")


@bp.after_request
def keep_quiet(response: Response) -> Response:
    """The address is a key: no other site may learn it, no cache may keep the page."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@bp.errorhandler(LinkExpired)
def run_out(_error: LinkExpired) -> ResponseReturnValue:
    """A new copy is one call away."""
    return trouble(410, _("This copy has been opened, or its time is over. Ring us for another."))


@own.route("/<token>/rights", methods=["GET", "POST"])
@by_link(MY_PAGE, shows=SHOWN)
@behind_the_pin
def rights(token: str, page: PrivatePage, by: Actor) -> ResponseReturnValue:
    """Ask for a copy of all that is kept, or that it be forgotten; stop sharing with one group."""
    referral = page.referral
    form = OwnRightForm()
    if form.validate_on_submit():
        with saving() as work:
            requests.ask(referral, Right(form.right.data), by=by)
            work.leads_to(url_for(".rights", token=token))
        return work.redirect(_("We have it. You get an answer within a month."))
    shown = render_template(
        "referrals/rights/own.html",
        token=token,
        form=form,
        asked=requests.requests_of(referral.person),
        put_right=history.put_right_of(referral.person),
        groups=[each for each in referral.onward if each.status in OPEN],
        OWN_RIGHT_WORDS=OWN_RIGHT_WORDS,
        nav=[],
    )
    return shown, form.status


@own.post("/<token>/stop/<uuid:onward_id>")
@by_link(MY_PAGE, shows=SHOWN)
@behind_the_pin
def stop_one(token: str, page: PrivatePage, by: Actor, onward_id: uuid.UUID) -> ResponseReturnValue:
    """Share nothing more with this one group."""
    with saving() as work:
        stop_sharing_with(page, onward_id, by=by)
        work.leads_to(url_for(".rights", token=token))
    return work.redirect(_("Stopped. That group sees nothing of you any more."))


@caseload.route("/<uuid:referral_id>/put-right", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def put_right(referral_id: uuid.UUID) -> ResponseReturnValue:
    """The link worker puts right who somebody is; what it was before is kept."""
    referral = open_record(referral_id)
    person = referral.person
    form = PutRightForm(data={fact: getattr(person, fact) for fact in history.MAY_BE_PUT_RIGHT})
    if form.validate_on_submit():
        said = {fact: form[fact].data for fact in history.MAY_BE_PUT_RIGHT}
        with saving() as work:
            found = get_referral(referral_id, seen_by=current())
            parts = parts_of(current(), found)
            history.put_right(found, said, why=form.why.data or "", parts=parts, by=current())
            work.leads_to(person_page(found))
        return work.redirect(_("Put right. What it was before is kept."))
    shown = render_template(
        "referrals/rights/put_right.html",
        referral=referral,
        form=form,
        possible=True,
        earlier=history.put_right_of(person),
    )
    return shown, form.status


@bp.route("/<token>", methods=["GET", "POST"])
@by_link(COPY_LINK, shows=SHOWN)
def copy(token: str) -> ResponseReturnValue:
    """The copy, for the right PIN, once. Opening the page changes nothing."""
    link = links.unseal(COPY_LINK, token)
    pack = handing.pack_behind(link)
    form = CopyForm()
    if form.validate_on_submit():
        plain = handing.fetch(link, form.pin.data or "")
        if plain is not None:
            return _download(plain)
        left = handing.tries_left(handing.pack_behind(links.unseal(COPY_LINK, token)))
        form.pin.errors = [
            _("That PIN is not right. You can try %(count)s more times.", count=left)
        ]
        form.once.data = new_key()
    return render_template("referrals/rights/fetch.html", form=form, pack=pack, nav=[]), form.status


def _download(plain: bytes) -> Response:
    answer = make_response(plain)
    answer.headers["Content-Type"] = "application/zip"
    answer.headers["Content-Disposition"] = 'attachment; filename="your-record.zip"'
    return answer
