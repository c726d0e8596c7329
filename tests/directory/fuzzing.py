"""Throws invented requests at the open feed, made from what its own OpenAPI document promises."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import hypothesis
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode

from tests.directory.open_feed import API

SEED = 20261122


@dataclass
class Fuzzed:
    """How many requests were sent, how they were answered, and what promises were broken."""

    requests: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def fuzz(app: Flask, requests: int) -> Fuzzed:
    """Send at least so many: as the document allows, and as it does not."""
    schema = schemathesis.openapi.from_wsgi(f"{API}/openapi.json", app)
    operations = [found.ok() for found in schema.get_all_operations()]
    told = Fuzzed()
    asked = [each for each in operations if len(each.query) or len(each.path_parameters)]
    for each in operations:
        if each not in asked:
            _fuzz(each, GenerationMode.POSITIVE, 1, told, seed=SEED)
    lists = [each for each in asked if not len(each.path_parameters)]
    few = max(1, requests // 100)  # an invented id is nobody's: a few will do
    for each, mode in product([each for each in asked if each not in lists], GenerationMode):
        _fuzz(each, mode, few, told, seed=SEED)
    for round_number in range(10):
        share = -(-(requests - told.requests) // (2 * len(lists)))
        for each, mode in product(lists, GenerationMode) if share > 0 else ():
            _fuzz(each, mode, share, told, seed=SEED + round_number)
    return told


def _fuzz(operation: Any, mode: GenerationMode, most: int, told: Fuzzed, *, seed: int) -> None:
    @hypothesis.settings(
        max_examples=most,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.seed(seed)
    @hypothesis.given(operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        # What calls here does not unpack what is compressed.
        response = case.call(headers={"Accept-Encoding": "identity"})
        told.requests += 1
        told.statuses[response.status_code] += 1
        try:
            case.validate_response(response)
        except FailureGroup as group:
            for failure in group.exceptions:
                where = f"{mode.value} {case.method} {case.formatted_path}"
                told.failures.append(f"{where}: {failure!r}"[:400] + f" {case.query}"[:300])

    ask()
