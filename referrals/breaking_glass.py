"""Referrals: a record that is not shared with somebody, opened by them in an emergency.

It is one record, read only, for an hour, and everybody who must know is told at once: who looks
after the person, those who answer for the audit, and the person, in the list of who looked.
Somebody else says within two working days whether it was right.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, func, or_, select

from accounts import Field, May, Membership, Role, User, members
from core import audit, clock, outbox, site
from core.actors import Actor, Kind, system
from core.db import db
from core.errors import Forbidden, NotFound, Refused
from core.languages import _
from core.outbox import Draft
from core.rows import all_shown, open_things
from core.sealing import blind
from core.working_days import working_days_after
from referrals.day.tasks import add as add_task
from referrals.history import everything
from referrals.models import BrokenGlass, Emergency, Person, Referral, SafetyNote, Verdict
from referrals.people import clean_nhs_number
from referrals.rules import NOT_YOURS, OPEN, Status
from referrals.sight import referrals_for

LASTS = timedelta(minutes=60)
SHORTEST_REASON = 20
WORKING_DAYS = 2
WEEK = timedelta(days=7)
MOST_A_WEEK = 3
SHOWN = (Field.LOGISTICS, Field.MINIMUM, Field.IDENTITY, Field.NEEDS)
"""What an opened record shows; what is restricted only to safeguarding leads."""

MAY_BREAK = (May.WORK_CASELOAD, May.LEAD_SAFEGUARDING)
MAY_REVIEW = (May.REVIEW_ACCESS, May.LEAD_TEAM, May.LEAD_SAFEGUARDING)
TOLD = "A record was opened in an emergency. Sign in to see it and to say if that was right."


@dataclass(frozen=True, slots=True)
class ToReview:
    """An opened record that somebody has to look at, by when, and whether it is one of many."""

    glass: BrokenGlass
    due_on: date
    is_late: bool
    in_a_week: int

    @property
    def is_often(self) -> bool:
        return self.in_a_week > MOST_A_WEEK


def find(nhs_number: str, born_on: date) -> Referral:
    """The newest referral of the person with both this number and this birthday; or Refused."""
    with all_shown("finding whom an emergency is about, by number and birthday together"):
        found = _newest(nhs_number, born_on)
    if found is None:
        raise Refused(_("We know nobody with this NHS number and this date of birth."))
    open_things({found.id})
    return found


def _newest(nhs_number: str, born_on: date) -> Referral | None:
    index = blind(Person.nhs_number_index, clean_nhs_number(nhs_number))
    same = db.session.scalars(select(Person).where(Person.nhs_number_index == index))
    people = [person.id for person in same if person.born_on == born_on]
    wanted = select(Referral).where(Referral.parent_id.is_(None), Referral.person_id.in_(people))
    wanted = wanted.where(Referral.status.not_in((Status.DRAFT, Status.ENTERED_IN_ERROR)))
    return db.session.scalars(wanted.order_by(Referral.sent_at.desc()).limit(1)).first()


def break_glass(referral: Referral, emergency: Emergency, reason: str, *, by: Actor) -> BrokenGlass:
    """Open a record for an hour, and tell everybody who must know."""
    if by.kind is not Kind.USER or not any(by.may(each) for each in MAY_BREAK):
        raise Forbidden(NOT_YOURS.reason)
    if len(reason.strip()) < SHORTEST_REASON:
        raise Refused(_("Say why in 20 letters or more."))
    theirs = referrals_for(by).where(Referral.id == referral.id)
    if db.session.scalar(theirs.with_only_columns(Referral.id)) is not None:
        raise Refused(_("This record is shared with you. Open it from your caseload."))
    now = clock.now()
    glass = BrokenGlass(
        referral=referral,
        user_id=by.user_id,
        by=by.ref,
        by_name=by.name,
        emergency=emergency,
        reason=reason.strip(),
        opened_at=now,
        ends_at=now + LASTS,
    )
    db.session.add(glass)
    db.session.flush()
    audit.record(by, "glass broken", about=referral.about, glass=str(glass.id), why=emergency)
    _tell(glass)
    return glass


def opened(glass_id: uuid.UUID, *, by: Actor) -> BrokenGlass:
    """The record this actor opened less than an hour ago; the look is noted. NotFound otherwise."""
    wanted = select(BrokenGlass).where(
        BrokenGlass.id == glass_id, BrokenGlass.user_id == by.user_id
    )
    found = db.session.scalar(wanted)
    if found is None or not any(by.may(each) for each in MAY_BREAK):
        raise NotFound
    if found.ends_at <= clock.now():
        raise Refused(_("The hour is over. If you still need to know, open the record again."))
    open_things({found.referral_id})
    audit.looked(by, about=found.referral.about, classes=SHOWN, glass=str(found.id))
    return found


def record_behind(glass: BrokenGlass) -> Referral:
    """The record with all that hangs on it, in a fixed number of queries."""
    wanted = select(Referral).where(Referral.id == glass.referral_id)
    return db.session.scalars(wanted.options(*everything())).one()


def safety_notes(glass: BrokenGlass, *, by: Actor) -> Sequence[SafetyNote]:
    """What is written about the person's safety: to safeguarding leads alone, and that is noted."""
    if not by.may(May.LEAD_SAFEGUARDING):
        return []
    audit.looked(by, about=glass.referral.about, classes=[Field.RESTRICTED], glass=str(glass.id))
    wanted = select(SafetyNote).where(SafetyNote.referral_id == glass.referral_id)
    return db.session.scalars(wanted.order_by(SafetyNote.at.desc())).all()


