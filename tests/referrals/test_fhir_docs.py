"""docs/fhir.md says what is so: its examples have the shape of real answers, its table is ours."""

import json
import re
from pathlib import Path
from typing import Any

from flask import Flask

from core.saving import saving
from referrals.fhir.finding import STATE
from referrals.fhir.orders import task
from referrals.fhir.statement import outcome
from referrals.rules import STATUS_WORDS, Status
from referrals.statuses import STATES
from tests.engines import on_sqlite
from tests.referral_builders import a_referral
from tests.referrals.fhir_reader import check, read

DOCS = Path(__file__).resolve().parent.parent.parent / "docs" / "fhir.md"
WORDS = DOCS.read_text(encoding="utf-8")
EXAMPLES = [json.loads(each) for each in re.findall(r"```json\n(.*?)```", WORDS, re.DOTALL)]


def paths(said: Any, here: str = "") -> set[str]:
    """Where there is something in it, whatever it is."""
    if isinstance(said, dict):
        return {path for key, each in said.items() for path in paths(each, f"{here}/{key}")}
    if isinstance(said, list):
        return {path for each in said for path in paths(each, f"{here}[]")}
    return {here}


def states_as_said() -> str:
    """The table of states, as the page prints it."""
    rows = [
        f"| {status} | {STATUS_WORDS[status]} | {state.task} | {', '.join(state.business)} "
        f"| {state.request} |"
        for status, state in STATES.items()
    ]
    heads = ("our state", "on screen", "Task.status", "businessStatus", "ServiceRequest.status")
    return "\n".join([f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *rows])


def test_the_table_of_states_is_the_one_in_use() -> None:
    assert states_as_said() in WORDS


@on_sqlite
def test_the_examples_have_the_shape_of_real_answers(app: Flask) -> None:
    trouble, example = EXAMPLES
    with saving():
        real = task(a_referral(Status.ACCEPTED), STATE)
    assert trouble == outcome(404, "We cannot find that page", "")
    read(trouble)
    assert paths(example) == paths(real)
    assert "reasonCode" not in example
    check(example | {"reasonCode": {"text": "kept from this key"}})
