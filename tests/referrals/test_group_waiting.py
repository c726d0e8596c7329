"""The waiting list: offers in order, each for a while, and to no practice above its share."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from accounts import User
from core import clock
from core.db import db
from core.errors import Forbidden, NotFound, Refused
from core.outbox import waiting
from core.saving import saving
from directory import Service
from referrals.groups.capacity import room_at
from referrals.groups.fairness import FEWEST, outsized
from referrals.groups.waiting import get_entry, leave, line_for, offer_places, take
from referrals.models import Referral, WaitingPlace, Waits
from referrals.pathway import act
from referrals.rules import Action, Status
from tests.builders import in_one_work
from tests.engines import on_sqlite
from tests.referral_builders import (
    a_clinician,
    a_link_worker,
    a_referral,
    a_service,
    as_actor,
    owner_of,
)
from tests.referrals.group_builders import sent_to, who_waits, with_room
from tests.referrals.test_two_at_once import at_once

THURSDAY_BEFORE_EASTER = datetime(2027, 3, 25, 10, tzinfo=UTC)


def end(onward: Referral) -> None:
    with in_one_work():
        act(onward, Action.WITHDRAW, by=owner_of(onward.parent or onward), note="Moved.")


def offered(service: Service) -> list[WaitingPlace]:
    return [entry for entry in line_for(service.id) if entry.state is Waits.OFFERED]


def test_a_free_place_is_offered_to_the_longest_waiting(app: Flask) -> None:
    service = with_room(places=1)
    there = sent_to(service)
    first, second = who_waits(service), who_waits(service)
    assert offer_places() == 0
    end(there)
    assert offer_places() == 1
    assert offer_places() == 0, "a second look offers nothing twice"
    assert offered(service) == [first]
    assert second.state is Waits.WAITING
    told = [letter for letter in waiting() if letter.kind == "place-offered"]
    assert len(told) == 1
    assert first.referral.person.name not in told[0].body
    with in_one_work():
        onward = take(first, by=owner_of(first.referral))
    assert onward.status is Status.SENT
    assert room_at(service).places == 0


def test_nobody_jumps_the_line(app: Flask) -> None:
    service = with_room(places=1)
    there = sent_to(service)
    who_waits(service)
    end(there)
    with pytest.raises(Refused, match="Others wait"):
        sent_to(service)


def test_an_offer_nobody_takes_goes_to_the_next_after_two_working_days(app: Flask) -> None:
    with clock.set_to(THURSDAY_BEFORE_EASTER):
        service = with_room(places=1)
        there = sent_to(service)
        first = who_waits(service)
    with clock.set_to(THURSDAY_BEFORE_EASTER + timedelta(minutes=1)):
        second = who_waits(service)
        end(there)
        offer_places()
        assert first.offer_until == date(2027, 3, 31), "Good Friday to Easter Monday do not count"
    with clock.set_to(datetime(2027, 3, 31, 22, 30, tzinfo=UTC)):  # clocks went forward meanwhile
        assert offer_places() == 0
    with clock.set_to(datetime(2027, 3, 31, 23, 30, tzinfo=UTC)):
        assert clock.today() == date(2027, 4, 1)
        with pytest.raises(Refused, match="run out"), in_one_work():
            take(first, by=owner_of(first.referral))
        assert offer_places() == 1
        assert (first.state, offered(service)) == (Waits.LAPSED, [second])


@on_sqlite
def test_while_others_wait_no_practice_takes_more_than_its_share(app: Flask) -> None:
    service = with_room(places=2)
    grabby = a_clinician()
    there = [sent_to(service, _of(grabby)) for _ in range(2)]
    early, late = who_waits(service, _of(grabby)), who_waits(service)
    end(there[0])
    offer_places()
    assert offered(service) == [late], "one of two places is the share of each of two practices"
    end(there[1])
    offer_places()
    assert set(offered(service)) == {early, late}


@on_sqlite
def test_a_place_nobody_else_wants_does_not_stay_empty(app: Flask) -> None:
    service = with_room(places=2)
    grabby = a_clinician()
    there = [sent_to(service, _of(grabby)) for _ in range(2)]
    only = who_waits(service, _of(grabby))
    end(there[0])
    offer_places()
    assert offered(service) == [only]


@on_sqlite
def test_whose_way_has_ended_waits_no_more(app: Flask) -> None:
    service = with_room(places=1)
    there = sent_to(service)
    gone, next_one = who_waits(service), who_waits(service)
    with in_one_work():
        act(gone.referral, Action.RECORD_DECLINED, by=owner_of(gone.referral))
    end(there)
    offer_places()
    assert (gone.state, offered(service)) == (Waits.LEFT, [next_one])


@on_sqlite
def test_somebody_waits_once(app: Flask) -> None:
    service = with_room(places=0)
    entry = who_waits(service)
    with pytest.raises(Refused, match="already"):
        who_waits(service, entry.referral)
    with in_one_work():
        leave(entry, by=owner_of(entry.referral))
    assert who_waits(service, entry.referral).state is Waits.WAITING


@on_sqlite
def test_another_team_cannot_know_who_waits(app: Flask) -> None:
    entry = who_waits(with_room(places=0))
    stranger = as_actor(a_link_worker())
    with pytest.raises(NotFound):
        get_entry(entry.id, seen_by=stranger)
    with pytest.raises(Forbidden), in_one_work():
        leave(entry, by=stranger)


@pytest.mark.asvs("2.3.4")
def test_an_offer_taken_twice_at_once_asks_the_group_once(app: Flask) -> None:
    service = with_room(places=0)
    entry = who_waits(service)
    with_room(places=1, service=service)
    offer_places()
    entry_id, by = entry.id, owner_of(entry.referral)

    def taking() -> None:
        with saving():
            take(db.session.get_one(WaitingPlace, entry_id), by=by)

    acts: list[Callable[[], object]] = [taking, taking]
    assert at_once(app, *acts) == ["Refused", "done"]
    assert len(entry.referral.onward) == 1


@on_sqlite
def test_one_group_that_gets_most_of_a_teams_referrals_is_shown(app: Flask) -> None:
    crowded, others = a_service(), [a_service() for _ in range(7)]
    parent = a_referral(Status.IN_PROGRESS)
    team = parent.from_organisation.link_worker_team
    assert team is not None
    for number in range(FEWEST - 1):
        end(sent_to(crowded if number < 7 else others[number % 7], parent))
    assert not outsized([team.id]), "too few to tell"
    end(sent_to(crowded, parent))
    [found] = outsized([team.id])
    assert (found.service, found.asked, found.of) == (crowded, 8, FEWEST)
    with clock.set_to(clock.now() + timedelta(days=91)):
        assert not outsized([team.id])


def _of(clinician: User) -> Referral:
    return a_referral(Status.IN_PROGRESS, referrer=clinician)
