"""Finding something to do: the results follow the filters, and nothing of it needs script."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Browse
from tests.browser.watching import PHONE, ready

NEAR_BOW = "/activities?near=E3+3BQ&within=3"


def test_from_the_front_page_to_an_activity_and_back(page: Page) -> None:
    page.goto("/")
    page.get_by_label("What are you looking for?").fill("knit")
    page.get_by_label("Postcode or town").fill("E3 3BQ")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Knit and natter").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Knit and natter")
    page.get_by_role("link", name="Back to results").click()
    expect(page.locator("#count")).to_contain_text("knit")
    expect(page.get_by_label("Postcode or town")).to_have_value("E3 3BQ")


def test_results_follow_the_filters_without_leaving_the_page(page: Page) -> None:
    page.goto(NEAR_BOW)
    ready(page)
    before = counted(page)
    page.evaluate("() => { document.body.dataset.here = 'still' }")
    free = page.get_by_role("checkbox", name=re.compile("^Free"))
    free.check()
    expect(page.locator("#live")).to_have_text(re.compile("activit"))
    page.wait_for_url(re.compile("cost=free"))
    assert 0 < counted(page) < before
    assert page.locator("body").get_attribute("data-here") == "still"
    expect(page.get_by_role("list", name="Filters in use")).to_contain_text("Free")
    expect(free).to_be_focused()
    page.reload()
    expect(page.get_by_role("checkbox", name=re.compile("^Free"))).to_be_checked()


def test_results_follow_the_filters_without_script_at_the_press_of_a_button(
    browse: Browse,
) -> None:
    page = browse(script=False).new_page()
    page.goto(NEAR_BOW)
    before = counted(page)
    page.get_by_role("checkbox", name=re.compile("^Free")).check()
    page.get_by_role("button", name="Show results").click()
    assert 0 < counted(page) < before
    page.get_by_role("link", name=re.compile("Free")).first.click()
    assert counted(page) == before


def test_filters_wait_folded_on_a_phone_and_stand_open_where_there_is_no_script(
    browse: Browse,
) -> None:
    for script in (True, False):
        page = browse(script=script, width=PHONE).new_page()
        page.goto(NEAR_BOW)
        free = page.get_by_role("checkbox", name=re.compile("^Free"))
        expect(free).to_be_visible(visible=not script)
        if script:
            page.locator("summary", has_text="Filter").click()
            expect(free).to_be_visible()


def test_the_map_without_script_is_a_map_of_links(browse: Browse) -> None:
    page = browse(script=False).new_page()
    page.goto(NEAR_BOW)
    page.get_by_role("link", name="Map", exact=True).click()
    marks = page.get_by_role("group", name=re.compile("^Map of")).get_by_role("link")
    assert marks.count() > 3
    expect(page.locator("#results .k-rows a").first).to_be_visible()
    marks.filter(has=page.locator(".k-svgmap__cluster")).first.click()
    page.locator("#results :is(.k-rows, .k-card__title) a").first.click()
    expect(page.get_by_role("link", name="Back to results")).to_be_visible()


def test_the_map_with_script_has_pins_that_tell_what_they_are(page: Page) -> None:
    page.goto("/activities?q=knit&exact=1&near=E3+3BQ&within=3&view=map")
    page.wait_for_selector("html[data-map-ready]", state="attached")
    pin = page.get_by_role("button", name=re.compile("^Knit and natter"))
    pin.focus()
    pin.press("Enter")
    page.locator(".leaflet-popup").get_by_role("link", name="Knit and natter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Knit and natter")


def test_nothing_found_says_what_to_try(page: Page) -> None:
    page.goto("/activities?q=xyzzy&near=E3+3BQ&within=1")
    expect(page.get_by_role("heading", name="Nothing matches all of that yet")).to_be_visible()
    way_out = page.locator(".k-ways-out a").first
    promised = int(re.findall(r"\d+", page.locator(".k-ways-out .k-n").first.inner_text())[0])
    way_out.click()
    assert counted(page) == promised > 0


def test_counts_beside_the_boxes_follow_what_is_ticked(page: Page) -> None:
    page.goto(NEAR_BOW)
    ready(page)
    tuesday = page.locator("#day-TU")
    free = page.locator("label[for=cost-free] .k-n")
    before = int(free.inner_text())
    tuesday.check()
    page.wait_for_url(re.compile("day=TU"))
    expect(page.locator("#facet-day summary")).to_contain_text("1 chosen")
    expect(tuesday).to_be_focused()
    expect(tuesday).to_be_checked()
    after = int(free.inner_text())
    assert 0 < after < before
    page.locator("#cost-free").check()
    expect(page.locator("#count")).to_have_text(re.compile(rf"^{after} "))


def test_the_coming_week_follows_the_filters_too(page: Page) -> None:
    page.goto(NEAR_BOW)
    page.get_by_role("link", name="When", exact=True).click()
    ready(page)
    expect(page.locator(".k-day")).to_have_count(7)
    page.locator("#day-TU").check()
    expect(page.locator(".k-day")).to_have_count(1)
    expect(page.locator(".k-day h3")).to_contain_text("Tuesday")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_place_nobody_knows_is_said_at_its_box(browse: Browse, script: bool) -> None:
    page = browse(script=script).new_page()
    page.goto("/activities?near=Nowhereville")
    box = page.get_by_label("Postcode or town")
    expect(box).to_be_visible()
    expect(box).to_have_accessible_description(re.compile("do not know that place"))


def counted(page: Page) -> int:
    """How many activities the heading of the results says there are."""
    found = re.match(r"[\d,]+", page.locator("#count").inner_text())
    assert found is not None
    return int(found[0].replace(",", ""))
