"""Directory: reads opening hours as people write them, where they can mean one thing only.

"1st & 3rd Saturdays 10am-9pm" becomes a schedule. What could mean two things, or leans on words
that are not understood ("One morning per week", "by appointment"), stays the text it is: a wrong
time sends somebody to a locked door, a text sends them to the telephone.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import time

from directory.facts import ScheduleFacts
from directory.rules import Frequency
from directory.timing.timetables import DAYS_NAMED, ORDINALS, WEEK

LONGEST = 1_000
"""Letters; whoever writes more than that tells a story."""

LONGEST_OPENING = 15 * 60
"""Minutes; who is said to be open for longer was probably not meant so."""

EARLIEST_MORNING = 7
"""An hour without am or pm, from this one to eleven, opens in the morning if it ends at noon or
earlier on the dial: "10 - 4" is 10am to 4pm. "2 - 4" could be anything."""

_NOON = 12 * 60

_SAID_OTHERWISE = tuple(
    (re.compile(pattern, re.IGNORECASE), said)
    for pattern, said in (
        (r"[\u2010-\u2015=]", "-"),
        (r"\b(?:12 ?)?(?:noon|midday)\b", "12pm"),
        (r"\b(?:12 ?)?midnight\b", "12am"),
        (r"\bevery day\b|\b7 days a week\b|\bseven days a week\b", "daily"),
        (r"\bevery (?:other|second|two) (?:weeks?)?|\balternate\b", "fortnightly "),
        (
            r"\b(?:of|in) (?:each|every|the) month\b|\bof month\b|\b(?:each|every) month\b",
            "monthly",
        ),
        (r"\b(?:during )?(?:local )?(?:school )?term[ -]?times?(?: only)?\b", "termtime"),
        (r"\b(?:except|not open on|closed on|excluding) (?:bank|public) holidays?\b", ""),
        (r"\b(?:'?til+|until|to) late\b|- ?late\b", "late"),
        (r"\bweek ?days?\b", "weekdays"),
        (r"\bweek ?ends?\b", "weekends"),
    )
)
_TOKEN = re.compile(
    r"(?P<ordinal>[1-5](?:st|nd|rd|th)\b)"
    r"|(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))?\s*(?P<half>[ap](?:m\b|\.m\.?))?(?![\d:£%])"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<break>\n|;|[.:()](?=\s|$|\()|[()])"
    r"|(?P<mark>\S)",
    re.IGNORECASE,
)
_TO = frozenset({"to", "until", "till", "til", "through", "-"})
_AND = frozenset({"and", "&", "+", ",", "/", "also"})
_FROM = frozenset({"from", "@", "at"})
_EXCEPT = frozenset({"except", "excluding", "excl"})
_SAYS_NOTHING = frozenset(
    {"on", "the", "each", "every", "open", "opening", "times", "hours", "weekly", "is", "are", "."}
)
_RISKY = re.compile(
    r"\b(?:by|appointments?|unless|only|closed|not|no|holidays?|depend\w*|var\w+|some\w*|tbc|check"
    r"|approx\w*|about|around|referr?als?|january|august|december|summer|winter|other)\b",
    re.IGNORECASE,
)


class _NotSure(Exception):
    """It could mean something else."""


@dataclass
class _Clause:
    """Days, and the times that go with them, as far as they have been read."""

    days: list[str] = field(default_factory=list)
    times: list[tuple[time | None, time | None]] = field(default_factory=list)
    instead: bool = False

    @property
    def is_whole(self) -> bool:
        return bool(self.days and self.times)


@dataclass(frozen=True, slots=True)
class _Hour:
    """A time as it was written: minutes after midnight or noon on a dial of twelve hours."""

    hour: int
    minute: int
    half: str

    @property
    def dial(self) -> int:
        return self.hour % 12 * 60 + self.minute

    @property
    def minutes(self) -> int:
        """Minutes after midnight, if it says which half of the day it means."""
        if self.half == "p":
            return _NOON + self.dial
        if self.half == "a":
            return self.dial
        if self.hour > 12 or (self.hour == 0 and self.minute):
            return self.hour * 60 + self.minute
        raise _NotSure


def read_opening_hours(words: str) -> tuple[ScheduleFacts, ...]:
    """The schedules that these words mean; one that only quotes them where that is not certain.

    Nothing at all for no words.
    """
    said = " ".join(words.replace("\u00a0", " ").split(" ")).strip()
    if not said:
        return ()
    try:
        return _schedules(said)
    except _NotSure:
        return (ScheduleFacts(description=said),)


def _schedules(said: str) -> tuple[ScheduleFacts, ...]:
    if len(said) > LONGEST:
        raise _NotSure
    plain = said
    for pattern, other in _SAID_OTHERWISE:
        plain = pattern.sub(other, plain)
    reader = _Reader()
    has_more, parts = False, 0
    for segment in _segments(plain):
        if _speaks_of_time(segment):
            reader.read(segment)
            parts += 1
        else:
            has_more = has_more or any(token["word"] for token in segment)
            if _RISKY.search(" ".join(token[0] for token in segment)):
                raise _NotSure
    if parts == 0 or (parts > 1 and has_more):
        raise _NotSure  # with more than one, the words may say which is which
    return reader.schedules(description=said if has_more else "")


def _segments(plain: str) -> Iterator[list[re.Match[str]]]:
    """The words between full stops, brackets and ends of lines."""
    segment: list[re.Match[str]] = []
    for token in _TOKEN.finditer(plain):
        if token["break"]:
            yield segment
            segment = []
        else:
            segment.append(token)
    yield segment


def _speaks_of_time(segment: Sequence[re.Match[str]]) -> bool:
    return any(
        token["hour"]
        or token["ordinal"]
        or (token["word"] or "").lower() in {*DAYS_NAMED, "fortnightly", "monthly", "termtime"}
        for token in segment
    )


class _Reader:
    """Reads segment after segment; what it does not understand makes it unsure of the whole."""

    def __init__(self) -> None:
        self.clauses = [_Clause()]
        self.ordinals: list[str] = []
        self.fortnightly = self.monthly = self.term_time = False
        self.reach_day = self.after_day = False

    def read(self, segment: Sequence[re.Match[str]]) -> None:
        """Take in a segment that speaks of days or times."""
        tokens = list(segment)
        at = 0
        while at < len(tokens):
            token, word = tokens[at], tokens[at][0].lower()
            if token["hour"]:
                at += self._times(tokens[at:])
                self.after_day = False
                continue
            if token["ordinal"] or word in ORDINALS:
                self._begin_if_whole()
                self.ordinals.append(_which(word))
            elif word in DAYS_NAMED:
                self._day(word)
            else:
                self._word(word)
            self.after_day = word in DAYS_NAMED
            at += 1
        if self.reach_day:
            raise _NotSure

    def _word(self, word: str) -> None:
        if word in _TO and self.after_day:
            self.reach_day = True
        elif word in _EXCEPT:
            self.clauses.append(_Clause(instead=True))
        elif word == "fortnightly":
            self.fortnightly = True
        elif word == "monthly":
            self.monthly = True
        elif word == "termtime":
            self.term_time = True
        elif word not in _AND | _SAYS_NOTHING | _FROM | _TO:
            raise _NotSure

    def _begin_if_whole(self) -> None:
        if self.clauses[-1].is_whole:
            self.clauses.append(_Clause())

    def _day(self, word: str) -> None:
        named = DAYS_NAMED[word]
        if self.reach_day:
            self._reach(named)
            return
        self._begin_if_whole()
        self.clauses[-1].days += [
            ordinal + day for ordinal in self.ordinals or [""] for day in named
        ]
        self.ordinals = []

    def _reach(self, named: Sequence[str]) -> None:
        days = self.clauses[-1].days
        if days[-1] not in WEEK or len(named) != 1:
            raise _NotSure
        first, last = WEEK.index(days[-1]), WEEK.index(named[0])
        days += (WEEK + WEEK)[first + 1 : last + (7 if last < first else 0) + 1]
        self.reach_day = False

    def _times(self, tokens: Sequence[re.Match[str]]) -> int:
        """Read a time or a span; returns how many tokens that was."""
        self.reach_day = False  # "Monday - 10am": the dash only parted them
        starts = _hour(tokens[0])
        following = tokens[1][0].lower() if len(tokens) > 1 else ""
        if following in _TO and len(tokens) > 2 and tokens[2]["hour"]:
            self.clauses[-1].times.append(_span(starts, _hour(tokens[2])))
            return 3
        self.clauses[-1].times.append((_clock(starts.minutes), None))
        return 2 if following == "late" else 1

    def schedules(self, *, description: str) -> tuple[ScheduleFacts, ...]:
        """All that was read, or _NotSure if a part of it is missing."""
        clauses = self._without_exceptions()
        whole = all(clause.is_whole for clause in clauses)
        only_days = len(clauses) == 1 and clauses[0].days and not clauses[0].times
        if self.ordinals or not (whole or only_days):
            raise _NotSure
        by_month = any(len(day) > 2 for clause in clauses for day in clause.days)
        if self.monthly and not by_month:
            raise _NotSure
        return tuple(
            ScheduleFacts(
                freq=Frequency.MONTHLY if monthly else Frequency.WEEKLY,
                interval=2 if self.fortnightly and not by_month else 1,
                byday=",".join(days),
                opens_at=opens,
                closes_at=closes,
                term_time=self.term_time,
                description=description,
            )
            for clause in clauses
            for monthly, days in _by_month(clause.days)
            for opens, closes in clause.times or [(None, None)]
        )

    def _without_exceptions(self) -> list[_Clause]:
        usual = [each for each in self.clauses if not each.instead and (each.days or each.times)]
        for other in (each for each in self.clauses if each.instead):
            if not other.days:
                raise _NotSure
            for clause in usual:
                clause.days = [day for day in clause.days if day not in other.days]
        return [*usual, *(each for each in self.clauses if each.instead and each.times)]


def _by_month(days: Sequence[str]) -> Iterator[tuple[bool, list[str]]]:
    """The days of the month and those of the week, apart; each in its order and once."""
    for monthly in (False, True):
        found = {day for day in days if (len(day) > 2) is monthly}
        if found:
            yield monthly, sorted(found, key=lambda day: (day[:-2], WEEK.index(day[-2:])))


def _which(word: str) -> str:
    if word not in ORDINALS:
        raise _NotSure
    return ORDINALS[word]


def _hour(token: re.Match[str]) -> _Hour:
    hour, minute = int(token["hour"]), int(token["minute"] or 0)
    half = (token["half"] or "")[:1].lower()
    if hour > (12 if half else 23) or minute > 59:
        raise _NotSure
    return _Hour(hour, minute, half)


def _span(starts: _Hour, ends: _Hour) -> tuple[time | None, time | None]:
    first, last = _both(starts, ends)
    if last == 0:
        last = 2 * _NOON
    if not 0 < last - first <= LONGEST_OPENING:
        raise _NotSure
    return _clock(first), _clock(last % (2 * _NOON))


def _both(starts: _Hour, ends: _Hour) -> tuple[int, int]:
    """Both ends in minutes; an end or a start without am or pm leans on the other."""
    if starts.half and ends.half:
        return starts.minutes, ends.minutes
    if ends.half and starts.hour <= 12:
        last = ends.minutes
        noon = _NOON if last > _NOON or last == 0 else 0
        return (noon if starts.dial < ends.dial else 0) + starts.dial, last
    if starts.half and ends.hour <= 12:
        first = starts.minutes
        later = [half + ends.dial for half in (0, _NOON) if half + ends.dial > first]
        return first, later[0] if later else -1
    return _neither(starts, ends)


def _neither(starts: _Hour, ends: _Hour) -> tuple[int, int]:
    if starts.hour > 12 or ends.hour > 12:
        return starts.hour * 60 + starts.minute, ends.hour * 60 + ends.minute
    if starts.hour in range(EARLIEST_MORNING, 12) and ends.dial < starts.dial:
        return starts.dial, _NOON + ends.dial
    raise _NotSure


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)
