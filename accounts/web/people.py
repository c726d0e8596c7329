"""Accounts on the web: the desk of whoever keeps the people of an organisation."""

import uuid

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.leaving import held_by, leave, takers_for
from accounts.models import Organisation, User
from accounts.reviewing import percent_signed, reviews_of, sign
from accounts.rules import ROLES, Decision, May
from accounts.signing_in.factors import keeps_sign_in
from accounts.staff import (
    get_colleague,
    invite,
    kept_organisation,
    roles_in,
    set_roles,
    staff_kept_by,
    wake,
)
from accounts.web.people_forms import DECISION_WORDS, InviteForm, LeaveForm, RolesForm, SignForm
from core.access import asks_for_proof, door
from core.actors import current
from core.languages import _
from core.saving import saving

bp = Blueprint("people", __name__, url_prefix="/people")


@bp.context_processor
def words() -> dict[str, object]:
    """What the templates of this desk can say."""
    return {"label": lambda role: ROLES[role].label, "decision_words": DECISION_WORDS}


@bp.get("")
@door(May.KEEP_USERS, shows="F9")
def people() -> ResponseReturnValue:
    """Who can sign in for my organisation, and as what."""
    return render_template(
        "accounts/people.html", staff=staff_kept_by(current()), percent_signed=percent_signed
    )


@bp.route("/<uuid:organisation_id>/add", methods=["GET", "POST"])
@door(May.KEEP_USERS, shows="F9")
@asks_for_proof
def add(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """Enter somebody: they get a letter with a link to choose a password."""
    organisation, form = kept_organisation(organisation_id, by=current()), InviteForm()
    form.offer(organisation)
    if form.validate_on_submit():
        with saving() as work:
            invite(
                organisation,
                form.email.data or "",
                form.name.data or "",
                form.chosen,
                job=form.job.data or "",
                by=current(),
            )
            work.leads_to(url_for(".people"))
        return work.redirect(_("They have been sent a link to choose a password."))
    page = render_template("accounts/person_add.html", organisation=organisation, form=form)
    return page, form.status


@bp.route("/<uuid:organisation_id>/<uuid:member_id>", methods=["GET", "POST"])
@door(May.KEEP_USERS, shows="F9")
@asks_for_proof
def roles(organisation_id: uuid.UUID, member_id: uuid.UUID) -> ResponseReturnValue:
    """Change what somebody does here."""
    organisation, user = _colleague(organisation_id, member_id)
    form = RolesForm()
    form.offer(organisation)
    if request.method == "GET":
        form.roles.data = [role.value for role in roles_in(organisation.id, user)]
    if form.validate_on_submit():
        with saving() as work:
            set_roles(user, organisation, form.chosen, by=current())
            work.leads_to(url_for(".people"))
        return work.redirect(_("Saved."))
    page = render_template(
        "accounts/person_roles.html",
        organisation=organisation,
        user=user,
        form=form,
        keeps_sign_in=keeps_sign_in(user, current()),
    )
    return page, form.status


@bp.route("/<uuid:organisation_id>/<uuid:member_id>/leave", methods=["GET", "POST"])
@door(May.KEEP_USERS, shows="F9")
@asks_for_proof
def leaver(organisation_id: uuid.UUID, member_id: uuid.UUID) -> ResponseReturnValue:
    """Somebody leaves: all of theirs is handed over and ended at once."""
    organisation, user = _colleague(organisation_id, member_id)
    held, takers, form = held_by(user, organisation), takers_for(user, organisation), LeaveForm()
    form.offer(takers)
    if form.validate_on_submit():
        to = next((it for it in takers if str(it.id) == form.to.data), None)
        if held and to is None:
            form.to.errors = [_("Choose who takes over the people they look after")]
        else:
            with saving() as work:
                leave(user, organisation, to=to, by=current())
                work.leads_to(url_for(".people"))
            return work.redirect(_("They have left. They are signed out everywhere."))
    page = render_template(
        "accounts/person_leave.html", organisation=organisation, user=user, held=held, form=form
    )
    return page, form.status


@bp.post("/<uuid:organisation_id>/<uuid:member_id>/wake")
@door(May.KEEP_USERS, shows="F9")
@asks_for_proof
def let_in_again(organisation_id: uuid.UUID, member_id: uuid.UUID) -> ResponseReturnValue:
    """Let somebody in again who had not come for a long time."""
    organisation, user = _colleague(organisation_id, member_id)
    with saving() as work:
        wake(user, organisation, by=current())
        work.leads_to(url_for(".people"))
    return work.redirect(_("They have been sent a link to choose a new password."))


@bp.get("/<uuid:organisation_id>/review")
@door(May.KEEP_USERS, shows="F9")
def review(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """Everybody, and whether somebody has signed for them this quarter."""
    organisation = kept_organisation(organisation_id, by=current())
    return render_template(
        "accounts/review.html",
        organisation=organisation,
        reviews=reviews_of(organisation),
        percent=percent_signed(organisation),
        roles_in=roles_in,
    )


@bp.route("/<uuid:organisation_id>/<uuid:member_id>/review", methods=["GET", "POST"])
@door(May.KEEP_USERS, shows="F9")
@asks_for_proof
def sign_for(organisation_id: uuid.UUID, member_id: uuid.UUID) -> ResponseReturnValue:
    """Sign for what one person may do."""
    organisation, user = _colleague(organisation_id, member_id)
    form = SignForm()
    if form.validate_on_submit():
        decision = Decision(form.decision.data)
        with saving() as work:
            sign(user, organisation, decision, by=current())
            work.leads_to(_after(decision, organisation_id, member_id))
        return work.redirect(_("Saved."))
    page = render_template(
        "accounts/person_review.html",
        organisation=organisation,
        user=user,
        roles=roles_in(organisation.id, user),
        form=form,
    )
    return page, form.status


def _after(decision: Decision, organisation_id: uuid.UUID, member_id: uuid.UUID) -> str:
    if decision is Decision.KEEP:
        return url_for(".review", organisation_id=organisation_id)
    page = ".roles" if decision is Decision.CHANGE else ".leaver"
    return url_for(page, organisation_id=organisation_id, member_id=member_id)


def _colleague(organisation_id: uuid.UUID, user_id: uuid.UUID) -> tuple[Organisation, User]:
    organisation = kept_organisation(organisation_id, by=current())
    return organisation, get_colleague(organisation, user_id)
