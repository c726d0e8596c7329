"""Two people at once: one wins, the other is told, and nothing is lost or doubled."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from core import clock
from core.db import db
from core.errors import ChangedMeanwhile, Refused
from core.outbox import Letter
from core.saving import saving
from referrals.models import Person, Referral
from referrals.outcomes import measures_of, record_measure
from referrals.pathway import accept, refer, refer_on
from referrals.rules import Action, Basis, Point, Reason, Status
from tests.referral_builders import (
    a_clinician,
    a_link_worker,
    a_new_person,
    a_referral,
    a_service,
    as_actor,
    owner_of,
)


def at_once(app: Flask, *acts: Callable[[], object]) -> list[str]:
    """Do these at the same moment, each in its own session; what became of each."""
    together = threading.Barrier(len(acts))
    ends: list[str] = []

    def run(act: Callable[[], object]) -> None:
        with app.app_context():
            together.wait()
            try:
                act()
                ends.append("done")
            except (ChangedMeanwhile, Refused) as refusal:
                ends.append(type(refusal).__name__)

    db.session.rollback()
    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    return sorted(ends)


@pytest.mark.asvs("2.3.4")
def test_of_two_link_workers_who_accept_at_once_one_gets_it(app: Flask) -> None:
    referral = a_referral()
    workers = [as_actor(a_link_worker(referral.to_organisation)) for _ in range(2)]
    referral_id = referral.id
    seen = threading.Barrier(2)

    def accepting(index: int) -> Callable[[], None]:
        def act() -> None:
            mine = db.session.get_one(Referral, referral_id)
            assert mine.status is Status.SENT
            seen.wait()  # both have the page open, and the referral is free
            with saving():
                accept(mine, by=workers[index], next_contact_on=date(2030, 1, index + 1))

        return act

    ends = at_once(app, accepting(0), accepting(1))
    assert ends[-1] == "done"
    assert ends[0] in {"ChangedMeanwhile", "Refused"}
    winner = next(w for w in workers if w.user_id == referral.owner_id)
    [step] = [step for step in referral.steps if step.action is Action.ACCEPT]
    assert step.by == winner.ref
    assert referral.next_contact_on == date(2030, 1, workers.index(winner) + 1)


def test_two_colleagues_who_refer_somebody_new_at_once_make_one_referral(app: Flask) -> None:
    first = a_clinician()
    practice = first.memberships[0].organisation
    doctors = [as_actor(first), as_actor(a_clinician(practice))]
    person = a_new_person()

    def referring(index: int) -> Callable[[], None]:
        def act() -> None:
            with saving():
                refer(person, reasons=[Reason.LONELY], basis=Basis.AGREED, by=doctors[index])

        return act

    ends = at_once(app, referring(0), referring(1))
    assert ends[-1] == "done"
    assert len(ends) == 2
    for table in (Person, Referral, Letter):
        assert db.session.scalar(select(func.count()).select_from(table)) == 1


def test_a_group_asked_by_two_colleagues_at_once_is_asked_once(app: Flask) -> None:
    parent = a_referral(Status.IN_PROGRESS)
    service = a_service()
    workers = [owner_of(parent), as_actor(a_link_worker(parent.to_organisation))]
    parent_id, service_id = parent.id, service.id

    def asking(index: int) -> Callable[[], None]:
        def act() -> None:
            with saving():
                refer_on(
                    db.session.get_one(Referral, parent_id),
                    db.session.get_one(type(service), service_id),
                    note="",
                    by=workers[index],
                )

        return act

    assert at_once(app, asking(0), asking(1)) == ["Refused", "done"]


def test_the_same_questions_answered_twice_at_once_are_one_answer(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    worker, referral_id, today = owner_of(referral), referral.id, clock.today()

    def noting(score: int) -> Callable[[], None]:
        def act() -> None:
            with saving():
                record_measure(
                    db.session.get_one(Referral, referral_id),
                    Point.BEFORE,
                    {"happiness": score},
                    taken_on=today,
                    by=worker,
                )

        return act

    assert at_once(app, noting(3), noting(4)) == ["done", "done"]
    assert measures_of(referral)[Point.BEFORE].answers["happiness"] in {3, 4}
