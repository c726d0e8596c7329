"""Working days: the dates that were published for England and Wales."""

from datetime import date

import pytest

from core.working_days import bank_holidays, is_working_day, working_days_after

PUBLISHED = {
    2021: ["01-01", "04-02", "04-05", "05-03", "05-31", "08-30", "12-27", "12-28"],
    2023: ["01-02", "04-07", "04-10", "05-01", "05-29", "08-28", "12-25", "12-26"],
    2026: ["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"],
    2027: ["01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-27", "12-28"],
}


@pytest.mark.parametrize("year", PUBLISHED)
def test_bank_holidays_fall_where_they_were_published(year: int) -> None:
    assert [f"{day:%m-%d}" for day in sorted(bank_holidays(year))] == PUBLISHED[year]


def test_christmas_on_a_sunday_is_kept_after_boxing_day() -> None:
    assert bank_holidays(2022) >= {date(2022, 12, 26), date(2022, 12, 27)}
    assert is_working_day(date(2022, 12, 28))


@pytest.mark.parametrize(
    ("sent", "by"),
    [
        (date(2026, 11, 23), date(2026, 11, 25)),
        (date(2026, 11, 20), date(2026, 11, 24)),
        (date(2026, 11, 21), date(2026, 11, 24)),
        (date(2026, 12, 23), date(2026, 12, 29)),
        (date(2026, 4, 2), date(2026, 4, 8)),
    ],
)
def test_two_working_days_pass_over_weekends_and_bank_holidays(sent: date, by: date) -> None:
    assert working_days_after(sent, 2) == by
