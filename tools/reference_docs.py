"""Tool for maintainers: writes the reference pages that are printed from the code.

    python -m tools.reference_docs [--check]

With --check nothing is written: it names the pages that do not say what the code does, and fails.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from referrals.rules import (
    CLOSED,
    MOVES,
    NEED_WORDS,
    OPEN,
    STATUS_WORDS,
    Move,
    Part,
    Status,
)
from referrals.statuses import SNOMED_ON_ENTRY, STATES
from tools import reference_pages

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"


def referral_states() -> str:
    """The states of a referral and the moves between them, from the table of moves."""
    return "\n".join([*_introduction(), *_diagram(), *_states(), *_moves(), *_endings()])


PAGES: dict[str, Callable[[], str]] = {
    "access.md": reference_pages.access,
    "referral-states.md": referral_states,
    "settings.md": reference_pages.settings,
}


def stale(folder: Path = FOLDER) -> list[str]:
    """The pages that are missing or no longer say what the code does."""
    return [name for name, write in PAGES.items() if _read(folder / name) != write()]


def main(arguments: list[str]) -> int:
    """Write the pages, or with --check say which are stale."""
    if "--check" in arguments:
        names = stale()
        for name in names:
            print(f"docs/reference/{name} is stale: run python -m tools.reference_docs")
        return 1 if names else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, write in PAGES.items():
        (FOLDER / name).write_text(write(), encoding="utf-8")
    return 0


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _introduction() -> list[str]:
    return [
        "# The states of a referral",
        "",
        "Printed from `referrals/rules.py` by `python -m tools.reference_docs`; do not edit it.",
        "",
        "A referral goes from a practice to a link-worker team, or from a link worker on to a",
        "group. Both move by this one table. The *referrer* is the practice or the link worker,",
        "the *receiver* the team or the group, the *resident* the person. The *system* is this",
        "software, which does nothing but end a referral on to a group when the first one has",
        "ended. A link worker may also write down what a group said by telephone.",
        "",
    ]


def _diagram() -> list[str]:
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f'    state "{STATUS_WORDS[status]}" as {_id(status)}' for status in Status]
    lines.append(f"    [*] --> {_id(Status.DRAFT)}")
    drawn = [move for move in MOVES if not move.start >= OPEN]
    for move in drawn:
        lines += [
            f"    {_id(start)} --> {_id(move.end)}: {move.action}"
            for start in _in_order(move.start)
        ]
    lines += [f"    {_id(status)} --> [*]" for status in _in_order(CLOSED)]
    ends = [f"“{STATUS_WORDS[move.end]}”" for move in MOVES if move not in drawn]
    return [
        *lines,
        "```",
        "",
        f"Not drawn: every open state can also become {', '.join(ends)}.",
        "",
    ]


def _states() -> list[str]:
    lines = [
        "## States",
        "",
        "| state | on screen | | FHIR Task.status | SNOMED CT a practice may code on entry |",
        "|---|---|---|---|---|",
    ]
    for status in Status:
        snomed = SNOMED_ON_ENTRY.get(status)
        code = f"{snomed.code} {snomed.term}" if snomed else ""
        stage = "open" if status in OPEN else "closed" if status in CLOSED else ""
        lines.append(
            f"| {status} | {STATUS_WORDS[status]} | {stage} | {STATES[status].task} | {code} |"
        )
    return [
        *lines,
        "",
        "This material includes SNOMED Clinical Terms® (SNOMED CT®) which is used by permission of",
        "SNOMED International.",
        "",
    ]


def _moves() -> list[str]:
    lines = [
        "## Moves",
        "",
        "| action | from | to | FHIR Task.status | who | needs | told |",
        "|---|---|---|---|---|---|---|",
    ]
    for move in MOVES:
        needs = " ".join(NEED_WORDS[need] for need in move.needs)
        states = (move.action, _starts(move), move.end, STATES[move.end].task)
        cells = (*states, _parts(move.by), needs, _told(move))
        lines.append(f"| {' | '.join(cells)} |")
    return [
        *lines,
        "",
        "Nobody is told of what they did themselves. A practice hears of a referral's way twice,",
        "when the person first went somewhere and when it closed, and whenever it is asked",
        "something.",
        "",
    ]


def _endings() -> list[str]:
    done, mistake = Status.CLOSED_COMPLETED, Status.ENTERED_IN_ERROR
    return [
        "## When a referral ends",
        "",
        "In the same transaction signed links to it stop opening (a group that said no may still",
        "see that it did), letters about it not yet sent are cancelled, planned visits are called",
        "off, and each open referral on to a group ends too:",
        "",
        "| the first referral is | the referral on to a group becomes |",
        "|---|---|",
        f"| {done}, and the person went to the group | {done} |",
        f"| {mistake} | {mistake}, even when it was closed |",
        f"| closed in any other way | {Status.WITHDRAWN}; the group is told, without a reason |",
        "",
    ]


def _starts(move: Move) -> str:
    if len(move.start) == len(Status) - 1:
        return "any other"
    return ", ".join(_in_order(move.start))


def _told(move: Move) -> str:
    told = _parts(move.tells)
    if move.tells_onward:
        onward = f"{_parts(move.tells_onward)} (of a referral on to a group)"
        return f"{told}, {onward}" if told else onward
    return told


def _parts(parts: frozenset[Part]) -> str:
    return ", ".join(part for part in Part if part in parts)


def _in_order(statuses: frozenset[Status]) -> list[Status]:
    return [status for status in Status if status in statuses]


def _id(status: Status) -> str:
    return status.replace("-", "_")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
