"""Three practices, each with somebody whose every fact is a canary, to see who can see what.

`own` and `sibling` share a link-worker team; `other` has its own team, far away. A canary names
its town and the class of the fact, so a page that shows one tells who was shown what.
"""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from sqlalchemy import select

from accounts import Organisation, OrganisationKind, Role, User, join, set_up
from accounts.people import actor_for, add_user
from accounts.rules import MAY_JOIN
from accounts.signing_in.resetting import invitation_to
from core import clock, links, outbox
from core.actors import Actor, system
from core.db import db
from core.saving import saving
from directory.desk.batches import new_batch
from directory.desk.bulk import What
from directory.facts import ListingFacts, PlaceFacts, ScheduleFacts
from directory.feeds.runs import begin
from directory.freshness.keeper_links import keeper_link
from directory.identity import part_id, taxonomy_id, term_id
from directory.listings import draft_listing, step
from directory.models import Batch, Service
from directory.rules import Frequency, Step
from directory.short_links import code_of
from directory.shortlists import share
from directory.timing.timetables import WEEK
from referrals import closing
from referrals.about import Said, set_goal, state_risks, write
from referrals.about.safety import raise_worry
from referrals.clients import add_client
from referrals.contacts import log_contact
from referrals.day.appointments import new_calendar_key
from referrals.measuring.asking import QUESTIONS_LINK
from referrals.models import (
    ClientSees,
    FirstVisit,
    Goal,
    Heading,
    MeasureAsked,
    Referral,
)
from referrals.outcomes import record_measure
from referrals.pathway import accept, act, refer, refer_on
from referrals.people import NewPerson
from referrals.person.keys import MY_PAGE
from referrals.person.pages import make_page
from referrals.rules import Action, Basis, ContactHow, ContactRoute, Point, Reason
from referrals.slips import hand_over
from referrals.visits import plan_visit
from tests.house.world_groups import what_groups_have
from tests.house.world_trust import break_one, of_rights
from tests.joining_builders import a_group_on_its_way

TEST = system("test")
CANARY = re.compile(r"Canary-(F\d)-(own|sibling|other)")
TOKEN = re.compile(r"/g/([\w-]{43})")
NHS = {"own": "9990000018", "sibling": "9990000026", "other": "9990000034"}
HASH = "$argon2id$never-used"
A_DAY = timedelta(days=1)
EVERY_DAY = ScheduleFacts(freq=Frequency.WEEKLY, byday=",".join(WEEK))


@dataclass
class Town:
    """One practice and what hangs on it."""

    name: str
    practice: Organisation
    team: Organisation
    group: Organisation
    service: Service
    hidden: Service
    referral: Referral
    unanswered: Referral
    onward: Referral
    visit: FirstVisit
    tokens: list[str]
    shared_list: str
    slip: str
    batch: Batch
    users: dict[Role, User] = field(default_factory=dict)
    photos: list[uuid.UUID] = field(default_factory=list)
    imports: list[uuid.UUID] = field(default_factory=list)
    at_group: list[uuid.UUID] = field(default_factory=list)
    goals: list[uuid.UUID] = field(default_factory=list)
    for_programs: list[uuid.UUID] = field(default_factory=list)
    program_key: str = ""
    glasses: list[uuid.UUID] = field(default_factory=list)
    rights: dict[str, list[uuid.UUID]] = field(default_factory=dict)

    def short_keys(self, name: str) -> list[object]:
        """What stands for things of this town in addresses that are meant to be short."""
        if name == "on":
            return [clock.today() + timedelta(days=7)]
        return [code_of(self.service.id), self.shared_list, self.slip]

    def fitting(self, name: str) -> Sequence[uuid.UUID]:
        """The ids that could stand in an address by this name: every id, if it is not said here."""
        known = {
            "referral_id": [self.referral.id, self.unanswered.id, self.onward.id],
            "onward_id": [self.onward.id, self.referral.id],
            "service_id": [self.service.id, self.hidden.id],
            "visit_id": [self.visit.id],
            "batch_id": [self.batch.id],
            "photo_id": self.photos,
            "run_id": self.imports,
            "goal_id": self.goals,
            "glass_id": self.glasses,
            "organisation_id": [self.practice.id, self.team.id],
            "member_id": [user.id for user in list(self.users.values())[:2]],
            **self.rights,
        }
        return known.get(name, self.ids)

    @property
    def ids(self) -> list[uuid.UUID]:
        """An id of every sort of thing here."""
        return [
            self.service.id,
            self.referral.id,
            self.hidden.id,
            self.unanswered.id,
            self.onward.id,
            self.visit.id,
            self.referral.person_id,
            self.practice.id,
            self.team.id,
            next(iter(self.users.values())).id,
            self.batch.id,
            self.group.id,
            part_id(self.service.id, "place", 0),
            taxonomy_id("Kith details"),
            term_id("Kith details", "slug"),
            *self.photos,
            *self.imports,
            *self.at_group,
            *self.goals,
            *self.for_programs,
            *self.glasses,
            *(each for ids in self.rights.values() for each in ids),
        ]


