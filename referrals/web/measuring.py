"""Measures on the web: asked together, from paper, or by the person alone; and how they went."""

import uuid
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts import May
from core import audit, clock, links
from core.access import by_link, door, open_to_all
from core.actors import current
from core.errors import NotFound
from core.languages import _, lazy
from core.saving import saving, stop_if_sent
from referrals.measures import LONELINESS, ONS4, Instrument
from referrals.measuring import (
    Unavailable,
    ask,
    asked_of,
    can_be_asked,
    choosable,
    course_of,
    get_instrument,
    take_answers,
)
from referrals.measuring.asking import QUESTIONS_LINK, asked_behind, may_answer
from referrals.measuring.scores import Verdict
from referrals.measuring.together import how_they_moved
from referrals.models import Referral
from referrals.outcomes import ASKED_WHILE, CAUTION, measures_of, record_measure
from referrals.rules import Point
from referrals.web.linkworker import SHOWS, bp, open_record, person_page
from referrals.web.measuring_forms import (
    WAY_WORDS,
    own_form,
    written_down_form,
)

own_bp = Blueprint("questions", __name__, url_prefix="/questions")

POINT_WORDS = {
    Point.BEFORE: lazy("At the start"),
    Point.AFTER: lazy("Near the end"),
    Point.LATER: lazy("Some time later"),
}
VERDICT_WORDS = {
    Verdict.BETTER: lazy("Better, by more than chance would do"),
    Verdict.WORSE: lazy("Worse, by more than chance would do"),
    Verdict.NO_CLEAR_CHANGE: lazy("About the same: such a change may be chance"),
    Verdict.UP_BY_MORE_THAN_A_DAY: lazy("Better, by more than the ups and downs of a day"),
    Verdict.DOWN_BY_MORE_THAN_A_DAY: lazy("Worse, by more than the ups and downs of a day"),
    Verdict.WITHIN_A_DAY: lazy("About the same: people go up and down so much from day to day"),
    Verdict.NO_FIGURE: lazy(
        "No published figure says how much these answers must change to be more than chance"
    ),
    Verdict.NOT_TWICE: lazy("Not answered twice in the same way"),
}


