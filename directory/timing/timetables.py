"""Directory: reads the days, dates and times people write, or says it cannot."""

import re
from datetime import UTC, date, datetime, time

WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_ISO_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ].*)?", re.ASCII)
_UK_DAY = re.compile(r"(\d\d?)/(\d\d?)/(\d{4})", re.ASCII)
_TIME = re.compile(
    r"(?:\d{4}-\d\d-\d\d[T ])?"
    r"(?:(?P<hour>\d\d?)(?:[:.](?P<minute>\d\d)(?::\d\d(?:\.\d+)?)?)?|(?P<h>\d\d)(?P<m>\d\d))"
    r" ?(?P<half>[ap]\.?m\.?|noon)?(?:Z|[+-]\d\d:?\d\d)?",
    re.ASCII | re.IGNORECASE,
)
_NAMED_TIMES = {"noon": "12:00", "midday": "12:00", "midnight": "00:00"}
_RULE_DAY = re.compile(rf"([+-]?[1-5])?({'|'.join(WEEK)})", re.IGNORECASE)
_DAY_WORD = re.compile(r"[a-z]+|\d(?:st|nd|rd|th)|[-–]")
_NAMES = {
    "MO": ("monday", "mon"),
    "TU": ("tuesday", "tues", "tue"),
    "WE": ("wednesday", "weds", "wed"),
    "TH": ("thursday", "thurs", "thur", "thu"),
    "FR": ("friday", "fri"),
    "SA": ("saturday", "sat"),
    "SU": ("sunday", "sun"),
}
DAYS_NAMED: dict[str, tuple[str, ...]] = {
    **{name: (code,) for code, names in _NAMES.items() for name in names},
    **{f"{names[0]}s": (code,) for code, names in _NAMES.items()},
    **dict.fromkeys(("weekday", "weekdays"), WEEK[:5]),
    **dict.fromkeys(("weekend", "weekends"), WEEK[5:]),
    **dict.fromkeys(("daily", "everyday", "day"), WEEK),
}
ORDINALS = {
    **dict.fromkeys(("first", "1st"), "1"),
    **dict.fromkeys(("second", "2nd"), "2"),
    **dict.fromkeys(("third", "3rd"), "3"),
    **dict.fromkeys(("fourth", "4th"), "4"),
    "last": "-1",
}
_TO = frozenset({"to", "until", "through", "-", "–"})
_FILLERS = frozenset({"and", "on", "every", "each", "the", "of", "in", "month", "weekly"})


def calendar_day(words: str) -> date:
    """A date written 2026-03-31 or 31/03/2026, or ValueError."""
    if found := _ISO_DAY.fullmatch(words):
        year, month, day = map(int, found.groups())
    elif found := _UK_DAY.fullmatch(words):
        day, month, year = map(int, found.groups())
    else:
        raise ValueError("is not a date")
    # Some systems write the year 1 or 9999 when they mean that they have no date.
    if not 1900 <= year <= 2199:
        raise ValueError("is not a likely date")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError("is not a day in the calendar") from None


def moment(words: str) -> datetime:
    """An ISO date and time in UTC, taken as UTC where it names no zone, or ValueError."""
    day = calendar_day(words)
    try:
        found = datetime.fromisoformat(words)
    except ValueError:
        return datetime.combine(day, time(), UTC)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def clock_time(words: str) -> time:
    """A time written 14:00, 14.00, 1400, 2pm, 2.30 pm, noon or midnight, or ValueError."""
    plain = words.strip().lower()
    found = _TIME.fullmatch(_NAMED_TIMES.get(plain, plain))
    if not found:
        raise ValueError("is not a time")
    hour, minute = int(found["hour"] or found["h"]), int(found["minute"] or found["m"] or 0)
    half = (found["half"] or "").replace(".", "")
    if hour > (12 if half else 23) or minute > 59 or (half and hour == 0):
        raise ValueError("is not a time of day")
    if half == "am":
        hour %= 12
    elif half == "pm":
        hour = hour % 12 + 12
    return time(hour, minute)


def days_of_week(words: str) -> tuple[str, ...]:
    """The days named, as iCalendar writes them ("MO", "1TU"), in order, or ValueError."""
    rules = [_RULE_DAY.fullmatch(part.strip()) for part in words.split(",")]
    if all(rules):
        days = [(rule[1] or "").lstrip("+") + rule[2].upper() for rule in rules if rule]
    else:
        days = _days_in_words(words.lower())
    if not 0 < len(set(days)) <= 12 or len({len(day) > 2 for day in days}) > 1:
        raise ValueError("does not say the days in a way we understand")
    return tuple(sorted(set(days), key=lambda day: (day[:-2], WEEK.index(day[-2:]))))


def _days_in_words(words: str) -> list[str]:
    tokens = _DAY_WORD.findall(words)
    if re.sub(r"[\s,&/+;.]", "", _DAY_WORD.sub("", words)):
        return []
    days: list[str] = []
    ordinals: list[str] = []
    reaching = False
    for token in tokens:
        if token in DAYS_NAMED:
            named = DAYS_NAMED[token]
            days += _reach(days, named) if reaching else _each(ordinals, named)
            ordinals, reaching = [], False
        elif token in ORDINALS:
            ordinals.append(ORDINALS[token])
        elif token in _TO:
            reaching = True
        elif token not in _FILLERS:
            return []
    spoke_of_months = "month" in tokens and not any(len(day) > 2 for day in days)
    return [] if ordinals or reaching or spoke_of_months else days


def _each(ordinals: list[str], named: tuple[str, ...]) -> list[str]:
    return [ordinal + day for ordinal in ordinals or [""] for day in named]


def _reach(days: list[str], named: tuple[str, ...]) -> list[str]:
    """The days from the one before "to" up to the one after it."""
    if not days or days[-1] not in WEEK:
        return []
    first, last = WEEK.index(days[-1]), WEEK.index(named[-1])
    return list((WEEK + WEEK)[first : last + (7 if last < first else 0) + 1])
