"""Forms, by the keyboard alone: what is wrong is said, and led to; keys that save time do."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Browse
from tests.browser.watching import fits, read_by_axe, ready


def test_the_list_of_problems_takes_the_focus_and_leads_to_each_box(browse: Browse) -> None:
    page = a_page_to_refer(browse)
    page.get_by_role("button", name="They agree: send referral").click()
    ready(page)
    problems = page.locator(".govuk-error-summary")
    expect(problems).to_be_focused()
    read_by_axe(page)
    fits(page)
    links = problems.get_by_role("link")
    assert links.count() > 4
    for place in range(links.count()):
        words = links.nth(place).inner_text()
        links.nth(place).click()
        focused = page.locator("*:focus")
        expect(focused).to_have_attribute("id", re.compile(".+"))
        assert focused.evaluate("it => ['INPUT', 'SELECT', 'TEXTAREA'].includes(it.tagName)"), words


def test_what_was_typed_is_kept_when_something_is_wrong(browse: Browse) -> None:
    page = browse(as_="gp", script=False).new_page()
    page.goto("/refer")
    page.get_by_label("Full name").fill("Mavis Thistlewood")
    page.get_by_label("NHS number", exact=True).fill("999 887 7661")
    page.get_by_role("checkbox", name="Bereavement").check()
    page.get_by_role("button", name="They agree: send referral").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("Check the NHS number")
    expect(page.get_by_label("Full name")).to_have_value("Mavis Thistlewood")
    expect(page.get_by_role("checkbox", name="Bereavement")).to_be_checked()
    expect(page).to_have_title(re.compile("^Error: Refer someone"))


def test_keys_1_to_8_choose_reasons_and_nothing_elsewhere(browse: Browse) -> None:
    page = a_page_to_refer(browse)
    boxes = page.locator("[data-keys]").get_by_role("checkbox")
    boxes.first.focus()
    page.keyboard.press("2")
    page.keyboard.press("8")
    expect(boxes.nth(1)).to_be_checked()
    expect(boxes.nth(7)).to_be_checked()
    page.keyboard.press("2")
    expect(boxes.nth(1)).not_to_be_checked()
    page.get_by_label("Full name").focus()
    page.keyboard.type("1")
    expect(page.get_by_label("Full name")).to_have_value("1")
    expect(boxes.first).not_to_be_checked()


def test_ctrl_and_enter_sends_the_referral(browse: Browse) -> None:
    page = a_page_to_refer(browse)
    page.get_by_label("Full name").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Enter their full name")


def test_a_long_note_says_how_much_room_is_left(browse: Browse) -> None:
    page = a_page_to_refer(browse)
    page.get_by_label("A note for the link worker").fill("a" * 490)
    expect(page.locator(".govuk-character-count__message").first).to_have_text(
        "You have 10 characters left"
    )


def test_a_status_changes_in_the_list_without_leaving_it(browse: Browse) -> None:
    page = browse(as_="link-worker").new_page()
    page.goto("/caseload?tab=new&team=1")
    ready(page)
    status = page.locator(".k-status", has=page.get_by_text("I am looking at this")).first
    row = status.get_attribute("id")
    page.evaluate("() => { document.body.dataset.here = 'still' }")
    status.locator("summary").click()
    page.keyboard.press("Escape")
    expect(status.locator("details")).not_to_have_attribute("open", "")
    status.locator("summary").click()
    status.get_by_role("button", name="I am looking at this").click()
    changed = page.locator(f"#{row}")
    expect(changed).to_contain_text("Amina Rahman is looking")
    assert page.locator("body").get_attribute("data-here") == "still"
    expect(changed.locator("summary")).to_be_focused()
    expect(page.locator("#live")).not_to_be_empty()
    page.reload()
    expect(page.locator(f"#{row}")).to_contain_text("Amina Rahman is looking")


def test_a_status_changes_in_the_list_without_script(browse: Browse) -> None:
    page = browse(as_="link-worker", script=False).new_page()
    page.goto("/caseload?tab=new&team=1")
    status = page.locator(".k-status", has=page.get_by_text("I am looking at this")).first
    row = status.get_attribute("id")
    status.locator("summary").click()
    status.get_by_role("button", name="I am looking at this").click()
    expect(page.locator(f"#{row}")).to_contain_text("Amina Rahman is looking")


def a_page_to_refer(browse: Browse) -> Page:
    """The page on which a GP refers."""
    page = browse(as_="gp").new_page()
    page.goto("/refer")
    ready(page)
    return page
