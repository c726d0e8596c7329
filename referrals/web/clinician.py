"""The clinician's desk: hear what became of everybody referred, and do one's part."""

import uuid
from collections.abc import Iterator

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts import Field, May
from core import audit
from core.access import door
from core.actors import current
from core.errors import NotFound, Refused
from core.forms import Form
from core.inputs import page_number
from core.saving import saving
from referrals import slips
from referrals.following import (
    Tab,
    Wanted,
    coming_next,
    counts,
    followed,
    may_read_reasons,
)
from referrals.history import answers_of, events_for_practice, whole_record
from referrals.letters import day_of
from referrals.measures import ATTRIBUTION, ONS4
from referrals.models import Referral
from referrals.outcomes import CAUTION, COUNTS_ONLY_BELOW, what_happened
from referrals.pathway import (
    act,
    what_may,
)
from referrals.people import way_to_reach
from referrals.record import reasons_in_words
from referrals.rules import Action, Point
from referrals.sight import facts_shown, get_referral
from referrals.web import clinician_words as said
from referrals.web.clinician_forms import (
    AnswerForm,
    MistakeForm,
    TakeBackForm,
)

bp = Blueprint("clinician", __name__)

SEEN = "F1 F2 F3 F4"
SHOWN = {Field.LOGISTICS, Field.MINIMUM, Field.IDENTITY, Field.NEEDS}
ENDINGS: dict[str, tuple[Action, type[Form]]] = {
    "take-back": (Action.WITHDRAW, TakeBackForm),
    "mistake": (Action.MARK_ERROR, MistakeForm),
}


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
        handed=slips.count(current(), since=period.since),
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


def opened(referral_id: uuid.UUID) -> Referral:
    """The whole record, after the look at it is written down; a POST is written down by itself."""
    actor = current()
    if request.method == "GET":
        with saving():
            found = get_referral(referral_id, seen_by=actor)
            shown = facts_shown(found, actor) & SHOWN
            audit.looked(actor, about=found.about, classes=sorted(shown))
    return whole_record(referral_id, seen_by=actor)


def _referral_page(referral_id: uuid.UUID, form: AnswerForm) -> ResponseReturnValue:
    found = opened(referral_id)
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
        taken={each.point: each.taken_on for each in found.measures if each.instrument == ONS4.key},
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
