"""Written opening hours become schedules where they are certain, and stay words where not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.opening_hours import TEXT, labelled, measure, shorthand
from directory.facts import ScheduleFacts
from directory.feeds.opening_hours import LONGEST, read_opening_hours

ROWS = labelled()


@pytest.mark.parametrize("name", sorted({row["set"] for row in ROWS}))
def test_what_is_read_is_what_a_person_reads(name: str) -> None:
    read, right, could = measure([r for r in ROWS if r["set"] == name], read_opening_hours)

    assert right == read
    assert right / could > 0.65


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row["means"] == TEXT], ids=lambda r: r["said"]
)
def test_what_could_mean_two_things_stays_as_it_is(row: dict[str, str]) -> None:
    assert read_opening_hours(row["said"]) == (ScheduleFacts(description=row["said"]),)


def test_what_is_said_beside_the_times_is_kept() -> None:
    said = "Monday 8am - 4pm. Please ring."
    (schedule,) = read_opening_hours(said)

    assert shorthand([schedule]) == "MO 08:00-16:00"
    assert schedule.description == said


def test_no_words_are_no_schedule() -> None:
    assert read_opening_hours(" \u00a0\n") == ()


@given(st.text(alphabet="0123456789 -–:.,;&()apmMondayTuesFri1st&\n", max_size=80) | st.text())
def test_any_words_at_all_are_read_or_kept(said: str) -> None:
    for each in read_opening_hours(said):
        assert each.freq is not None or each.description
        assert each.closes_at is None or each.opens_at is not None


def test_a_long_story_is_kept_at_once() -> None:
    said = "Monday 10am - 12pm, " * LONGEST
    assert read_opening_hours(said)[0].freq is None
