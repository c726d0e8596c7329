"""Referrals: the way of a referral: made, moved by the table, sent on, and ended as a whole."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select

from accounts import May, Organisation, User, get_organisation
from core import audit, clock, links, outbox, site
from core.actors import Actor, Kind, system
from core.db import db, hold
from core.errors import Forbidden, Refused
from directory import Service
from referrals import declines, endings, letters
from referrals.attended import known_of
from referrals.caseload import first_contact_by
from referrals.day import undoing
from referrals.day.cover import on_behalf_of
from referrals.group_keys import send_key
from referrals.groups.capacity import may_take, room_at
from referrals.groups.places import give_place
from referrals.making import SHARED_WITH_GROUP, SHARED_WITH_TEAM, new_referral, note_consent
from referrals.models import Person, Referral, Step
from referrals.people import OTHER_BIRTHDAY, NewPerson, enter_person, find_person
from referrals.person.telling import tell_news
from referrals.rights.consent import withdraw
from referrals.rules import (
    CLOSED,
    NOT_YOURS,
    OPEN,
    UNDER_WAY,
    Action,
    Basis,
    Came,
    Move,
    No,
    Part,
    Reason,
    Status,
    actions_open_to,
    decide,
    ending_with_parent,
)
from referrals.sight import parts_of
from referrals.standing import facts_of, planned, standing_consents

ENDED_TOO = "The referral it belonged to has ended."


def refer(
    person: NewPerson,
    *,
    reasons: Sequence[Reason],
    basis: Basis,
    why: str = "",
    note: str = "",
    service: Service | None = None,
    by: Actor,
) -> Referral:
    """Send somebody to the link workers of the actor's practice, with their agreement on record."""
    practice = _practice_of(by)
    team = practice.link_worker_team
    if team is None:
        raise Refused("Your practice has no link-worker team yet, so nobody would get this.")
    if not reasons:
        raise Refused("Choose at least one reason.")
    known = enter_person(person, practice, by=by)
    _refuse_second(known)
    referral = new_referral(
        known, practice, team, reasons=reasons, note=note, service=service, by=by
    )
    referral.next_contact_on = first_contact_by(clock.today())
    note_consent(referral, basis, why, SHARED_WITH_TEAM, by=by)
    act(referral, Action.SEND, by=by)
    return referral


def objections_to(person: NewPerson, *, by: Actor) -> dict[str, str]:
    """What would stop a referral of this person now, by the fact to look at; usually nothing."""
    known = find_person(person, _practice_of(by))
    if known is None:
        return {}
    if known.born_on != person.born_on:
        return {"born_on": OTHER_BIRTHDAY}
    already = _already_with(known)
    return {"nhs_number" if known.nhs_number else "name": already} if already else {}


def refer_on(
    parent: Referral,
    service: Service,
    *,
    note: str,
    by: Actor,
    reason: Reason | None = None,
    high_support: bool = False,
    has_turn: bool = False,
) -> Referral:
    """Ask a group whether somebody may come. `note` is for the group, once it has said yes.

    The group reads one reason of the fixed list: the one given, else the first of the referral's.
    It is not asked while it has no room; `has_turn`: it is their turn on the waiting list.
    """
    hold(parent)
    if parent.is_onward or Part.RECEIVER not in parts_of(by, parent):
        raise Forbidden(NOT_YOURS.reason)
    if parent.status not in UNDER_WAY:
        raise Refused("Accept the referral first.")
    if _has_asked(parent, service):
        raise Refused(f"You have already asked {service.name}.")
    agreed = standing_consents(parent)
    if not agreed:
        raise Refused("The person must agree first, or it must be in their best interests.")
    hold(service)  # the room it has now is still there when this is saved
    full = may_take(service, high_support=high_support, has_turn=has_turn)
    if full is not None:
        raise Refused(full.reason)
    onward = new_referral(
        parent.person,
        parent.to_organisation,
        service.organisation,
        reasons=[reason or Reason(parent.reasons[0])],
        note=note,
        service=service,
        by=by,
        parent=parent,
    )
    note_consent(onward, agreed[-1].basis, agreed[-1].why, SHARED_WITH_GROUP, by=by)
    give_place(onward, high_support=high_support)
    act(onward, Action.SEND, by=by)
    send_key(onward, letters.GROUP_ASKED, occasion=f"asked:{onward.id}", by=by)
    declines.found_another(parent, by=by)
    return onward


def act(referral: Referral, action: Action, *, by: Actor, note: str = "") -> Step:
    """Move a referral one step and record it, or refuse with the reason."""
    hold(referral.parent or referral)  # all that belongs to one person's way happens in turn
    if not undoing.is_held(action, referral, by=by):
        return _act(referral, action, by=by, note=note)
    stood = undoing.how_it_stands(referral)
    step = _act(referral, action, by=by, note=note, not_before=clock.now() + undoing.WITHIN)
    undoing.remember(step, stood)
    return step


def take_back(referral: Referral, *, by: Actor) -> Step:
    """Undo one's own last step while its letters still wait; both stay in the history."""
    hold(referral)
    last = undoing.last_held(referral, by=by)
    if last is None or Part.RECEIVER not in parts_of(by, referral):
        raise Refused("This can no longer be taken back. Go back to see how things stand.")
    for onward in undoing.restore(referral, last):
        _refuse_without_room(onward)
        _undo(onward, onward.steps[-1], by=by)
    endings.taken_back(referral, last)
    return _undo(referral, last, by=by)


