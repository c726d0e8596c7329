"""A directory that is relied on and kept true: from finding to paper, and from new to still right.

All of it on a phone; with script, every sort of page is read by axe on the way.
"""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from core import clock
from core.actors import system
from core.db import db
from core.saving import saving
from directory import Service
from directory.freshness.enquiries import go_round
from directory.joining import ask_for_link, keep
from directory.models import GroupDraft
from tests.browser.conftest import Browse
from tests.browser.desks import Desk
from tests.browser.live import MONDAY, Live
from tests.browser.watching import PHONE, fits, read_by_axe, ready
from tests.joining_builders import ANSWERS, EMAIL, key_in_letter

BOTH = pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
EIGHT_MONTHS = timedelta(days=245)
"""A listing that nobody had reason to doubt is asked about after so long in any case."""
GROUP = "Table tennis & tea"
TALL = 2600
"""So high a window shows a whole page: the bar at the foot of a phone hides none of it from axe."""
STILL_RIGHT = re.compile(r"/still-right/[\w-]{43}")


class OnAPhone(Desk):
    """Somebody with nothing but a phone."""

    def looks_around(self) -> None:
        """Each sort of page fits the phone, and is read once where axe can run."""
        self.page.set_viewport_size({"width": PHONE, "height": TALL})
        if self._script:
            if "/leaflet" not in self.page.url:  # what is for paper has hardly any script
                ready(self.page)
            fits(self.page)
            sort = urlsplit(self.page.url).path.split("/")[1]
            if sort not in self._read:
                read_by_axe(self.page)
            self._read.add(sort)


class Editor(OnAPhone):
    """Nadia, who keeps the whole directory, on her way home."""

    key = "editor"


@BOTH
def test_a_resident_finds_keeps_passes_on_and_prints(
    browse: Browse, live: Live, script: bool
) -> None:
    mo = OnAPhone(browse, live, script=script)

    # Given that Mo asks for more than there is, and is told which wish to let go of
    mo.opens("/activities?q=knit&near=E3+3BQ&within=1&cost=free&day=SA")
    mo.sees("Nothing matches all of that yet")
    ways_out = mo.page.locator(".k-ways-out")
    promised = int(re.findall(r"\d+", ways_out.locator(".k-n").first.inner_text())[0])
    ways_out.get_by_role("link").first.click()
    mo.looks_around()
    assert counted(mo) == promised

    # When Mo finds something after all, keeps it, and passes it on
    mo.opens("/activities?q=knit&near=E3+3BQ&within=3")
    mo.presses("Save Knit and natter")
    mo.presses("Shortlist (1)")
    mo.is_at("Your shortlist")
    mo.presses("Share this list")
    mo.is_at("Activities on this list")
    address = mo.page.get_by_role("textbox", name="Short address").input_value()

    # Then whoever is sent it reads the same on paper, as a page and as a file
    friend = OnAPhone(browse, live, script=script)
    friend.opens(urlsplit(address).path)
    friend.sees("Knit and natter")
    friend.presses("A leaflet of each, to print")
    friend.sees("Ring")
    href = friend.page.get_by_role("link", name="Open as PDF").get_attribute("href")
    file = friend.page.context.request.get(href or "")
    assert file.headers["content-type"] == "application/pdf"
    assert file.body().startswith(b"%PDF-1.7")


def test_a_listing_is_added_looked_at_and_eight_months_later_still_right(
    browse: Browse, live: Live
) -> None:
    wendy = OnAPhone(browse, live, script=False)
    nadia = Editor(browse, live, script=True)

    # Given that Wendy has answered the seven questions, and sends what she wrote
    answer_the_seven_questions(live)
    with live.app.app_context():
        key = key_in_letter()
    wendy.opens(f"/add-your-group/{key}")
    wendy.sees("Check your answers")
    wendy.page.get_by_label("This is true").check()
    wendy.presses("Send it")
    wendy.is_at("Thank you. We have it")

    # When an editor shows it to everybody, and Wendy hears of it
    nadia.signs_in()
    nadia.opens("/desk/directory?tab=new")
    nadia.presses(GROUP)
    nadia.presses("Show it to everybody")
    assert "shown to everybody" in live.letters_to(EMAIL)[-1].body
    wendy.opens(page_of_group(live))
    wendy.sees("confirmed today")

    # and eight months go by, and a letter asks her whether all of it is still right
    live.move_to(MONDAY + EIGHT_MONTHS)
    make_the_round(live)
    letter = live.letters_to(EMAIL)[-1]
    assert GROUP in letter.body
    link = STILL_RIGHT.search(letter.body)
    assert link
    wendy.opens(page_of_group(live))
    wendy.does_not_see("confirmed today")
    wendy.opens(link[0])
    wendy.presses("Everything is still right")

    # Then one tap was enough: everybody reads so
    wendy.sees("It says that it was checked today")
    wendy.opens(page_of_group(live))
    wendy.sees("confirmed today")
    make_the_round(live)
    assert live.letters_to(EMAIL)[-1].id == letter.id


@BOTH
def test_an_editor_reads_what_a_group_wants_changed_before_anybody_else_does(
    browse: Browse, live: Live, script: bool
) -> None:
    nadia = Editor(browse, live, script=script)
    resident = OnAPhone(browse, live, script=script)
    resident.opens("/activities/sewing-machine-club-london")
    resident.does_not_see("01632 960 258")
    nadia.signs_in()
    nadia.opens("/desk/directory?tab=changes")
    nadia.presses("Sewing machine club")
    expect(nadia.page.locator("ins").filter(has_text="01632 960 258")).to_be_visible()
    expect(nadia.page.locator("del").filter(has_text="07700 900 223")).to_be_visible()
    nadia.presses("Accept the change")
    resident.opens("/activities/sewing-machine-club-london")
    resident.sees("01632 960 258")


def answer_the_seven_questions(live: Live) -> None:
    """A draft as Wendy leaves it on the last of the seven pages."""
    with live.app.app_context(), clock.set_to(live.now()), saving():
        ask_for_link(EMAIL, "Wendy Lowe", by=system("test"))
        db.session.flush()
        draft = db.session.scalars(select(GroupDraft).where(GroupDraft.email == EMAIL)).one()
        for page, answers in ANSWERS.items():
            keep(draft, page, {name: [said] for name, said in answers.items()})
        reached = {"contact_name": ["Wendy"], "phone": ["01632 960 987"], "email": [EMAIL]}
        keep(draft, "contact", reached)


def page_of_group(live: Live) -> str:
    """Where everybody reads about it."""
    with live.app.app_context():
        slug = db.session.scalars(select(Service.slug).where(Service.name == GROUP)).one()
    return f"/activities/{slug}"


def make_the_round(live: Live) -> None:
    """What the background loop does once a day."""
    with live.app.app_context(), clock.set_to(live.now()):
        go_round()


def counted(desk: Desk) -> int:
    """How many activities the page says there are."""
    return int(re.findall(r"\d+", desk.page.locator("#count").inner_text())[0])
