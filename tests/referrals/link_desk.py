"""What tests of the link worker's desk have in common: somebody on the list, and dates in boxes."""

from datetime import date

from accounts import User
from core.db import db
from referrals.models import Referral
from referrals.rules import Status
from tests.referral_builders import a_clinician, a_new_person, a_practice, a_referral


def referred(amina: User, status: Status = Status.IN_PROGRESS, **facts: object) -> Referral:
    team = amina.memberships[0].organisation
    return a_referral(
        status,
        referrer=a_clinician(a_practice(team)),
        link_worker=amina,
        person=a_new_person(**facts),
    )


def fresh(referral: Referral) -> Referral:
    db.session.rollback()
    db.session.expire_all()
    return referral


def in_parts(name: str, day: date) -> dict[str, str]:
    parts = ("day", "month", "year")
    return {f"{name}-{part}": str(getattr(day, part)) for part in parts}
