"""The pictures of the README: one of each desk, at the width of a desk and of a phone.

`make screenshots` takes them anew, from the demo on a Monday that does not move. Otherwise only
this is checked: that they are there, light enough, and of pages that there are.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from core import clock
from core.db import db
from core.outbox import Letter
from core.settings import HERE
from tests.browser.addresses import keys_of_groups
from tests.browser.conftest import Browse
from tests.browser.live import Live
from tests.browser.watching import DESKTOP, PHONE, ready

IMAGES = HERE / "docs" / "images"
WRITE = os.environ.get("WRITE_SCREENSHOTS") == "1"
HEIGHTS = {DESKTOP: 900, PHONE: 844}
HEAVIEST = 250_000
STILL_RIGHT = re.compile(r"/still-right/[\w-]{43}")
ASKED = "Somebody would like to come to"


@dataclass(frozen=True)
class Picture:
    """What is shown: whose desk, which page, and the beginning of its heading."""

    name: str
    key: str
    heading: str
    find: Callable[[Page, Live], None]
    is_paper: bool = False

    def file(self, width: int) -> Path:
        """Where it is kept."""
        return IMAGES / f"{self.name}{'-phone' if width == PHONE else ''}.png"


def at(path: str) -> Callable[[Page, Live], None]:
    """Found at this address."""

    def go(page: Page, _live: Live) -> None:
        page.goto(path)

    return go


def at_an_unanswered_letter(page: Page, live: Live) -> None:
    """Found by the link of the newest letter that a group has not answered."""
    for key in keys_of_groups(live):
        page.goto(f"/g/{key}")
        if page.get_by_role("heading", level=1).inner_text().startswith(ASKED):
            return


def at_a_question_to_a_group(page: Page, live: Live) -> None:
    """Found by a letter that asks a group whether all is still right."""
    with live.app.app_context(), clock.set_to(live.now()):
        asked = db.session.scalars(select(Letter).where(Letter.kind == "still-right")).all()
        first = min(asked, key=lambda letter: letter.to_address)
        link = STILL_RIGHT.search(first.body)
    assert link
    page.goto(link[0])


PICTURES = (
    Picture(
        "resident",
        "",
        "Find something good near you",
        at("/activities?q=walk&near=E3+3BQ&within=3"),
    ),
    Picture("clinician", "gp", "What happened to your referrals", at("/what-happened")),
    Picture("linkworker", "link-worker", "My caseload", at("/caseload")),
    Picture("group", "", ASKED, at_an_unanswered_letter),
    Picture(
        "when",
        "",
        "Find something good near you",
        at("/activities?near=E3+3BQ&within=3&view=when"),
    ),
    Picture("activity", "", "Knit and natter", at("/activities/knit-and-natter-london")),
    Picture(
        "leaflet",
        "",
        "Knit and natter",
        at("/activities/knit-and-natter-london/leaflet"),
        is_paper=True,
    ),
    Picture("still-right", "", "still right?", at_a_question_to_a_group),
    Picture("editors", "editor", "To do", at("/desk/directory?tab=changes")),
)


@pytest.mark.parametrize("width", [DESKTOP, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_the_readme_shows_each_desk(
    browse: Browse, live: Live, picture: Picture, width: int
) -> None:
    page = browse(as_=picture.key, width=width).new_page()
    page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
    picture.find(page, live)
    if not picture.is_paper:
        ready(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text(picture.heading)
    file = picture.file(width)
    if WRITE:
        file.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=file, animations="disabled", caret="hide")
    assert file.exists(), f"{file.name} is missing: make screenshots"
    assert file.stat().st_size < HEAVIEST
