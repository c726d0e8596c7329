"""The directory's search: the groups of boxes beside the results, their names and their words."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from core.languages import language, lazy, translated
from directory import taxonomy
from directory.rules import ACCESS_WORDS, Access, Attending
from directory.search import asking

Words = dict[str, Any]
"""The values of a group in the address, and what people read for each."""

DAYS: Words = {
    "MO": lazy("Monday"),
    "TU": lazy("Tuesday"),
    "WE": lazy("Wednesday"),
    "TH": lazy("Thursday"),
    "FR": lazy("Friday"),
    "SA": lazy("Saturday"),
    "SU": lazy("Sunday"),
}
TIME_WORDS: Words = {
    "morning": lazy("In the morning"),
    "afternoon": lazy("In the afternoon, from 12"),
    "evening": lazy("In the evening, from 5pm"),
}
AGE_WORDS: Words = {
    "under-18": lazy("Under 18"),
    "18-25": lazy("18 to 25"),
    "26-64": lazy("26 to 64"),
    "65-over": lazy("65 and over"),
}
ATTENDING: dict[Attending, Any] = {
    Attending.VENUE: lazy("Somewhere you go"),
    Attending.ONLINE: lazy("Online"),
    Attending.PHONE: lazy("By phone"),
    Attending.HOME_VISIT: lazy("Somebody comes to you"),
}
HAS_WORDS: Words = {
    "places": lazy("Has places now"),
    "door": lazy("Somebody meets you at the door"),
    "no-referral": lazy("No referral needed"),
}
COST_WORDS: Words = {"free": lazy("Free")}


@dataclass(frozen=True, slots=True)
class Group:
    """One group of boxes: its name in the address, what the search calls it, its heading."""

    name: str
    facet: str
    legend: Any
    says: Callable[[], Words]
    starts_open: bool = False

    def words(self) -> dict[str, str]:
        """Its values, and what people read for each in the language of the page."""
        return _words(self.name, language().code)


@cache
def _words(name: str, _code: str) -> dict[str, str]:
    return {value: str(words) for value, words in _named(name).says().items()}


def _named(name: str) -> Group:
    return next(group for group in GROUPS if group.name == name)


def _kinds() -> Words:
    return {term.code: translated(term.name) for term in taxonomy.kinds()}


def _needs() -> Words:
    return {term.code: translated(term.name) for term in taxonomy.needs()}


def _audiences() -> Words:
    return {term.code: translated(term.name) for term in taxonomy.audiences()}


def _access() -> Words:
    return {str(each): translated(ACCESS_WORDS[each]) for each in Access}


def _attending() -> Words:
    return {str(each): words for each, words in ATTENDING.items()}


def _languages() -> Words:
    # Nearly everybody speaks English, so nobody looks for it.
    words = {code: taxonomy.language_words(code) for code in taxonomy.languages() if code != "en"}
    return dict(sorted(words.items(), key=lambda each: each[1]))


GROUPS = (
    Group("cost", asking.COST, lazy("Cost"), lambda: COST_WORDS, starts_open=True),
    Group("kind", asking.KINDS, lazy("Kind of thing"), _kinds, starts_open=True),
    Group("need", asking.NEEDS, lazy("What is going on for you"), _needs),
    Group("day", asking.DAYS, lazy("Day"), lambda: DAYS, starts_open=True),
    Group("time", asking.TIMES, lazy("Starting time"), lambda: TIME_WORDS),
    Group("access", asking.ACCESS, lazy("Access and comfort"), _access),
    Group("has", asking.OFFERS, lazy("Easy to start"), lambda: HAS_WORDS),
    Group("age", asking.AGES, lazy("Your age"), lambda: AGE_WORDS),
    Group("who", asking.AUDIENCES, lazy("Made for"), _audiences),
    Group("attending", asking.ATTENDING, lazy("How to join in"), _attending),
    Group("language", asking.LANGUAGES, lazy("Language spoken"), _languages),
)
"""The groups in the order people see them: the most useful first."""
