"""Measures how true a directory stays: our round of questions against a reminder every six months.

`python -m benchmarks.freshness` invents groups whose listings change at known rates, lives through
the same years with each way of asking, and prints what residents would have been shown.
The rates are assumptions, written down below; what is decided is decided by
directory/freshness/doubt.py.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from statistics import median

from directory.freshness.doubt import USUAL, Cycle, Move, Standing, may_write, moves
from directory.rules import VITAL, Aspect, How, Life

A_YEAR = {
    Aspect.TIME: 0.20,
    Aspect.PRICE: 0.20,
    Aspect.CONTACT: 0.12,
    Aspect.ABOUT: 0.08,
    Aspect.PLACE: 0.08,
    Aspect.WHO_FOR: 0.06,
    Aspect.ACCESS: 0.04,
}
"""How often each part of a listing changes in a year, for a group of the middling sort."""

UNEVEN = 1.5
"""Shape of the gamma distribution by which some groups change far more often than others."""

CLOSES = 0.05
"""A group in twenty closes in a year, and tells nobody."""

ANSWERS = 1.65, 1.35
"""Beta distribution of how likely a group is to answer one letter: 55% on average."""

ANSWERS_WITHIN = 4.0
"""Mean days from a letter to its answer."""

NOTICES = 0.9
"""How likely somebody who looks at a listing sees what is wrong with it."""

TELLS_UNASKED = 0.25
"""How likely a group changes its listing by itself when something has changed."""

IS_REFERRED_TO, VISITS = 0.4, 4.0
"""The share of groups that first visits are planned to, and how many people come in a year."""

IS_FED, FEED_CHECKS, FEED_SEES = 0.25, 1.0, 0.5
"""The share of listings out of a feed, how often in a year it checks them, and how well."""

SEVERAL = (1, 1, 1, 1, 2, 2, 3)
"""How many listings a group has."""

GROUPS, YEARS, SETTLING = 400, 4, 1
BLANKET = 182
BEGINS = date(2020, 1, 6)


@dataclass
class Listing:
    """One invented listing: what is true of it, and what the directory knows."""

    began_on: date
    is_fed: bool
    wrong: set[Aspect] = field(default_factory=set)
    checks: dict[Aspect, dict[How, date]] = field(default_factory=dict)
    life: Life = Life.LIVE
    assured_on: date | None = None
    changes: int = 0
    asked_on: date | None = None
    reminded_on: date | None = None
    passed_on_on: date | None = None
    heard_on: date | None = None

    def confirm(self, aspects: set[Aspect], how: How, on: date) -> None:
        """Write down a confirmation, as directory/freshness/evidence.py does."""
        for aspect in aspects:
            self.checks.setdefault(aspect, {})[how] = on
        people = [
            [on for how, on in self.checks.get(each, {}).items() if how is not How.IMPORTED]
            for each in VITAL
        ]
        if all(people):
            self.assured_on = min(max(days) for days in people)

    def standing(self, letters: int, answers: int) -> Standing:
        """What the directory knows, as its daily round reads it."""
        return Standing(
            life=self.life,
            began_on=self.began_on,
            assured_on=self.assured_on,
            is_fed=self.is_fed,
            checks={each: tuple(days.items()) for each, days in self.checks.items()},
            changes=self.changes,
            letters=letters,
            answers=answers,
            asked_on=self.asked_on,
            reminded_on=self.reminded_on,
            passed_on_on=self.passed_on_on,
            heard_on=self.heard_on,
        )


@dataclass
class Group:
    """One invented group."""

    number: int
    answers: float
    pace: float
    is_referred_to: bool
    closes_on: date
    listings: list[Listing]
    letters: list[date] = field(default_factory=list)
    answered: int = 0
    replies_on: date | None = None


@dataclass
class Tally:
    """What was counted while living through the years."""

    letters: int = 0
    weeks: int = 0
    shown: int = 0
    wrong_shown: int = 0
    wrong_parts: int = 0
    there: int = 0
    hidden_right: int = 0
    ages: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Way:
    """A way of keeping listings true: our cycle, or a letter to everybody every so many days."""

    name: str
    cycle: Cycle | None = None
    blanket: int = BLANKET
    hides: bool = False


def invent(seed: int, rates: float) -> list[Group]:
    """The groups of one world. Each way of asking gets the same ones."""
    rng = Random(f"{seed}-groups")
    groups = []
    for number in range(GROUPS):
        began = BEGINS - timedelta(days=rng.randrange(BLANKET))
        is_fed = rng.random() < IS_FED
        listings = [Listing(began, is_fed) for _ in range(rng.choice(SEVERAL))]
        for each in listings:
            each.confirm(set(Aspect), How.IMPORTED if is_fed else How.GROUP, began)
        closes = BEGINS + timedelta(days=rng.expovariate(CLOSES) * 365)
        groups.append(
            Group(
                number,
                rng.betavariate(*ANSWERS),
                rates * rng.gammavariate(UNEVEN, 1 / UNEVEN),
                rng.random() < IS_REFERRED_TO,
                closes,
                listings,
            )
        )
    return groups


def live(way: Way, seed: int, rates: float = 1.0) -> Tally:
    """Live through the years in one way of asking; the daily round is made once a week here."""
    tally = Tally()
    for group in invent(seed, rates):
        events = what_happens(group, seed)
        for day in range(YEARS * 365):
            today = BEGINS + timedelta(days=day)
            for event in events.get(day, ()):
                happen(group, event, today)
            is_weekly = (day + group.number) % 7 == 0
            if (is_weekly or way.cycle is None) and ask(way, group, today):
                tally.letters += day >= SETTLING * 365 and today < group.closes_on
                hear(group, today, Random(f"{seed}-{group.number}-letter-{day}"))
            if group.replies_on == today:
                answer(group, today, Random(f"{seed}-{group.number}-answer-{day}"))
            if is_weekly and day >= SETTLING * 365:
                count(tally, group, today)
    return tally


@dataclass(frozen=True)
class Event:
    """Something that happens to a listing, whatever anybody asked."""

    listing: int
    aspect: Aspect | None = None
    told: bool = False
    seen: frozenset[Aspect] | None = None


def what_happens(group: Group, seed: int) -> dict[int, list[Event]]:
    """What each day brings: changes, visits, feeds; the same in every way of asking."""
    rng = Random(f"{seed}-{group.number}-events")
    found: dict[int, list[Event]] = {}
    for number, listing in enumerate(group.listings):
        for aspect, rate in A_YEAR.items():
            for day in arrivals(rate * group.pace, rng):
                told = rng.random() < TELLS_UNASKED
                found.setdefault(day, []).append(Event(number, aspect, told))
        for day in arrivals(VISITS if group.is_referred_to else 0, rng):
            found.setdefault(day, []).append(Event(number))
        for day in arrivals(FEED_CHECKS if listing.is_fed else 0, rng):
            seen = frozenset(each for each in Aspect if rng.random() < FEED_SEES)
            found.setdefault(day, []).append(Event(number, seen=seen))
    return found


def arrivals(a_year: float, rng: Random) -> Iterator[int]:
    """The days of a Poisson process."""
    day = rng.expovariate(a_year / 365) if a_year else YEARS * 365.0
    while day < YEARS * 365:
        yield int(day)
        day += rng.expovariate(a_year / 365)


def happen(group: Group, event: Event, today: date) -> None:
    """The listing is no longer true in one part, or somebody finds that it is."""
    listing, is_open = group.listings[event.listing], today < group.closes_on
    if event.aspect is not None and is_open:
        listing.wrong.add(event.aspect)
        if event.told:
            put_right(listing, {event.aspect}, How.GROUP, today)
    elif event.seen is not None:
        listing.wrong -= event.seen if is_open else frozenset()
        listing.confirm(set(Aspect), How.IMPORTED, today)
    elif is_open and not listing.wrong & {Aspect.TIME, Aspect.PLACE}:
        monday = today - timedelta(days=today.weekday())
        listing.confirm({Aspect.TIME, Aspect.PLACE}, How.ATTENDED, monday)


def put_right(listing: Listing, aspects: set[Aspect], how: How, today: date) -> None:
    listing.wrong -= aspects
    listing.changes += 1
    listing.heard_on = today
    for aspect in aspects:
        listing.checks[aspect] = {}
    listing.confirm(aspects, how, today)


def ask(way: Way, group: Group, today: date) -> bool:
    """Whether the group is written to today; also demotes and hides what is due."""
    if way.cycle is None:
        return ask_everybody(way, group, today)
    due = [
        (each, moves(each.standing(len(group.letters), group.answered), today, way.cycle))
        for each in group.listings
    ]
    for listing, move in due:
        turn(listing, move, today)
    asks = any(Move.ASK in move for _, move in due)
    reminds = any(Move.REMIND in move for _, move in due)
    if not (asks or reminds) or not may_write(group.letters, today, way.cycle):
        return False
    for listing in group.listings:
        if asks:
            listing.asked_on, listing.reminded_on, listing.passed_on_on = today, None, None
        elif reminds and listing.asked_on:
            listing.reminded_on = today
    group.letters.append(today)
    return True


def ask_everybody(way: Way, group: Group, today: date) -> bool:
    if way.hides:
        for listing in group.listings:
            unsure_for = (today - (listing.assured_on or listing.began_on)).days
            if unsure_for >= USUAL.hide_after and not listing.is_fed:
                listing.life = Life.HIDDEN
    return (today - BEGINS).days % way.blanket == group.number % way.blanket


def turn(listing: Listing, due: frozenset[Move], today: date) -> None:
    if Move.TELL_EDITORS in due:
        listing.passed_on_on = today
    if Move.DOUBT in due:
        listing.life = Life.NEEDS_CHECKING
    if Move.HIDE in due:
        listing.life = Life.HIDDEN


def hear(group: Group, today: date, rng: Random) -> None:
    """Whether a letter will be answered, and when."""
    chance, delay = rng.random(), rng.expovariate(1 / ANSWERS_WITHIN)
    if chance < group.answers and today < group.closes_on and group.replies_on is None:
        group.replies_on = today + timedelta(days=int(delay) + 1)


def answer(group: Group, today: date, rng: Random) -> None:
    """The group looks at its listings, puts right what it notices, and says that all is right."""
    group.replies_on = None
    group.answered += 1
    for listing in group.listings:
        seen = {each for each in sorted(listing.wrong) if rng.random() < NOTICES}
        if seen:
            put_right(listing, seen, How.GROUP, today)
        listing.confirm(set(Aspect), How.GROUP, today)
        listing.life, listing.heard_on = Life.LIVE, today
        listing.asked_on = listing.reminded_on = listing.passed_on_on = None


def count(tally: Tally, group: Group, today: date) -> None:
    """What residents would be shown on this day."""
    is_open = today < group.closes_on
    tally.weeks += is_open
    for listing in group.listings:
        wrong = VITAL if not is_open else listing.wrong & VITAL
        tally.there += 1
        if listing.life is Life.HIDDEN:
            tally.hidden_right += not wrong
            continue
        tally.shown += 1
        tally.wrong_shown += bool(wrong)
        tally.wrong_parts += len(wrong)
        dates = [max(listing.checks[each].values()) for each in VITAL]
        tally.ages.extend((today - each).days for each in dates)


WAYS = (
    Way("A letter to everybody every six months"),
    Way("The same, and hidden after a year of silence", hides=True),
    Way("Kith, but nothing is ever hidden", cycle=replace(USUAL, hide_after=99_999)),
    Way("Kith", cycle=USUAL),
)


def row(way: Way, tallies: list[Tally]) -> str:
    """One line of the table."""
    letters = sum(each.letters for each in tallies) / (sum(each.weeks for each in tallies) / 52.18)
    shown = sum(each.shown for each in tallies)
    there = sum(each.there for each in tallies)
    return (
        f"| {way.name} | {letters:.2f} "
        f"| {sum(each.wrong_shown for each in tallies) / shown:.1%} "
        f"| {sum(each.wrong_parts for each in tallies) / shown / len(VITAL):.1%} "
        f"| {median(age for each in tallies for age in each.ages):.0f} "
        f"| {sum(each.hidden_right for each in tallies) / there:.1%} |"
    )


def main() -> None:
    seeds = range(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
    for rates in (1.0, 0.5, 2.0):
        print(f"\nListings change {rates:g} times as often as we assume ({len(seeds)} seeds):\n")
        print(
            "| | letters a group a year | wrong listings shown | wrong vital parts shown "
            "| median age of a vital part, days | right but hidden |"
        )
        print("|---|---|---|---|---|---|")
        for way in WAYS:
            print(row(way, [live(way, seed, rates) for seed in seeds]), flush=True)


if __name__ == "__main__":
    main()
