"""Somebody says that a listing is wrong, an editor puts it right, and takes back a slip."""

import pytest

from tests.browser.desks import Browse, Desk
from tests.browser.live import Live

ACTIVITY = "/activities/knit-and-natter-london"


class Resident(Desk):
    """Mo, who has no account."""


class Editor(Desk):
    """Nadia, who keeps the whole directory."""

    key = "editor"


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_an_editor_answers_a_report_and_undoes_a_slip(
    browse: Browse, live: Live, script: bool
) -> None:
    mo = Resident(browse, live, script=script)
    nadia = Editor(browse, live, script=script)

    # Given that Mo finds the wrong day on a page, and says so without an account
    mo.opens(ACTIVITY)
    name = mo.page.get_by_role("heading", level=1).inner_text()
    mo.presses("Report something wrong")
    mo.chooses("The day or the time")
    mo.fills({"What should it say?": "Thursdays now.", "Your email": "mo@home.example"})
    mo.presses("Send")
    mo.sees("A person will look at it")

    # When the editor reads it, and says that it is put right
    nadia.signs_in()
    nadia.opens("/desk/directory?tab=reports")
    nadia.presses(name)
    nadia.sees("Thursdays now.")
    nadia.fills({"A word": "They moved in November."})
    nadia.presses("It was wrong, and I have put it right")
    nadia.is_at("To do")
    nadia.does_not_see(name)

    # Then Mo is told
    [letter] = live.letters_to("mo@home.example")
    assert "They moved in November." in letter.body

    # And when she pauses it by a slip, she first sees what would change, and can take it back
    nadia.opens(f"/desk/directory/many?q={name}")
    nadia.chooses("All that were found")
    nadia.chooses("Pause them")
    nadia.presses("See what would change")
    nadia.sees("Nothing has been done yet")
    nadia.presses("Do it")
    mo.opens(ACTIVITY)
    mo.sees("paused")
    nadia.presses("Undo it")
    nadia.sees("Everything is as it was before")
    mo.opens(ACTIVITY)
    mo.does_not_see("paused")
