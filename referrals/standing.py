"""Referrals: how one referral stands: the facts that the table of moves decides by."""

from sqlalchemy import ColumnElement, Select, or_, select

from core.db import db
from referrals.about import risks_stated
from referrals.attended import is_known
from referrals.day.attempts import answered_no_letter
from referrals.models import Consent, FirstVisit, Referral
from referrals.rules import Came, Facts, Status


def facts_of(referral: Referral, note: str = "") -> Facts:
    """What the table asks about, as it is now; `note` is what is said with the step."""
    return Facts(
        status=referral.status,
        agreed=bool(standing_consents(referral)),
        reason_given=bool(note.strip()),
        visits_settled=db.session.scalar(planned(referral).limit(1)) is None,
        attendance_known=is_known(referral),
        letter_sent=_letter_sent(referral),
        risks_stated=_risks_stated(referral),
    )


def _letter_sent(referral: Referral) -> bool:
    """A group that cannot reach somebody tells the link worker, who is the one to write."""
    telling = referral.person.telling
    if telling is not None and not telling.post:  # then none may be sent, and none is waited for
        return True
    written = select(Referral.id).where(Referral.id == referral.id, answered_no_letter())
    return referral.is_onward or db.session.scalar(written) is not None


def _risks_stated(referral: Referral) -> bool:
    """Asked of a referral on to a group, when it is about to be sent."""
    about_to = referral.is_onward and referral.status is Status.DRAFT
    return not about_to or risks_stated(referral)


def planned(referral: Referral) -> Select[FirstVisit]:
    """Visits of the whole way of which nobody has said what became of them."""
    visits = select(FirstVisit).join(Referral).where(whole_way(referral))
    return visits.where(FirstVisit.came == Came.PLANNED)


def whole_way(referral: Referral) -> ColumnElement[bool]:
    """The referral and what hangs on it."""
    return or_(Referral.id == referral.id, Referral.parent_id == referral.id)


def standing_consents(referral: Referral) -> list[Consent]:
    """What was agreed to and not taken back."""
    return [consent for consent in referral.consents if consent.withdrawn_at is None]
