"""One referral goes full circle: a GP, a link worker, a group, and the GP again."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from core.outbox import Letter
from tests.browser.desks import Browse, Clinician, Group, LinkWorker
from tests.browser.live import EMAILS, MONDAY, Live

MAVIS, NHS_NUMBER, BORN_ON = "Mavis Thistlewood", "9998877660", date(1948, 3, 31)
ACTIVITY = "Knit and natter"
SOME_WEEKS = timedelta(weeks=7)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_gp_hears_what_became_of_somebody_they_referred(
    browse: Browse, live: Live, script: bool
) -> None:
    gp = Clinician(browse, live, script=script)
    amina = LinkWorker(browse, live, script=script)
    group = Group(browse, live, script=script)

    # Given that a GP refers Mavis, who is typed in and agrees
    gp.signs_in()
    went_before = gp.went_somewhere()
    gp.refers(MAVIS, NHS_NUMBER, BORN_ON)
    gp.sees("Sent. Reference")

    # When the link worker takes her on, rings her and asks how she is
    amina.signs_in()
    amina.finds_new(MAVIS)
    amina.sees("Rarely leaves the house since the funeral.")
    amina.accepts()
    amina.logs_a_call("She used to knit. Shy about walking in alone.")
    amina.asks_wellbeing("first answers", 4, 3, 2, 7)

    amina.states_no_risks()
    amina.opens_person(MAVIS)

    # and asks a group near her, which answers by the link in its letter
    amina.asks_group("knit", ACTIVITY, "Please look out for her at the door.")
    group.opens_newest_letter()
    group.is_at(f"Somebody would like to come to {ACTIVITY}")
    group.does_not_see("Mavis")
    group.says_yes()
    group.sees("Mavis")
    group.does_not_see("Thistlewood")
    group.does_not_see(NHS_NUMBER)

    # and plans the first visit, to which Mavis goes
    amina.opens_person(MAVIS)
    visit_on = amina.plans_first_visit()
    live.move_to(evening_of(visit_on))
    group.says_they_came()

    # and some weeks later asks again how she is, and finishes
    live.move_to(evening_of(visit_on) + SOME_WEEKS)
    amina.signs_in()
    amina.opens_person(MAVIS)
    amina.asks_wellbeing("answers near the end", 7, 7, 6, 3)
    amina.finishes()

    # Then the GP sees that she went, how she is, and was written to twice and no more
    gp.signs_in()
    assert "Finished" in gp.finds_in_list(MAVIS).inner_text()
    gp.reads_of(MAVIS)
    gp.sees(ACTIVITY)
    gp.sees("Up 3: better")
    assert gp.went_somewhere() == went_before + 1
    letters = letters_since_monday(live, EMAILS["gp"])
    assert len(letters) == 2, [letter.subject for letter in letters]
    assert not [each for each in letters if "Mavis" in each.subject + each.body]


def evening_of(day: str) -> datetime:
    """Half past six on this day."""
    return datetime.combine(date.fromisoformat(day), time(18, 30), tzinfo=UTC)


def letters_since_monday(live: Live, address: str) -> list[Letter]:
    """What was written to somebody since the test began."""
    return [letter for letter in live.letters_to(address) if letter.written_at >= MONDAY]
