"""The officer's desk for people's rights: what was asked, what to look at, whose time is over.

The officer sees who somebody is only inside a request, once it was made sure of who asks.
"""

import uuid
from collections.abc import Callable, Sequence

from flask import Blueprint, make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts import May
from core.access import asks_for_proof, door
from core.actors import current
from core.languages import _
from core.saving import saving
from referrals.models import Disposal, Handing, Right, RightsRequest, Stage
from referrals.person.pages import pin_and_its_hash
from referrals.rights import forgetting, handing, keeping, requests, reviewing
from referrals.rights.keeping import Over
from referrals.web.rights_forms import (
    HOW_WORDS,
    RIGHT_WORDS,
    STAGE_WORDS,
    VERDICT_WORDS,
    BeginForm,
    HoldForm,
    IdentityForm,
    KeepOnForm,
    LetGoForm,
    LineForm,
    PressForm,
    WhyForm,
)

bp = Blueprint("rights", __name__, url_prefix="/rights")

INSIDE = "F1 F2 F3 F4 F5 F7"
"""What a request shows of its one person, while it is open."""


@bp.context_processor
def words() -> dict[str, object]:
    """What every page of this desk speaks with."""
    return {
        "RIGHT_WORDS": RIGHT_WORDS,
        "HOW_WORDS": HOW_WORDS,
        "VERDICT_WORDS": VERDICT_WORDS,
        "STAGE_WORDS": STAGE_WORDS,
        "Right": Right,
        "Stage": Stage,
    }


@bp.get("")
@door(May.HANDLE_RIGHTS, shows="F1")
def desk() -> ResponseReturnValue:
    """What was asked, whose time is over, and what is held."""
    return render_template(
        "referrals/rights/desk.html",
        requests=requests.requests_for(current()),
        over=keeping.waiting_for(current()),
        holds=keeping.holds_of(current()),
    )


@bp.route("/begin", methods=["GET", "POST"])
@door(May.HANDLE_RIGHTS, shows="F1")
def begin() -> ResponseReturnValue:
    """Write down what somebody asked by telephone, letter or in person."""
    form = BeginForm()
    if form.validate_on_submit() and form.born_on.data and form.asked_on.data:
        with saving() as work:
            made = requests.begin(
                form.ref.data or "",
                form.born_on.data,
                form.right.data,
                form.how.data,
                asked_on=form.asked_on.data,
                by=current(),
            )
            work.leads_to(url_for(".one", request_id=made.id))
        return work.redirect(_("Written down. Now make sure of who asks."))
    return render_template("referrals/rights/begin.html", form=form), form.status


@bp.get("/<uuid:request_id>")
@door(May.HANDLE_RIGHTS, shows=INSIDE)
def one(request_id: uuid.UUID) -> ResponseReturnValue:
    """One request: how far it is, what is to be done, and by when."""
    return _one(request_id)


@bp.post("/<uuid:request_id>/identity")
@door(May.HANDLE_RIGHTS, shows=INSIDE)
def identity(request_id: uuid.UUID) -> ResponseReturnValue:
    """It was made sure of who asks."""
    found = requests.get_request(request_id, seen_by=current())
    form = IdentityForm()
    if form.validate_on_submit():
        with saving() as work:
            requests.confirm_identity(found, form.how.data or "", by=current())
            work.leads_to(url_for(".one", request_id=request_id))
        return work.redirect(_("Noted. Now look at what has to be looked at."))
    return _one(request_id, identity_form=form)


@bp.route("/<uuid:request_id>/lines/<uuid:line_id>", methods=["GET", "POST"])
@door(May.HANDLE_RIGHTS, shows=INSIDE)
def line(request_id: uuid.UUID, line_id: uuid.UUID) -> ResponseReturnValue:
    """Decide one line: give it, or hold it back."""
    found = requests.get_request(request_id, seen_by=current())
    chosen = reviewing.line_of(found, line_id)
    form = LineForm(data={"verdict": chosen.verdict, "reason": chosen.reason})
    if form.validate_on_submit():
        with saving() as work:
            reviewing.decide(
                chosen, Handing(form.verdict.data), form.reason.data or "", by=current()
            )
            work.leads_to(url_for(".one", request_id=request_id))
        return work.redirect(_("Decided."))
    with saving():
        looked = reviewing.look_at(reviewing.line_of(found, line_id), by=current())
    shown = render_template(
        "referrals/rights/line.html", form=form, looked=looked, asked=found, line=chosen
    )
    return shown, form.status


@bp.post("/<uuid:request_id>/copy")
@door(May.HANDLE_RIGHTS, shows=INSIDE)
@asks_for_proof
def make_copy(request_id: uuid.UUID) -> ResponseReturnValue:
    """Make the copy, and show its PIN once."""
    found = requests.get_request(request_id, seen_by=current())
    form = PressForm()
    if not form.validate_on_submit():
        return _one(request_id)
    pin, pin_hash = pin_and_its_hash()
    with saving() as work:
        work.leads_to(url_for(".one", request_id=request_id))
        pack, token = handing.make_ready(found, pin_hash=pin_hash, by=current())
        sent = handing.is_sent(pack)
    link = "" if sent else url_for("copies.copy", token=token, _external=True)
    return render_template("referrals/rights/made.html", asked=found, pin=pin, link=link)