@bp.get("/<uuid:referral_id>/wellbeing")
@door(May.WORK_CASELOAD, shows=SHOWS)
def measures(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Which questions can be asked, and how the answers went."""
    referral = open_record(referral_id)
    offered = choosable(referral)
    return render_template(
        "referrals/measuring/measures.html",
        referral=referral,
        courses=[
            course
            for each in offered
            if isinstance(each, Instrument) and (course := course_of(referral, each)).taken
        ],
        offered=offered,
        points=POINT_WORDS,
        taken={(each.instrument, each.point) for each in referral.measures},
        asked=asked_of(referral),
        names={each.key: each.name for each in offered},
        reachable=can_be_asked(referral.person),
        possible=referral.status in ASKED_WHILE,
        is_there=lambda each: not isinstance(each, Unavailable),
        NO_FIGURE=Verdict.NO_FIGURE,
        WAY_WORDS=WAY_WORDS,
        VERDICT_WORDS=VERDICT_WORDS,
    )


@bp.route(
    "/<uuid:referral_id>/wellbeing/<any(before, after, later):point>", methods=["GET", "POST"]
)
@door(May.WORK_CASELOAD, shows=SHOWS)
def wellbeing(referral_id: uuid.UUID, point: str) -> ResponseReturnValue:
    """One set of questions at one time; what was answered earlier can be put right."""
    referral, when = open_record(referral_id), Point(point)
    instrument = _wanted(referral)
    form = written_down_form(instrument, **_earlier(referral, instrument, when))
    if form.validate_on_submit() and form.taken_on.data:
        with saving() as work:
            record_measure(
                referral,
                when,
                form.answers,
                taken_on=form.taken_on.data,
                instrument=get_instrument(referral, instrument.key),
                filled_in=form.filled_in.data,
                by=current(),
            )
            four = instrument.key == ONS4.key  # the person's own page shows these
            work.leads_to(
                f"{person_page(referral)}#wellbeing" if four else _measures_page(referral)
            )
        return work.redirect(_("Saved."))
    page = render_template(
        "referrals/linkworker/wellbeing.html",
        referral=referral,
        instrument=instrument,
        form=form,
        point=when,
        points=POINT_WORDS,
        possible=referral.status in ASKED_WHILE,
    )
    return page, form.status


@bp.post("/<uuid:referral_id>/wellbeing/<any(before, after, later):point>/send")
@door(May.WORK_CASELOAD, shows=SHOWS)
def send_questions(referral_id: uuid.UUID, point: str) -> ResponseReturnValue:
    """Send the questions to the person's own phone."""
    referral = open_record(referral_id)
    instrument = _wanted(referral)
    with saving() as work:
        ask(referral, instrument, Point(point), by=current())
        work.leads_to(_measures_page(referral))
    return work.redirect(_("Sent. The answers will stand here."))


@bp.get("/<uuid:referral_id>/wellbeing/<any(before, after, later):point>/sheet")
@door(May.WORK_CASELOAD, shows="F1 F4")
def sheet(referral_id: uuid.UUID, point: str) -> ResponseReturnValue:
    """A sheet to fill in by hand; a reference stands on it, no name."""
    referral = open_record(referral_id)
    return render_template(
        "paper/questions.html",
        referral=referral,
        instrument=_wanted(referral),
        point=POINT_WORDS[Point(point)],
        title=_("A few questions for you"),
        back=_measures_page(referral),
        pdf="",
        on_paper=False,
    )


@bp.get("/wellbeing")
@door(May.WORK_CASELOAD, shows="F8")
def team_wellbeing() -> ResponseReturnValue:
    """How the people of the team are, all together; nobody stands alone in it."""
    closed, moved = how_they_moved(current())
    return render_template(
        "referrals/measuring/together.html",
        closed=closed,
        moved=moved,
        points=POINT_WORDS,
        caution=CAUTION,
        attribution=f"{ONS4.attribution} {LONELINESS.attribution}",
    )


@own_bp.route("/<token>", methods=["GET", "POST"])
@by_link(QUESTIONS_LINK, shows="F1 F4")
def own(token: str) -> ResponseReturnValue:
    """The person answers by themselves: one page, no account, and any question may be left out."""
    stop_if_sent()
    link = links.find(QUESTIONS_LINK, token)
    if link is None:
        raise NotFound
    asked = asked_behind(link)
    if not link.works or not may_answer(asked):
        return render_template("referrals/measuring/over.html", nav=[]), 410
    instrument = get_instrument(asked.referral, asked.instrument)
    form = own_form(instrument)
    if form.validate_on_submit():
        with saving() as work:
            take_answers(links.unseal(QUESTIONS_LINK, token), instrument, form.answers)
            work.leads_to(url_for(".thanks"))
        return work.redirect()
    with saving():
        audit.looked(link.actor, about=asked.referral.about, classes=["F1", "F4"])
    page = render_template(
        "referrals/measuring/own.html",
        instrument=instrument,
        form=form,
        team=asked.referral.to_organisation,
        nav=[],
    )
    return make_response(page, form.status)


@own_bp.get("/thank-you")
@open_to_all("it says thank you, and nothing else")
def thanks() -> ResponseReturnValue:
    """The answers have come."""
    return render_template("referrals/measuring/thanks.html", nav=[])


@own_bp.after_request
def keep_quiet(response: Response) -> Response:
    """The address may be a key: no other site may learn it, no cache may keep the page."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _wanted(referral: Referral) -> Instrument:
    """The questions that were chosen; the four about wellbeing when nobody has chosen."""
    return get_instrument(referral, request.args.get("questions", ONS4.key))


def _earlier(referral: Referral, instrument: Instrument, point: Point) -> dict[str, Any]:
    earlier = measures_of(referral, instrument.key).get(point)
    if earlier is None:
        return {"taken_on": clock.today(), "filled_in": "together"}
    said = {key: str(answer) for key, answer in earlier.answers.items()}
    return {"taken_on": earlier.taken_on, "filled_in": earlier.filled_in.value, **said}


def _measures_page(referral: Referral) -> str:
    return url_for("linkworker.measures", referral_id=referral.id)
