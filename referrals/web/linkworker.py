"""The link worker's desk: the caseload, and one person's page. Opening a record is written down."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts import Field, May
from core import audit, clock
from core.access import door
from core.actors import current
from core.errors import NotFound
from core.inputs import page_number
from core.saving import saving
from referrals.caseload import (
    Overview,
    Sort,
    Tab,
    Wanted,
    caseload,
    overview,
    people_called,
    row_of,
)
from referrals.contacts import NOT_MET_YET
from referrals.day.appointments import coming_for
from referrals.day.attempts import attempts_for
from referrals.day.supervision import waiting_about
from referrals.day.tasks import open_about
from referrals.day.team import may_hand_over
from referrals.day.undoing import last_held, open_until
from referrals.history import (
    answers_of,
    events_of,
    unanswered_visits,
    whole_record,
)
from referrals.measures import ONS4
from referrals.models import Referral
from referrals.pathway import act, what_may
from referrals.rules import REASON_WORDS, Action, Came, Point, Reason
from referrals.sight import get_referral, one_line_reason
from referrals.web import linkworker_words as said
from referrals.web.linkworker_forms import ContactForm, FindForm

bp = Blueprint("linkworker", __name__, url_prefix="/caseload")

E = TypeVar("E", bound=StrEnum)

SHOWS = "F1 F2 F3 F4"
LOOKED_AT = (Field.LOGISTICS, Field.MINIMUM, Field.IDENTITY, Field.NEEDS)


@bp.get("")
@door(May.WORK_CASELOAD, shows=SHOWS)
def people() -> ResponseReturnValue:
    """Everybody the link worker looks after, the longest overdue first."""
    actor, wanted = current(), _wanted()
    numbers = overview(actor, team=wanted.team)
    listed = caseload(actor, wanted, total=numbers.counts[wanted.tab])
    if wanted.page > listed.pages:
        raise NotFound
    return render_template(
        "referrals/linkworker/caseload.html",
        form=FindForm(formdata=None),
        wanted=wanted,
        lede=_lede(numbers),
        tabs=list(_tabs(wanted, numbers)),
        heads=list(_heads(wanted)),
        caption=f"{said.TAB_WORDS[wanted.tab]}, by {said.SORT_WORDS[wanted.sort].lower()}",
        listed=listed,
        link=lambda page: _address(replace(wanted, page=page)),
        whose=list(_whose(wanted)),
        state=_state(wanted),
    )


@bp.post("/find")
@door(May.WORK_CASELOAD, shows=SHOWS)
def find() -> ResponseReturnValue:
    """The people with this name. It answers a POST itself: no name may stand in an address."""
    form = FindForm()
    rows = people_called(current(), form.name.data or "") if form.validate() else []
    page = render_template(
        "referrals/linkworker/found.html",
        form=form,
        rows=rows,
        heads=[head | {"href": "", "order": "none"} for head in _heads(Wanted())],
        state={},
    )
    return page, form.status


@bp.get("/<uuid:referral_id>")
@door(May.WORK_CASELOAD, shows=SHOWS)
def person(referral_id: uuid.UUID) -> ResponseReturnValue:
    """One person: who they are, what is asked, what was done, and what can be done now."""
    actor, referral = current(), open_record(referral_id)
    return render_template(
        "referrals/linkworker/person.html",
        referral=referral,
        person=referral.person,
        row=row_of(referral, actor),
        to_answer=[
            visit for visit in unanswered_visits(referral) if visit.session_on <= clock.today()
        ],
        attempts=attempts_for(referral.contacts) if referral.status in NOT_MET_YET else None,
        tasks=open_about(referral),
        appointments=coming_for(referral),
        held=last_held(referral, by=actor),
        held_until=open_until,
        discussing=waiting_about(referral),
        can_be_given=may_hand_over(referral, by=actor) is None,
        events=events_of(referral),
        onward=[(each, what_may(actor, each)) for each in reversed(referral.onward)],
        answers=answers_of(referral),
        taken={each.point for each in referral.measures if each.instrument == ONS4.key},
        form=ContactForm(),
    )


@bp.post("/<uuid:referral_id>/do/<any(open, resume):what>")
@door(May.WORK_CASELOAD, shows=SHOWS)
def do(referral_id: uuid.UUID, what: str) -> ResponseReturnValue:
    """A step that needs no words, from the list or from the person's page."""
    referral = get_referral(referral_id, seen_by=current())
    action = Action(what)
    state = _state(_wanted()) if "tab" in request.args else {}
    with saving() as work:
        act(referral, action, by=current())
        work.leads_to(url_for(".people", **state) if state else person_page(referral))
    if "X-Fragment" in request.headers:
        row = row_of(referral, current())
        return render_template("referrals/linkworker/status.html", row=row, state=state)
    return work.redirect(said.DONE_WORDS[action])