@bp.route("/<uuid:request_id>/close", methods=["GET", "POST"])
@door(May.HANDLE_RIGHTS, shows="F1")
def close(request_id: uuid.UUID) -> ResponseReturnValue:
    """End it, and say why."""
    found = requests.get_request(request_id, seen_by=current())
    form = WhyForm()
    if form.validate_on_submit():
        with saving() as work:
            requests.close(found, form.why.data or "", by=current())
            work.leads_to(url_for(".desk"))
        return work.redirect(_("Ended. Tell them why, and that they can complain to the ICO."))
    return render_template("referrals/rights/close.html", form=form, asked=found), form.status


@bp.route("/over/<uuid:person_id>", methods=["GET", "POST"])
@door(May.HANDLE_RIGHTS, shows="F1")
def over(person_id: uuid.UUID) -> ResponseReturnValue:
    """A record whose time is over: keep it for longer."""
    found = keeping.get_over(person_id, seen_by=current())
    form = KeepOnForm()
    if form.validate_on_submit() and form.until.data:
        with saving() as work:
            keeping.keep_on(found, until=form.until.data, why=form.why.data or "", by=current())
            work.leads_to(url_for(".desk"))
        return work.redirect(_("It is kept on, and comes before you again then."))
    return render_template("referrals/rights/over.html", form=form, over=found), form.status


@bp.route("/over/<uuid:person_id>/let-go", methods=["GET", "POST"])
@door(May.HANDLE_RIGHTS, shows="F1")
@asks_for_proof
def let_go(person_id: uuid.UUID) -> ResponseReturnValue:
    """Destroy a record whose time is over."""
    found = keeping.get_over(person_id, seen_by=current())
    back_to = url_for(".over", person_id=person_id)
    return _destroy(forgetting.let_go, found, ", ".join(found.refs), back_to)


@bp.route("/<uuid:request_id>/forget", methods=["GET", "POST"])
@door(May.HANDLE_RIGHTS, shows="F1")
@asks_for_proof
def forget(request_id: uuid.UUID) -> ResponseReturnValue:
    """Destroy a record because the person asked."""
    found = requests.get_request(request_id, seen_by=current())
    back_to = url_for(".one", request_id=request_id)
    return _destroy(forgetting.forget, found, found.ref, back_to)


@bp.get("/gone")
@door(May.HANDLE_RIGHTS, shows="F1")
def gone() -> ResponseReturnValue:
    """What was let go, by whom and why."""
    found = forgetting.disposals_for(current())
    return render_template("referrals/rights/gone.html", disposals=found)


@bp.get("/gone.csv")
@door(May.HANDLE_RIGHTS, shows="F1")
@asks_for_proof
def gone_list() -> ResponseReturnValue:
    """The same as a list to be signed and filed."""
    answer = make_response(forgetting.as_list(forgetting.disposals_for(current())))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="disposals.csv"'
    return answer


@bp.route("/hold", methods=["GET", "POST"])
@door(May.HANDLE_RIGHTS, shows="F1")
def hold() -> ResponseReturnValue:
    """A court, an inquiry or a complaint needs a record: it is not let go meanwhile."""
    form = HoldForm()
    if form.validate_on_submit() and form.born_on.data:
        with saving() as work:
            keeping.hold_back(
                form.ref.data or "", form.born_on.data, form.why.data or "", by=current()
            )
            work.leads_to(url_for(".desk"))
        return work.redirect(_("It is held. Nothing of it is let go until you end this."))
    return render_template("referrals/rights/hold.html", form=form), form.status


@bp.post("/hold/<uuid:hold_id>/end")
@door(May.HANDLE_RIGHTS, shows="F1")
@asks_for_proof
def end_hold(hold_id: uuid.UUID) -> ResponseReturnValue:
    """The reason for a hold is gone."""
    with saving() as work:
        keeping.end_hold(hold_id, by=current())
        work.leads_to(url_for(".desk"))
    return work.redirect(_("The hold is over."))


def _destroy(
    destroy: Callable[..., Disposal], found: Over | RightsRequest, ref: str, back_to: str
) -> ResponseReturnValue:
    """A last look, a reason, and then there is no way back."""
    form = LetGoForm()
    if form.validate_on_submit():
        with saving() as work:
            destroy(found, form.why.data or "", by=current())
            work.leads_to(url_for(".gone"))
        return work.redirect(_("It is destroyed. What remains is that there was one."))
    shown = render_template("referrals/rights/let_go.html", form=form, ref=ref, back_to=back_to)
    return shown, form.status


def _one(request_id: uuid.UUID, identity_form: IdentityForm | None = None) -> ResponseReturnValue:
    found = requests.get_request(request_id, seen_by=current())
    lines: Sequence[reviewing.Looked] = []
    if found.right is Right.SEE and found.stage is Stage.CHECKED:
        with saving():
            lines = reviewing.lay_out(found, by=current())
    form = identity_form or IdentityForm(formdata=None)
    shown = render_template(
        "referrals/rights/one.html",
        asked=found,
        lines=lines,
        form=form,
        press=PressForm(formdata=None),
        to_decide=sum(each.line.verdict is None for each in lines),
    )
    return shown, form.status
