"""The search box: what it suggests is reached by the keyboard alone, and nothing needs script."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Browse
from tests.browser.watching import NARROWEST, fits, read_by_axe, ready, widen

BOX = "What are you looking for?"


def typed(page: Page, text: str, label: str = BOX) -> None:
    """Type into a box, and wait for what it suggests."""
    page.get_by_label(label).click()
    page.keyboard.type(text)
    expect(page.get_by_role("option").first).to_be_visible()


def test_suggestions_are_walked_by_arrows_and_followed_by_enter(page: Page) -> None:
    page.goto("/")
    ready(page)
    box = page.get_by_role("combobox", name=BOX)
    expect(box).to_have_attribute("aria-expanded", "false")
    typed(page, "knit and")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#live")).to_have_text(re.compile(r"^\d+ suggestions?$"))
    options = page.get_by_role("option")
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "")
    expect(box).to_be_focused()
    box.press("ArrowUp")
    expect(box).not_to_have_attribute("aria-activedescendant", re.compile("."))
    box.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    activity = page.get_by_role("option", name=re.compile("^Knit and natter .*Activity"))
    while activity.get_attribute("aria-selected") != "true":
        box.press("ArrowDown")
    box.press("Enter")
    expect(page.locator("h1, #count")).to_contain_text(re.compile("Knit and natter"))


def test_escape_closes_the_suggestions_and_leaves_what_was_typed(page: Page) -> None:
    page.goto("/")
    ready(page)
    typed(page, "knit")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(page.get_by_label(BOX)).to_have_value("knit")
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_contain_text("knit")


def test_everybody_can_read_the_suggestions(page: Page) -> None:
    page.goto("/")
    ready(page)
    typed(page, "mon")
    page.keyboard.press("ArrowDown")
    read_by_axe(page)
    fits(page)
    widen(page, NARROWEST)
    read_by_axe(page)
    fits(page)


def test_a_need_that_is_suggested_is_understood(page: Page) -> None:
    page.goto("/")
    ready(page)
    typed(page, "skin")
    page.get_by_role("option", name=re.compile("skint")).click()
    page.wait_for_url(re.compile("q=skint"))


def test_the_box_for_places_is_filled_with_what_is_chosen(page: Page) -> None:
    page.goto("/")
    ready(page)
    typed(page, "bromley-by", "Postcode or town")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Postcode or town")).to_have_value("Bromley-by-Bow, Tower Hamlets")
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_contain_text("near Bromley-by-Bow")


def test_suggestions_stand_in_order_where_writing_runs_from_right_to_left(page: Page) -> None:
    page.goto("/")
    page.locator("button[lang=ur]").click()
    ready(page)
    page.locator("#q").click()
    page.keyboard.type("knit")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    read_by_axe(page)
    fits(page)


def test_nothing_is_asked_before_there_are_two_letters(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    ready(page)
    page.get_by_label(BOX).click()
    page.keyboard.type("k")
    page.wait_for_timeout(400)
    assert not [url for url in asked if "/suggest?" in url]
    page.keyboard.type("n")
    expect(page.get_by_role("option").first).to_be_visible()
    [url] = [url for url in asked if "/suggest?" in url]
    assert url.endswith("?q=kn")


def test_without_script_slang_is_understood_and_the_exact_words_are_a_link_away(
    browse: Browse,
) -> None:
    page = browse(script=False).new_page()
    page.goto("/")
    page.get_by_label(BOX).fill("skint")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".k-taken")).to_contain_text("because you wrote skint")
    page.get_by_role("link", name="Search for these exact words instead").click()
    expect(page.get_by_role("list", name="Filters in use")).to_contain_text("Exact words")
    page.get_by_role("link", name="Show what they may mean, too").click()
    expect(page.locator(".k-taken")).to_contain_text("because you wrote skint")


def test_whom_to_ring_is_there_on_every_view_and_everybody_can_read_it(page: Page) -> None:
    for view in ("", "&view=when", "&view=map"):
        page.goto(f"/activities?q=my+husband+hits+me{view}")
        expect(page.get_by_role("link", name=re.compile("Domestic Abuse"))).to_be_visible()
        read_by_axe(page)
        fits(page)
    ready(page)
    page.evaluate(
        "() => document.querySelectorAll('[data-leave]').forEach((a) => a.href = '/about')"
    )
    page.get_by_role("link", name="Leave this site quickly").click()
    page.wait_for_url("**/about")
