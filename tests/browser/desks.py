"""The people of a referral at their desks, each in a browser of their own.

Every page they come to is read by axe, at the width of a desk and of a phone, and all that
they press is found by the words on it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date

from playwright.sync_api import BrowserContext, Locator, Page, expect

from accounts.web import COOKIE
from tests.browser.live import Live
from tests.browser.watching import DESKTOP, PHONE, fits, read_by_axe_once, ready, widen

Browse = Callable[..., BrowserContext]

MORE = {
    "worry": "What worries them about going",
    "pledge": "What do they mean to do",
    "witness": "Who else knows",
}
"""What else a plan for a first visit may say."""

_KEY = re.compile(r"[0-9a-f-]{36}|(?<=/g/)[\w-]+")


class Desk:
    """Somebody at a browser. `key` is who of the cast; without one, nobody signs in."""

    key = ""

    def __init__(self, browse: Browse, live: Live, *, script: bool) -> None:
        self._live = live
        self._script = script
        self._read: set[str] = set()
        self._context = browse(script=script)
        self.page: Page = self._context.new_page()

    def signs_in(self) -> None:
        """Sit down, on a new day."""
        session = {"name": COOKIE, "value": self._live.session_of(self.key)}
        self._context.add_cookies([{**session, "url": self._live.address}])  # type: ignore[list-item]

    def opens(self, path: str) -> None:
        """Go to a page."""
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.ok, f"{answer.status} at {answer.url}"
        self.looks_around()

    def presses(self, words: str | re.Pattern[str], *, within: Locator | None = None) -> None:
        """Press a button or follow a link: people do not tell one from the other."""
        place = within or self.page
        link = place.get_by_role("link", name=words, exact=True)
        link.or_(place.get_by_role("button", name=words, exact=True)).first.click()
        self.looks_around()

    def sees(self, words: str | re.Pattern[str]) -> None:
        """The page says so."""
        expect(self.page.locator("body")).to_contain_text(words)

    def does_not_see(self, words: str) -> None:
        """The page does not say so."""
        expect(self.page.locator("body")).not_to_contain_text(words)

    def is_at(self, heading: str | re.Pattern[str]) -> None:
        """The page is the one with this heading."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def fills(self, boxes: Mapping[str, str]) -> None:
        """Write into boxes, by the beginning of what each asks."""
        for asks, answer in boxes.items():
            self.box(asks).fill(answer)

    def box(self, asks: str) -> Locator:
        """The box that asks for this."""
        begins = re.compile(rf"^{re.escape(asks)}", re.IGNORECASE)
        return self.page.get_by_role("textbox", name=begins).first

    def dates(self, asks: str, day: date) -> None:
        """Write a date into its three boxes."""
        parts = self.page.get_by_role("group", name=asks)
        parts.get_by_label("Day").fill(str(day.day))
        parts.get_by_label("Month").fill(str(day.month))
        parts.get_by_label("Year").fill(str(day.year))

    def chooses(self, words: str) -> None:
        """Tick a box, or choose one of several."""
        box = self.page.get_by_role("checkbox", name=words, exact=True)
        box.or_(self.page.get_by_role("radio", name=words, exact=True)).first.check()

    def looks_around(self) -> None:
        """Nobody is shut out of this page; each sort fits a phone, where others read it by axe."""
        if not self._script:
            return
        ready(self.page)
        sort = _KEY.sub("", self.page.url)
        for width in (DESKTOP,) if sort in self._read else (PHONE, DESKTOP):
            widen(self.page, width)
            fits(self.page)
        read_by_axe_once(self.page)
        self._read.add(sort)


class Clinician(Desk):
    """Dr Nair, a GP."""

    key = "gp"

    def refers(self, name: str, nhs_number: str, born_on: date) -> None:
        """Refer somebody who agrees, on the one page there is for it."""
        self.opens("/refer")
        self.fills(
            {
                "Full name": name,
                "NHS number": nhs_number,
                "Postcode": "E3 3BQ",
                "Number or address": "01632 960 777",
                "What helps them": "Speak slowly",
                "A note": "Rarely leaves the house since the funeral.",
            }
        )
        self.dates("Date of birth", born_on)
        self.page.get_by_label("How to reach them").select_option("By phone")
        self.chooses("Lonely or few contacts")
        self.chooses("Bereavement")
        self.presses("They agree: send referral")

    def finds_in_list(self, name: str) -> Locator:
        """The line about somebody in “my referrals”."""
        self.opens("/my-referrals")
        line = self.page.get_by_role("row").filter(has_text=name)
        expect(line).to_have_count(1)
        return line

    def reads_of(self, name: str) -> None:
        """Open somebody's page from “my referrals”."""
        self.presses(name, within=self.finds_in_list(name))
        self.is_at(name)

    def went_somewhere(self) -> int:
        """How many of the referred went to a group, as “what happened” counts them."""
        self.opens("/what-happened?period=all")
        tile = self.page.get_by_role("listitem").filter(has_text="went to a group")
        return int(tile.locator("b").inner_text())


