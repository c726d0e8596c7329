"""Small groups are protected: whatever is asked at once, their limits hold, on both engines."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from core import clock
from core.db import db
from core.errors import Forbidden, Refused
from core.saving import saving
from directory import Service
from referrals.groups.capacity import at_group, may_take, monday_of, room_at
from referrals.groups.room import rest, set_room, weeks_ahead
from referrals.models import GroupPlace, Referral
from referrals.pathway import act, refer_on
from referrals.rules import Action, Status
from tests.builders import MONDAY_MORNING, in_one_work
from tests.engines import on_sqlite
from tests.referral_builders import a_clinician, a_referral, a_service, as_actor, owner_of
from tests.referrals.group_builders import keeper_of, sent_to, with_room
from tests.referrals.test_two_at_once import at_once

MANY = 5
LIMITS = st.one_of(st.none(), st.integers(0, 3))


@pytest.mark.asvs("2.3.2", "2.3.4")
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(places=LIMITS, new=LIMITS, support=LIMITS, heavy=st.lists(st.booleans(), min_size=MANY))
@pytest.mark.slow
def test_limits_hold_however_many_ask_at_once(
    app: Flask, places: int | None, new: int | None, support: int | None, heavy: list[bool]
) -> None:
    parents = _crowd()
    service = with_room(places, new, support)
    service_id, workers = service.id, [owner_of(parent) for parent in parents]
    ids = [parent.id for parent in parents]

    def asking(index: int) -> Callable[[], None]:
        def act_() -> None:
            with saving():
                refer_on(
                    db.session.get_one(Referral, ids[index]),
                    db.session.get_one(Service, service_id),
                    note="",
                    high_support=heavy[index],
                    by=workers[index],
                )

        return act_

    ends = at_once(app, *(asking(index) for index in range(MANY)))
    assert set(ends) <= {"done", "Refused"}
    asked = _asked(service)
    assert asked == ends.count("done")
    most = min(MANY, *(limit for limit in (places, new) if limit is not None), MANY)
    assert asked <= most
    hard = _asked(service, GroupPlace.high_support.is_(True))
    assert support is None or hard <= support
    if not any(heavy[:MANY]) or support is None:
        assert asked == most, "and no place stays empty"


def _crowd() -> list[Referral]:
    """The same people every time, who are with a link worker and could go anywhere."""
    known = list(db.session.scalars(select(Referral).where(Referral.parent_id.is_(None))))
    return known or [a_referral(Status.IN_PROGRESS) for _ in range(MANY)]


def _asked(service: Service, *more: object) -> int:
    there = (
        select(func.count())
        .select_from(Referral)
        .join(GroupPlace, GroupPlace.referral_id == Referral.id)
    )
    return db.session.scalar(there.where(*at_group(service.id), *more)) or 0  # type: ignore[arg-type]


def test_a_group_without_limits_is_never_full(app: Flask) -> None:
    service = a_service()
    sent_to(service)
    room = room_at(service)
    assert (room.places, room.this_week, room.high_support) == (None, None, None)
    assert may_take(service) is None


def test_a_full_group_is_not_asked_and_the_reason_is_told(app: Flask) -> None:
    service = with_room(places=1)
    first = sent_to(service)
    with pytest.raises(Refused, match="is full"):
        sent_to(service)
    with in_one_work():
        act(first, Action.REJECT, by=owner_of(first.parent or first), note="Full.")
    assert sent_to(service).status is Status.SENT


@on_sqlite
def test_new_people_are_counted_by_the_week_in_london(app: Flask) -> None:
    sunday_night = MONDAY_MORNING + timedelta(days=6, hours=14, minutes=59)
    with clock.set_to(sunday_night - timedelta(hours=2)):
        service = with_room(new_per_week=1)
        sent_to(service)
    with clock.set_to(sunday_night):
        assert room_at(service).this_week == 0
        with pytest.raises(Refused, match="this week"):
            sent_to(service)
    with clock.set_to(sunday_night + timedelta(minutes=2)):
        assert sent_to(service)


@on_sqlite
def test_who_never_came_about_is_not_counted_as_new(app: Flask) -> None:
    service = with_room(new_per_week=1)
    first = sent_to(service)
    with in_one_work():
        act(first, Action.WITHDRAW, by=owner_of(first.parent or first), note="Moved.")
    assert room_at(service).this_week == 1


@on_sqlite
def test_in_a_rest_week_nobody_new_is_sent(app: Flask) -> None:
    service = a_service()
    keeper = keeper_of(service)
    this_week, next_week = weeks_ahead()[:2]
    with in_one_work():
        rest(service, [this_week, this_week - timedelta(days=70)], by=keeper)
    assert room_at(service).resting
    assert not room_at(service, on=next_week).resting
    with pytest.raises(Refused, match="nobody new this week"):
        sent_to(service)
    with in_one_work():
        rest(service, [], by=keeper)
    assert may_take(service) is None


@on_sqlite
def test_only_so_many_need_a_lot_of_support_at_once(app: Flask) -> None:
    service = with_room(high_support=1)
    sent_to(service, high_support=True)
    with pytest.raises(Refused, match="a lot of support"):
        sent_to(service, high_support=True)
    assert sent_to(service)


@on_sqlite
def test_where_the_group_said_nothing_its_listing_is_a_hint_of_places_and_a_limit_a_week(
    app: Flask,
) -> None:
    service = a_service()
    with in_one_work():
        service.places_free, service.new_people_per_week = 1, 2
        service.last_modified = clock.now()
    sent_to(service)
    room = room_at(service)
    assert (room.places, room.this_week, room.is_full) == (0, 1, False)
    sent_to(service)
    with pytest.raises(Refused, match="this week"):
        sent_to(service)


@on_sqlite
def test_lower_limits_send_nobody_away(app: Flask) -> None:
    service = with_room(places=3)
    first, _second = sent_to(service), sent_to(service)
    with_room(places=1, service=service)
    assert room_at(service).places == 0
    with in_one_work():
        act(first, Action.ACCEPT, by=owner_of(first.parent or first))
    assert first.status is Status.ACCEPTED


@on_sqlite
def test_a_stranger_sets_no_limits(app: Flask) -> None:
    mine, theirs = a_service(), a_service()
    for stranger in (keeper_of(theirs), as_actor(a_clinician())):
        with pytest.raises(Forbidden), in_one_work():
            set_room(mine, places=0, new_per_week=0, high_support=0, by=stranger)


@on_sqlite
def test_numbers_and_codes_are_one_of_a_kind(app: Flask) -> None:
    service = a_service()
    places = [
        db.session.scalar(select(GroupPlace).where(GroupPlace.referral_id == sent_to(service).id))
        for _ in range(3)
    ]
    assert [place.number for place in places if place] == [1, 2, 3]
    assert len({place.code for place in places if place}) == 3
    assert monday_of(clock.today()).weekday() == 0
