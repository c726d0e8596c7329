"""Referrals, the day: what a step changes besides the status, kept so that it can be taken back.

For half an hour whoever took a step can take it back, if nothing has followed. Until then the
letters that tell of it wait. `referrals.pathway.take_back` does it; here is what stood before.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import aliased, joinedload

from core import clock
from core.actors import Actor, Kind
from core.db import db
from core.links import SignedLink
from core.outbox import Letter, State
from referrals.models import (
    Appointment,
    Consent,
    ContactMade,
    FirstVisit,
    HowItStood,
    Referral,
    Step,
    WaitingPlace,
    Waits,
)
from referrals.rights.consent import agreed_again, appointments_to_come, places_waited_for
from referrals.rules import Action, Came

WITHIN = timedelta(minutes=30)

UNDOABLE = frozenset(
    {
        Action.ASK,
        Action.ACCEPT,
        Action.REJECT,
        Action.RECORD_DECLINED,
        Action.PAUSE,
        Action.RESUME,
        Action.COMPLETE,
        Action.CLOSE_NO_CONTACT,
        Action.FAIL,
    }
)
"""What a link worker does with a referral that came to the team."""


@dataclass(frozen=True, slots=True)
class Stood:
    """How the whole way of a referral stood before a step."""

    owner: uuid.UUID | None
    next_contact_on: date | None
    consents: list[uuid.UUID]
    visits: list[uuid.UUID]
    appointments: list[uuid.UUID]
    waits: list[uuid.UUID]
    links: list[uuid.UUID]
    letters: list[uuid.UUID]
    onward: dict[uuid.UUID, int]

    def kept(self) -> dict[str, Any]:
        """As it is written down: ids and dates, nothing about the person."""
        return {
            "owner": str(self.owner) if self.owner else None,
            "next_contact_on": self.next_contact_on.isoformat() if self.next_contact_on else None,
            "consents": [str(each) for each in self.consents],
            "visits": [str(each) for each in self.visits],
            "appointments": [str(each) for each in self.appointments],
            "waits": [str(each) for each in self.waits],
            "links": [str(each) for each in self.links],
            "letters": [str(each) for each in self.letters],
            "onward": {str(each): steps for each, steps in self.onward.items()},
        }


def is_held(action: Action, referral: Referral, *, by: Actor) -> bool:
    """Whether this step could be taken back, so that its letters wait."""
    return by.kind is Kind.USER and not referral.is_onward and action in UNDOABLE


def how_it_stands(referral: Referral) -> Stood:
    """What a step may change, before it does."""
    onward = select(Referral).where(Referral.parent_id == referral.id)
    steps = {each.id: len(each.steps) for each in db.session.scalars(onward)}
    abouts = _abouts(referral.id, steps)
    whole = Referral.id.in_([referral.id, *steps])
    agreed = select(Consent.id).join(Referral).where(whole, Consent.withdrawn_at.is_(None))
    planned = select(FirstVisit.id).join(Referral).where(whole, FirstVisit.came == Came.PLANNED)
    links = select(SignedLink.id).where(
        SignedLink.about.in_(abouts), SignedLink.revoked_at.is_(None)
    )
    letters = select(Letter.id).where(Letter.about.in_(abouts), Letter.state == State.WAITING)
    return Stood(
        owner=referral.owner_id,
        next_contact_on=referral.next_contact_on,
        consents=list(db.session.scalars(agreed)),
        visits=list(db.session.scalars(planned)),
        appointments=[each.id for each in db.session.scalars(appointments_to_come(referral))],
        waits=[each.id for each in db.session.scalars(places_waited_for(referral))],
        links=list(db.session.scalars(links)),
        letters=list(db.session.scalars(letters)),
        onward=steps,
    )


def remember(step: Step, stood: Stood) -> None:
    """Keep how it stood before a step."""
    db.session.add(HowItStood(step=step, before=stood.kept()))


def last_held(referral: Referral, *, by: Actor) -> Step | None:
    """The step this actor can still take back, if there is one."""
    step = referral.steps[-1] if referral.steps else None
    if step is None or not _is_still_open(step, by):
        return None
    kept = select(HowItStood.id).where(HowItStood.step_id == step.id)
    return step if db.session.scalar(kept) is not None else None


def open_until(step: Step) -> datetime:
    """Until when it can be taken back."""
    return step.at + WITHIN


def held_by(actor: Actor) -> list[Step]:
    """The steps this actor can still take back, the newest first."""
    recent = (
        select(Step)
        .join(HowItStood, HowItStood.step_id == Step.id)
        .where(Step.by == actor.ref, Step.at > clock.now() - WITHIN, ~_was_followed())
        .options(joinedload(Step.referral).joinedload(Referral.person))
        .order_by(Step.at.desc())
    )
    return list(db.session.scalars(recent))


def restore(referral: Referral, step: Step) -> list[Referral]:
    """Put back all but the statuses; returns the referrals on to groups that go back too."""
    before = db.session.scalars(select(HowItStood.before).filter_by(step_id=step.id)).one()
    referral.owner_id = uuid.UUID(before["owner"]) if before["owner"] else None
    planned = before["next_contact_on"]
    referral.next_contact_on = date.fromisoformat(planned) if planned else None
    referral.closed_at = None
    if _agree_again(_ids(before["consents"])):
        agreed_again(referral)
    _plan_again(_ids(before["visits"]))
    _meet_again(_ids(before.get("appointments", [])))
    _wait_again(_ids(before.get("waits", [])))
    onward = {uuid.UUID(each): steps for each, steps in before["onward"].items()}
    _open_again(_ids(before["links"]))
    _write_again(_ids(before["letters"]), Letter.about.in_(_abouts(referral.id, onward)), step)
    changed = []
    for each in db.session.scalars(select(Referral).where(Referral.id.in_(onward))):
        if len(each.steps) > onward[each.id]:
            each.closed_at = None
            changed.append(each)
    db.session.flush()
    return changed


def _is_still_open(step: Step, by: Actor) -> bool:
    """Whether it is theirs, was taken just now, and nobody was in touch with the person since."""
    theirs = step.by == by.ref and is_held(step.action, step.referral, by=by)
    followed = any(contact.at > step.at for contact in step.referral.contacts)
    return theirs and not followed and clock.now() - step.at < WITHIN


def _was_followed() -> ColumnElement[bool]:
    """Of a step: another came after it, or somebody was in touch with the person since."""
    later = aliased(Step)
    step = select(later.id).where(later.referral_id == Step.referral_id, later.number > Step.number)
    contact = select(ContactMade.id).where(
        ContactMade.referral_id == Step.referral_id, ContactMade.at > Step.at
    )
    return or_(step.correlate(Step).exists(), contact.correlate(Step).exists())


def _agree_again(ids: list[uuid.UUID]) -> bool:
    """Whether any agreement had been taken back."""
    gone = select(Consent).where(Consent.id.in_(ids), Consent.withdrawn_at.is_not(None))
    found = db.session.scalars(gone).all()
    for consent in found:
        consent.withdrawn_at = None
    return bool(found)


def _plan_again(ids: list[uuid.UUID]) -> None:
    for visit in db.session.scalars(select(FirstVisit).where(FirstVisit.id.in_(ids))):
        visit.came, visit.answered_at = Came.PLANNED, None
        visit.answered_by = visit.answered_by_name = ""


def _meet_again(ids: list[uuid.UUID]) -> None:
    for appointment in db.session.scalars(select(Appointment).where(Appointment.id.in_(ids))):
        appointment.called_off_at = None


def _wait_again(ids: list[uuid.UUID]) -> None:
    """An offer may have gone to the next meanwhile: they wait, where they stood in the line."""
    for entry in db.session.scalars(select(WaitingPlace).where(WaitingPlace.id.in_(ids))):
        entry.state, entry.ended_at = Waits.WAITING, None


def _open_again(ids: list[uuid.UUID]) -> None:
    db.session.execute(
        update(SignedLink).where(SignedLink.id.in_(ids)).values(revoked_at=None),
        execution_options={"synchronize_session": "fetch"},
    )


def _write_again(ids: list[uuid.UUID], about: ColumnElement[bool], step: Step) -> None:
    """What was to be sent before is to be sent again; what the step itself wrote is not."""
    db.session.execute(
        update(Letter)
        .where(
            about,
            Letter.state == State.WAITING,
            Letter.written_at >= step.at,
            Letter.id.not_in(ids),
        )
        .values(state=State.CANCELLED)
    )
    db.session.execute(
        update(Letter)
        .where(Letter.id.in_(ids), Letter.state == State.CANCELLED)
        .values(state=State.WAITING)
    )


def _ids(said: list[str]) -> list[uuid.UUID]:
    return [uuid.UUID(each) for each in said]


def _abouts(first: uuid.UUID, onward: dict[uuid.UUID, int]) -> list[str]:
    return [f"referral:{each}" for each in (first, *onward)]
