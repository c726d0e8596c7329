"""House: what others wrote and we serve is what was recorded, and bears no one else's marks."""

import hashlib
import json
from pathlib import Path

import pytest

VENDOR = Path(__file__).resolve().parents[2] / "static" / "vendor"
ROWS = json.loads((VENDOR / "VENDOR.json").read_text())


@pytest.mark.asvs("15.1.2")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_a_vendored_file_is_the_one_recorded(row: dict[str, str]) -> None:
    assert hashlib.sha256((VENDOR / row["file"]).read_bytes()).hexdigest() == row["sha256"]


def test_every_vendored_file_is_recorded_with_a_licence() -> None:
    here = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()}
    assert here - {"VENDOR.json"} == {row["file"] for row in ROWS}
    assert all(row["licence"] for row in ROWS)
    assert {f"LICENCES/{row['package']}.txt" for row in ROWS} <= here


@pytest.mark.parametrize("sheet", sorted(VENDOR.glob("*.css")), ids=lambda path: path.name)
def test_no_stylesheet_fetches_anything_or_names_the_typeface_of_govuk(sheet: Path) -> None:
    css = sheet.read_text()
    for forbidden in ("url(", "@import", "@font-face", "GDS", "crest"):
        assert forbidden not in css