def build() -> dict[str, Town]:
    """The three towns."""
    with saving():
        shared = set_up(
            "Shared Team", OrganisationKind.LINK_WORKER_TEAM, by=TEST, email="t@t.example"
        )
        far = set_up("Far Team", OrganisationKind.LINK_WORKER_TEAM, by=TEST, email="f@t.example")
    towns = {
        "own": _town("own", shared),
        "sibling": _town("sibling", shared),
        "other": _town("other", far),
    }
    own, other = towns["own"], towns["other"]
    own.glasses = [
        break_one(own.referral, by=other.users[Role.LINK_WORKER]),
        break_one(other.referral, by=own.users[Role.LINK_WORKER]),
    ]
    return towns


def _town(name: str, team: Organisation) -> Town:
    with saving():
        practice = set_up(
            f"{name} practice", OrganisationKind.PRACTICE, by=TEST, link_worker_team_id=team.id
        )
        group = set_up(f"{name} group", OrganisationKind.GROUP, by=TEST, email=f"{name}@g.example")
        listings = [
            draft_listing(
                ListingFacts(
                    name=f"{name} {word}",
                    places=(PlaceFacts(postcode="E3 3BQ"),),
                    schedules=(EVERY_DAY,),
                ),
                group,
                by=TEST,
            )
            for word in ("walk", "draft")
        ]
        step(listings[0], Step.PUBLISH, by=TEST)
    users = _users(name, [practice, team, group])
    gp, worker = actor_for(users[Role.CLINICIAN]), actor_for(users[Role.LINK_WORKER])
    with saving():
        invited = invitation_to(users[Role.CLINICIAN], by=TEST).rpartition("/")[2]
        referral = _refer(name, gp, NHS[name])
        accept(referral, by=worker, next_contact_on=clock.today())
        log_contact(
            referral,
            ContactHow.PHONE,
            minutes=20,
            note=f"Canary-F4-{name} said",
            next_contact_on=clock.today(),
            by=worker,
        )
        goal, questions = _record_of(name, referral, worker)
    with saving():
        onward = refer_on(referral, listings[0], note=f"Canary-F2-{name} likes tea", by=worker)
    with saving():
        act(onward, Action.ACCEPT, by=worker, note="They rang.")
        visit = plan_visit(
            onward,
            session_on=clock.today() + timedelta(days=2),
            starts_at=time(10),
            getting_there=f"Canary-F2-{name} by bus",
            met_by="Ann",
            cost="",
            bring="",
            by=worker,
        )
    with saving():
        unanswered = _refer(name, gp, None)
        ended, closing_key = _ended(name, gp, worker)
        shared = share([listings[0].id])
        slip = hand_over(listings[0], by=gp)
    with saving():
        batch = new_batch(What.PAUSE, [listings[0]], by=TEST)
        brought_in = begin(name="clubs.csv", source=f"{name} council", by=TEST)
    tokens = [
        found.group(1)
        for letter in db.session.scalars(select(outbox.Letter))
        if (found := TOKEN.search(letter.body)) and letter.about == onward.about
    ]
    assert tokens, "the group was written to"
    with saving():
        key, photos = a_group_on_its_way(listings[0], f"{name}@new.example", keeper=TEST)
        still_right = keeper_link(listings[0], by=TEST).rpartition("/")[2]
        calendar = new_calendar_key(by=worker)
    with saving():
        of_group, waits = what_groups_have(name, referral, onward, listings[0], worker)
    copy_key, rights = of_rights(referral, ended, users)
    return Town(
        name,
        practice,
        team,
        group,
        listings[0],
        listings[1],
        referral,
        unanswered,
        onward,
        visit,
        [
            *tokens,
            key,
            still_right,
            calendar,
            closing_key,
            _own_page(referral),
            invited,
            questions,
            copy_key,
            *of_group,
        ],
        shared.code,
        slip.code,
        batch,
        users,
        photos,
        [brought_in.id],
        [*waits, ended.id],
        [goal.id],
        *_what_programs_read(practice, referral, worker),
        rights=rights,
    )


