"""Read aloud: only with a voice of this device, in the page's language, and silent when asked."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Browse
from tests.browser.watching import Watch

ACTIVITY = "/activities/knit-and-natter-london"

VOICES = """
window.said = [];
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text } };
const voices = [{ lang: "en-GB", localService: LOCAL }, { lang: "de-DE", localService: true }];
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => voices,
  speak: (each) => window.said.push(each.text),
  cancel: () => { window.said.length = 0 },
  addEventListener: () => {},
} });
"""
"""Browsers without a screen have no voices, so the page is given two to choose from."""


@pytest.mark.parametrize("path", [ACTIVITY, f"{ACTIVITY}/leaflet"])
def test_a_page_is_read_aloud_by_this_device_until_one_presses_again(
    browse: Browse, watch: Watch, path: str
) -> None:
    page = browse().new_page()
    page.add_init_script(VOICES.replace("LOCAL", "true"))
    page.goto(path)
    page.get_by_role("button", name="Listen").click()
    said = page.evaluate("() => window.said")
    assert "Knit and natter" in said[:3]
    assert len(said) > 5
    page.get_by_role("button", name="Stop reading").click()
    assert page.evaluate("() => window.said") == []
    expect(page.get_by_role("button", name="Listen")).to_be_visible()


def test_a_voice_that_sends_the_words_away_is_no_voice(browse: Browse, watch: Watch) -> None:
    page = browse().new_page()
    page.add_init_script(VOICES.replace("LOCAL", "false"))
    page.goto(ACTIVITY)
    expect(page.get_by_role("button", name="Listen")).to_be_hidden()
