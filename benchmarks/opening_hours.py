"""How many written opening hours become schedules, and how many of those say what was meant.

python -m benchmarks.opening_hours

Precision: of the texts that were read, the share whose schedules are exactly those a person wrote
down. Coverage: of the texts in which a person saw schedules, the share that was read. Beside it,
the same for the days and times parsers that the sheets of plain columns are read with.
"""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

from directory.facts import ScheduleFacts
from directory.feeds.opening_hours import read_opening_hours
from directory.timing.timetables import clock_time, days_of_week

LABELLED = Path(__file__).parent / "data" / "opening_hours.tsv"
TEXT = "?"

Reader = Callable[[str], Sequence[ScheduleFacts]]


def labelled() -> list[dict[str, str]]:
    """Texts with what a person says they mean, in `shorthand`."""
    with LABELLED.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def shorthand(read: Sequence[ScheduleFacts]) -> str:
    """Schedules as "TU,FR 12:00-15:00 | 1SA 10:00 ~2 @term"; "?" for words that stay words."""
    if not read or any(each.freq is None for each in read):
        return TEXT
    return " | ".join(_short(each) for each in read)


def _short(each: ScheduleFacts) -> str:
    opens = f" {each.opens_at:%H:%M}" if each.opens_at else ""
    closes = f"-{each.closes_at:%H:%M}" if each.closes_at else ""
    every_other = " ~2" if each.interval == 2 else ""
    return f"{each.byday}{opens}{closes}{every_other}{' @term' if each.term_time else ''}"


def simple(said: str) -> Sequence[ScheduleFacts]:
    """The alternative: a day or days, then one span of times, as the columns of a sheet have it."""
    words, _, times = said.replace("–", "-").partition(" ")
    opens, _, closes = times.partition("-")
    try:
        days = ",".join(days_of_week(words))
        return [
            ScheduleFacts(
                freq=read_opening_hours("Mondays")[0].freq,
                byday=days,
                opens_at=clock_time(opens),
                closes_at=clock_time(closes) if closes else None,
            )
        ]
    except ValueError:
        return []


def measure(rows: Sequence[dict[str, str]], reader: Reader) -> tuple[int, int, int]:
    """How many were read, how many of those rightly, how many could have been."""
    said = [(row["means"], shorthand(reader(row["said"]))) for row in rows]
    read = [(means, got) for means, got in said if got != TEXT]
    right = sum(means == got for means, got in read)
    return len(read), right, sum(means != TEXT for means, _ in said)


def main() -> None:
    """Print both readers on every set."""
    rows = labelled()
    print(
        f"{'set':12}{'texts':>6}{'reader':>10}{'read':>6}{'right':>6}{'precision':>11}{'coverage':>10}"
    )
    for name in dict.fromkeys(row["set"] for row in rows):
        part = [row for row in rows if row["set"] == name]
        for called, reader in (("ours", read_opening_hours), ("simple", simple)):
            read, right, could = measure(part, reader)
            precision = f"{right / read:.1%}" if read else "-"
            print(
                f"{name:12}{len(part):>6}{called:>10}{read:>6}{right:>6}{precision:>11}"
                f"{right / could:>10.1%}"
            )


if __name__ == "__main__":
    main()
