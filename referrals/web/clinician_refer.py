"""The clinician's desk: refer on one page, from a pasted banner in three actions."""

import uuid
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts import May
from core.access import door
from core.actors import current
from core.clock import local_date
from core.languages import _
from core.saving import saving, stop_if_sent
from directory import Service, card, get_listing
from referrals import notes
from referrals.banners import Banner, read
from referrals.checks import about_going, about_group, before_sending, open_here
from referrals.handover import Handy, to_hand_over
from referrals.letters import day_of
from referrals.pathway import refer
from referrals.rules import Basis
from referrals.sight import get_referral
from referrals.web.clinician import SEEN, bp, opened
from referrals.web.clinician_forms import AddNoteForm, BestInterestsForm, ReferForm, filled_in


@bp.route("/refer", methods=["GET", "POST"])
@door(May.REFER, shows="F1")
def refer_someone() -> ResponseReturnValue:
    """Refer somebody who agrees: the button that sends it is their agreement."""
    return _refer(ReferForm, Basis.AGREED)


@bp.route("/refer/best-interests", methods=["GET", "POST"])
@door(May.REFER, shows="F1")
def refer_in_best_interests() -> ResponseReturnValue:
    """Refer somebody who cannot agree, with the reason why it is right for them."""
    return _refer(BestInterestsForm, Basis.BEST_INTERESTS)


@bp.route("/my-referrals/<uuid:referral_id>/note", methods=["GET", "POST"])
@door(May.REFER, shows=SEEN)
def add_note(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Add a note for whoever has this person already, instead of referring them again."""
    form = AddNoteForm()
    if not form.validate_on_submit():
        found = opened(referral_id)
        page = render_template("referrals/clinician/note.html", referral=found, form=form)
        return page, form.status
    with saving() as work:
        found = get_referral(referral_id, seen_by=current())
        notes.add_note(found, form.note.data or "", by=current())
        work.leads_to(url_for(".referral", referral_id=referral_id))
    return work.redirect(_("Your note is with the link worker."))


def offer_to_refer(service: Service) -> dict[str, Any] | None:
    """The panel on an activity's page, for those who refer."""
    if not current().may(May.REFER):
        return None
    return {"template": "referrals/clinician/offer.html", "slug": service.slug}


def _refer(form_type: type[ReferForm], basis: Basis) -> ResponseReturnValue:
    if "fill" in request.form:
        return _fill_in(form_type, basis)
    form, wished = form_type(), _wished()
    is_sent = form.is_submitted() and "carry" not in request.form
    person = form.person() if is_sent else None
    if person is None:
        return _page(form, basis, wished)
    actor = current()
    concerns = before_sending(person, wished, by=actor)
    if any(each.stops for each in concerns):
        stop_if_sent()  # a second press: what stands against it is the referral the first one made
    if not form.meets(concerns, sending=True):
        return _page(form, basis, wished)
    with saving() as work:
        made = refer(
            person,
            reasons=form.chosen(),
            basis=basis,
            why=form.reason_why(),
            note=form.note.data or "",
            service=wished,
            by=actor,
        )
        work.leads_to(url_for("clinician.sent", referral_id=made.id))
    return work.redirect()


def _fill_in(form_type: type[ReferForm], basis: Basis) -> ResponseReturnValue:
    """Read the pasted banner into the boxes, and show what was read before it is used."""
    banner, wished = read(request.form.get("banner", "")), _wished()
    if banner.is_empty:
        form = form_type()
        form.banner.errors = [_("We could not read that. Paste the banner again, or type below")]
        return _page(form, basis, wished)
    form = form_type(filled_in(request.form, banner))
    form.reads_back()
    somebody = form.somebody()
    if somebody is not None:
        form.meets(before_sending(somebody, wished, by=current()), sending=False)
    return _page(form, basis, wished, banner=banner)


def _page(
    form: ReferForm, basis: Basis, wished: Service | None, *, banner: Banner | None = None
) -> ResponseReturnValue:
    somebody = form.somebody() if form.is_submitted() else None
    already = open_here(somebody, by=current()) if somebody else None
    page = render_template(
        "referrals/clinician/refer.html",
        form=form,
        agrees=basis is Basis.AGREED,
        activity=request.args.get("activity") or None,
        wished=card(wished) if wished else None,
        service=wished,
        concerns=_concerns(form, wished),
        is_known=_is_known(form),
        born=day_of(form.born_on.data) if form.born_on.data else "",
        unread=banner.unread if banner else (),
        was_read=banner is not None,
        already=already,
        since=day_of(local_date(already.sent_at or already.created_at)) if already else "",
        at_hand=_at_hand(wished),
    )
    return page, form.status


def _is_known(form: ReferForm) -> bool:
    """Whether the page can say who it is about, rather than ask."""
    person = (form.name, form.born_on, form.nhs_number, form.contact_route, form.reach)
    wrong = any(field.errors for field in (*person, form.postcode, form.no_number))
    return form.is_submitted() and not wrong and bool(form.name.data and form.born_on.data)


def _concerns(form: ReferForm, wished: Service | None) -> list[str]:
    """What to weigh with the person, where it is not said as something to put right already."""
    if wished is None:
        return []
    somebody = form.somebody() if form.is_submitted() else None
    found = about_going(wished, somebody) if somebody else about_group(wished)
    weighed = [each for each in found if not each.stops]
    form.heard.data = " ".join(each.sort for each in weighed)
    return [each.words for each in weighed if each.words not in form.form_errors]


def _wished() -> Service | None:
    slug = request.args.get("activity", "")
    return get_listing(slug) if slug else None


def _at_hand(wished: Service | None) -> list[Handy]:
    slug = wished.slug if wished else ""
    return [each for each in to_hand_over(current()) if each.card.slug != slug]
