"""Benchmark of evidence: whether a 95 % interval holds, and how fast the page is at full size.

    python -m benchmarks.evidence

Coverage: activities are invented whose true share and true change we know; people are sent there by
lot; how often does the interval shown hold the truth? Beside it, on the same people, the naive way:
the activity's own numbers and plus or minus 1.96 standard errors. Goal 94 to 96 %.

Speed: the county of `flask demo load --scale icb` in a throw-away database: 10,000 listings, 93,000
people referred and about as many referrals on to groups, 460,000 attendances; then the figures are
made up once, as every night, and the page of an activity is opened by a clinician. Goal 200 ms for
the middle one. Beside it the same pages for a visitor, who is shown no evidence, and what the
processor spent, for a machine that does other things as well.
"""

import json
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import flask_migrate
import numpy as np
from flask import Flask
from sqlalchemy import select

from accounts import User
from accounts.signing_in import start
from accounts.web import COOKIE
from app import create_app
from core.actors import system
from core.db import db
from core.disclosure import rounded
from core.saving import saving
from core.settings import Settings
from demo import scale
from directory import Service
from directory.search import rebuild
from referrals.evidence import make_up
from referrals.evidence.shrinking import NORMAL, Changes, Shares
from referrals.models import Figures

KINDS, LEAST, MOST = 300, 12, 80
LOOKS = 60
GOAL_MS, GOAL_COVERS = 200, (0.94, 0.96)
BY = system("benchmark")


def main() -> int:
    """Print a line a measurement; returns how many goals were missed."""
    return _coverage() + _speed()


def _coverage() -> int:
    lot = np.random.default_rng(20)
    held = {"share": [0, 0, 0], "change": [0, 0, 0]}
    for _ in range(KINDS):
        number = int(lot.integers(LEAST, MOST))
        people = np.clip(lot.geometric(1 / 20, number), 1, 400) + 9
        _shares(lot, people, held["share"])
        _changes(lot, people, held["change"])
    missed = 0
    for what, (ours, naive, total) in held.items():
        ok = GOAL_COVERS[0] <= ours / total <= GOAL_COVERS[1]
        missed += not ok
        said = {"coverage": what, "intervals": total, "ours": round(ours / total, 4)}
        print(
            json.dumps(said | {"naive": round(naive / total, 4), "goal": "ok" if ok else "short"})
        )
    return missed


def _shares(lot: np.random.Generator, people: Any, held: list[int]) -> None:
    mean, strength = lot.uniform(0.25, 0.8), lot.uniform(4, 40)
    true = lot.beta(mean * strength, (1 - mean) * strength, people.size)
    did = lot.binomial(people, true)
    kind = Shares(people.tolist(), did.tolist())
    for number, (of, count) in enumerate(zip(people.tolist(), did.tolist(), strict=True)):
        shown_of, shown = rounded(of), rounded(count)
        if shown_of is None or shown is None:
            continue
        found, own = kind.share(number, shown_of, shown), count / of
        reach = NORMAL * (own * (1 - own) / of) ** 0.5
        held[0] += found.low <= true[number] <= found.high
        held[1] += own - reach <= true[number] <= own + reach
        held[2] += 1


def _changes(lot: np.random.Generator, people: Any, held: list[int]) -> None:
    true = lot.normal(lot.normal(0.8, 0.3), lot.uniform(0, 1.2), people.size)
    said = [np.rint(lot.normal(t, 2.2, n)) for t, n in zip(true, people, strict=True)]
    average = [float(each.mean()) for each in said]
    off = sum(float(((each - each.mean()) ** 2).sum()) for each in said)
    kind = Changes(people.tolist(), average, variance=off / float((people - 1).sum()))
    for number, each in enumerate(said):
        found = kind.change(number)
        reach = NORMAL * float(each.std(ddof=1)) / each.size**0.5
        held[0] += found.low <= true[number] <= found.high
        held[1] += average[number] - reach <= true[number] <= average[number] + reach
        held[2] += 1


def _speed() -> int:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            Settings(
                env="test",
                secret_key="b" * 40,
                data_dir=Path(folder),
                database_url=f"sqlite:///{folder}/kith.db",
                mail="letterbox",
            )
        )
        with app.app_context():
            flask_migrate.upgrade()
            counts = scale.fill(scale.ICB)
            rebuild()  # a page without an index has one made beside it
            began = time.perf_counter()
            made = make_up()
            took = time.perf_counter() - began
            token, slugs = _token(), [*db.session.scalars(select(Service.slug).join(Figures))]
            random.Random(20).shuffle(slugs)
        print(json.dumps(counts))
        print(json.dumps({"made_up_s": round(took, 1), "activities_with_figures": made}))
        return _pages(app, token, slugs)


def _pages(app: Flask, token: str, slugs: list[str]) -> int:
    took, spent, shown = _opened(app, token, slugs)
    bare, bare_spent, _ = _opened(app, "", slugs)
    middle = statistics.median(took)
    ok = middle <= GOAL_MS and shown == LOOKS
    worst = sorted(took)[int(0.95 * LOOKS)]
    said = {"page_p50_ms": round(middle), "page_p95_ms": round(worst), "pages": LOOKS}
    said |= {"cpu_p50_ms": round(statistics.median(spent))}
    said |= {"for_a_visitor_p50_ms": round(statistics.median(bare))}
    said |= {"for_a_visitor_cpu_p50_ms": round(statistics.median(bare_spent))}
    print(json.dumps({**said, "goal": "ok" if ok else "short"}))
    return not ok


def _opened(app: Flask, token: str, slugs: list[str]) -> tuple[list[float], list[float], int]:
    """How long each page took, by the wall and of the processor, and how many had evidence."""
    client = app.test_client()
    client.set_cookie(COOKIE, token)
    client.get(f"/activities/{slugs[LOOKS]}")  # the first page reads the templates
    took, spent, shown = [], [], 0
    for slug in slugs[:LOOKS]:
        began, before = time.perf_counter(), time.process_time()
        page = client.get(f"/activities/{slug}").get_data(as_text=True)
        took.append(1000 * (time.perf_counter() - began))
        spent.append(1000 * (time.process_time() - before))
        shown += "What came of it so far" in page
    return took, spent, shown


def _token() -> str:
    with saving():
        user = db.session.scalars(select(User).where(User.email == scale.SIGN_IN_AS[0])).one()
        return start(user, by=BY, device="benchmark")


if __name__ == "__main__":
    raise SystemExit(main())
