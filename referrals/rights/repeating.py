"""Referrals, rights: after a restore, forget again who was forgotten, and stop again what stopped.

A backup knows nothing of what was asked for since it was made. The list of it lies outside the
database (`core.outlasting`), and `flask ops repeat` goes through it.
"""

import uuid
from collections.abc import Iterable

from sqlalchemy import select

from core import clock, outlasting
from core.actors import system
from core.db import db
from core.ops import Where, cross_check
from core.outlasting import Act
from core.sealing import DataKey
from referrals.erasing import erase
from referrals.models import Disposal, Person, Referral, RightsRequest, Stage
from referrals.pathway import act
from referrals.rights.consent import has_withdrawn, withdraw
from referrals.rights.forgetting import empty_copies
from referrals.rights.keeping import standing_of
from referrals.rights.requests import OPEN_STAGES, move
from referrals.rules import CLOSED, OPEN, Action

AGAIN = system("repeated after a restore")
WHY = "Forgotten before a backup of an earlier day was restored."


def init_app() -> None:
    """Say how it is done again, and have it looked for."""
    outlasting.repeated_by(Act.FORGOTTEN, forget_again)
    outlasting.repeated_by(Act.WITHDRAWN, withdraw_again)
    cross_check("agreement taken back that stands again", standing_again, where=Where.SITE)


def forget_again(person_id: uuid.UUID) -> bool:
    """Forget somebody whom a backup has brought back; what was open then is ended."""
    person = db.session.get(Person, person_id)
    has_key = select(DataKey.holder_id).where(DataKey.holder_id == person_id).limit(1)
    if person is None or db.session.scalar(has_key) is None:
        return False
    ways = select(Referral).where(Referral.person_id == person_id)
    for way in db.session.scalars(ways.order_by(Referral.parent_id.is_not(None))).all():
        if way.status in OPEN:
            act(way, Action.WITHDRAW, by=AGAIN, note=WHY)
        elif way.status not in CLOSED:
            act(way, Action.MARK_ERROR, by=AGAIN, note=WHY)
    _leave_stub(person)
    asked = select(RightsRequest).where(RightsRequest.about == person.about)
    for request in db.session.scalars(asked.where(RightsRequest.stage.in_(OPEN_STAGES))):
        request.outcome = WHY
        move(request, Stage.CLOSED, by=AGAIN)
    empty_copies(person.about)
    erase(person, by=AGAIN, why="again")
    return True


def withdraw_again(referral_id: uuid.UUID) -> bool:
    """Take back what a backup has brought back as agreed."""
    referral = db.session.get(Referral, referral_id)
    if referral is None or referral.erased_at is not None or has_withdrawn(referral):
        return False
    withdraw(referral, by=AGAIN)
    return True


def standing_again() -> Iterable[str]:
    """Referrals of which agreement was taken back and stands."""
    for key in outlasting.to_repeat(Act.WITHDRAWN):
        referral = db.session.get(Referral, key)
        if referral is not None and not has_withdrawn(referral):
            yield referral.about


def _leave_stub(person: Person) -> None:
    """That there was a record, as it stood in the register of what was let go."""
    over = standing_of(person.id)
    known = select(Disposal.id).where(Disposal.about == person.about)
    if over is None or db.session.scalar(known) is not None:
        return
    db.session.add(
        Disposal(
            about=person.about,
            refs=", ".join(over.refs)[:300],
            team_id=over.team_id,
            rule="again",
            first_on=over.first_on,
            last_on=over.last_on,
            why=WHY,
            by=AGAIN.ref,
            by_name=AGAIN.name,
            at=clock.now(),
        )
    )
