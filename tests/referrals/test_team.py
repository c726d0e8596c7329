"""The team: who has how much, the queue, passing on, cover, supervision, and many at once."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import Organisation, Role, User, add_user, join
from core import clock
from core.actors import Actor
from core.audit import AuditEntry
from core.db import db
from core.errors import Forbidden, NotFound, Refused
from core.saving import saving
from referrals.caseload import due, queue
from referrals.contacts import log_contact
from referrals.day import cover, supervision, tasks, team
from referrals.day.many import Change, change_many, chosen, get_many, preview, undo_many
from referrals.day.today import today_for
from referrals.history import events_of
from referrals.models import Cover, ManyChanged, ManyKind, Referral
from referrals.rules import Action, Came, ContactHow, Reason, Status
from referrals.visits import record_visit
from tests.referral_builders import (
    TEST,
    a_clinician,
    a_link_worker,
    a_new_person,
    a_practice,
    a_referral,
    a_service,
    a_team,
    a_visit,
    an_onward,
    as_actor,
    group_of,
)

A_DAY = timedelta(days=1)


class Team:
    """A team of two link workers and a lead."""

    def __init__(self) -> None:
        self.team: Organisation = a_team()
        self.clinician = a_clinician(a_practice(self.team))
        self.amina, self.ben = a_link_worker(self.team), a_link_worker(self.team)
        with saving():
            self.delroy: User = add_user("d@nhs.example", "Delroy", password_hash="-", by=TEST)
            join(self.delroy, self.team, Role.TEAM_LEAD, by=TEST)
            db.session.refresh(self.delroy)

    def has(self, status: Status = Status.IN_PROGRESS, who: User | None = None) -> Referral:
        return a_referral(status, referrer=self.clinician, link_worker=who or self.amina)


@pytest.fixture
def bow(app: Flask) -> Team:
    return Team()


def load_of(bow: Team, user: User) -> team.Load:
    return next(load for load in team.loads(as_actor(bow.ben)) if load.user == user)


def agree(away: User, covering: User, *, from_in: int, until_in: int, by: User) -> Cover:
    with saving():
        today = clock.today()
        return cover.begin(
            away,
            covering,
            from_on=today + from_in * A_DAY,
            until_on=today + until_in * A_DAY,
            by=as_actor(by),
        )


def test_what_makes_the_work_longer_makes_it_heavier(bow: Team) -> None:
    rule = team.scale()
    plain = a_referral(
        Status.IN_PROGRESS,
        referrer=bow.clinician,
        link_worker=bow.amina,
        person=a_new_person(communication_needs=""),
        reasons=(Reason.LONELY,),
    )
    new = rule.one_person + rule.weights["new"]
    assert load_of(bow, bow.amina).weight == pytest.approx(new)
    with saving():
        plain.sent_at = clock.now() - timedelta(days=rule.new_for_days + 1)
        plain.person.communication_needs = "Interpreter: Sylheti"
        plain.reasons = [Reason.LONELY, Reason.CARING, Reason.MONEY_HOUSING]
    added = ("communication_needs", "many_reasons", "money_housing")
    heavy = rule.one_person + sum(rule.weights[name] for name in added)
    assert load_of(bow, bow.amina).weight == pytest.approx(heavy)
    with saving():
        onward = an_onward(parent=plain, service=a_service())
        from referrals.groups.places import place_of

        place = place_of(onward)
        assert place is not None
        place.high_support = True
    assert load_of(bow, bow.amina).weight == pytest.approx(heavy + rule.weights["high_support"])


def test_what_has_ended_weighs_nothing_but_counts_for_the_year(bow: Team) -> None:
    bow.has(Status.CLOSED_COMPLETED)
    bow.has(Status.ON_HOLD)
    load = load_of(bow, bow.amina)
    assert (load.people, load.year) == (1, 2)
    assert load_of(bow, bow.ben).people == 0
    assert not load.is_heavy
    assert team.Load(bow.ben, 60, 60.0, 260).is_over
    assert team.Load(bow.ben, 60, 60.0, 220).is_near


def test_the_queue_is_taken_from_by_one_only(bow: Team) -> None:
    referral = bow.has(Status.SENT)
    assert [row.referral.id for row in queue(as_actor(bow.ben))] == [referral.id]
    with saving():
        team.claim(referral, by=as_actor(bow.ben))
    assert (referral.owner_id, referral.status) == (bow.ben.id, Status.OPENED)
    assert queue(as_actor(bow.amina)) == []
    with pytest.raises(Refused), saving():
        team.claim(referral, by=as_actor(bow.amina))


def test_a_person_is_passed_on_with_everything_and_the_history_says_so(bow: Team) -> None:
    referral = bow.has()
    with saving():
        tasks.add(referral, "Ring the library", clock.today(), by=as_actor(bow.amina))
        team.hand_over(referral, bow.ben, by=as_actor(bow.amina))
    assert referral.owner_id == bow.ben.id
    assert len(tasks.open_for(as_actor(bow.ben))) == 1
    assert tasks.open_for(as_actor(bow.amina)) == []
    assert f"Now with {bow.ben.name}" in [event.title for event in events_of(referral)]


def test_a_colleagues_people_are_passed_on_by_the_lead_only(bow: Team) -> None:
    referral = bow.has()
    with pytest.raises(Forbidden), saving():
        team.hand_over(referral, bow.ben, by=as_actor(bow.ben))
    with pytest.raises(Refused), saving():
        team.hand_over(referral, a_link_worker(), by=as_actor(bow.delroy))
    with saving():
        team.hand_over(referral, bow.ben, by=as_actor(bow.delroy))
    assert referral.owner_id == bow.ben.id


def test_whoever_covers_sees_the_work_acts_and_it_is_said_for_whom(bow: Team) -> None:
    referral = bow.has()
    with saving():
        referral.next_contact_on = clock.today()
        tasks.add(referral, "Ring the library", clock.today(), by=as_actor(bow.amina))
    assert due(as_actor(bow.ben)) == []
    made = agree(bow.amina, bow.ben, from_in=0, until_in=3, by=bow.amina)
    assert [row.referral.id for row in due(as_actor(bow.ben))] == [referral.id]
    assert len(tasks.open_for(as_actor(bow.ben))) == 1
    with saving():
        log_contact(
            referral,
            ContactHow.PHONE,
            minutes=5,
            note="",
            next_contact_on=clock.today(),
            by=as_actor(bow.ben),
        )
    noted = select(AuditEntry).where(AuditEntry.action == "contact noted")
    entry = db.session.scalars(noted).one()
    assert entry.by == as_actor(bow.ben).ref
    assert entry.facts["on_behalf_of"] == f"user:{bow.amina.id}"
    with saving():
        cover.end(made, by=as_actor(bow.ben))
    assert due(as_actor(bow.ben)) == []


@pytest.mark.parametrize(("from_in", "until_in", "on"), [(1, 3, False), (0, 0, True)])
def test_cover_begins_and_ends_with_its_days(
    bow: Team, *, from_in: int, until_in: int, on: bool
) -> None:
    agree(bow.amina, bow.ben, from_in=from_in, until_in=until_in, by=bow.amina)
    assert bool(cover.covers_for(as_actor(bow.ben))) is on
    with clock.set_to(clock.now() + 5 * A_DAY):
        assert not cover.covers_for(as_actor(bow.ben))


def test_cover_is_agreed_by_those_it_is_about_or_their_lead_within_the_team(bow: Team) -> None:
    other = a_link_worker(bow.team)
    with pytest.raises(Forbidden):
        agree(bow.amina, bow.ben, from_in=0, until_in=1, by=other)
    with pytest.raises(Refused):
        agree(bow.amina, a_link_worker(), from_in=0, until_in=1, by=bow.amina)
    made = agree(bow.amina, bow.ben, from_in=0, until_in=1, by=bow.delroy)
    with pytest.raises(NotFound):
        cover.get_cover(made.id, seen_by=as_actor(other))
    assert cover.get_cover(made.id, seen_by=as_actor(bow.delroy)) is made


def test_supervision_is_between_the_link_worker_and_the_lead(bow: Team) -> None:
    referral = bow.has()
    with saving():
        made = supervision.put_down(referral, "I worry about her son.", by=as_actor(bow.amina))
        again = supervision.put_down(referral, "And the rent.", by=as_actor(bow.amina))
    assert again.id == made.id
    for sees, who in ((True, bow.amina), (True, bow.delroy), (False, bow.ben)):
        assert bool(supervision.to_discuss(as_actor(who))) is sees
    with pytest.raises(NotFound):
        supervision.get_to_discuss(made.id, seen_by=as_actor(bow.ben))
    with saving():
        supervision.talked(made, by=as_actor(bow.delroy))
    assert supervision.to_discuss(as_actor(bow.delroy)) == []


def change(bow: Team, what: Change, people: list[Referral], by: Actor | None = None) -> ManyChanged:
    with saving():
        return change_many(people, what, by=by or as_actor(bow.amina))


def test_many_next_contacts_are_planned_and_put_back_unless_changed_since(bow: Team) -> None:
    people = [bow.has() for _ in range(3)]
    before = [each.next_contact_on for each in people]
    monday = clock.today() + 10 * A_DAY
    made = change(bow, Change(ManyKind.NEXT_CONTACT, on=monday), people)
    assert {each.next_contact_on for each in people} == {monday}
    with saving():
        people[2].next_contact_on = monday + A_DAY
        assert undo_many(made, by=as_actor(bow.amina)) == 2
    assert [each.next_contact_on for each in people] == [*before[:2], monday + A_DAY]
    with pytest.raises(Refused), saving():
        undo_many(made, by=as_actor(bow.amina))


def test_many_are_passed_on_and_back(bow: Team) -> None:
    people = [bow.has(), bow.has()]
    made = change(bow, Change(ManyKind.HAND_OVER, to=bow.ben), people)
    assert {each.owner_id for each in people} == {bow.ben.id}
    with saving():
        assert undo_many(made, by=as_actor(bow.amina)) == 2
    assert {each.owner_id for each in people} == {bow.amina.id}


def test_many_tasks_are_added_and_those_not_done_taken_away(bow: Team) -> None:
    people = [bow.has(), bow.has()]
    made = change(
        bow, Change(ManyKind.ADD_TASK, on=clock.today(), words="Send the newsletter"), people
    )
    first, _second = tasks.open_for(as_actor(bow.amina))
    with saving():
        tasks.done(first, by=as_actor(bow.amina))
        assert undo_many(made, by=as_actor(bow.amina)) == 1
    assert tasks.open_for(as_actor(bow.amina)) == []


def test_a_preview_says_for_whom_it_cannot_be_done_and_leaves_them_out(bow: Team) -> None:
    mine, ended, bens = bow.has(), bow.has(Status.FAILED), bow.has(who=bow.ben)
    what = Change(ManyKind.HAND_OVER, to=bow.ben)
    lines = preview([mine, ended, bens], what, by=as_actor(bow.amina))
    assert [bool(line.why_not) for line in lines] == [False, True, True]
    made = change(bow, what, [mine, ended, bens])
    assert list(made.before) == [str(mine.id)]
    with pytest.raises(Refused):
        change(bow, what, [ended])


def test_nobody_changes_many_of_another_team_or_undoes_anothers_change(bow: Team) -> None:
    mine = bow.has()
    stranger = as_actor(a_link_worker())
    assert chosen([mine.id], seen_by=stranger) == []
    made = change(bow, Change(ManyKind.NEXT_CONTACT, on=clock.today()), [mine])
    with pytest.raises(NotFound):
        get_many(made.id, seen_by=as_actor(bow.ben))
    with clock.set_to(clock.now() + timedelta(minutes=30)), pytest.raises(Refused), saving():
        undo_many(made, by=as_actor(bow.amina))


def test_today_holds_what_is_due_and_what_others_did(bow: Team) -> None:
    referral = bow.has()
    with saving():
        referral.next_contact_on = clock.today()
    visit = a_visit(an_onward(Status.ACCEPTED, parent=referral))
    with saving():
        record_visit(visit, Came.CAME, by=group_of(visit.referral))
    asked = bow.has(Status.SENT)
    day = today_for(as_actor(bow.amina))
    assert [row.referral.id for row in day.contacts] == [referral.id]
    assert day.unanswered == []
    assert [(news.first.id, news.what) for news in day.news][:2] == [
        (asked.id, Action.SEND),
        (referral.id, Came.CAME),
    ]
    assert today_for(as_actor(a_link_worker())).news == []
