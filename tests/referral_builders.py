"""Builders of referrals: typed functions that walk the real moves, so nothing impossible is tested.

Called outside saving() each is a commit of its own; called inside, it joins that work.
"""

from datetime import date, timedelta
from itertools import count

from sqlalchemy import select

from accounts import Organisation, OrganisationKind, Role, User, actor_for, add_user, join, set_up
from core import clock
from core.actors import Actor, system
from core.db import db
from core.links import SignedLink
from directory import Service
from directory.rules import Life
from referrals.about import risks_stated, state_risks
from referrals.contacts import log_contact
from referrals.day import appointments
from referrals.groups import waiting
from referrals.models import Appointment, FirstVisit, Referral, WaitingPlace
from referrals.pathway import accept, act, refer, refer_on
from referrals.people import NewPerson, is_nhs_number
from referrals.rules import Action, Basis, Came, ContactHow, ContactRoute, Reason, Status
from referrals.visits import plan_visit, record_visit
from tests.builders import in_one_work

TEST = system("test")
TOLD_WHY = "They moved away."

_numbers = count(1)

WALKS: dict[Status, tuple[Action, ...]] = {
    Status.SENT: (),
    Status.OPENED: (Action.OPEN,),
    Status.INFO_REQUESTED: (Action.ASK,),
    Status.ACCEPTED: (Action.ACCEPT,),
    Status.REJECTED: (Action.REJECT,),
    Status.PERSON_DECLINED: (Action.RECORD_DECLINED,),
    Status.WITHDRAWN: (Action.WITHDRAW,),
    Status.CONTACTING: (Action.ACCEPT, Action.TRY_CONTACT),
    Status.IN_PROGRESS: (Action.ACCEPT, Action.BEGIN),
    Status.ON_HOLD: (Action.ACCEPT, Action.PAUSE),
    Status.CLOSED_COMPLETED: (Action.ACCEPT, Action.BEGIN, Action.COMPLETE),
    Status.CLOSED_NO_CONTACT: (Action.ACCEPT, Action.TRY_CONTACT, Action.CLOSE_NO_CONTACT),
    Status.FAILED: (Action.ACCEPT, Action.FAIL),
    Status.ENTERED_IN_ERROR: (Action.MARK_ERROR,),
}
"""The shortest way to each state that a saved referral can be in."""

BY_REFERRER = frozenset({Action.WITHDRAW, Action.MARK_ERROR, Action.ANSWER})


def as_actor(user: User) -> Actor:
    """Somebody, as the domain knows whoever acts."""
    return actor_for(user)


def a_team(name: str = "") -> Organisation:
    """A link-worker team with a shared e-mail address."""
    number = next(_numbers)
    with in_one_work():
        return set_up(
            name or f"Link workers {number}",
            OrganisationKind.LINK_WORKER_TEAM,
            email=f"team{number}@linkworkers.example",
            by=TEST,
        )


def a_practice(team: Organisation | None = None, *, has_team: bool = True) -> Organisation:
    """A practice, with a link-worker team unless told otherwise."""
    number = next(_numbers)
    with in_one_work():
        linked = (team or a_team()) if has_team else None
        return set_up(
            f"Spring Hall Surgery {number}",
            OrganisationKind.PRACTICE,
            email=f"surgery{number}@practice.example",
            ods_code=f"Z{number:05}",
            link_worker_team=linked,
            by=TEST,
        )


def a_clinician(practice: Organisation | None = None) -> User:
    """Somebody who refers."""
    with in_one_work():
        return _member(practice or a_practice(), Role.CLINICIAN, "Dr Nair")


def a_practice_admin(practice: Organisation) -> User:
    """Somebody who sees a practice's referrals, but not why people were referred."""
    with in_one_work():
        return _member(practice, Role.PRACTICE_ADMIN, "Sam Desk")


def a_link_worker(team: Organisation | None = None) -> User:
    """Somebody who works a team's caseload."""
    with in_one_work():
        return _member(team or a_team(), Role.LINK_WORKER, "Amina Link")


def a_nhs_number() -> str:
    """A number of the 999 range with a true check digit, new each time."""
    while True:
        start = f"999{next(_numbers):06}"
        for digit in range(10):
            if is_nhs_number(f"{start}{digit}"):
                return f"{start}{digit}"


def a_new_person(**changes: object) -> NewPerson:
    """What a referrer says of somebody."""
    facts: dict[str, object] = {
        "name": "Mavis Thistlewood",
        "born_on": date(1948, 3, 31),
        "nhs_number": a_nhs_number(),
        "phone": "01632 960 555",
        "address": "12 Canary Lane",
        "postcode": "E3 3BQ",
        "contact_route": ContactRoute.PHONE,
        "communication_needs": "Large print",
    }
    return NewPerson(**(facts | changes))  # type: ignore[arg-type]


