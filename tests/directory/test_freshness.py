"""Old listings: after nine months without a word they are doubted, and stay findable."""

from datetime import timedelta

from flask import Flask

from core import clock, work
from core.saving import saving
from directory.freshness import doubt_unconfirmed
from directory.listings import get_service, history_of, shown_listings
from directory.rules import Life
from tests.builders import BUILDER, MONDAY_MORNING, a_listing


def test_listings_nobody_has_confirmed_for_nine_months_are_doubted(app: Flask) -> None:
    with clock.set_to(MONDAY_MORNING - timedelta(days=400)):
        old = a_listing("Old", assured_on=clock.today())
        never = a_listing("Never")
        checked = a_listing("Checked", assured_on=clock.today() + timedelta(days=300))
        paused = a_listing("Paused", life=Life.PAUSED)
    with clock.set_to(MONDAY_MORNING):
        brought = a_listing("Brought", assured_on=clock.today() - timedelta(days=2000))
        new = a_listing("New")
        with saving():
            assert doubt_unconfirmed(by=BUILDER) == 3
        with saving():
            assert doubt_unconfirmed(by=BUILDER) == 0
    assert {old.life, never.life, brought.life} == {Life.NEEDS_CHECKING}
    assert (checked.life, new.life, paused.life) == (Life.LIVE, Life.LIVE, Life.PAUSED)
    assert shown_listings([old.id]) == [old]


def test_the_background_loop_does_it(app: Flask) -> None:
    listing_id = a_listing("Old", assured_on=MONDAY_MORNING.date() - timedelta(days=400)).id
    with clock.set_to(MONDAY_MORNING):
        work.run_until_empty()
    old = get_service(listing_id)
    assert old.life is Life.NEEDS_CHECKING
    assert history_of(old)[0].by == "system:freshness"
