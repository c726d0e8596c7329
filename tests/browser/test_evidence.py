"""A GP reads what came of people who were sent somewhere, and the weekly letter about their own."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from core import clock
from core.db import db
from core.outbox import Letter
from demo import scale
from directory import Service
from referrals.digest import write_letters
from referrals.evidence import make_up
from referrals.models import Figures
from tests.browser.desks import Browse, Clinician
from tests.browser.live import EMAILS, MONDAY, Live

A_WEEK = timedelta(weeks=1)
ENOUGH = scale.Size(teams=1, listings=8, referrals=240, attendances=900)
"""People of whom something can be said; the demo's own groups have too few."""


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_gp_reads_the_evidence_and_the_weekly_letter(
    browse: Browse, live: Live, script: bool
) -> None:
    gp = Clinician(browse, live, script=script)
    slug = an_activity_with_figures(live)

    # Given an activity that many were sent to, whose page a visitor reads without its figures
    gp.opens(f"/activities/{slug}")
    gp.does_not_see("What came of it so far")

    # When the GP signs in, the page says what came of them, how sure that is, and what it is not
    gp.signs_in()
    gp.opens(f"/activities/{slug}")
    gp.sees(re.compile(r"About \d+ people were sent here"))
    gp.sees(re.compile(r"With 95% certainty it lies between \d+% and \d+%"))
    gp.sees("Before and after is not proof.")
    gp.page.get_by_text("How we count").click()
    gp.sees("Numbers are rounded to the nearest 5.")

    # and on Monday one letter says how it stands with each of their own, and with nobody twice
    live.move_to(MONDAY + A_WEEK)
    letter = weekly_letter(live)
    of, parts = re.search(r"Of your (\d+) referrals: (.*) —", letter.body).groups()
    assert sum(int(number) for number in re.findall(r"\d+", parts)) == int(of)
    gp.signs_in()
    gp.opens("/dev/letters")
    to_them = gp.page.get_by_role("article").filter(has_text=EMAILS["gp"])
    newest = to_them.filter(has_text=f"Of your {of} referrals").first
    expect(newest).to_contain_text(parts)

    # Then its one link leads to the list of them
    gp.presses(re.compile(r"my-referrals$"), within=newest)
    gp.is_at("My referrals")


def an_activity_with_figures(live: Live) -> str:
    """Have many people sent to some activities, and the figures made up; one of these."""
    with live.app.app_context(), clock.set_to(live.now()):
        scale.fill(ENOUGH)
        make_up()
        told = select(Service.slug).join(Figures, Figures.service_id == Service.id)
        slug = db.session.scalars(told.order_by(Service.slug)).first()
        assert slug is not None
        return slug


def weekly_letter(live: Live) -> Letter:
    """The letter of the week to the GP: one, however often the loop looks."""
    with live.app.app_context(), clock.set_to(live.now()):
        write_letters()
        write_letters()
    letters = [each for each in live.letters_to(EMAILS["gp"]) if each.kind == "digest"]
    newest = [each for each in letters if each.written_at >= MONDAY + A_WEEK]
    assert len(newest) == 1
    return newest[0]