def a_service(name: str = "", *, email: str = "hello@group.example") -> Service:
    """A live listing of a group that has an e-mail address."""
    number = next(_numbers)
    with in_one_work():
        group = set_up(f"Group {number}", OrganisationKind.GROUP, by=TEST)
        service = Service(
            slug=f"group-{number}",
            organisation=group,
            name=name or f"Knit and natter {number}",
            email=email,
            life=Life.LIVE,
            created_at=clock.now(),
            last_modified=clock.now(),
        )
        db.session.add(service)
        db.session.flush()
    return service


def a_referral(
    status: Status = Status.SENT,
    *,
    referrer: User | None = None,
    link_worker: User | None = None,
    person: NewPerson | None = None,
    reasons: tuple[Reason, ...] = (Reason.LONELY, Reason.BEREAVEMENT),
    note: str = "Rarely leaves the house since the funeral.",
) -> Referral:
    """A referral from a practice, walked to where it stands."""
    with in_one_work():
        referrer = referrer or a_clinician()
        referral = refer(
            person or a_new_person(),
            reasons=reasons,
            basis=Basis.AGREED,
            note=note,
            by=as_actor(referrer),
        )
        if WALKS[status]:
            worker = link_worker or a_link_worker(referral.to_organisation)
            walk(referral, status, referrer=as_actor(referrer), receiver=as_actor(worker))
    return referral


def an_onward(
    status: Status = Status.SENT,
    *,
    parent: Referral | None = None,
    service: Service | None = None,
    note: str = "Please look out for her at the door.",
) -> Referral:
    """A referral from a link worker on to a group, walked by the group itself where it can."""
    with in_one_work():
        parent = parent or a_referral(Status.IN_PROGRESS)
        worker = owner_of(parent)
        if not risks_stated(parent):
            state_risks(parent, none_known=True, by=worker)
        onward = refer_on(parent, service or a_service(), note=note, by=worker)
        if WALKS[status]:
            walk(onward, status, referrer=worker, receiver=worker)
    return onward


def walk(referral: Referral, status: Status, *, referrer: Actor, receiver: Actor) -> None:
    """Take the shortest real way from sent to a state."""
    for action in WALKS[status]:
        if action is Action.ACCEPT and not referral.is_onward:
            accept(referral, by=receiver, next_contact_on=clock.today() + timedelta(days=2))
            state_risks(referral, none_known=True, by=receiver)
        else:
            by = referrer if action in BY_REFERRER else receiver
            if action is Action.COMPLETE and referral.is_onward:
                a_visit(referral, came=Came.NOT_KNOWN)
            if action is Action.CLOSE_NO_CONTACT and not referral.is_onward:
                a_letter_long_ago(referral, by=by)
            act(referral, action, by=by, note=TOLD_WHY)


def a_letter_long_ago(referral: Referral, *, by: Actor) -> None:
    """The kind letter, and more than the time to answer it."""
    with in_one_work(), clock.set_to(clock.now() - timedelta(days=40)):
        log_contact(referral, ContactHow.LETTER, minutes=5, note="", next_contact_on=None, by=by)


def a_visit(
    onward: Referral | None = None, *, came: Came = Came.PLANNED, in_days: int = 0
) -> FirstVisit:
    """A planned visit, answered by the link worker when it is more than planned."""
    with in_one_work():
        onward = onward or an_onward(Status.ACCEPTED)
        assert onward.parent is not None
        worker = owner_of(onward.parent)
        visit = plan_visit(
            onward,
            session_on=clock.today() + timedelta(days=in_days),
            starts_at=None,
            getting_there="The 276 bus",
            met_by="Sheila, at the side door",
            cost="Free",
            bring="Glasses",
            by=worker,
        )
        if came is not Came.PLANNED:
            record_visit(visit, came, by=worker)
    return visit


def an_appointment(referral: Referral, *, in_days: int = 2) -> Appointment:
    """A time agreed with somebody on the caseload."""
    with in_one_work():
        return appointments.book(
            referral,
            clock.now() + timedelta(days=in_days),
            minutes=30,
            place="At home",
            place_shown=False,
            by=owner_of(referral),
        )


def a_wait(referral: Referral) -> WaitingPlace:
    """They wait for a place in some group."""
    with in_one_work():
        return waiting.join(referral, a_service(), by=owner_of(referral))


def owner_of(referral: Referral) -> Actor:
    """The link worker who took a referral on."""
    assert referral.owner is not None, "nobody has accepted this referral"
    return as_actor(referral.owner)


def group_of(onward: Referral) -> Actor:
    """The group, as whoever holds the newest key to this referral."""
    newest = select(SignedLink).where(SignedLink.about == onward.about)
    link = db.session.scalars(newest.order_by(SignedLink.made_at.desc())).first()
    assert link is not None, "no key was sent"
    return link.actor


def _member(organisation: Organisation, role: Role, name: str) -> User:
    number = next(_numbers)
    user = add_user(f"user{number}@nhs.example", f"{name} {number}", password_hash="-", by=TEST)
    join(user, organisation, role, by=TEST)
    db.session.refresh(user)
    return user
