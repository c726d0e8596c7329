"""Finding something to do, in a real browser: with script and without."""

from playwright.sync_api import Page, expect


def test_the_front_page_opens(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
