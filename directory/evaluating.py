"""Directory: how well what was found fits what somebody judged would help; plain arithmetic."""

import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

PAGE = 10
"""How many of those found are looked at."""

LARGEST = 10 * 1024 * 1024
LONGEST = 1_000
SAME = 1e-9

Ask = Callable[[str], Sequence[str]]
"""Answers a query with what it finds, the best first."""


class Unfit(Exception):
    """These are no judgements; the message says why in plain words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Judgement:
    """A query as somebody typed it, and every listing that would help that person."""

    query: str
    relevant: frozenset[str]
    group: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """How one query fared. `nothing`: it found nothing at all."""

    query: str
    group: str
    ndcg: float
    recall: float
    nothing: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """How many queries fared, on average."""

    queries: int
    ndcg: float
    recall: float
    zero_results: float

    def as_json(self) -> dict[str, float]:
        """The same under the names that everyone uses."""
        told = {"ndcg": self.ndcg, "recall": self.recall}
        rounded = {f"{name}@{PAGE}": round(value, 4) for name, value in told.items()}
        return {"queries": self.queries, **rounded, "zero_results": round(self.zero_results, 4)}


@dataclass(frozen=True, slots=True)
class Scores:
    """How each query fared, and so all of them and each group."""

    each: tuple[Score, ...]

    @property
    def all(self) -> Figures:
        """All queries, each counting as much as any other."""
        return _figures(self.each)

    @property
    def groups(self) -> Mapping[str, Figures]:
        """Each group by its name, in the order in which the file has them."""
        inside: defaultdict[str, list[Score]] = defaultdict(list)
        for score in self.each:
            inside[score.group].append(score)
        return {group: _figures(scores) for group, scores in inside.items()}

    def as_json(self) -> dict[str, Any]:
        """All of it as one JSON object."""
        groups = {group: figures.as_json() for group, figures in self.groups.items()}
        return {**self.all.as_json(), "groups": groups}


@dataclass(frozen=True, slots=True)
class Change:
    """What a change of ours did to one query: its nDCG before and after."""

    query: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Difference:
    """Which queries fare better than before and which worse, those that moved furthest first."""

    better: tuple[Change, ...]
    worse: tuple[Change, ...]


def read(content: bytes) -> tuple[Judgement, ...]:
    """The judgements a file holds, or Unfit with the reason why there are none."""
    if len(content) > LARGEST:
        raise Unfit(f"it is larger than {LARGEST // 1024**2} MB")
    if not content.strip():
        raise Unfit("it is empty")
    try:
        said = json.loads(content)
    except UnicodeDecodeError:
        raise Unfit("it is not text in UTF-8") from None
    except (ValueError, RecursionError):
        raise Unfit("it is not JSON") from None
    queries = said.get("queries") if isinstance(said, dict) else None
    if not isinstance(queries, list) or not queries:
        raise Unfit('it has no list of "queries"')
    return _each_once(_judgement(number, each) for number, each in enumerate(queries, start=1))


def evaluate(judgements: Iterable[Judgement], ask: Ask) -> Scores:
    """How every query fares with whoever answers."""
    return Scores(tuple(_score(each, ask(each.query)) for each in judgements))


def ndcg(relevant: frozenset[str], found: Sequence[str]) -> float:
    """How near the first page comes to the best there could be, from 0 to 1.

    A listing either helps or it does not; the lower it stands, the less it counts (by the binary
    logarithm of its rank and one). The best there could be has nothing but what helps.
    """
    gain = sum(_gain(rank) for rank, name in enumerate(_page(found)) if name in relevant)
    return gain / sum(_gain(rank) for rank in range(min(PAGE, len(relevant))))


def recall(relevant: frozenset[str], found: Sequence[str]) -> float:
    """Which share of all that would help is on the first page."""
    return len(relevant.intersection(_page(found))) / len(relevant)


def difference(before: Scores, after: Scores) -> Difference:
    """What became of the queries that both have, by their nDCG."""
    then = {score.query: score.ndcg for score in before.each}
    changes = [
        Change(score.query, then[score.query], score.ndcg)
        for score in after.each
        if score.query in then and abs(score.ndcg - then[score.query]) > SAME
    ]
    changes.sort(key=lambda change: -abs(change.after - change.before))
    return Difference(
        tuple(change for change in changes if change.after > change.before),
        tuple(change for change in changes if change.after < change.before),
    )


def _score(judged: Judgement, found: Sequence[str]) -> Score:
    return Score(
        judged.query,
        judged.group,
        ndcg(judged.relevant, found),
        recall(judged.relevant, found),
        nothing=not found,
    )


def _page(found: Sequence[str]) -> list[str]:
    """The first page; what is found twice counts once."""
    return list(dict.fromkeys(found))[:PAGE]


def _gain(rank: int) -> float:
    return 1 / math.log2(rank + 2)


def _figures(scores: Sequence[Score]) -> Figures:
    if not scores:
        return Figures(0, 0.0, 0.0, 0.0)
    return Figures(
        queries=len(scores),
        ndcg=fmean(score.ndcg for score in scores),
        recall=fmean(score.recall for score in scores),
        zero_results=fmean(score.nothing for score in scores),
    )


def _each_once(judgements: Iterable[Judgement]) -> tuple[Judgement, ...]:
    seen: dict[str, Judgement] = {}
    for each in judgements:
        same = " ".join(each.query.casefold().split())
        if same in seen:
            raise Unfit(f"it has the query “{each.query}” twice")
        seen[same] = each
    return tuple(seen.values())


def _judgement(number: int, said: Any) -> Judgement:
    if not isinstance(said, dict):
        raise Unfit(f"query {number} is not an object")
    relevant = said.get("relevant")
    if not isinstance(relevant, list) or not relevant:
        raise Unfit(f'query {number} has no list of "relevant" listings')
    return Judgement(
        _words(said.get("query"), number, "query"),
        frozenset(_words(each, number, "relevant") for each in relevant),
        _words(said.get("group", "other"), number, "group"),
    )


def _words(said: Any, number: int, field: str) -> str:
    if not isinstance(said, str) or not said.strip():
        raise Unfit(f'query {number}: "{field}" is not words')
    # Neither half a character nor the one that ends a text can be stored or shown.
    if len(said) > LONGEST or "\0" in said or any("\ud800" <= each <= "\udfff" for each in said):
        raise Unfit(f'query {number}: "{field}" cannot be read')
    return said.strip()
