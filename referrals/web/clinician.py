"""The clinician's desk: refer in one page, and hear what became of everybody referred."""

import uuid
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts import Field, May
from core import audit
from core.access import door
from core.actors import current
from core.errors import NotFound, Refused
from core.forms import Form
from core.inputs import page_number
from core.saving import saving, stop_if_sent
from directory import Card, Service, card, get_listing
from referrals.following import (
    Tab,
    Wanted,
    coming_next,
    counts,
    followed,
    may_read_reasons,
)
from referrals.handover import to_hand_over
from referrals.history import answers_of, events_for_practice, whole_record
from referrals.letters import day_of
from referrals.measures import ATTRIBUTION
from referrals.models import Referral
from referrals.outcomes import CAUTION, COUNTS_ONLY_BELOW, what_happened
from referrals.pathway import (
    act,
    objections_to,
    refer,
    what_may,
)
from referrals.people import NewPerson, way_to_reach
from referrals.record import first_contact_due, reasons_in_words, record_text
from referrals.rules import Action, Basis, Point
from referrals.sight import facts_shown, get_referral, open_referral_of
from referrals.web import clinician_words as said
from referrals.web.clinician_forms import (
    AnswerForm,
    BestInterestsForm,
    MistakeForm,
    ReferForm,
    TakeBackForm,
)

bp = Blueprint("clinician", __name__)

SEEN = "F1 F2 F3 F4"
SHOWN = {Field.LOGISTICS, Field.MINIMUM, Field.IDENTITY, Field.NEEDS}
ENDINGS: dict[str, tuple[Action, type[Form]]] = {
    "take-back": (Action.WITHDRAW, TakeBackForm),
    "mistake": (Action.MARK_ERROR, MistakeForm),
}


@bp.route("/refer", methods=["GET", "POST"])
@door(May.REFER, shows="F1")
def refer_someone() -> ResponseReturnValue:
    """Refer somebody who agrees: the button that sends it is their agreement."""
    return _refer(ReferForm(), Basis.AGREED)


@bp.route("/refer/best-interests", methods=["GET", "POST"])
@door(May.REFER, shows="F1")
def refer_in_best_interests() -> ResponseReturnValue:
    """Refer somebody who cannot agree, with the reason why it is right for them."""
    return _refer(BestInterestsForm(), Basis.BEST_INTERESTS)


@bp.get("/refer/sent/<uuid:referral_id>")
@door(May.REFER, shows=SEEN)
def sent(referral_id: uuid.UUID) -> ResponseReturnValue:
    """That it was sent, who is in touch by when, and the words for the patient's record."""
    referral = _opened(referral_id)
    return render_template(
        "referrals/clinician/sent.html",
        referral=referral,
        due=first_contact_due(referral),
        record=record_text(referral),
    )


@bp.get("/my-referrals")
@door(May.SEE_PRACTICE_REFERRALS, shows=SEEN)
def my_referrals() -> ResponseReturnValue:
    """Everybody I, or my practice, referred, and how it stands with each."""
    wanted = _wanted()
    numbers = counts(current(), practice=wanted.practice)
    listed = followed(current(), wanted, total=numbers[wanted.tab])
    if wanted.page > listed.pages:
        raise NotFound
    return render_template(
        "referrals/clinician/my_referrals.html",
        wanted=wanted,
        listed=listed,
        tabs=list(_tabs(wanted, numbers)),
        numbers=numbers,
        whose=list(_whose(wanted)),
        link=lambda page: _list_address(wanted.tab, practice=wanted.practice, page=page),
    )


@bp.get("/my-referrals/<uuid:referral_id>")
@door(May.SEE_PRACTICE_REFERRALS, shows=SEEN)
def referral(referral_id: uuid.UUID) -> ResponseReturnValue:
    """One referral: how it stands, what has happened, and what can be done now."""
    return _referral_page(referral_id, AnswerForm())


