"""The caseload: whose it is, where each stands, in what order, and at what cost to the database."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from accounts import Organisation, User
from core import clock
from core.actors import Actor
from core.db import db
from referrals.caseload import (
    Row,
    Sort,
    Tab,
    Wanted,
    age_of,
    caseload,
    first_contact_by,
    next_due,
    overview,
    people_called,
    working_day,
)
from referrals.contacts import log_contact
from referrals.models import Referral
from referrals.people import NewPerson
from referrals.rules import Action, ContactHow, Reason, Status
from tests.referral_builders import (
    a_clinician,
    a_link_worker,
    a_new_person,
    a_practice,
    a_referral,
    a_service,
    a_team,
    an_onward,
    as_actor,
    in_one_work,
)


class Desk:
    """A team with one practice, a clinician and two link workers."""

    def __init__(self) -> None:
        self.team: Organisation = a_team()
        self.clinician: User = a_clinician(a_practice(self.team))
        self.mine: User = a_link_worker(self.team)
        self.colleague: User = a_link_worker(self.team)

    @property
    def actor(self) -> Actor:
        return as_actor(self.mine)

    def has(
        self,
        status: Status,
        name: str = "Mavis Thistlewood",
        *,
        with_colleague: bool = False,
        reasons: tuple[Reason, ...] = (Reason.LONELY,),
        **facts: object,
    ) -> Referral:
        person: NewPerson = a_new_person(name=name, **facts)
        worker = self.colleague if with_colleague else self.mine
        return a_referral(
            status, referrer=self.clinician, link_worker=worker, person=person, reasons=reasons
        )

    def rows(self, **wanted: object) -> list[Row]:
        return caseload(self.actor, Wanted(**wanted), total=0).rows  # type: ignore[arg-type]

    def names(self, **wanted: object) -> list[str]:
        return [row.referral.person.name for row in self.rows(**wanted)]


@pytest.fixture
def desk(app: Flask) -> Desk:
    return Desk()


def plan(referral: Referral, on: date) -> None:
    with in_one_work():
        referral.next_contact_on = on


def test_everybody_stands_behind_one_tab_and_all_open_counts_all_but_the_closed(
    desk: Desk,
) -> None:
    for status in (Status.SENT, Status.OPENED, Status.INFO_REQUESTED):
        desk.has(status)
    desk.has(Status.ACCEPTED)
    desk.has(Status.CONTACTING)
    desk.has(Status.IN_PROGRESS)
    desk.has(Status.ON_HOLD)
    desk.has(Status.CLOSED_COMPLETED)
    desk.has(Status.REJECTED)
    an_onward(Status.SENT, parent=desk.has(Status.IN_PROGRESS))
    assert overview(desk.actor, team=False).counts == {
        Tab.OPEN: 8,
        Tab.NEW: 3,
        Tab.TRYING: 2,
        Tab.ACTIVE: 1,
        Tab.WAITING: 1,
        Tab.ON_HOLD: 1,
        Tab.CLOSED: 2,
    }
    for tab, count in overview(desk.actor, team=False).counts.items():
        assert len(desk.rows(tab=tab)) == count


def test_a_group_that_has_answered_is_no_longer_waited_for(desk: Desk) -> None:
    parent = desk.has(Status.IN_PROGRESS)
    an_onward(Status.ACCEPTED, parent=parent)
    an_onward(Status.REJECTED, parent=parent, service=a_service())
    assert [row.standing for row in desk.rows()] == [Tab.ACTIVE]


def test_mine_are_my_own_and_those_nobody_has_taken_on(desk: Desk) -> None:
    desk.has(Status.SENT, "New Person")
    desk.has(Status.IN_PROGRESS, "My Own")
    desk.has(Status.IN_PROGRESS, "With Colleague", with_colleague=True)
    assert set(desk.names()) == {"New Person", "My Own"}
    assert set(desk.names(team=True)) == {"New Person", "My Own", "With Colleague"}


@pytest.mark.asvs("8.4.1")
def test_another_team_is_not_there_at_all(desk: Desk) -> None:
    a_referral(Status.SENT, person=a_new_person(name="Somebody Elsewhere"))
    assert desk.names(team=True) == []
    assert people_called(desk.actor, "Somebody") == []
    assert overview(desk.actor, team=True).counts[Tab.OPEN] == 0


def test_overdue_and_planned_today_are_counted_among_the_open_only(desk: Desk) -> None:
    today = clock.today()
    plan(desk.has(Status.IN_PROGRESS), today - timedelta(days=3))
    plan(desk.has(Status.ACCEPTED), today - timedelta(days=1))
    plan(desk.has(Status.IN_PROGRESS), today)
    plan(desk.has(Status.IN_PROGRESS), today + timedelta(days=1))
    plan(desk.has(Status.CLOSED_COMPLETED), today - timedelta(days=9))
    numbers = overview(desk.actor, team=False)
    assert (numbers.overdue, numbers.today) == (2, 1)


def test_the_longest_overdue_stand_first_and_nobody_without_a_date_is_lost(desk: Desk) -> None:
    today = clock.today()
    undated = desk.has(Status.IN_PROGRESS, "No Date")
    with in_one_work():
        undated.next_contact_on = None
    plan(desk.has(Status.IN_PROGRESS, "In A Week"), today + timedelta(days=7))
    plan(desk.has(Status.IN_PROGRESS, "Nine Late"), today - timedelta(days=9))
    plan(desk.has(Status.IN_PROGRESS, "One Late"), today - timedelta(days=1))
    assert desk.names() == ["Nine Late", "One Late", "No Date", "In A Week"]
    assert [row.days_late for row in desk.rows()] == [9, 1, None, -7]
    assert [row.is_late for row in desk.rows()] == [True, True, False, False]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        (Sort.PERSON, ["abdul", "Bea", "Cy"]),
        (Sort.STATUS, ["Bea", "abdul", "Cy"]),
        (Sort.REASON, ["abdul", "Cy", "Bea"]),
        (Sort.CONTACTS, ["Cy", "Bea", "abdul"]),
        (Sort.REFERRED, ["Cy", "abdul", "Bea"]),
    ],
)
def test_the_list_can_be_put_in_order_by_every_column(
    desk: Desk, sort: Sort, order: list[str]
) -> None:
    with clock.set_to(clock.now() - timedelta(days=3)):
        desk.has(Status.ON_HOLD, "Cy", reasons=(Reason.LONELY, Reason.CARING))
    with clock.set_to(clock.now() - timedelta(days=2)):
        abdul = desk.has(Status.IN_PROGRESS, "abdul", reasons=(Reason.BEREAVEMENT,))
    desk.has(Status.SENT, "Bea", reasons=(Reason.OTHER,))
    with in_one_work():
        log_contact(abdul, ContactHow.TEXT, minutes=1, note="", next_contact_on=None, by=desk.actor)
    assert desk.names(sort=sort) == order
    turned = list(reversed(order))
    if sort is Sort.CONTACTS:  # the two without a contact stay as they were referred
        turned = ["abdul", "Cy", "Bea"]
    assert desk.names(sort=sort, down=True) == turned


def test_the_closed_stand_newest_first(desk: Desk) -> None:
    with clock.set_to(clock.now() - timedelta(days=3)):
        desk.has(Status.CLOSED_COMPLETED, "Long Ago")
    desk.has(Status.CLOSED_COMPLETED, "Just Now")
    assert desk.names(tab=Tab.CLOSED) == ["Just Now", "Long Ago"]
    assert desk.names(tab=Tab.CLOSED, down=True) == ["Long Ago", "Just Now"]


def test_a_row_offers_what_the_rules_allow_and_says_who_is_reading(desk: Desk) -> None:
    desk.has(Status.OPENED, with_colleague=True)
    (row,) = desk.rows()
    assert row.reader == desk.colleague.name
    assert Action.ACCEPT in row.may
    assert Action.COMPLETE not in row.may
    assert not row.can_be_worked


def test_people_are_found_by_any_of_their_names_their_number_or_their_reference(
    desk: Desk,
) -> None:
    gwen = desk.has(Status.IN_PROGRESS, "Gwen Naylor", preferred_name="Wendy", with_colleague=True)
    desk.has(Status.CLOSED_COMPLETED, "Gwen Clegg")
    desk.has(Status.SENT, "100% Pat_Uttley")
    number = gwen.person.nhs_number or ""

    def found(text: str) -> list[str]:
        return [row.referral.person.name for row in people_called(desk.actor, text)]

    assert found("gwen") == ["Gwen Naylor", "Gwen Clegg"]
    assert found(" wend") == ["Gwen Naylor"]
    assert found(f"{number[:3]} {number[3:6]} {number[6:]}") == ["Gwen Naylor"]
    assert found(gwen.ref.lower()) == ["Gwen Naylor"]
    assert found("%") == ["100% Pat_Uttley"]
    assert found("_") == ["100% Pat_Uttley"]
    assert found("  ") == []


def test_next_is_the_longest_overdue_of_ones_own_and_never_the_same_person(desk: Desk) -> None:
    today = clock.today()
    first, second = desk.has(Status.IN_PROGRESS), desk.has(Status.IN_PROGRESS)
    plan(first, today - timedelta(days=5))
    plan(second, today)
    plan(desk.has(Status.IN_PROGRESS), today + timedelta(days=1))
    plan(desk.has(Status.IN_PROGRESS, with_colleague=True), today - timedelta(days=9))
    assert next_due(desk.actor, after=second) == first
    assert next_due(desk.actor, after=first) == second
    plan(first, today + timedelta(days=1))
    assert next_due(desk.actor, after=second) is None


def test_a_page_costs_the_same_number_of_queries_however_many_are_on_it(desk: Desk) -> None:
    def cost() -> int:
        asked: list[str] = []

        def note(*args: object) -> None:
            asked.append(str(args[2]))

        event.listen(db.engine, "before_cursor_execute", note)
        actor = desk.actor
        db.session.expire_all()
        for row in caseload(actor, Wanted(team=True), total=20).rows:
            assert row.referral.person.name
        event.remove(db.engine, "before_cursor_execute", note)
        return len(asked)

    desk.has(Status.IN_PROGRESS)
    desk.has(Status.OPENED)
    few = cost()
    for _ in range(4):
        desk.has(Status.IN_PROGRESS)
        desk.has(Status.OPENED)
    assert cost() == few


def test_the_first_contact_is_due_within_two_working_days() -> None:
    monday = date(2026, 11, 23)
    assert first_contact_by(monday) == date(2026, 11, 25)
    assert first_contact_by(date(2026, 11, 26)) == date(2026, 11, 30)
    assert first_contact_by(date(2026, 11, 27)) == date(2026, 12, 1)
    assert first_contact_by(date(2026, 11, 28)) == date(2026, 12, 1)
    assert [working_day(monday + timedelta(days=each)).day for each in (0, 4, 5, 6)] == [
        23,
        27,
        30,
        30,
    ]


def test_age_turns_on_the_birthday(desk: Desk) -> None:
    person = desk.has(Status.SENT, born_on=date(1948, 3, 31)).person
    assert age_of(person, date(2026, 3, 30)) == 77
    assert age_of(person, date(2026, 3, 31)) == 78
