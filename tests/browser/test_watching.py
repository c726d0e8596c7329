"""The watch itself: what it is there to catch, it catches."""

import pytest
from playwright.sync_api import Error, Page

from tests.browser.conftest import Browse
from tests.browser.live import Live
from tests.browser.watching import Watch, fits, read_by_axe


@pytest.fixture
def bare(live: Live, new_context: Browse) -> tuple[Page, Watch]:
    """A page of ours that nobody but the test itself watches."""
    watch, context = Watch(live.address), new_context(base_url=live.address)
    watch.over(context)
    page = context.new_page()
    page.goto("/about")
    return page, watch


def test_a_good_page_passes(bare: tuple[Page, Watch]) -> None:
    page, watch = bare
    read_by_axe(page)
    fits(page)
    assert not watch.troubles


def test_a_button_without_a_name_is_caught(bare: tuple[Page, Watch]) -> None:
    page, _ = bare
    page.evaluate("() => document.querySelector('main').append(document.createElement('button'))")
    with pytest.raises(AssertionError, match="button-name"):
        read_by_axe(page)


def test_a_page_that_is_too_wide_is_caught(bare: tuple[Page, Watch]) -> None:
    page, _ = bare
    page.evaluate("() => { document.querySelector('h1').style.width = '2000px' }")
    with pytest.raises(AssertionError, match="wider"):
        fits(page)


def test_a_request_to_another_machine_fails_and_is_caught(bare: tuple[Page, Watch]) -> None:
    page, watch = bare
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://elsewhere.example/")
    assert any("asked another machine" in trouble for trouble in watch.troubles)


def test_what_our_policy_forbids_is_caught(bare: tuple[Page, Watch]) -> None:
    page, watch = bare
    page.evaluate("() => fetch('http://elsewhere.example/').catch(() => 0)")
    page.wait_for_timeout(100)
    assert any("Content Security Policy" in trouble for trouble in watch.troubles)


def test_an_error_in_a_script_is_caught(bare: tuple[Page, Watch]) -> None:
    page, watch = bare
    page.evaluate("() => { setTimeout(() => { throw new Error('broken') }, 0) }")
    page.wait_for_timeout(100)
    assert any("broken" in trouble for trouble in watch.troubles)
