"""What speaks against a referral is known before it is sent: age, the way there, room, others."""

from datetime import date, datetime

import pytest
from flask import Flask

from core import clock
from core.saving import saving
from directory import Service
from referrals.checks import about_going, about_group, before_sending
from referrals.groups.room import rest, set_room, weeks_ahead
from tests.builders import a_listing
from tests.referral_builders import (
    a_clinician,
    a_link_worker,
    a_new_person,
    a_referral,
    as_actor,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=clock.LONDON)
SEVENTY_FIVE = date(1951, 11, 23)


def said(service: Service, **facts: object) -> list[tuple[str, bool]]:
    with clock.set_to(NOON):
        person = a_new_person(**{"born_on": SEVENTY_FIVE, **facts})
        return [(each.words, each.stops) for each in about_going(service, person)]


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        ({"minimum_age": 76}, "Old friends is for people of 76 or older. They are 75."),
        ({"maximum_age": 74}, "Old friends is for people of 74 or younger. They are 75."),
    ],
)
def test_an_age_that_does_not_fit_stops_it(app: Flask, limits: dict[str, int], says: str) -> None:
    assert said(a_listing("Old friends", **limits)) == [(says, True)]


def test_an_age_at_the_limit_fits(app: Flask) -> None:
    assert said(a_listing(minimum_age=75, maximum_age=75)) == []


def test_a_long_way_is_said_and_stops_nobody(app: Flask) -> None:
    [(words, stops)] = said(a_listing("Sea swim"), postcode="PR1 8UQ")
    assert "miles from their home" in words
    assert not stops
    assert said(a_listing(attending="online"), postcode="PR1 8UQ") == []
    assert said(a_listing(), postcode="") == []


def test_a_full_group_is_said_before_anybody_is_sent(app: Flask) -> None:
    service = a_listing("Small choir")
    assert about_group(service) == []
    with saving():
        set_room(
            service, places=0, new_per_week=None, high_support=None, by=as_actor(a_link_worker())
        )
    [concern] = about_group(service)
    assert concern.words.startswith("Small choir is full.")
    assert not concern.stops


def test_a_week_of_rest_is_said(app: Flask) -> None:
    service = a_listing("Small choir")
    with saving():
        rest(service, weeks_ahead()[:1], by=as_actor(a_link_worker()))
    assert [each.words for each in about_group(service)] == [
        "Small choir takes nobody new this week."
    ]


def test_somebody_known_here_is_said_and_of_others_nothing(app: Flask) -> None:
    person = a_new_person()
    mine = a_referral(person=person)
    [concern] = before_sending(person, None, by=as_actor(mine.referrer))
    assert concern.stops
    assert before_sending(person, None, by=as_actor(a_clinician())) == []
