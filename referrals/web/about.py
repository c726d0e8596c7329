"""The link worker's desk: the record of one person, page by page, and all that it once said."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts import May
from core.access import door
from core.actors import current
from core.languages import _, lazy
from core.saving import saving
from referrals.about import (
    Said,
    end_goal,
    goals_of,
    open_goals,
    risks_of,
    say_anew,
    set_goal,
    state_risks,
    statements,
    versions,
    write,
)
from referrals.about import current as current_version
from referrals.about.goals import get_goal
from referrals.about.life import Changed, changes, help_in_words
from referrals.models import (
    AboutVersion,
    Goal,
    GoalEnd,
    Heading,
    HelpKind,
    NeedKind,
    Referral,
)
from referrals.rules import UNDER_WAY
from referrals.web import about_words as words
from referrals.web.about_forms import GoalForm, HelpsForm, LifeForm, RecordForm, RiskForm, WordsForm
from referrals.web.linkworker import SHOWS, bp, open_record


def _by_code(called: Mapping[Any, object]) -> dict[str, object]:
    return {str(kind): name for kind, name in called.items()}


PARTS = {"words": WordsForm, "life": LifeForm, "understanding": HelpsForm}
ANY_PART = ", ".join(PARTS)
TICKED: dict[str, tuple[object, Mapping[str, object]]] = {
    "needs": (lazy("What they need"), _by_code(words.NEED_WORDS)),
    "helps": (lazy("What helps"), _by_code(words.HELP_WORDS)),
}


@bp.get("/<uuid:referral_id>/about")
@door(May.WORK_CASELOAD, shows=SHOWS)
def about(referral_id: uuid.UUID) -> ResponseReturnValue:
    """All that is written about somebody, as it stands now."""
    referral = open_record(referral_id)
    return render_template(
        "referrals/about/about.html",
        referral=referral,
        version=current_version(referral.person),
        goals=goals_of(referral),
        risks=risks_of(referral),
        words=words,
        possible=referral.status in UNDER_WAY,
    )


@bp.route(f"/<uuid:referral_id>/about/<any({ANY_PART}):part>", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def write_about(referral_id: uuid.UUID, part: str) -> ResponseReturnValue:
    """Write one part of it: a new version, and the old one stays."""
    referral = open_record(referral_id)
    version = current_version(referral.person)
    form = PARTS[part](data=_filled_in(version, referral))
    if form.validate_on_submit():
        with saving() as work:
            write(referral, form.said, seen=form.version, by=current(), **_ticked(form))
            work.leads_to(_about_page(referral))
        return work.redirect(_("Saved."))
    page = render_template(
        "referrals/about/write.html",
        referral=referral,
        form=form,
        part=part,
        possible=referral.status in UNDER_WAY,
    )
    return page, form.status


@bp.get("/<uuid:referral_id>/about/earlier")
@door(May.WORK_CASELOAD, shows=SHOWS)
def earlier(referral_id: uuid.UUID) -> ResponseReturnValue:
    """What it said before: each version, who wrote it, when, and what it changed."""
    referral = open_record(referral_id)
    every = versions(referral.person)
    return render_template(
        "referrals/about/earlier.html",
        referral=referral,
        versions=[
            (newer, [_called(each) for each in changes(newer, older)])
            for newer, older in zip(every, [*every[1:], None], strict=False)
        ],
        risks=statements(referral),
        goals=goals_of(referral),
        words=words,
    )


@bp.route("/<uuid:referral_id>/about/risks", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def risks(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Say which risks are known, or that none are."""
    referral = open_record(referral_id)
    form = RiskForm(data=_risks_now(referral))
    if form.validate_on_submit():
        with saving() as work:
            state_risks(
                referral,
                none_known=form.none_known,
                words=form.risks,
                visiting=form.visiting.data or "",
                by=current(),
            )
            work.leads_to(_about_page(referral))
        return work.redirect(_("Saved."))
    page = render_template(
        "referrals/about/risks.html",
        referral=referral,
        form=form,
        possible=referral.status in UNDER_WAY,
    )
    return page, form.status