def opened_by(actor: Actor) -> Sequence[BrokenGlass]:
    """The records that stand open for this actor now."""
    wanted = select(BrokenGlass).where(
        BrokenGlass.user_id == actor.user_id, BrokenGlass.ends_at > clock.now()
    )
    return db.session.scalars(wanted.order_by(BrokenGlass.opened_at)).all()


def to_review(actor: Actor) -> list[ToReview]:
    """What this actor has to look at, the oldest first: never their own."""
    wanted = select(BrokenGlass).where(BrokenGlass.verdict.is_(None), _reviewed_by(actor))
    wanted = wanted.order_by(BrokenGlass.opened_at)
    return [_due(glass) for glass in _judged(wanted)]


def reviewed(actor: Actor, *, most: int = 50) -> Sequence[BrokenGlass]:
    """What was looked at, the newest first."""
    wanted = select(BrokenGlass).where(BrokenGlass.verdict.is_not(None), _reviewed_by(actor))
    return _judged(wanted.order_by(BrokenGlass.reviewed_at.desc()).limit(most))


def get_to_review(glass_id: uuid.UUID, *, seen_by: Actor) -> BrokenGlass:
    """An opened record that this actor may judge, or NotFound."""
    found = _judged(select(BrokenGlass).where(BrokenGlass.id == glass_id, _reviewed_by(seen_by)))
    if not found:
        raise NotFound
    return found[0]


def review(glass: BrokenGlass, verdict: Verdict, note: str, *, by: Actor) -> None:
    """Say whether it was right to open the record. Nobody judges what they did themselves."""
    if glass.user_id == by.user_id:
        raise Forbidden(NOT_YOURS.reason)
    if glass.verdict is not None:
        raise Refused(_("Somebody has looked at this already."))
    glass.verdict, glass.note = verdict, note.strip()
    glass.reviewed_by, glass.reviewed_by_name, glass.reviewed_at = by.ref, by.name, clock.now()
    db.session.flush()
    audit.record(
        by,
        "glass reviewed",
        about=glass.referral.about,
        glass=str(glass.id),
        verdict=verdict,
    )


def get_to_see_looks(referral_id: uuid.UUID, *, by: Actor) -> Referral:
    """A first referral whose readers this actor may know, as a lead or an officer; or NotFound."""
    places = frozenset[uuid.UUID]().union(*(by.where(each) for each in MAY_REVIEW))
    wanted = select(Referral).where(
        Referral.id == referral_id,
        Referral.parent_id.is_(None),
        Referral.to_organisation_id.in_(places),
    )
    found = db.session.scalar(wanted)
    if found is None:
        raise NotFound
    return found


def _judged(wanted: Select[BrokenGlass]) -> Sequence[BrokenGlass]:
    """What an officer judges may be of a team that is not theirs: it has no officer."""
    with all_shown("what was opened in an emergency, for who may judge it"):
        found = db.session.scalars(wanted).all()
    open_things(glass.referral_id for glass in found)
    return found


def _due(glass: BrokenGlass) -> ToReview:
    due_on = working_days_after(clock.local_date(glass.opened_at), WORKING_DAYS)
    in_a_week = db.session.scalar(
        select(func.count())
        .select_from(BrokenGlass)
        .where(
            BrokenGlass.user_id == glass.user_id,
            BrokenGlass.opened_at > glass.opened_at - WEEK,
            BrokenGlass.opened_at <= glass.opened_at,
        )
    )
    return ToReview(glass, due_on, due_on < clock.today(), in_a_week or 0)


def _reviewed_by(actor: Actor) -> ColumnElement[bool]:
    """What this actor may judge: about people of their teams, and of teams without an officer."""
    places = frozenset[uuid.UUID]().union(*(actor.where(each) for each in MAY_REVIEW))
    of_theirs: ColumnElement[bool] = Referral.to_organisation_id.in_(places)
    if actor.may(May.REVIEW_ACCESS):
        officers = select(Membership.organisation_id).join(Membership.user)
        officers = officers.where(Membership.role == Role.IG_OFFICER, User.disabled_at.is_(None))
        of_theirs = or_(of_theirs, Referral.to_organisation_id.not_in(officers))
    seen = select(Referral.id).where(of_theirs)
    return BrokenGlass.referral_id.in_(seen) & (BrokenGlass.user_id != actor.user_id)


def _tell(glass: BrokenGlass) -> None:
    """Who looks after the person finds a task; they and those who review it get a letter."""
    referral = glass.referral
    if referral.status in OPEN:
        words = _("Opened in an emergency by %(name)s. Ask them why.", name=glass.by_name)
        add_task(referral, words, clock.today(), by=system("break-glass"))
    team = referral.to_organisation_id
    told = [*members(team, Role.IG_OFFICER), *members(team, Role.TEAM_LEAD)]
    if referral.owner is not None:
        told.append(referral.owner)
    for user in {each.id: each for each in told}.values():
        outbox.put(_letter(user, glass))


def _letter(user: User, glass: BrokenGlass) -> Draft:
    """About nobody: not even a reference stands in it."""
    return Draft(
        kind="glass",
        about=f"glass:{glass.id}",
        same_as=f"glass:{glass.id}:{user.id}",
        to_address=user.email,
        to_name=user.name[:120],
        subject="A record was opened in an emergency",
        body="\n\n".join([f"Hello {user.name},", TOLD, site.address("/desk"), site.name()]) + "\n",
    )
