"""Tool for maintainers: print the table of security requirements from the tests that show them.

    python -m tools.assurance_docs [--check]

What is asked stands in docs/assurance/asvs.csv (OWASP ASVS 5.0.0, levels 1 and 2). A test shows a
requirement by `@pytest.mark.asvs("7.4.1")`; where a document is asked for, the table names its
heading. A requirement that neither shows is printed as not evidenced.
"""

import ast
import csv
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ASKED = ROOT / "docs" / "assurance" / "asvs.csv"
PAGE = ROOT / "docs" / "assurance" / "asvs.md"
MARK = "asvs"

CHAPTERS = (
    "Encoding and sanitization",
    "Validation and business logic",
    "Web frontend security",
    "API and web service",
    "File handling",
    "Authentication",
    "Session management",
    "Authorization",
    "Self-contained tokens",
    "OAuth and OIDC",
    "Cryptography",
    "Secure communication",
    "Configuration",
    "Data protection",
    "Secure coding and architecture",
    "Security logging and error handling",
    "WebRTC",
)

HEAD = """# OWASP ASVS 5.0, levels 1 and 2

Printed from `docs/assurance/asvs.csv` and the tests' markers by `python -m tools.assurance_docs`;
do not edit it.

Each line is a requirement of the OWASP Application Security Verification Standard 5.0.0 in short,
and what shows it: a test that fails when it is not so, or the heading of a document where a
document is asked for. Kith's own developers chose the tests. Nobody independent has assessed
them, and a requirement that a test shows can still be broken in a way the test does not look at.
`python -m benchmarks.assurance.s13_asvs` runs the tests and counts those that pass.

| | level 1 | level 2 | both |
|---|---|---|---|
{counts}

The requirements are © OWASP Foundation, shortened by us, and like this table under the licence
CC BY-SA 4.0 (https://creativecommons.org/licenses/by-sa/4.0/). The whole text of each is in the
standard: https://github.com/OWASP/ASVS.
"""


@dataclass(frozen=True, slots=True)
class Requirement:
    """What the standard asks, and why it does not apply or where it is written down."""

    id: str
    level: int
    words: str
    not_applicable: str
    document: str

    @property
    def applies(self) -> bool:
        return not self.not_applicable

    @property
    def chapter(self) -> int:
        return int(self.id.partition(".")[0])


def requirements() -> list[Requirement]:
    """Everything the standard asks at levels 1 and 2, in its order."""
    with ASKED.open(encoding="utf-8", newline="") as file:
        return [
            Requirement(
                row["id"],
                int(row["level"]),
                row["requirement"],
                row["not_applicable"],
                row["document"],
            )
            for row in csv.DictReader(file)
        ]


def marked() -> dict[str, list[str]]:
    """For each requirement the tests that carry its marker, as pytest calls them."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for test, asked in _tests_of(path):
            for each in asked:
                found[each].append(f"{path.relative_to(ROOT).as_posix()}::{test}")
    return dict(found)


def tests() -> set[str]:
    """Every test there is, as pytest calls it without its parameters."""
    return {
        f"{path.relative_to(ROOT).as_posix()}::{test}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for test, _asked in _tests_of(path)
    }


def _tests_of(path: Path) -> Iterator[tuple[str, list[str]]]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name, [each for mark in node.decorator_list for each in _asked_by(mark)]


def _asked_by(mark: ast.expr) -> Iterator[str]:
    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == f"pytest.mark.{MARK}":
        yield from (ast.literal_eval(each) for each in mark.args)


def has_heading(document: str) -> bool:
    """Whether the document, `docs/page.md#Heading`, is there and has the heading."""
    name, _, heading = document.partition("#")
    path = ROOT / name
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return any(line.lstrip("#").strip() == heading for line in lines if line.startswith("#"))


def written() -> list[Requirement]:
    """The requirements that a document answers."""
    return [each for each in requirements() if each.document and has_heading(each.document)]


def table() -> str:
    """The whole page."""
    shown, asked = marked(), requirements()
    lines = [HEAD.format(counts="\n".join(_counts(asked, shown)))]
    for number, name in enumerate(CHAPTERS, 1):
        lines += [
            f"## V{number} {name}",
            "",
            "| id | level | what is asked | shown by |",
            "|---|---|---|---|",
            *(_row(each, shown) for each in asked if each.chapter == number),
            "",
        ]
    return "\n".join(lines)


def _counts(asked: Sequence[Requirement], shown: Mapping[str, Sequence[str]]) -> Iterator[str]:
    applies = [each for each in asked if each.applies]
    lots = {
        "asked": asked,
        "not applicable": [each for each in asked if not each.applies],
        "applicable": applies,
        "of these with a test or a document": [
            each for each in applies if each.id in shown or each.document
        ],
        "not evidenced": [each for each in applies if each.id not in shown and not each.document],
    }
    for name, lot in lots.items():
        first = sum(each.level == 1 for each in lot)
        yield f"| {name} | {first} | {len(lot) - first} | {len(lot)} |"


def _row(each: Requirement, shown: Mapping[str, Sequence[str]]) -> str:
    if not each.applies:
        by = f"not applicable: {each.not_applicable}"
    else:
        proofs = [f"`{test}`" for test in shown.get(each.id, ())]
        proofs += [_link(each.document)] if each.document else []
        by = "<br>".join(proofs) or "**not evidenced**"
    return f"| {each.id} | {each.level} | {each.words} | {by} |"


def _link(document: str) -> str:
    name, _, heading = document.partition("#")
    return f"[{name}](../../{name}): {heading}"


def main(arguments: list[str]) -> int:
    """Write the table, or with --check say whether it is stale."""
    if "--check" in arguments:
        stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != table()
        if stale:
            print("docs/assurance/asvs.md is stale: run python -m tools.assurance_docs")
        return int(stale)
    PAGE.write_text(table(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