@bp.route("/<uuid:referral_id>/about/goal", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def new_goal(referral_id: uuid.UUID) -> ResponseReturnValue:
    """A new goal, in their own words."""
    referral, form = open_record(referral_id), GoalForm()
    if form.validate_on_submit():
        with saving() as work:
            set_goal(referral, _goal_said(form), by=current())
            work.leads_to(_about_page(referral))
        return work.redirect(_("Saved."))
    return _goal_page(referral, form, None)


@bp.route("/<uuid:referral_id>/about/goal/<uuid:goal_id>", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def change_goal(referral_id: uuid.UUID, goal_id: uuid.UUID) -> ResponseReturnValue:
    """Say a goal in other words, or what became of it."""
    referral = open_record(referral_id)
    goal = get_goal(referral, goal_id)
    form = GoalForm(obj=goal)
    ending = request.form.get("ended", "")
    if ending in set(GoalEnd) - {GoalEnd.SAID_ANEW}:
        with saving() as work:
            end_goal(get_goal(referral, goal_id), GoalEnd(ending), by=current())
            work.leads_to(_about_page(referral))
        return work.redirect(_("Saved."))
    if form.validate_on_submit():
        with saving() as work:
            say_anew(get_goal(referral, goal_id), _goal_said(form), by=current())
            work.leads_to(_about_page(referral))
        return work.redirect(_("Saved."))
    return _goal_page(referral, form, goal)


def hint(referral: Referral) -> dict[str, Any] | None:
    """On the person's page, above all else: the risks nobody has thought of yet."""
    if referral.status not in UNDER_WAY or risks_of(referral) is not None:
        return None
    return {"template": "referrals/about/hint.html", "referral": referral}


def panel(referral: Referral) -> dict[str, Any]:
    """On the person's page: what matters most, the goals and the risks."""
    return {
        "template": "referrals/about/panel.html",
        "referral": referral,
        "version": current_version(referral.person),
        "goals": open_goals(referral),
        "risks": risks_of(referral),
        "words": words,
        "possible": referral.status in UNDER_WAY,
    }


def _about_page(referral: Referral) -> str:
    return url_for("linkworker.about", referral_id=referral.id)


def _filled_in(version: AboutVersion | None, referral: Referral) -> dict[str, Any]:
    return {
        **(version.said if version else {}),
        Heading.UNDERSTANDING.value: help_in_words(referral.person),
        "needs": version.needs if version else [],
        "helps": version.helps if version else [],
        "seen": str(version.number if version else 0),
    }


def _ticked(form: RecordForm) -> dict[str, Any]:
    """What was ticked on the page that was shown; the other lists stay as they are."""
    if isinstance(form, LifeForm):
        return {"needs": [NeedKind(kind) for kind in form.needs.data or []]}
    if isinstance(form, HelpsForm):
        return {"helps": [HelpKind(kind) for kind in form.helps.data or []]}
    return {}


def _risks_now(referral: Referral) -> dict[str, Any]:
    stated = risks_of(referral)
    if stated is None:
        return {}
    known = "none" if stated.none_known else "some"
    return {"known": known, "words": stated.words, "visiting": stated.visiting}


def _goal_said(form: GoalForm) -> Said:
    return Said(
        words=form.words.data or "",
        steps=form.steps.data or "",
        importance=form.importance.data,
        confidence=form.confidence.data,
    )


def _goal_page(referral: Referral, form: GoalForm, goal: Goal | None) -> ResponseReturnValue:
    page = render_template(
        "referrals/about/goal.html",
        referral=referral,
        form=form,
        goal=goal,
        words=words,
        GoalEnd=GoalEnd,
        possible=referral.status in UNDER_WAY and (goal is None or goal.ended_at is None),
    )
    return page, form.status


def _called(change: Changed) -> tuple[object, str, str]:
    """A change with its heading in words; ticks are told in words too."""
    if change.what in TICKED:
        title, named = TICKED[change.what]
        return title, _named(change.before, named), _named(change.now, named)
    return words.HEADING_WORDS[Heading(change.what)], change.before, change.now


def _named(codes: str, called: Mapping[str, object]) -> str:
    return ", ".join(str(called[code]) for code in codes.split(", ") if code)
