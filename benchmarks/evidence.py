"""Benchmark of evidence: whether a 95 % interval holds, and how fast the page is at full size.

    python -m benchmarks.evidence

Coverage: activities are invented whose true share and true change we know; people are sent there by
lot; how often does the interval shown hold the truth? Beside it, on the same people, the naive way:
the activity's own numbers and plus or minus 1.96 standard errors. Goal 94 to 96 %.

Speed: 10,000 listings and 93,000 referrals on to groups, with first visits, attendances and
answers, straight into the tables of a throw-away database; then the figures are made up once, as
every night, and the page of an activity is opened by a clinician. Goal 200 ms for the middle one.
Beside it the same pages for a visitor, who is shown no evidence.
"""

import json
import random
import statistics
import tempfile
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import flask_migrate
import numpy as np
from flask import Flask
from sqlalchemy import insert

from accounts import OrganisationKind, Role, User, add_user, join, set_up
from accounts.signing_in import start
from accounts.web import COOKIE
from app import create_app
from core import clock
from core.actors import system
from core.db import db
from core.disclosure import rounded
from core.saving import saving
from core.settings import Settings
from directory import Service
from directory.rules import Life
from referrals.evidence import make_up
from referrals.evidence.shrinking import NORMAL, Changes, Shares
from referrals.measures import ONS4
from referrals.models import Attendance, FirstVisit, Measure, Person, Referral, Told
from referrals.rules import Came, ContactRoute, Point, Reason, Status

KINDS, LEAST, MOST = 300, 12, 80
LISTINGS, REFERRALS, AT_ONCE, LOOKS = 10_000, 93_000, 5_000, 60
GOAL_MS, GOAL_COVERS = 200, (0.94, 0.96)
BY = system("benchmark")

Rows = dict[Any, list[dict[str, Any]]]


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
            gp, slugs = _fill()
            began = time.perf_counter()
            made = make_up()
            took = time.perf_counter() - began
            token = _token(gp)
        print(json.dumps({"made_up_s": round(took, 1), "activities_with_figures": made}))
        return _pages(app, token, slugs)


def _pages(app: Flask, token: str, slugs: list[str]) -> int:
    spent, shown = _opened(app, token, slugs)
    bare, _ = _opened(app, "", slugs)
    middle = statistics.median(spent)
    ok = middle <= GOAL_MS and shown == LOOKS
    worst = sorted(spent)[int(0.95 * LOOKS)]
    said = {"page_p50_ms": round(middle), "page_p95_ms": round(worst), "pages": LOOKS}
    said |= {"for_a_visitor_p50_ms": round(statistics.median(bare))}
    said |= {"listings": LISTINGS, "referrals": REFERRALS}
    print(json.dumps({**said, "goal": "ok" if ok else "short"}))
    return not ok


def _opened(app: Flask, token: str, slugs: list[str]) -> tuple[list[float], int]:
    """How long each page took, and on how many the evidence stood; a visitor sees none."""
    client = app.test_client()
    client.set_cookie(COOKIE, token)
    client.get(f"/activities/{slugs[LOOKS]}")  # the first page reads the templates
    spent, shown = [], 0
    for slug in slugs[:LOOKS]:
        began = time.perf_counter()
        page = client.get(f"/activities/{slug}").get_data(as_text=True)
        spent.append(1000 * (time.perf_counter() - began))
        shown += "What came of it so far" in page
    return spent, shown


def _token(user_id: uuid.UUID) -> str:
    with saving():
        user = db.session.get(User, user_id)
        assert user
        return start(user, by=BY, device="benchmark")


def _fill() -> tuple[uuid.UUID, list[str]]:
    """Everybody there is: returns a clinician, and the activities most were sent to."""
    lot = random.Random(20)
    with saving():
        team = set_up("Team", OrganisationKind.LINK_WORKER_TEAM, by=BY)
        practice = set_up("Practice", OrganisationKind.PRACTICE, link_worker_team=team, by=BY)
        group = set_up("Group", OrganisationKind.GROUP, by=BY)
        gp = add_user("gp@nhs.example", "Dr Nair", password_hash="-", by=BY)
        join(gp, practice, Role.CLINICIAN, by=BY)
        ids = (gp.id, practice.id, team.id, group.id)
    services = [{"id": uuid.uuid4(), "slug": f"activity-{n}"} for n in range(LISTINGS)]
    now = clock.now()
    every = {"organisation_id": ids[3], "life": Life.LIVE, "created_at": now, "last_modified": now}
    with saving():
        for start_at in range(0, LISTINGS, AT_ONCE):
            some = services[start_at : start_at + AT_ONCE]
            db.session.execute(
                insert(Service), [{**each, **every, "name": each["slug"]} for each in some]
            )
    weights = [1 / (n + 20) for n in range(LISTINGS)]
    going = lot.choices([each["id"] for each in services], weights, k=REFERRALS)
    for start_at in range(0, REFERRALS, AT_ONCE):
        rows: Rows = {Person: [], Referral: [], Attendance: [], FirstVisit: [], Measure: []}
        for number in range(start_at, min(start_at + AT_ONCE, REFERRALS)):
            _one(rows, number, going[number], ids, lot)
        with saving():
            for table, each in rows.items():
                db.session.execute(insert(table), each)
    return ids[0], [str(each["slug"]) for each in services]


def _one(
    rows: Rows, number: int, service_id: Any, ids: tuple[uuid.UUID, ...], lot: random.Random
) -> None:
    """One person's way, written down and not walked."""
    person, first, onward = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    sent = clock.now() - timedelta(days=lot.randint(100, 700))
    known: dict[str, Any] = {
        "name": f"Person {number}",
        "born_on": sent.date(),
        "practice_id": ids[1],
    }
    known["created_at"] = sent
    rows[Person].append({"id": person, "contact_route": ContactRoute.PHONE, **known})
    same: dict[str, Any] = {
        "person_id": person,
        "referrer_id": ids[0],
        "created_at": sent,
        "sent_at": sent,
    }
    same |= {"status": Status.CLOSED_COMPLETED, "reasons": [Reason.LONELY.value]}
    place = {"from_organisation_id": ids[1], "to_organisation_id": ids[2]}
    rows[Referral].append({"id": first, "ref": f"A{number}", "parent_id": None, **same, **place})
    place = {"from_organisation_id": ids[2], "to_organisation_id": ids[3]}
    hangs = {"parent_id": first, "service_id": service_id}
    rows[Referral].append({"id": onward, "ref": f"B{number}", **hangs, **same, **place})
    if lot.random() < 0.6:
        day = sent.date()
        told = {"referral_id": onward, "came": Came.CAME}
        rows[FirstVisit].append({**told, "session_on": day, "answered_at": sent, "made_at": sent})
        said = {**told, "service_id": service_id, "by": "benchmark", "by_name": "", "at": sent}
        for week in range(lot.choice((1, 2, 6, 12, 14))):
            on = day + timedelta(weeks=week)
            rows[Attendance].append({**said, "how": Told.REGISTER, "on": on})
    if lot.random() < 0.4:
        for point in (Point.BEFORE, Point.AFTER):
            answers = {question.key: lot.randint(2, 8) for question in ONS4.questions}
            taken = {"referral_id": first, "point": point, "taken_on": sent.date()}
            rows[Measure].append({**taken, "answers": answers, "by": "benchmark"})


if __name__ == "__main__":
    raise SystemExit(main())
