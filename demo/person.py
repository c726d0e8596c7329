"""The demo's people who ask for themselves: where teams work, who asked, and pages of their own."""

from collections.abc import Mapping
from datetime import date, time, timedelta

from sqlalchemy import select

from accounts import Organisation, User, actor_for, hash_password
from core import audit, clock
from core.actors import VISITOR, Actor, system
from core.db import db
from demo.days import Days
from demo.story import World, deliver
from referrals.endings import plan_ending
from referrals.models import Person, Referral, ToldBy
from referrals.person.areas import look_after
from referrals.person.asking import Answers, Friend, ask_for_help
from referrals.person.looking import plan_of
from referrals.person.pages import make_page
from referrals.person.telling import send_key, set_telling
from referrals.rules import UNDER_WAY, ContactRoute, Reason

DEMO = system("demo")
WORKER = "link-worker"
PIN = "4071"
"""Of every private page of the demo; the page that asks for it says so there."""

AREAS = {
    "bow-link-workers": ("E1", "E2", "E3", "E14", "E15"),
    "lancashire-link-workers": ("PR1", "PR2", "BB10", "BB11", "BB12", "LA1", "LA2", "LA3", "LA4"),
    "weald-link-workers": ("RH12", "RH13", "RH14", "RH15", "RH16", "RH17", "RH19"),
}

ASKED = (
    Answers(
        called="Rosa Quill",
        born_on=date(1961, 5, 4),
        postcode="E3 3BQ",
        reasons=[Reason.LONELY, Reason.LONG_TERM_ILLNESS],
        words="It is quiet since I stopped work. I used to sing.",
        contact_route=ContactRoute.TEXT,
        phone="07700 900 611",
        not_before=time(14),
        code_word="kingfisher",
    ),
    Answers(
        called="Mr Desmond Achebe",
        born_on=date(1944, 11, 20),
        postcode="E14 6PG",
        reasons=[Reason.BEREAVEMENT],
        words="He has not been out much since his wife died.",
        contact_route=ContactRoute.PHONE,
        phone="01632 960 612",
        friend=Friend(name="Ivy Marsh", is_their="neighbour"),
    ),
)


def fill(world: World, organisations: Mapping[str, Organisation]) -> None:
    """Say where teams work; two ask for help, and somebody has a page of their own."""
    for key, begins in AREAS.items():
        look_after(organisations[key], begins, by=DEMO)
    pin_hash = hash_password(PIN)
    team = organisations["bow-link-workers"]
    for days, said in enumerate(ASKED, start=1):
        with clock.set_to(Days().at_work(days, time(11, 20))):
            referral = ask_for_help(said, team, by=VISITOR)
            if said.friend is None:
                page = make_page(referral, pin_hash=pin_hash, by=VISITOR)
                send_key(page, occasion=f"first:{page.about}", by=VISITOR)
    _give_a_page(world.users[WORKER], pin_hash)
    _plan_endings(world.users[WORKER])
    deliver()


def _give_a_page(worker: User, pin_hash: str) -> None:
    """Somebody who has a visit to come sees their plan, and who has looked."""
    by = actor_for(worker)
    referral = next(each for each in people_of(worker) if plan_of(each))
    for days in (9, 2):
        with clock.set_to(Days().at_work(days, time(9, 40))):
            audit.looked(by, about=referral.about, classes=["F1", "F2", "F3", "F4"])
    with clock.set_to(Days().at_work(3, time(12, 5))):
        set_telling(
            referral.person, told_by=ToldBy.TEXT, not_before=time(12), code_word="heron", by=by
        )
        referral.person.phone = referral.person.phone or "07700 900 613"
        page = make_page(referral, pin_hash=pin_hash, by=by)
        send_key(page, occasion=f"first:{page.about}", by=by)


def _plan_endings(worker: User) -> None:
    by: Actor = actor_for(worker)
    for referral, weeks in zip(people_of(worker)[:2], (6, 10), strict=False):
        with clock.set_to(Days().at_work(4, time(15, 10))):
            plan_ending(
                referral,
                ends_on=Days().due(0) + timedelta(weeks=weeks),
                looks_like="I go to one thing every week without you ringing me first.",
                step_down="A visit every week, then a call every second week, then one a month.",
                letter=True,
                gives_back="Show somebody new where the kettle is.",
                by=by,
            )


def people_of(worker: User) -> list[Referral]:
    """Whom somebody looks after, in the order they were referred."""
    wanted = (
        select(Referral)
        .join(Person)
        .where(
            Referral.owner_id == worker.id,
            Referral.parent_id.is_(None),
            Referral.status.in_(UNDER_WAY),
        )
        .order_by(Referral.sent_at)
    )
    return list(db.session.scalars(wanted))
