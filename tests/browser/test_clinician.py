"""A GP refers somebody in three actions from a pasted banner, and in four without script."""

from playwright.sync_api import Page, expect

from tests.browser.desks import Browse, Clinician
from tests.browser.live import Live

BANNER = (
    "THISTLEWOOD, Mavis (Mrs)\tBorn 31-Mar-1948 (78y)\tGender Female\tNHS No. 999 887 7660\n"
    "Address 12 Canary Lane, London, E3 3BQ\tHome 01632 960 777"
)


class Counted:
    """Somebody at keyboard and mouse, whose every action is counted."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.actions = 0

    def pastes(self, words: str) -> None:
        """Paste what was copied out of another program, where the page has put the focus."""
        self._page.evaluate("words => navigator.clipboard.writeText(words)", words)
        self.keys("Control+V")

    def keys(self, keys: str) -> None:
        """Press a key, or some at once."""
        self._page.keyboard.press(keys)
        self.actions += 1

    def clicks(self, words: str) -> None:
        """Press something by its words."""
        button = self._page.get_by_role("button", name=words, exact=True)
        button.or_(self._page.get_by_role("checkbox", name=words, exact=True)).first.click()
        self.actions += 1


def test_a_gp_refers_in_three_actions_from_a_pasted_banner(browse: Browse, live: Live) -> None:
    gp = Clinician(browse, live, script=True)
    gp.signs_in()
    gp.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    gp.opens("/refer")
    hands = Counted(gp.page)

    hands.pastes(BANNER)
    expect(gp.page.get_by_role("group", name="Who this is about")).to_contain_text(
        "Mavis Thistlewood"
    )
    gp.looks_around()
    hands.keys("1")
    hands.keys("Control+Enter")

    gp.sees("Sent. Reference")
    gp.looks_around()
    assert hands.actions == 3
    assert "Mavis" not in gp.page.url
    assert "999" not in gp.page.url


def test_a_gp_refers_from_a_banner_without_script(browse: Browse, live: Live) -> None:
    gp = Clinician(browse, live, script=False)
    gp.signs_in()
    gp.opens("/refer")
    hands = Counted(gp.page)
    gp.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    hands.pastes(BANNER)
    hands.clicks("Fill in")
    gp.sees("Mavis Thistlewood")
    hands.clicks("Lonely or few contacts")
    hands.clicks("They agree: send referral")

    gp.sees("Sent. Reference")
    assert hands.actions == 4
