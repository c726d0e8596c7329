"""Somebody asks for help on their phone, reads their own page, and stops it all again."""

import re

import pytest
from sqlalchemy import select

from core import clock
from core.db import db
from core.outbox import Letter
from referrals.models import Referral
from referrals.rules import Status
from tests.browser.desks import Browse, Desk
from tests.browser.live import Live

NUMBER = "07700 900 345"


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_person_asks_for_help_themselves_and_stops_it(
    browse: Browse, live: Live, script: bool
) -> None:
    rosa = Desk(browse, live, script=script)

    # Given that Rosa finds the page, her postcode has a link-worker team, and she answers
    rosa.opens("/ask-for-help")
    rosa.presses("I need help")
    rosa.fills({"Postcode": "E3 3BQ"})
    rosa.presses("Go on")
    rosa.chooses("Feeling lonely, or seeing few people")
    rosa.presses("Go on")
    rosa.fills({"Name": "Rosa Finch", "Day": "4", "Month": "5", "Year": "1961"})
    rosa.presses("Go on")
    rosa.chooses("Text message")
    rosa.fills({"Phone number": NUMBER})
    rosa.presses("Go on")
    rosa.fills({"A code word": "kingfisher"})
    rosa.presses("Go on")
    rosa.page.get_by_label("PIN", exact=True).fill("8264")
    rosa.presses("Go on")
    rosa.is_at("Check your answers")
    rosa.chooses("I agree to this")
    rosa.presses(re.compile(r"^Send to "))
    rosa.is_at("Thank you. It is sent")

    # When she opens the link in her text, it asks for the PIN
    rosa.opens(_link_in_text(live))
    rosa.does_not_see("Rosa Finch")
    rosa.page.get_by_label("Your PIN").fill("8264")
    rosa.presses("Open")
    rosa.sees("Rosa Finch")
    rosa.sees("gets in touch by")

    # and she changes her mind, then it is stopped
    rosa.presses("Stop, and share nothing more")
    rosa.chooses("Yes, stop it")
    rosa.presses("Stop")
    rosa.sees("You have stopped this.")
    with live.app.app_context():
        referral = select(Referral).where(Referral.status == Status.PERSON_DECLINED)
        assert "Rosa Finch" in {each.person.name for each in db.session.scalars(referral)}


def _link_in_text(live: Live) -> str:
    with live.app.app_context(), clock.set_to(live.now()):
        letters = db.session.scalars(select(Letter)).all()
        [text] = [letter for letter in letters if letter.to_address == NUMBER]
        assert text.body.startswith("kingfisher. ")
        return "/my/" + text.body.partition("/my/")[2].split()[0]