class LinkWorker(Desk):
    """Amina, a link worker."""

    key = "link-worker"

    def finds_new(self, name: str) -> None:
        """Open the page of somebody who was just referred."""
        self.opens("/caseload")
        self.presses(re.compile(r"^New\b"))
        self.presses(name)
        self.is_at(name)

    def opens_person(self, name: str) -> None:
        """Open somebody's page by looking for their name."""
        self.opens("/caseload")
        self.page.get_by_label("Find a person").fill(name)
        self.presses("Find")
        self.presses(name)
        self.is_at(name)

    def accepts(self) -> None:
        """Take somebody on."""
        self.presses("Accept")
        self.presses("Accept")
        self.sees("You have accepted this referral")

    def logs_a_call(self, note: str) -> None:
        """Note a telephone call, from the panel on the person's page."""
        panel = self.page.get_by_role("complementary", name="Log a contact")
        panel.get_by_label("Phone call").check()
        panel.get_by_label("Note").fill(note)
        self.presses("Save", within=panel)
        self.sees("Saved")

    def tries_in_vain(self) -> None:
        """Note that nobody answered, from the panel on the person's page."""
        panel = self.page.get_by_role("complementary", name="Log a contact")
        panel.get_by_label("No answer").check()
        self.presses("Save", within=panel)
        self.sees("Saved")

    def says_what_helps(self, thing: str, help_with_it: str) -> None:
        """Write down one thing that stands in the way, and the help that was found."""
        self.presses("Write down what stands in the way, and what helps")
        self.chooses(thing)
        self.presses("Save")
        place = self.page.get_by_role("region", name=thing)
        place.get_by_label("What help was offered?").fill(help_with_it)
        place.get_by_label("How does it stand?").select_option("They have this help")
        self.presses("Save this help", within=place)

    def states_no_risks(self) -> None:
        """Say that none are known, before anybody is asked to take them."""
        self.presses("Write down what matters, their goals and needs")
        self.presses("State the risks")
        self.chooses("No known risks")
        self.presses("Save")
        self.sees("Saved")

    def asks_wellbeing(self, which: str, *answers: int) -> None:
        """Write down the four answers."""
        self.presses(f"Write down the {which}")
        questions = self.page.locator("form.k-scale fieldset").filter(
            has=self.page.get_by_role("radio")
        )
        expect(questions).to_have_count(len(answers))
        for place, answer in enumerate(answers):
            questions.nth(place).get_by_label(str(answer), exact=True).check()
        self.presses("Save")
        self.sees("Saved")

    def asks_group(self, words: str, activity: str, note: str) -> None:
        """Find an activity near the person, and ask its group."""
        self.presses("Find an activity")
        self.page.get_by_label("What are you looking for?").fill(words)
        self.presses("Search")
        self.presses(re.compile(rf"Refer here\s*: {activity}"))
        self.is_at(f"Ask {activity}")
        self.fills({"What should they know": note})
        self.presses(re.compile("agrees: ask them"))
        self.sees("Asked.")

    def plans_first_visit(self, **more: str) -> str:
        """Plan the first visit for the next session there is; returns its day, as it is said."""
        self.presses("Plan the first visit")
        sessions = self.page.get_by_role("group", name="Which session?").get_by_role("radio")
        sessions.first.check()
        value = sessions.first.get_attribute("value") or ""
        self.chooses("By bus")
        self.fills({"More about": "The 488 bus", "Who meets": "Sheila, at the side door"})
        self.fills({MORE[asks]: answer for asks, answer in more.items()})
        self.presses("Save the plan")
        self.sees("The first visit is planned")
        return value.split()[0]

    def finishes(self) -> None:
        """Close the referral: they have done what they set out to do."""
        self.presses("Finish")
        self.presses("Finish")
        self.sees("Finished. We have told the practice.")


class Group(Desk):
    """Whoever reads the group's post. They have no account."""

    def opens_newest_letter(self) -> None:
        """Follow the link in the newest letter, from the page that shows the post."""
        self.opens("/dev/letters")
        letter = self.page.get_by_role("article").first
        self.presses(re.compile("^http"), within=letter)

    def says_yes(self) -> None:
        """They are welcome."""
        self.presses("Yes, they are welcome")
        self.sees("Thank you.")

    def says_they_came(self) -> None:
        """They came."""
        self.page.reload()
        self.looks_around()
        self.chooses("They came")
        self.presses("Send")
        self.sees("Thank you.")
