"""The house: reference pages that are printed from the code say what the code does."""

from pathlib import Path

import pytest

from referrals.rules import MOVES, Status
from tools.reference_docs import PAGES, referral_states, stale


def test_the_printed_pages_are_fresh() -> None:
    assert stale() == [], "run python -m tools.reference_docs"


@pytest.mark.parametrize("page", PAGES)
def test_a_changed_or_missing_page_is_found(page: str, tmp_path: Path) -> None:
    assert page in stale(tmp_path)
    for name, write in PAGES.items():
        (tmp_path / name).write_text(write(), encoding="utf-8")
    assert not stale(tmp_path)
    (tmp_path / page).write_text("something else", encoding="utf-8")
    assert stale(tmp_path) == [page]


def test_every_state_and_every_move_is_on_the_page_of_states() -> None:
    page = referral_states()
    for status in Status:
        assert f"| {status} |" in page
    for move in MOVES:
        assert f"| {move.action} |" in page