@bp.post("/my-referrals/<uuid:referral_id>/answer")
@door(May.REFER, shows=SEEN)
def answer(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Answer what the link workers asked."""
    form = AnswerForm()
    if not form.validate_on_submit():
        return _referral_page(referral_id, form)
    return _take_step(referral_id, Action.ANSWER, form.note.data or "")


@bp.route(
    "/my-referrals/<uuid:referral_id>/<any('take-back', 'mistake'):ending>",
    methods=["GET", "POST"],
)
@door(May.REFER, shows=SEEN)
def end(referral_id: uuid.UUID, ending: str) -> ResponseReturnValue:
    """Take a referral back, or say that it was entered by mistake; both with a reason."""
    action, form_type = ENDINGS[ending]
    form = form_type()
    if form.validate_on_submit():
        return _take_step(referral_id, action, form["note"].data or "")
    found = whole_record(referral_id, seen_by=current())
    if action not in what_may(current(), found):
        raise Refused(said.TOO_LATE)
    page = render_template(
        "referrals/clinician/end.html", referral=found, form=form, ending=said.ENDINGS[action]
    )
    return page, form.status


@bp.get("/what-happened")
@door(May.SEE_PRACTICE_REFERRALS, shows="F1 F8")
def what_happened_page() -> ResponseReturnValue:
    """What became of those the practice referred, and how far the numbers can be trusted."""
    period = said.PERIODS.get(request.args.get("period", said.USUAL_PERIOD))
    if period is None:
        raise NotFound
    story = what_happened(current(), since=period.since, until=period.until)
    return render_template(
        "referrals/clinician/what_happened.html",
        story=story,
        period=period,
        periods=said.PERIODS.values(),
        fewest=COUNTS_ONLY_BELOW,
        ends=said.ends_of(story),
        dots=said.dots_of(story),
        caution=CAUTION,
    )


@bp.context_processor
def words() -> dict[str, object]:
    """What the templates of this desk can say."""
    return {
        "Action": Action,
        "Point": Point,
        "attribution": ATTRIBUTION,
        "status_words": said.status_words,
        "route_verb": said.ROUTE_VERBS,
    }


def offer_to_refer(service: Service) -> dict[str, Any] | None:
    """The panel on an activity's page, for those who refer."""
    if not current().may(May.REFER):
        return None
    return {"template": "referrals/clinician/offer.html", "slug": service.slug}


def _refer(form: ReferForm, basis: Basis) -> ResponseReturnValue:
    actor, wished = current(), _wished()
    is_sent = form.is_submitted() and "carry" not in request.form
    person = form.person() if is_sent else None
    if person and _nothing_against(person, form):
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
            work.leads_to(url_for(".sent", referral_id=made.id))
        return work.redirect()
    refused = person and form.nhs_number.errors
    already = open_referral_of(form.nhs_number.data or "", seen_by=actor) if refused else None
    page = render_template(
        "referrals/clinician/refer.html",
        form=form,
        agrees=basis is Basis.AGREED,
        activity=request.args.get("activity") or None,
        wished=card(wished) if wished else None,
        already=already,
        at_hand=_at_hand(wished),
    )
    return page, form.status


def _nothing_against(person: NewPerson, form: ReferForm) -> bool:
    objections = objections_to(person, by=current())
    if objections:
        stop_if_sent()  # a second press: what stands against it is the referral the first one made
    return form.meets(objections)


def _wished() -> Service | None:
    slug = request.args.get("activity", "")
    return get_listing(slug) if slug else None


def _at_hand(wished: Service | None) -> list[Card]:
    return [each for each in to_hand_over(current()) if not wished or each.slug != wished.slug]


def _opened(referral_id: uuid.UUID) -> Referral:
    """The whole record, after the look at it is written down; a POST is written down by itself."""
    actor = current()
    if request.method == "GET":
        with saving():
            found = get_referral(referral_id, seen_by=actor)
            shown = facts_shown(found, actor) & SHOWN
            audit.looked(actor, about=found.about, classes=sorted(shown))
    return whole_record(referral_id, seen_by=actor)


def _referral_page(referral_id: uuid.UUID, form: AnswerForm) -> ResponseReturnValue:
    found = _opened(referral_id)
    reads = may_read_reasons(found, current())
    page = render_template(
        "referrals/clinician/referral.html",
        referral=found,
        person=found.person,
        born=day_of(found.person.born_on),
        reads=reads,
        reasons=reasons_in_words(found) if reads else "",
        reach=way_to_reach(found.person),
        events=events_for_practice(found, notes=reads),
        answers=answers_of(found) if reads else [],
        taken={measure.point: measure.taken_on for measure in found.measures},
        coming=coming_next(found),
        question=said.question_of(found) if reads else "",
        agreement=said.agreement_of(found) if reads else "",
        may_do=what_may(current(), found),
        form=form,
    )
    return page, form.status


def _take_step(referral_id: uuid.UUID, action: Action, note: str) -> ResponseReturnValue:
    with saving() as work:
        act(whole_record(referral_id, seen_by=current()), action, by=current(), note=note)
        work.leads_to(url_for(".referral", referral_id=referral_id))
    return work.redirect(said.DONE_WORDS[action])


def _wanted() -> Wanted:
    try:
        tab = Tab(request.args.get("show", Tab.ALL))
    except ValueError:
        raise NotFound from None
    everybody = request.args.get("whose") == "practice" or not current().may(May.REFER)
    return Wanted(tab, everybody, page_number(request.args.get("page")))


def _tabs(wanted: Wanted, numbers: dict[Tab, int]) -> Iterator[dict[str, object]]:
    for tab in Tab:
        yield {
            "text": said.TAB_WORDS[tab],
            "count": numbers[tab],
            "href": _list_address(tab, practice=wanted.practice),
            "active": tab is wanted.tab,
        }


def _whose(wanted: Wanted) -> Iterator[dict[str, object]]:
    if current().may(May.REFER):
        for practice, text in ((False, "Mine"), (True, "All my practice’s")):
            yield {
                "text": text,
                "href": _list_address(wanted.tab, practice=practice),
                "active": practice is wanted.practice,
            }


def _list_address(tab: Tab, *, practice: bool, page: int = 1) -> str:
    return url_for(
        ".my_referrals",
        show=None if tab is Tab.ALL else tab.value,
        whose="practice" if practice and current().may(May.REFER) else None,
        page=page if page > 1 else None,
    )