@bp.context_processor
def words() -> dict[str, object]:
    """What the templates of this desk can say."""
    return {
        "Action": Action,
        "Came": Came,
        "Point": Point,
        "ONS4": ONS4,
        "said": said,
        "main_reason": one_line_reason,
        "reasons_of": lambda referral: [REASON_WORDS[Reason(code)] for code in referral.reasons],
    }


def open_record(referral_id: uuid.UUID) -> Referral:
    """The whole record, after the look at it is written down; a POST is written down by itself."""
    if request.method == "GET":
        with saving():
            referral = get_referral(referral_id, seen_by=current())
            audit.looked(current(), about=referral.about, classes=LOOKED_AT)
    return whole_record(referral_id, seen_by=current())


def person_page(referral: Referral) -> str:
    """Where the person's page is; a referral on to a group is shown on its person's page."""
    return url_for("linkworker.person", referral_id=referral.parent_id or referral.id)


def _wanted() -> Wanted:
    return Wanted(
        tab=_one_of(Tab, "tab", Tab.OPEN),
        sort=_one_of(Sort, "sort", Sort.NEXT),
        down=request.args.get("down") == "1",
        team=request.args.get("team") == "1",
        page=page_number(request.args.get("page")),
    )


def _one_of(kind: type[E], name: str, usual: E) -> E:
    try:
        return kind(request.args.get(name, usual.value))
    except ValueError:
        raise NotFound from None


def _state(wanted: Wanted) -> dict[str, Any]:
    """The list as it stands, as it is written in an address."""
    state: dict[str, Any] = {"tab": wanted.tab.value, "sort": wanted.sort.value}
    if wanted.down:
        state["down"] = "1"
    if wanted.team:
        state["team"] = "1"
    if wanted.page > 1:
        state["page"] = str(wanted.page)
    return state


def _address(wanted: Wanted) -> str:
    return url_for("linkworker.people", **_state(wanted))


def _lede(numbers: Overview) -> str:
    late, now = numbers.overdue, numbers.today
    overdue = "Nobody is" if not late else ("1 person is" if late == 1 else f"{late} people are")
    planned = "No contact" if not now else ("1 contact" if now == 1 else f"{now} contacts")
    return f"{overdue} overdue a contact. {planned} planned today."


def _tabs(wanted: Wanted, numbers: Overview) -> Iterator[dict[str, object]]:
    for tab, text in said.TAB_WORDS.items():
        yield {
            "text": text,
            "href": _address(replace(wanted, tab=tab, page=1)),
            "count": numbers.counts[tab],
            "active": tab is wanted.tab,
        }


def _heads(wanted: Wanted) -> Iterator[dict[str, object]]:
    """The column headings; a second press on the one in use turns the order round."""
    for sort, text in said.SORT_WORDS.items():
        in_use = sort is wanted.sort
        turned = replace(wanted, sort=sort, down=in_use and not wanted.down, page=1)
        yield {
            "text": "Ended" if sort is Sort.NEXT and wanted.tab is Tab.CLOSED else text,
            "href": _address(turned),
            "order": ("descending" if wanted.down else "ascending") if in_use else "none",
            "number": sort is Sort.CONTACTS,
        }


def _whose(wanted: Wanted) -> Iterator[dict[str, object]]:
    for team, text in ((False, "Mine"), (True, "Whole team")):
        href = _address(replace(wanted, team=team, page=1))
        yield {"text": text, "href": href, "active": team is wanted.team}