def _own_page(referral: Referral) -> str:
    """The key to the person's own page."""
    with saving():
        page = make_page(referral, by=TEST)
        return links.make(MY_PAGE, about=page.about, for_whom="them", lasts=A_DAY, by=TEST)


def _record_of(name: str, referral: Referral, worker: Actor) -> tuple[Goal, str]:
    """What is written about somebody, a goal of theirs, and the key to questions sent to them."""
    state_risks(referral, words=f"Canary-F4-{name} falls", by=worker)
    write(referral, {Heading.MATTERS: f"Canary-F4-{name} her cat"}, seen=0, by=worker)
    raise_worry(referral, f"Canary-F5-{name} is afraid of a cousin", by=worker)
    asked = MeasureAsked(
        referral=referral,
        instrument="ons4",
        point=Point.BEFORE,
        by=worker.ref,
        by_name=worker.name,
        asked_at=clock.now(),
    )
    db.session.add(asked)
    goal = set_goal(referral, Said(words=f"Canary-F4-{name} dances again"), by=worker)
    key = links.make(QUESTIONS_LINK, about=asked.about, for_whom="them", lasts=A_DAY, by=TEST)
    return goal, key


def _what_programs_read(
    practice: Organisation, referral: Referral, worker: Actor
) -> tuple[list[uuid.UUID], str]:
    """What a practice's program finds besides what people do, and the key it finds it with."""
    with saving():
        answers = record_measure(
            referral, Point.BEFORE, {"anxiety": 7}, taken_on=clock.today(), by=worker
        )
        _client, key = add_client(practice, "Surgery system", ClientSees.RECORD, by=TEST)
        return [answers.id, referral.consents[0].id], key


def _ended(name: str, gp: Actor, worker: Actor) -> tuple[Referral, str]:
    """Somebody whose referral is over, and the key to the message about it."""
    referral = _refer(name, gp, None, called="Ended")
    accept(referral, by=worker, next_contact_on=clock.today())
    act(referral, Action.FAIL, by=worker, note="They moved away.")
    referral.person.contact_route = ContactRoute.EMAIL
    message = closing.draft(
        referral, outcome=f"Canary-F4-{name} went home", risks="", plan="", by=worker
    )
    closing.send_to_person(message, by=worker)
    wanted = select(outbox.Letter).filter_by(about=message.about)
    body = db.session.scalars(wanted).one().body
    return referral, body.partition("/closing/")[2].split()[0]


def _refer(name: str, gp: object, number: str | None, *, called: str = "Unnumbered") -> Referral:
    return refer(
        NewPerson(
            name=f"Canary-F3-{name} {'Known' if number else called}",
            preferred_name=f"Canary-F2-{name}",
            born_on=date(1950, 1, 2) if number else date(1961, 3, 4),
            nhs_number=number,
            phone="01632 960 001",
            email=f"Canary-F3-{name}@home.example",
            address=f"Canary-F3-{name} Street",
            communication_needs=f"Canary-F2-{name} large print",
        ),
        reasons=[Reason.LONELY],
        basis=Basis.AGREED,
        note=f"Canary-F4-{name} is grieving",
        by=gp,  # type: ignore[arg-type]
    )


def _users(name: str, organisations: list[Organisation]) -> dict[Role, User]:
    """One user for each role that can be held somewhere here."""
    users = {}
    with saving():
        council = set_up(f"{name} council", OrganisationKind.COUNCIL, by=TEST)
        funder = set_up(f"{name} funder", OrganisationKind.COMMISSIONER, by=TEST)
        for organisation in [*organisations, council, funder]:
            for role in sorted(MAY_JOIN[organisation.kind] - users.keys()):
                user = add_user(
                    f"{role}.{name}@x.example", f"{role} {name}", password_hash=HASH, by=TEST
                )
                join(user, organisation, role, by=TEST)
                users[role] = user
    return {role: db.session.get_one(User, user.id) for role, user in users.items()}