def _refuse_without_room(onward: Referral) -> None:
    """A group may have given the place away since: its limits hold for what is undone too."""
    if onward.service is None:
        return
    hold(onward.service)
    if room_at(onward.service).is_full:
        raise Refused(f"{onward.service.name} has given the place to somebody else meanwhile.")


def accept(referral: Referral, *, by: Actor, next_contact_on: date) -> Step:
    """Take a referral on as one's own, and say when the first contact will be."""
    step = act(referral, Action.ACCEPT, by=by)
    referral.owner = db.session.get(User, by.user_id)
    referral.next_contact_on = next_contact_on
    return step


def what_may(actor: Actor, referral: Referral) -> frozenset[Action]:
    """What this actor may do with this referral now: it draws the buttons."""
    return actions_open_to(facts_of(referral), parts_of(actor, referral))


def _act(
    referral: Referral,
    action: Action,
    *,
    by: Actor,
    note: str,
    not_before: datetime | None = None,
) -> Step:
    move = decide(action, facts_of(referral, note), parts_of(by, referral))
    if isinstance(move, No):
        raise Forbidden(move.reason) if move.not_yours else Refused(move.reason)
    step = _take(referral, move, by=by, note=note)
    if step.now in CLOSED:
        _end(referral, by=by)
    if declines.is_standing(referral):
        declines.lay_task(referral)
    for draft in letters.after_step(step, by=by):
        outbox.put(replace(draft, not_before=not_before))
    tell_news(step, move.tells, by=by, not_before=not_before)
    endings.after(step, not_before=not_before)
    if step.now in CLOSED and not referral.is_onward:
        _end_onward(referral, not_before)
    return step


def _take(referral: Referral, move: Move, *, by: Actor, note: str) -> Step:
    step = _step(referral, move.action, move.end, by=by, note=note)
    if move.action is Action.SEND:
        referral.sent_at = step.at
    db.session.flush()
    return step


def _undo(referral: Referral, last: Step, *, by: Actor) -> Step:
    """Back to where the last step began. Called by `take_back` only, which has seen to the rest."""
    step = _step(referral, Action.TAKE_BACK, last.was, by=by)
    step.undoes_id = last.id
    db.session.flush()
    return step


def _step(referral: Referral, action: Action, end: Status, *, by: Actor, note: str = "") -> Step:
    step = Step(
        number=len(referral.steps) + 1,
        action=action,
        was=referral.status,
        now=end,
        by=by.ref,
        by_name=site.name() if by.kind is Kind.SYSTEM else by.name,
        note=note.strip(),
        at=clock.now(),
    )
    referral.steps.append(step)
    referral.status = end
    audit.record(
        by,
        "referral moved",
        about=referral.about,
        step=step.action,
        was=step.was,
        now=step.now,
        on_behalf_of=on_behalf_of(by, referral.parent or referral),
    )
    return step


def _end(referral: Referral, *, by: Actor) -> None:
    """Nothing more is to come: keys stop opening, unsent letters are not sent, visits are off."""
    referral.closed_at = referral.closed_at or clock.now()
    referral.next_contact_on = None
    outbox.cancel(referral.about)
    if referral.status is Status.PERSON_DECLINED:
        withdraw(referral, by=by)
    elif referral.status is not Status.REJECTED:  # who says no may still see that they said it
        links.revoke(referral.about, by=by)
    for visit in db.session.scalars(planned(referral)):
        came = Came.CALLED_OFF if visit.session_on >= clock.today() else Came.NOT_KNOWN
        outbox.cancel(visit.about)
        visit.came, visit.answered_at, visit.answered_by = came, clock.now(), by.ref
        visit.answered_by_name = by.name
    db.session.flush()


def _end_onward(parent: Referral, not_before: datetime | None) -> None:
    ended = system("referral ended")
    for onward in db.session.scalars(select(Referral).where(Referral.parent_id == parent.id)):
        came = Came.CAME in known_of(onward)
        action = ending_with_parent(parent.status, came=came)
        in_error = onward.status is Status.ENTERED_IN_ERROR
        if onward.status in OPEN or (action is Action.MARK_ERROR and not in_error):
            _act(onward, action, by=ended, note=ENDED_TOO, not_before=not_before)


def _practice_of(by: Actor) -> Organisation:
    places = by.where(May.REFER)
    if len(places) != 1:
        raise Forbidden("Only somebody who works for one practice can refer from here.")
    return get_organisation(next(iter(places)))


def _refuse_second(person: Person) -> None:
    already = _already_with(person)
    if already:
        raise Refused(already)


def _already_with(person: Person) -> str:
    """Who has this person's open referral, and since when; "" when nobody has."""
    already = db.session.scalar(
        select(Referral).where(
            Referral.person_id == person.id,
            Referral.parent_id.is_(None),
            Referral.status.in_(OPEN),
        )
    )
    if already is None or already.sent_at is None:
        return ""
    whom = already.owner.name if already.owner else already.to_organisation.name
    since = letters.day_of(clock.local_date(already.sent_at))
    return f"Already with {whom} since {since}."


def _has_asked(parent: Referral, service: Service) -> bool:
    asked = select(Referral.id).where(
        Referral.parent_id == parent.id,
        Referral.service_id == service.id,
        Referral.status.in_(OPEN),
    )
    return db.session.scalar(asked) is not None
