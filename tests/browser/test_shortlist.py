"""Keeping, passing on and getting away: with script in place, and without it just as well."""

import re

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Browse
from tests.browser.watching import Watch, ready

NEAR_BOW = "/activities?q=knit&near=E3+3BQ&within=3"


def test_an_activity_is_saved_where_it_stands_and_passed_on(page: Page) -> None:
    page.goto(NEAR_BOW)
    ready(page)
    page.evaluate("() => { document.body.dataset.here = 'still' }")
    save = page.get_by_role("button", name="Save Knit and natter")
    save.click()
    saved = page.get_by_role("button", name="Saved Knit and natter")
    expect(saved).to_be_focused()
    expect(saved).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#live")).to_have_text("Knit and natter is on your shortlist")
    menu = page.get_by_role("navigation", name="Menu")
    expect(menu.get_by_role("link", name="Shortlist (1)")).to_be_visible()
    assert page.locator("body").get_attribute("data-here") == "still"
    menu.get_by_role("link", name="Shortlist (1)").click()
    page.get_by_role("button", name="Share this list").click()
    page.wait_for_url(re.compile("/l/"))
    expect(page.get_by_role("textbox", name="Short address")).to_have_value(re.compile("/l/"))


def test_without_script_one_saves_and_leaves_and_with_it_three_escapes_are_enough(
    browse: Browse, watch: Watch
) -> None:
    def weather(route: Route) -> None:
        route.fulfill(body="<title>Weather</title>", content_type="text/html")

    for script in (False, True):
        page = browse(script=script).new_page()
        page.route("https://www.bbc.co.uk/**", weather)
        page.goto(NEAR_BOW)
        if script:
            ready(page)
            for _ in range(3):
                page.keyboard.press("Escape")
        else:
            page.get_by_role("button", name="Save Knit and natter").click()
            expect(page.get_by_role("link", name="Shortlist (1)")).to_be_visible()
            page.get_by_role("link", name="Leave quickly").click()
        page.wait_for_url("https://www.bbc.co.uk/weather")
        if script:
            page.go_back()
            assert "/activities" not in page.url
    # This once it is right that another machine was asked.
    assert watch.troubles == ["asked another machine: https://www.bbc.co.uk/weather"] * 2
    watch.troubles.clear()
