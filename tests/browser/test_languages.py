"""The way of a resident in Welsh and Urdu: it fits, everybody can read it, and it runs its way."""

import pytest
from playwright.sync_api import Page, expect

from core.languages import LANGUAGES
from tests.browser.watching import PHONE, fits, read_by_axe, widen

NEAR_BOW = "/activities?q=knit&near=E3+3BQ&within=3"
HEADINGS = {
    "cy": "Dewch o hyd i rywbeth da yn eich ardal chi",
    "ur": "اپنے قریب کچھ اچھا تلاش کریں",
}


@pytest.mark.parametrize("code", HEADINGS)
def test_a_resident_finds_something_in_their_own_language(page: Page, code: str) -> None:
    widen(page, PHONE)
    page.goto("/")
    page.get_by_role("button", name=LANGUAGES[code].name).click()
    expect(page.locator("h1")).to_have_text(HEADINGS[code])
    look(page, code)
    page.goto(NEAR_BOW)
    look(page, code)
    page.locator(".k-card__title a").first.click()
    page.wait_for_url("**/activities/*")
    look(page, code)


def look(page: Page, code: str) -> None:
    html = page.locator("html")
    expect(html).to_have_attribute("lang", code)
    expect(html).to_have_attribute("dir", LANGUAGES[code].direction)
    fits(page)
    read_by_axe(page)
