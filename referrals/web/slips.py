"""Slips on the web: a clinician hands one over, anybody looks it up, the group ticks it."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from accounts import May
from core import links, paper, site
from core.access import by_link, door, open_to_all
from core.actors import current
from core.errors import NotFound
from core.forms import Form, Required
from core.languages import _, lazy
from core.saving import new_key, saving
from core.senders import sender
from directory import Card, card, get_listing, get_service, shown_listings
from referrals import slips
from referrals.groups.keys import REGISTER_LINK, service_behind
from referrals.models import Slip
from referrals.web.clinician_forms import at_most

bp = Blueprint("slips", __name__)

WHY_OPEN = "a slip is for whoever holds it; there is nobody's name on it"
UNKNOWN = lazy("We do not know this code. Check each letter and number")


class CodeForm(Form):
    """The code of a slip."""

    code = StringField(
        lazy("The code on your slip"),
        [Required(lazy("Type the code on your slip")), at_most(20)],
        description=lazy("Eight letters and numbers, like K7QM-2XPD."),
    )

    def is_wrong(self, words: str) -> None:
        """Say so, and let them try again."""
        self.code.errors = [words]
        self.once.data = new_key()


@bp.after_request
def keep_quiet(response: Response) -> Response:
    """The address holds a code: no other site may learn it, and no search engine list it."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@bp.post("/activities/<slug>/slip")
@door(May.REFER)
def hand_over(slug: str) -> ResponseReturnValue:
    """Make a slip for this activity: there is nothing to fill in."""
    with saving() as work:
        slip = slips.hand_over(get_listing(slug), by=current())
        work.leads_to(url_for(".slip", code=slips.written(slip.code)))
    return work.redirect(_("Here is the slip. Print it, or text it."))


@bp.route("/slip", methods=["GET", "POST"])
@open_to_all(WHY_OPEN)
def look_up() -> ResponseReturnValue:
    """Type the code of a slip."""
    form = CodeForm()
    if form.validate_on_submit():
        found = slip_with(form.code.data or "")
        if found is not None:
            return _moved(found)
        form.is_wrong(str(UNKNOWN))
    return render_template("referrals/slips/look_up.html", form=form), form.status


@bp.get("/slip/<code>")
@open_to_all(WHY_OPEN)
def slip(code: str) -> ResponseReturnValue:
    """What the slip is for, and how to go on from here."""
    found = slip_with(code)
    if found is None:
        raise NotFound
    refers = current().may(May.REFER)
    if found.looked_up_on is None and not refers:
        with saving():
            slips.looked_up(found)
    activity = _activity(found)
    return render_template(
        "referrals/slips/slip.html",
        slip=found,
        code=slips.written(found.code),
        it=activity,
        refers=refers,
        sms=f"sms:?&body={quote(_text(found, activity))}" if activity else "",
    )


@bp.get("/slip/<code>/paper")
@open_to_all(WHY_OPEN)
def on_paper(code: str) -> ResponseReturnValue:
    """The slip as a sheet to print."""
    found = slip_with(code)
    activity = _activity(found) if found else None
    if found is None or activity is None:
        raise NotFound
    written = slips.written(found.code)
    return render_template(
        "paper/slip.html",
        title=activity.name,
        it=activity,
        code=written,
        address=site.address("/slip"),
        qr=paper.qr(_address(found), _("Code to scan: opens this slip on a phone")),
        back=url_for(".slip", code=written),
        pdf="",
        on_paper=False,
    )


@bp.route("/g/slip/<token>", methods=["GET", "POST"])
@by_link(REGISTER_LINK)
def tick(token: str) -> ResponseReturnValue:
    """Whoever runs the group ticks a slip that somebody has shown."""
    link = links.unseal(REGISTER_LINK, token)
    service, form = service_behind(link), CodeForm()
    if form.validate_on_submit():
        found = slip_with(form.code.data or "")
        if found is not None and found.service_id == service.id:
            with saving() as work:
                slips.tick(found.code, [get_service(service.id)], by=link.actor)
                work.leads_to(url_for(".tick", token=token))
            return work.redirect(_("Thank you. The slip is ticked."))
        form.is_wrong(_("This is no slip for %(name)s. Check the code", name=service.name))
    page = render_template(
        "referrals/slips/tick.html", service=service, form=form, token=token, nav=[]
    )
    return page, form.status


def offer_slip(service: Any) -> dict[str, Any] | None:
    """The button on an activity's page, for those who refer."""
    if not current().may(May.REFER):
        return None
    return {"template": "referrals/slips/offer.html", "slug": service.slug, "form": Form()}


def slip_with(code: str) -> Slip | None:
    """The slip, or None; whoever tries too many wrong codes is stopped before looking."""
    who = sender("slips")
    slips.refuse_guessing(who)
    found = slips.find(code)
    if found is None:
        with saving():
            slips.note_wrong(who)
    return found


def _moved(found: Slip) -> Response:
    response = make_response("", 303)
    response.headers["Location"] = url_for(".slip", code=slips.written(found.code))
    return response


def _activity(found: Slip) -> Card | None:
    """The activity as it is today; None when it is on no longer."""
    shown = shown_listings([found.service_id])
    return card(shown[0]) if shown else None


def _address(found: Slip) -> str:
    return site.address(f"/slip/{slips.written(found.code)}")


def _text(found: Slip, it: Card) -> str:
    return f"{it.name}: {it.when}. {_address(found)}"
