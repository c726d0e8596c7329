"""Referrals, rights: to take agreement back. All that hangs on it ends in that one transaction.

Nobody is sent anything more but that it has ended; no key opens; the record is for whoever looked
after the person, and the lead of their team. What was written is kept as the law says: to stop is
not to be forgotten.
"""

import logging
from collections.abc import Iterator

from sqlalchemy import Select, select

from core import audit, clock, links, outbox, outlasting
from core.actors import Actor
from core.db import db
from core.outlasting import Act
from referrals.models import (
    Appointment,
    ClosingMessage,
    Consent,
    FirstVisit,
    MeasureAsked,
    Referral,
    WaitingPlace,
    Waits,
)
from referrals.standing import whole_way

log = logging.getLogger(__name__)


def withdraw(referral: Referral, *, by: Actor) -> None:
    """What was agreed to holds no longer, of this referral and of all that hangs on it."""
    agreed = select(Consent).join(Referral).where(whole_way(referral))
    for consent in db.session.scalars(agreed.where(Consent.withdrawn_at.is_(None))):
        consent.withdrawn_at = clock.now()
    _call_off(referral, by)
    abouts = abouts_of(referral)
    outbox.cancel(*abouts)
    for about in abouts:
        links.revoke(about, by=by)
    db.session.flush()
    _write_down(Act.WITHDRAWN, referral)
    audit.record(by, "consent withdrawn", about=referral.about)


def agreed_again(referral: Referral) -> None:
    """A step that took agreement back was itself taken back."""
    _write_down(Act.AGREED_AGAIN, referral)


def _write_down(act: Act, referral: Referral) -> None:
    """For the day after a restore. That it cannot be is no reason to go on against their will."""
    try:
        outlasting.will_do(act, referral.id)
    except OSError:
        log.exception("%s could not be written down outside the database", act)


def appointments_to_come(referral: Referral) -> Select[Appointment]:
    """The times agreed with somebody that are still to come."""
    hangs = select(Appointment).join(Referral).where(whole_way(referral))
    return hangs.where(Appointment.called_off_at.is_(None), Appointment.starts_at > clock.now())


def places_waited_for(referral: Referral) -> Select[WaitingPlace]:
    """The places in groups that somebody waits for, or has been offered."""
    hangs = select(WaitingPlace).join(Referral).where(whole_way(referral))
    return hangs.where(WaitingPlace.state.in_((Waits.WAITING, Waits.OFFERED)))


def _call_off(referral: Referral, by: Actor) -> None:
    """Nobody comes to see them, and no group is kept waiting for them."""
    for appointment in db.session.scalars(appointments_to_come(referral)):
        appointment.called_off_at = clock.now()
        audit.record(by, "appointment called off", about=appointment.referral.about)
    for entry in db.session.scalars(places_waited_for(referral)):
        entry.state, entry.ended_at = Waits.LEFT, clock.now()
        about, service = entry.referral.about, str(entry.service_id)
        audit.record(by, "waiting list left", about=about, service=service, how=Waits.LEFT)


def has_withdrawn(referral: Referral) -> bool:
    """Whether nothing stands that they agreed to, of this referral or of the one it hangs on."""
    if referral.parent is not None and has_withdrawn(referral.parent):
        return True
    agreed = list(db.session.scalars(select(Consent).where(Consent.referral_id == referral.id)))
    return bool(agreed) and all(consent.withdrawn_at is not None for consent in agreed)


def abouts_of(referral: Referral) -> list[str]:
    """How letters and keys speak of a referral and of all that hangs on it, but their own page."""
    return list(_abouts(referral))


def _abouts(referral: Referral) -> Iterator[str]:
    whole = select(Referral).where(whole_way(referral))
    for each in db.session.scalars(whole):
        yield each.about
    ids = whole.with_only_columns(Referral.id)
    for model in (FirstVisit, ClosingMessage, MeasureAsked):
        found: Select[FirstVisit | ClosingMessage | MeasureAsked] = select(model)
        for part in db.session.scalars(found.where(model.referral_id.in_(ids))):
            yield part.about
