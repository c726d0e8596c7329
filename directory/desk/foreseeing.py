"""The editors' desk: what a change of the thesaurus would do to listings and to the search."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from core.db import db
from directory import judging
from directory.desk import thesaurus as changing
from directory.evaluating import Change, Figures, Judgement, Scores, difference, evaluate
from directory.meaning import Concept, Thesaurus, thesaurus
from directory.meaning.in_force import trying
from directory.search import documents

MOST_READ = 1_000


@dataclass(frozen=True, slots=True)
class Judged:
    """How the queries fare that somebody judged, before and after, and which would move."""

    before: Figures
    after: Figures
    better: tuple[Change, ...]
    worse: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would come of a change.

    `gains` and `loses` are the listings that would be good for the need, or no longer; `is_all` is
    whether every listing was looked at that might. `judged` is None where none of the listings is
    here that somebody judged.
    """

    gains: tuple[uuid.UUID, ...]
    loses: tuple[uuid.UUID, ...]
    is_all: bool
    judged: Judged | None


def foresee(concept: Concept) -> Foreseen:
    """What would come of this concept in place of the one of its code; nothing is saved."""
    concept = changing.fit(concept)
    known = thesaurus(now=True)
    after = known.having(concept)
    ids = changing.touched(known.concepts.get(concept.code), concept)
    then = _good_for(concept.code, ids[:MOST_READ], known)
    now = _good_for(concept.code, ids[:MOST_READ], after)
    return Foreseen(
        gains=tuple(each for each in now if each not in then),
        loses=tuple(each for each in then if each not in now),
        is_all=len(ids) <= MOST_READ,
        judged=_judged(known, after),
    )


def _good_for(code: str, ids: Iterable[uuid.UUID], known: Thesaurus) -> dict[uuid.UUID, None]:
    """Those of these listings that are good for a need, in their order."""
    with trying(known):
        read = list(documents.read(db.session(), list(ids)))
    return {each.facts.id: None for each in read if code in dict(each.facts.concepts)}


def _judged(before: Thesaurus, after: Thesaurus) -> Judged | None:
    judged = judging.judgements_of_ours()
    here = judging.here(judged).judgements
    loaded = [now for then, now in zip(judged, here, strict=True) if then != now]
    if not loaded:
        return None
    judging.make_ready()
    with trying(before):
        was = evaluate(loaded, judging.asked)
    with trying(after):
        moved = evaluate(_understood_otherwise(loaded, before, after), judging.asked)
    anew = {score.query: score for score in moved.each}
    will_be = Scores(tuple(anew.get(score.query, score) for score in was.each))
    moves = difference(was, will_be)
    return Judged(was.all, will_be.all, moves.better, moves.worse)


def _understood_otherwise(
    judged: Iterable[Judgement], before: Thesaurus, after: Thesaurus
) -> list[Judgement]:
    """Only these can fare otherwise: the listings are read anew once the change is saved."""
    return [
        each for each in judged if before.understand(each.query) != after.understand(each.query)
    ]
