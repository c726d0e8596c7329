"""The organiser's desk: the listings somebody keeps, and keeping them true."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts import May
from core import actors, clock
from core.access import door
from core.errors import BadInput, NotFound
from core.inputs import page_number
from core.languages import _, lazy
from core.saving import saving
from directory import assurance, counting, editing, notices
from directory.cards import card
from directory.desk import thanks
from directory.differences import Difference
from directory.facts import ListingFacts
from directory.keeping import facts_of
from directory.listings import get_own_listing, how_many_kept, listings_for, step
from directory.models import Service
from directory.rules import LIFE_WORDS, SHOWN, Access, Answer, Aspect, Life, Step, is_fresh, turn
from directory.timing.sessions import schedule_words
from directory.web.filling import filled_in, said_in
from directory.web.forms import PARTS, Edits

bp = Blueprint("listings", __name__)

PER_PAGE = 50
A_YEAR = timedelta(days=365)

PRESSED = {
    Step.PUBLISH: lazy("%(name)s is now shown to everybody."),
    Step.CHECK: lazy("Thank you. %(name)s now says it was checked today."),
    Step.PAUSE: lazy("%(name)s is paused. People can read about it, and are told to ring first."),
    Step.RESUME: lazy("%(name)s is on again."),
    Step.RETIRE: lazy("%(name)s is taken down. You can take it up again at any time."),
    Step.REVIVE: lazy("%(name)s is taken up again. Look it through, then show it to everybody."),
}
"""What a keeper can do with one press, and what they are told then."""

PART_NAMES = {
    "about": lazy("What it is"),
    "when": lazy("When"),
    "where": lazy("Where"),
    "cost": lazy("Cost and room"),
    "who": lazy("Who it is for"),
    "arrive": lazy("What happens there"),
    "contact": lazy("Who to ask"),
    "access": lazy("Access and comfort"),
}
"""The parts of a listing that are changed one at a time, in the order people read them."""

PART_OF = {
    Aspect.TIME: "when",
    Aspect.PLACE: "where",
    Aspect.PRICE: "cost",
    Aspect.CONTACT: "contact",
    Aspect.WHO_FOR: "who",
    Aspect.ACCESS: "access",
    Aspect.ABOUT: "about",
}
_ELSEWHERE = {
    "places_free": "cost",
    "new_people_per_week": "cost",
    "before_you_come": "arrive",
    "when_you_arrive": "arrive",
    "afterwards": "arrive",
    "meets_at_door": "arrive",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a listing as its keeper reads it."""

    code: str
    name: str
    said: list[Difference]
    unknown: int = 0


