"""The pages of assurance say what is so: what they name is there, and what is printed is fresh."""

import re
from pathlib import Path

import pytest

from benchmarks.assurance import page as figures
from core.db import db
from tools import assurance_docs, sbom

FOLDER = assurance_docs.PAGE.parent
PAGES = sorted(FOLDER.glob("*.md"))


def test_the_table_of_the_standard_is_fresh() -> None:
    assert assurance_docs.main(["--check"]) == 0, "run python -m tools.assurance_docs"


def test_only_what_the_standard_asks_is_marked() -> None:
    asked = {each.id for each in assurance_docs.requirements() if each.applies}
    assert set(assurance_docs.marked()) <= asked


def test_a_document_that_answers_is_there_and_has_the_heading() -> None:
    lost = [
        f"{each.id} {each.document}"
        for each in assurance_docs.requirements()
        if each.document and not assurance_docs.has_heading(each.document)
    ]
    assert not lost
    assert not assurance_docs.has_heading("docs/assurance/asvs.md#No such heading")


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_every_test_a_page_names_is_there(file: Path) -> None:
    named = set(re.findall(r"tests/[\w/]+\.py::test_\w+", file.read_text(encoding="utf-8")))
    assert not named - assurance_docs.tests()


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_every_page_a_page_leads_to_is_there(file: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", file.read_text(encoding="utf-8"))
    assert not [link for link in links if not (FOLDER / link).resolve().exists()]


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_no_page_claims_what_others_must_first_grant(file: Path) -> None:
    """That is a clinical safety officer's word, an assessor's or NHS England's, and not ours."""
    said = " ".join(file.read_text(encoding="utf-8").split())
    claims = (
        r"(?i)(DTAC|NHS|ORUK|DCB ?0129)[ -](approved|certified|verified|compliant|accredited)",
        r"(?i)\bis (DCB ?0129|ASVS|WCAG|DTAC|GDPR)[ -]compliant",
        r"(?i)BaRS[ -]conformant",
    )
    assert not [found.group(0) for claim in claims for found in re.finditer(claim, said)]


def test_the_inventory_of_parts_is_that_of_the_pinned_requirements() -> None:
    assert sbom.listed() == sbom.pinned(), "run python -m tools.sbom"


@pytest.mark.usefixtures("in_production")
def test_every_table_has_its_class_and_none_has_two() -> None:
    said = (FOLDER / "data-classes.md").read_text(encoding="utf-8").partition("## P0")[2]
    named = [name for name in re.findall(r"`(\w+)`", said) if name != "alembic_version"]
    tables = set(db.metadata.tables)
    unlike = sorted(set(named) ^ tables)
    assert not unlike, f"put right in docs/assurance/data-classes.md: {unlike}"
    assert len(named) == len(set(named))


def test_the_page_of_figures_says_what_the_scripts_measured_last() -> None:
    assert figures.PAGE.read_text(encoding="utf-8") == figures.page()
