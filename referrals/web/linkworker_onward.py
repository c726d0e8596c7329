"""The link worker's desk: on to a group, and what else would suit."""

import uuid

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts import May
from core import audit
from core.access import door
from core.actors import current
from core.errors import NotFound
from core.languages import _
from core.saving import saving
from directory import Service, card, get_listing
from referrals.about import risks_stated
from referrals.alternatives import agree_to_another, ask_next, for_, may_ask_at_once
from referrals.checks import ROOM, about_going
from referrals.choosing import MILES, choices_near, writes_to
from referrals.declines import is_standing
from referrals.groups.capacity import may_take
from referrals.groups.waiting import join
from referrals.models import Referral
from referrals.pathway import act, refer_on, what_may
from referrals.rules import (
    DECLINE_WORDS,
    Action,
    DeclineReason,
    Reason,
)
from referrals.sight import get_referral
from referrals.web import linkworker_words as said
from referrals.web.linkworker import LOOKED_AT, SHOWS, bp, open_record, person_page
from referrals.web.linkworker_forms import (
    GroupSaidNoForm,
    LookForm,
    ReferOnForm,
    WhyForm,
)

USUAL_MILES = 5


@bp.get("/<uuid:referral_id>/refer-on")
@door(May.WORK_CASELOAD, shows=SHOWS)
def choose(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Activities near the person. Their postcode is taken from the record, never an address."""
    referral = open_record(referral_id)
    form = LookForm(request.args, meta={"csrf": False})
    within = request.args.get("within", type=int)
    within = within if within in MILES else USUAL_MILES
    words = (form.q.data or "") if form.validate() else ""
    return render_template(
        "referrals/linkworker/choose.html",
        referral=referral,
        form=form,
        distances=[
            {
                "value": each,
                "text": "1 mile" if each == 1 else f"{each} miles",
                "selected": each == within,
            }
            for each in MILES
        ],
        found=choices_near(referral, words, within=within),
    )


@bp.route("/<uuid:referral_id>/refer-on/<slug>", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def send_on(referral_id: uuid.UUID, slug: str) -> ResponseReturnValue:
    """Ask a group, after seeing exactly what it will read, now and once it says yes."""
    referral, service = open_record(referral_id), get_listing(slug)
    form = ReferOnForm()
    form.offer(referral.reasons)
    if form.validate_on_submit():
        reason, note = Reason(form.reason.data), form.note.data or ""
        heavy, waits = bool(form.high_support.data), "wait" in request.form
        with saving() as work:
            if waits:
                join(referral, service, reason=reason, note=note, high_support=heavy, by=current())
            else:
                onward = refer_on(
                    referral, service, note=note, reason=reason, high_support=heavy, by=current()
                )
                if form.or_another.data:
                    agree_to_another(onward, by=current())
            work.leads_to(person_page(referral))
        waiting = _("They wait for a place. You will hear when one is free.")
        return work.redirect(waiting if waits else _("Asked. You will hear when they answer."))
    page = render_template(
        "referrals/linkworker/send_on.html",
        referral=referral,
        person=referral.person,
        service=service,
        card=card(service),
        form=form,
        writes=writes_to(service),
        full=may_take(service),
        concerns=[
            each.words for each in about_going(service, referral.person) if each.sort != ROOM
        ],
        risks_stated=risks_stated(referral),
    )
    return page, form.status


def _concerns(service: Service, referral: Referral) -> list[str]:
    """What speaks against it besides the room there is, which has its own button."""
    found = about_going(service, referral.person)
    return [each.words for each in found if each.sort != ROOM]


@bp.post("/<uuid:onward_id>/said-yes")
@door(May.WORK_CASELOAD, shows=SHOWS)
def said_yes(onward_id: uuid.UUID) -> ResponseReturnValue:
    """The group said yes, by telephone."""
    onward = get_onward(onward_id)
    with saving() as work:
        act(onward, Action.ACCEPT, by=current(), note="")
        work.leads_to(url_for(".plan", onward_id=onward.id))
    return work.redirect(said.DONE_WORDS[Action.ACCEPT])


@bp.route("/<uuid:onward_id>/not-this-time", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def not_this_time(onward_id: uuid.UUID) -> ResponseReturnValue:
    """The group said not this time, by telephone."""
    onward, form = get_onward(onward_id), GroupSaidNoForm()
    if form.validate_on_submit():
        reason = DECLINE_WORDS[DeclineReason(form.reason.data)]
        with saving() as work:
            act(onward, Action.REJECT, by=current(), note=f"{reason}. {form.note.data or ''}")
            work.leads_to(url_for(".instead", onward_id=onward.id))
        return work.redirect(_("Noted. Here is what else would suit."))
    return _onward_page("not_this_time.html", onward, form, Action.REJECT)


@bp.get("/<uuid:onward_id>/instead")
@door(May.WORK_CASELOAD, shows=SHOWS)
def instead(onward_id: uuid.UUID) -> ResponseReturnValue:
    """What else would suit, now that a group has said no; the next is asked with one press."""
    onward = get_onward(onward_id)
    return render_template(
        "referrals/linkworker/instead.html",
        referral=onward,
        possible=is_standing(onward),
        found=[(each, card(each.service, each.miles)) for each in for_(onward)],
        at_once=may_ask_at_once(onward),
    )


@bp.post("/<uuid:onward_id>/instead/<slug>")
@door(May.WORK_CASELOAD, shows=SHOWS)
def ask_another(onward_id: uuid.UUID, slug: str) -> ResponseReturnValue:
    """Ask the next group, within what the person has agreed to."""
    onward, service = get_onward(onward_id), get_listing(slug)
    with saving() as work:
        ask_next(onward, service, by=current())
        work.leads_to(person_page(onward))
    return work.redirect(_("Asked. You will hear when they answer."))


@bp.route("/<uuid:onward_id>/take-back", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def take_back(onward_id: uuid.UUID) -> ResponseReturnValue:
    """The group need not wait for them any more."""
    onward, form = get_onward(onward_id), WhyForm()
    if form.validate_on_submit():
        with saving() as work:
            act(onward, Action.WITHDRAW, by=current(), note=form.note.data or "")
            work.leads_to(person_page(onward))
        return work.redirect(_("Taken back. We have told the group."))
    return _onward_page("take_back.html", onward, form, Action.WITHDRAW)


def get_onward(onward_id: uuid.UUID) -> Referral:
    """The referral on to a group; a look at it is written down, as it names the person."""
    if request.method == "GET":
        with saving():
            onward = get_referral(onward_id, seen_by=current())
            audit.looked(current(), about=onward.about, classes=LOOKED_AT)
    onward = get_referral(onward_id, seen_by=current())
    if not onward.is_onward:
        raise NotFound
    return onward


def _onward_page(
    name: str, onward: Referral, form: WhyForm | GroupSaidNoForm, action: Action
) -> ResponseReturnValue:
    page = render_template(
        f"referrals/linkworker/{name}",
        referral=onward,
        form=form,
        possible=action in what_may(current(), onward),
    )
    return page, form.status