@bp.get("/my-listings")
@door(May.KEEP_LISTINGS, May.EDIT_DIRECTORY)
def mine() -> ResponseReturnValue:
    """The listings somebody keeps, the ones that need a look first."""
    actor, page = actors.current(), page_number(request.args.get("page"))
    named = request.args.get("q", "").strip()[:100]
    total, old = how_many_kept(actor, named=named)
    kept = listings_for(actor, named=named, start=(page - 1) * PER_PAGE, most=PER_PAGE)
    if page > 1 and not kept:
        raise NotFound
    return render_template(
        "directory/listings.html",
        for_everybody=actor.may(May.EDIT_DIRECTORY),
        rows=[(each, card(each), steps_open(each)) for each in kept],
        named=named,
        total=total,
        old=old,
        page=page,
        pages=-(-total // PER_PAGE),
        page_link=lambda number: url_for(".mine", page=number, q=named or None),
        plain_lives={Life.LIVE, Life.NEEDS_CHECKING},
        life_words=LIFE_WORDS,
        step=Step,
    )


@bp.get("/my-listings/<uuid:service_id>")
@door(May.KEEP_LISTINGS, May.EDIT_DIRECTORY)
def overview(service_id: uuid.UUID) -> ResponseReturnValue:
    """A listing as its keeper sees it: what is said, what waits, how often it is looked at."""
    service, today = get_own_listing(service_id, seen_by=actors.current()), clock.today()
    waiting = editing.waiting_for(service)
    return render_template(
        "directory/group/overview.html",
        service=service,
        parts=parts_of(facts_of(service)),
        steps=steps_open(service),
        is_shown=service.life in SHOWN,
        is_fresh=is_fresh(service.assured_on, today),
        is_full=notices.is_full(service, today),
        notices=notices.to_come(service, today),
        notice_words=notices.words_of,
        waiting=waiting,
        what_waits=editing.what_waits(waiting) if waiting else [],
        why=editing.why_it_waits(waiting) if waiting else [],
        totals=counting.totals([service.id], today - A_YEAR),
        thanked=thanks.how_many(service),
        kind_words=thanks.words_for(service),
        assured=assurance.facts_for_everybody(service.organisation_id),
        life_words=LIFE_WORDS,
        step=Step,
    )


@bp.route(
    "/my-listings/<uuid:service_id>/edit"
    "/<any(about, when, where, cost, who, arrive, contact, access):part>",
    methods=["GET", "POST"],
)
@door(May.KEEP_LISTINGS, May.EDIT_DIRECTORY)
def edit(service_id: uuid.UUID, part: str) -> ResponseReturnValue:
    """Change one part of what people read about an activity."""
    actor = actors.current()
    service = get_own_listing(service_id, seen_by=actor)
    before = facts_of(service)
    form = PARTS[part](data={**filled_in(before), "version": service.version})
    if form.validate_on_submit():
        with saving() as work:
            facts = said_in(form, facts_of(service))
            outcome = editing.propose_change(service, facts, version=version_of(form), by=actor)
            work.leads_to(url_for(".overview", service_id=service.id))
        return work.redirect(what_became_of(outcome))
    page = render_template(
        "directory/group/edit.html",
        service=service,
        form=form,
        part=part,
        part_name=PART_NAMES[part],
        times_now=[schedule_words(each) for each in before.schedules],
        will_wait=not editing.is_editor(actor),
    )
    return page, form.status


@bp.post("/my-listings/<uuid:service_id>/<any(publish, check, pause, resume, retire, revive):what>")
@door(May.KEEP_LISTINGS, May.EDIT_DIRECTORY)
def take(service_id: uuid.UUID, what: str) -> ResponseReturnValue:
    """Take a listing one step: everything is still right, pause, go on again, publish, retire."""
    actor = actors.current()
    with saving() as work:
        service = get_own_listing(service_id, seen_by=actor)
        step(service, Step(what), by=actor)
        name = service.name
        work.leads_to(url_for(".mine"))
    return work.redirect(str(PRESSED[Step(what)]) % {"name": name})


def steps_open(service: Service) -> frozenset[Step]:
    """The steps a keeper can take with this listing now."""
    return frozenset(each for each in PRESSED if turn(each, service.life))


def parts_of(facts: ListingFacts) -> list[Part]:
    """What a listing says, part by part as its keeper changes it."""
    said: dict[str, list[Difference]] = {code: [] for code in PART_NAMES}
    for each in editing.differences(ListingFacts(name=""), facts):
        said[_ELSEWHERE.get(each.fact) or PART_OF[each.aspect]].append(each)
    answers = facts.places[0].access if facts.places else {}
    unknown = sum(answers.get(each, Answer.UNKNOWN) is Answer.UNKNOWN for each in Access)
    return [
        Part(code, str(name), said[code], unknown if code == "access" else 0)
        for code, name in PART_NAMES.items()
    ]


def what_became_of(outcome: editing.Outcome) -> str:
    """What a keeper is told of a change: live, or waiting for an editor."""
    if outcome.waiting is None:
        return _("Saved. This is what people read now.")
    if outcome.live is None:
        return _("Thank you. An editor looks at this first. We write to you when it is done.")
    return _("Saved. A part of it waits until an editor has looked at it.")


def version_of(form: Edits) -> int:
    """The version of the listing that a form was filled in from."""
    typed = str(form.version.data or "")
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise BadInput(_("This form was not filled in from its page. Open it again."))
    return int(typed)
