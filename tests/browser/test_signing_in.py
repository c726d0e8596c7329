"""Coming in and going out, by the pages themselves; other tests bring a session with them."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from core import site
from demo.cast import PASSWORD
from tests.browser.conftest import Browse
from tests.browser.live import EMAILS, Live

A_PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_somebody_signs_in_works_and_signs_out(browse: Browse, script: bool) -> None:
    page = browse(script=script).new_page()
    page.goto("/caseload")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.get_by_label("Email address").fill(EMAILS["link-worker"])
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("not right")
    page.get_by_label("Email address").fill(EMAILS["link-worker"])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My caseload")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/caseload")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_one_press_signs_in_one_of_the_cast(browse: Browse) -> None:
    page = browse().new_page()
    page.goto("/sign-in")
    page.get_by_role("button", name=re.compile("Sheila Docherty")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My listings")


@pytest.mark.asvs("6.3.3")
def test_a_passkey_is_made_and_signs_in_again_without_a_password(
    live: Live, new_context: Browse
) -> None:
    address = live.address.replace("127.0.0.1", "localhost")  # no passkey is made for a number
    site.set_up(replace(live.settings, base_url=address))
    context = new_context(base_url=address)
    page = context.new_page()
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": A_PHONE})
    page.goto("/sign-in")
    page.get_by_label("Email address").fill(EMAILS["link-worker"])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto("/your-account/passkeys")
    page.get_by_label("A name for it").fill("my phone")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Codes on paper")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/sign-in?next=/caseload")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My caseload")


def test_what_an_organiser_changes_is_found_at_once(browse: Browse) -> None:
    context = browse(as_="organiser")
    page = context.new_page()
    page.goto("/my-listings")
    page.get_by_role("link", name=re.compile("Knit and natter")).first.click()
    page.locator('a[href$="/edit/about"]').click()
    page.get_by_label("In one sentence").fill("Zinnias, dahlias and a pot of tea.")
    page.get_by_role("button", name=re.compile("^Save")).click()
    expect(page.locator("body")).to_contain_text("This is what people read now")
    visitor = browse().new_page()
    visitor.goto("/activities?q=dahlias+zinnias")
    expect(visitor.get_by_role("link", name="Knit and natter")).to_be_visible()
