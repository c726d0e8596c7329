"""The link worker's desk: the first visit, the person's own plan, and what became of them."""

import uuid

from flask import render_template, request
from flask.typing import ResponseReturnValue

from accounts import May
from core.access import door
from core.actors import current
from core.errors import NotFound
from core.languages import _
from core.saving import saving
from core.templating import day_long, on_the_clock
from directory import Session
from referrals.choosing import hints_for
from referrals.models import FirstVisit, Kept, Referral
from referrals.pledges import can_remind, pledge, remind, say_kept, stop_reminder
from referrals.rules import UNDER_WAY, Came
from referrals.visits import plan_visit, record_visit
from referrals.web import linkworker_words as said
from referrals.web.linkworker import SHOWS, bp, person_page
from referrals.web.linkworker_forms import OTHER
from referrals.web.linkworker_onward import get_onward
from referrals.web.visiting_forms import FirstVisitForm, PledgeForm


@bp.route("/<uuid:onward_id>/visit", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def plan(onward_id: uuid.UUID) -> ResponseReturnValue:
    """Plan the first visit: which session, how they get there, who goes and who meets them."""
    onward = get_onward(onward_id)
    service = onward.service
    if service is None:
        raise NotFound
    hints = hints_for(service)
    form = FirstVisitForm(data={"met_by": hints.met_by, "cost": hints.cost})
    form.session.choices = [*map(_session_choice, hints.sessions), (OTHER, "Another day")]
    if form.validate_on_submit():
        with saving() as work:
            visit = _plan(onward, form)
            if (form.pledge.data or "").strip():
                _promise(visit, form)
            work.leads_to(person_page(onward))
        return work.redirect(_("The first visit is planned. We have told the group."))
    page = render_template(
        "referrals/linkworker/visit.html",
        referral=onward,
        service=service,
        hints=hints,
        form=form,
        can_remind=can_remind(onward.person),
        possible=onward.status in UNDER_WAY,
    )
    return page, form.status


@bp.post("/<uuid:onward_id>/visit/<uuid:visit_id>/came")
@door(May.WORK_CASELOAD, shows=SHOWS)
def came(onward_id: uuid.UUID, visit_id: uuid.UUID) -> ResponseReturnValue:
    """What became of a visit."""
    visit = _visit(onward_id, visit_id)
    answer = request.form.get("came", "")
    if answer not in set(Came):
        raise NotFound
    with saving() as work:
        record_visit(visit, Came(answer), by=current())
        work.leads_to(person_page(visit.referral))
    return work.redirect(f"Noted: {said.CAME_WORDS[Came(answer)].lower()}.")


@bp.route("/<uuid:onward_id>/visit/<uuid:visit_id>/own-plan", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def own_plan(onward_id: uuid.UUID, visit_id: uuid.UUID) -> ResponseReturnValue:
    """What the person means to do, in their own words."""
    visit, form = _visit(onward_id, visit_id), PledgeForm()
    if form.validate_on_submit():
        with saving() as work:
            _promise(visit, form)
            work.leads_to(person_page(visit.referral))
        return work.redirect(_("Saved."))
    page = render_template(
        "referrals/linkworker/pledge.html",
        referral=visit.referral,
        visit=visit,
        form=form,
        can_remind=can_remind(visit.referral.person),
        possible=visit.came is Came.PLANNED and visit.referral.status in UNDER_WAY,
    )
    return page, form.status


@bp.post("/<uuid:onward_id>/visit/<uuid:visit_id>/kept")
@door(May.WORK_CASELOAD, shows=SHOWS)
def kept(onward_id: uuid.UUID, visit_id: uuid.UUID) -> ResponseReturnValue:
    """What became of their own plan."""
    visit = _visit(onward_id, visit_id)
    answer = request.form.get("kept", "")
    if visit.pledge is None or answer not in set(Kept):
        raise NotFound
    with saving() as work:
        say_kept(visit.pledge, Kept(answer), by=current())
        work.leads_to(person_page(visit.referral))
    return work.redirect(_("Noted."))


@bp.post("/<uuid:onward_id>/visit/<uuid:visit_id>/no-reminder")
@door(May.WORK_CASELOAD, shows=SHOWS)
def no_reminder(onward_id: uuid.UUID, visit_id: uuid.UUID) -> ResponseReturnValue:
    """They want no reminder after all."""
    visit = _visit(onward_id, visit_id)
    if visit.pledge is None:
        raise NotFound
    with saving() as work:
        stop_reminder(visit.pledge, by=current())
        work.leads_to(person_page(visit.referral))
    return work.redirect(_("No reminder will be sent."))


def _visit(onward_id: uuid.UUID, visit_id: uuid.UUID) -> FirstVisit:
    onward = get_onward(onward_id)
    visit = next((visit for visit in onward.visits if visit.id == visit_id), None)
    if visit is None:
        raise NotFound
    return visit


def _plan(onward: Referral, form: FirstVisitForm) -> FirstVisit:
    session_on, starts_at = form.when
    return plan_visit(
        onward,
        session_on=session_on,
        starts_at=starts_at,
        getting_there=form.getting_there,
        going_with=form.going_with.data or "",
        met_by=form.met_by.data or "",
        cost=form.cost.data or "",
        bring=form.bring.data or "",
        worry=form.worry.data or "",
        by=current(),
    )


def _promise(visit: FirstVisit, form: FirstVisitForm | PledgeForm) -> None:
    witness = form.witness.data or ""
    made = pledge(visit, form.pledge.data or "", witness=witness, by=current())
    if form.remind.data:
        remind(made, by=current())


def _session_choice(session: Session) -> tuple[str, str]:
    """A session as a choice: its day and time as one value, and as people say it."""
    if session.starts_at is None:
        return session.on.isoformat(), day_long(session.on)
    value = f"{session.on.isoformat()} {session.starts_at:%H:%M}"
    return value, f"{day_long(session.on)}, {on_the_clock(session.starts_at)}"
