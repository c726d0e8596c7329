"""A volunteer adds her group on a phone, by a link in a letter, and finds what she wrote again."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Browse
from tests.browser.live import Live
from tests.browser.watching import PHONE, fits, read_by_axe
from tests.joining_builders import LINK

EMAIL = "wendy@tableclub.example"


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_volunteer_adds_a_group_on_a_phone(
    browse: Browse, live: Live, tmp_path: Path, script: bool
) -> None:
    page = browse(script=script, width=PHONE).new_page()
    asks_for_the_link(page)
    path = LINK.search(live.letters_to(EMAIL)[-1].body)
    assert path
    page.goto(path[0])
    about_and_when(page, script=script)
    page.goto(path[0])  # another day
    the_rest(page)
    if script:
        a_photo(page, tmp_path)
    sees(page, "Check your answers", script=script)
    page.get_by_label("This is true").check()
    goes_on(page, "Send it")
    sees(page, "Thank you. We have it", script=script)
    assert live.letters_to(EMAIL)[-1].kind == "add-group-sent"


def asks_for_the_link(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Add your group").last.click()
    page.get_by_label("Your name").fill("Wendy Lowe")
    page.get_by_label("Your email address").fill(EMAIL)
    goes_on(page, "Send me the link")
    expect(page.get_by_role("heading", level=1)).to_have_text("Look in your email")


def about_and_when(page: Page, *, script: bool) -> None:
    sees(page, "What is it called, and what do you do?", script=script)
    goes_on(page)
    expect(page.locator(".govuk-error-summary")).to_contain_text("Enter what it is called")
    page.get_by_label("What is it called?").fill("Table tennis and tea")
    page.get_by_label("Say in one sentence what it is").fill("Gentle table tennis, then tea.")
    page.get_by_label("What do people do there?").fill(
        "We play for an hour. Then we sit and have tea. Bats and balls are there."
    )
    goes_on(page)
    page.get_by_role("link", name="Back", exact=True).click()
    expect(page.get_by_label("What is it called?")).to_have_value("Table tennis and tea")
    expect(page.locator("#reading")).to_contain_text("Reads like age")
    goes_on(page)
    sees(page, "When is it?", script=script)
    page.get_by_label("Friday").first.check()
    page.get_by_label("Starts at").first.fill("2pm")
    goes_on(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Where is it?")


def the_rest(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Where is it?")
    page.get_by_label("Name of the place").fill("Spey House")
    page.get_by_label("Postcode").fill("E3 3TX")
    goes_on(page)
    page.get_by_label("It is free").check()
    goes_on(page)
    page.get_by_label("Who is it for, in your own words?").fill("Everybody")
    goes_on(page)
    page.get_by_label("When they arrive").fill("Ring the bell. Wendy comes down.")
    goes_on(page)
    page.get_by_label("Phone number").fill("01632 960 987")
    goes_on(page)


def a_photo(page: Page, folder: Path) -> None:
    file = folder / "hall.jpg"
    Image.new("RGB", (1600, 1200), "green").save(file)
    page.get_by_role("link", name="Add photos").click()
    page.get_by_label("Choose a photo").set_input_files(file)
    page.get_by_label("What can be seen on it?").fill("A green hall")
    goes_on(page, "Add this photo")
    expect(page.get_by_role("img", name="A green hall")).to_be_visible()
    sees(page, "Add a photo, if you like", script=True)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("A green hall")).to_be_visible()


def goes_on(page: Page, words: str = "Save and go on") -> None:
    page.get_by_role("button", name=words, exact=True).click()


def sees(page: Page, heading: str, *, script: bool) -> None:
    """The page has this heading, and everybody can read it."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    if script:
        fits(page)
        read_by_axe(page)
