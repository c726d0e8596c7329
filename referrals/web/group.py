"""The group's desk: one signed link, no account. Accept or not in two taps, and say who came."""

import uuid

from flask import Blueprint, Response, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse
from wtforms import RadioField, TextAreaField
from wtforms.validators import Length

from core import audit, clock, links
from core.access import by_link
from core.errors import NotFound
from core.forms import Form, Required
from core.languages import _, lazy
from core.links import SignedLink
from core.saving import saving
from referrals.group_keys import referral_behind
from referrals.models import FirstVisit, Referral
from referrals.pathway import act, what_may
from referrals.rules import DECLINE_WORDS, Action, Came, DeclineReason
from referrals.sight import GROUP_LINK, facts_shown, minimum_for, one_line_reason
from referrals.visits import record_visit

bp = Blueprint("group", __name__, url_prefix="/g")

CAME_WORDS = {
    Came.CAME: "They came",
    Came.DID_NOT_COME: "They did not come",
    Came.NOT_KNOWN: "I do not know",
}


class AcceptForm(Form):
    """Yes: the button is the answer."""


class DeclineForm(Form):
    """Not this time, and why."""

    reason = RadioField(
        lazy("Why not this time?"),
        [Required(lazy("Choose a reason, so that the link worker can find something else"))],
        choices={reason.value: words for reason, words in DECLINE_WORDS.items()},
    )
    note = TextAreaField(
        lazy("Anything the link worker should know?"),
        [Length(max=500, message=lazy("Use 500 letters or fewer"))],
        description=lazy("You can leave this empty."),
    )


class CameForm(Form):
    """Did the person come?"""

    came = RadioField(
        lazy("Did they come?"),
        [Required(lazy("Choose one. “I do not know” is a good answer too"))],
        choices={came.value: words for came, words in CAME_WORDS.items()},
    )


@bp.after_request
def keep_quiet(response: Response) -> Response:
    """The address is a key: no other site may learn it, no cache may keep the page."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@bp.get("/<token>")
@by_link(GROUP_LINK, shows="F1 F2")
def referral(token: str) -> ResponseReturnValue:
    """What the group is asked, and what it can answer now."""
    return _page(token, AcceptForm(), CameForm())


@bp.post("/<token>/accept")
@by_link(GROUP_LINK, shows="F1 F2")
def accept(token: str) -> ResponseReturnValue:
    """The group says yes."""
    link, found = _behind(token)
    with saving() as work:
        act(found, Action.ACCEPT, by=link.actor)
        work.leads_to(url_for(".referral", token=token))
    return work.redirect(_("Thank you. We have told the link worker that you said yes."))


@bp.route("/<token>/decline", methods=["GET", "POST"])
@by_link(GROUP_LINK, shows="F1 F2")
def decline(token: str) -> ResponseReturnValue:
    """The group says not this time, with a reason."""
    link, found = _behind(token)
    form = DeclineForm()
    if form.validate_on_submit():
        reason = DECLINE_WORDS[DeclineReason(form.reason.data)]
        with saving() as work:
            note = f"{reason}. {form.note.data or ''}".strip()
            act(found, Action.REJECT, by=link.actor, note=note)
            work.leads_to(url_for(".referral", token=token))
        return work.redirect(
            _("Thank you for telling us. The link worker will find something else.")
        )
    page = render_template(
        "referrals/group/decline.html", referral=found, form=form, token=token, nav=[]
    )
    return page, form.status


@bp.post("/<token>/came/<uuid:visit_id>")
@by_link(GROUP_LINK, shows="F1 F2")
def came(token: str, visit_id: uuid.UUID) -> ResponseReturnValue:
    """The group says whether the person came."""
    link, found = _behind(token)
    visit = next((visit for visit in found.visits if visit.id == visit_id), None)
    if visit is None:
        raise NotFound
    form = CameForm()
    if not form.validate_on_submit():
        return _page(token, AcceptForm(), form)
    with saving() as work:
        record_visit(visit, Came(form.came.data), by=link.actor)
        work.leads_to(url_for(".referral", token=token))
    return work.redirect(_("Thank you. That is all we need to know."))


def _behind(token: str) -> tuple[SignedLink, Referral]:
    link = links.unseal(GROUP_LINK, token)
    return link, referral_behind(link)


def _page(token: str, yes: AcceptForm, visit_form: CameForm) -> ResponseReturnValue:
    link, found = _behind(token)
    with saving():
        facts = facts_shown(found, link.actor)
        audit.looked(link.actor, about=found.about, classes=sorted(facts))
    page = render_template(
        "referrals/group/referral.html",
        referral=found,
        person=minimum_for(found, link.actor),
        may_do=what_may(link.actor, found),
        Action=Action,
        reason=one_line_reason(found),
        given_back=found.steps[-1].by.startswith("system:"),
        asked=_visit_to_ask_about(found),
        told=[visit for visit in found.visits if visit.came in CAME_WORDS],
        CAME_WORDS=CAME_WORDS,
        form=yes,
        visit_form=visit_form,
        token=token,
        nav=[],
    )
    response: AnyResponse = make_response(page, visit_form.status)
    return response


def _visit_to_ask_about(found: Referral) -> FirstVisit | None:
    """The visit whose day has come and of which nobody has said what became."""
    due = (
        visit
        for visit in found.visits
        if visit.came is Came.PLANNED and visit.session_on <= clock.today()
    )
    return next(due, None)
