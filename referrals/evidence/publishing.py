"""Referrals: the figures of every activity, made up once a day and kept as they will be shown.

Two things keep a person from being picked out. Counts are rounded and small ones hidden
(core/disclosure.py), and averages of fewer than ten are not given. And a figure is made up anew
only when at least eight more people are behind it, so that one day's page set against another's
tells of eight people or more, never of the one who came between.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from statistics import fmean
from typing import Any

from sqlalchemy import select

from core import clock, work
from core.db import db
from core.disclosure import FEWEST, rounded
from core.saving import saving
from directory import main_kinds
from referrals.evidence.counting import Moved, Went, how_moved, who_went
from referrals.evidence.shrinking import Changes, Interval, Shares
from referrals.measures import ONS4
from referrals.models import Figures
from referrals.outcomes import COUNTS_ONLY_BELOW

EVERY_DAY = timedelta(days=1)
WENT = "went"
SHARES = ("started", "often")
ENOUGH_OF_A_KIND = 5
"""Activities of a kind; where there are fewer, one leans on all activities."""

Part = dict[str, Any]
Parts = dict[str, Part]


def init_app() -> None:
    """Have the figures made up once a day."""
    work.chore("make up the figures of activities", EVERY_DAY, make_up)


def make_up() -> int:
    """Make up every figure behind which enough new people are; returns for how many activities."""
    with saving():
        went, moved = who_went(), how_moved()
        told = {row.service_id: row for row in db.session.scalars(select(Figures))}
        changed = 0
        for group in _kinds_of(went):
            for service_id, parts, rests_on in _parts_of(group, went, moved):
                changed += _write_down(told.get(service_id), service_id, parts, rests_on)
        return changed


def _kinds_of(went: Mapping[uuid.UUID, Went]) -> list[list[uuid.UUID]]:
    """The activities that say something, by their kind."""
    kinds, groups = main_kinds(), defaultdict(list)
    for service_id, numbers in went.items():
        if numbers.known >= COUNTS_ONLY_BELOW:
            groups[kinds.get(service_id, "")].append(service_id)
    small = [kind for kind, group in groups.items() if len(group) < ENOUGH_OF_A_KIND]
    groups[""] += [each for kind in small if kind for each in groups.pop(kind)]
    return [sorted(group) for group in groups.values() if group]


def _parts_of(
    group: Sequence[uuid.UUID],
    went: Mapping[uuid.UUID, Went],
    moved: Mapping[uuid.UUID, Moved],
) -> Iterator[tuple[uuid.UUID, Parts, dict[str, int]]]:
    known = [went[each].known for each in group]
    kind = {name: Shares(known, [getattr(went[each], name) for each in group]) for name in SHARES}
    changes = {q.key: _changes(q.key, group, moved) for q in ONS4.questions}
    for number, service_id in enumerate(group):
        parts: Parts = {WENT: _went(went[service_id], number, kind)}
        rests_on = {WENT: went[service_id].known}
        for key, found in changes.items():
            if service_id in found:
                answered = len(moved[service_id][key])
                twice, referred = rounded(answered), went[service_id].referred
                parts[key] = {
                    "twice": twice,
                    "missing": rounded(referred - answered),
                    **_said(found[service_id], 1),
                }
                rests_on[key] = answered
        yield service_id, parts, rests_on


def _went(went: Went, number: int, kind: Mapping[str, Shares]) -> Part:
    known = rounded(went.known)
    part: Part = {
        "referred": rounded(went.referred),
        "known": known,
        "not_known": rounded(went.not_known),
    }
    for name, shares in kind.items():
        did = rounded(getattr(went, name))
        part[name] = {"did": did}
        if known is not None and did is not None:
            part[name] |= _said(shares.share(number, known, did), 2)
    return part


def _changes(
    key: str, group: Sequence[uuid.UUID], moved: Mapping[uuid.UUID, Moved]
) -> dict[uuid.UUID, Interval]:
    """The average change of one question, for those activities where enough answered it twice."""
    gains = {each: moved.get(each, {}).get(key, []) for each in group}
    enough = {each: said for each, said in gains.items() if len(said) >= COUNTS_ONLY_BELOW}
    if not enough:
        return {}
    averages = {each: fmean(said) for each, said in enough.items()}
    off = sum((gain - averages[each]) ** 2 for each, said in enough.items() for gain in said)
    free = sum(len(said) - 1 for said in enough.values())
    found = Changes(
        [len(said) for said in enough.values()],
        list(averages.values()),
        variance=max(off / free, 1 / 12),  # answers are whole points: never surer than that
    )
    return {each: found.change(number) for number, each in enumerate(enough)}


def _said(interval: Interval, digits: int) -> Part:
    return {
        "guess": round(interval.guess, digits),
        "low": round(interval.low, digits),
        "high": round(interval.high, digits),
    }


def _write_down(
    row: Figures | None, service_id: uuid.UUID, parts: Parts, rests_on: dict[str, int]
) -> bool:
    """Keep what has enough new people behind it; the rest stays as it was."""
    if row is None:
        db.session.add(
            Figures(service_id=service_id, made_on=clock.today(), parts=parts, rests_on=rests_on)
        )
        return True
    was = row.rests_on
    ripe = [key for key in parts if rests_on[key] - was.get(key, 0) >= FEWEST]
    if ripe:
        row.parts = row.parts | {key: parts[key] for key in ripe}
        row.rests_on = was | {key: rests_on[key] for key in ripe}
        row.made_on = clock.today()
    return bool(ripe)
