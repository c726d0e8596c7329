"""The directory's results: the cards of what was found, kept for as long as they say what is so.

What is kept are facts for everybody: nothing of who looks, and nothing of what they saved.
"""

import threading
import uuid
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from accounts import Organisation
from core import clock
from core.db import db
from core.languages import language
from directory.cards import Card, card
from directory.listings import shown_listings
from directory.matching import answers, not_said
from directory.models import Notice, Service
from directory.rules import SHOWN
from directory.search import Explanation, Hit, Query

MOST_KEPT = 5_000

Key = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """A listing that was found: its card, what of it was asked for, what of that is not known.

    `why`: why it stands where it stands, for those who keep the directory and ask.
    """

    card: Card
    answers: tuple[str, ...]
    not_said: tuple[str, ...]
    why: Explanation | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    """A result, and when it was made."""

    result: Result
    made_at: datetime

    def holds(self, now: datetime) -> bool:
        """Whether it still says what is so, on the same day: a session of today's gets over."""
        if self.result.card.next_on != clock.local_date(now):
            return self.made_at <= now
        return self.made_at.replace(second=0, microsecond=0) == now.replace(second=0, microsecond=0)


_kept: OrderedDict[Key, _Kept] = OrderedDict()
_guard = threading.Lock()


def results(hits: Sequence[Hit], query: Query) -> list[Result]:
    """What was found, as it is told to whoever asked this, in the order of the hits."""
    if not hits:
        return []
    keys = _keys([hit.id for hit in hits], query)
    known = dict(_known(keys))
    for each in shown_listings([id_ for id_ in keys if id_ not in known]):
        made = Result(card(each), tuple(answers(each, query)), tuple(not_said(each, query)))
        _keep(keys[each.id], made)
        known[each.id] = made
    return [
        replace(found, card=replace(found.card, miles=hit.distance_miles), why=hit.why)
        for hit in hits
        if (found := known.get(hit.id))
    ]


def _keys(ids: Sequence[uuid.UUID], query: Query) -> dict[uuid.UUID, Key]:
    """Of those that everybody may see: what their results depend on.

    A listing has a new version when any part of it changes; its notices and its group stand apart.
    """
    alike = (
        str(db.engine.url),
        language().code,
        clock.today(),
        *(query.access, query.ages, query.audiences, query.needs, query.languages, query.offers),
        query.free,
    )
    own = (Service.version, Service.last_modified, Service.assured_on)
    group = (Organisation.id, Organisation.version)
    wanted = select(Service.id, Service.life, *own, *group).join(Service.organisation)
    notices = _notices(ids)
    # Asked for their life too, SQLite would look through all that live.
    found = db.session.execute(wanted.where(Service.id.in_(ids)))
    return {
        id_: (id_, life, *said, notices.get(id_, ()), *alike)
        for id_, life, *said in found
        if life in SHOWN
    }


def _notices(ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Key]:
    standing = select(Notice.service_id, Notice.id).where(
        Notice.service_id.in_(ids), Notice.taken_down_at.is_(None)
    )
    found: dict[uuid.UUID, Key] = {}
    for service_id, notice_id in db.session.execute(standing.order_by(Notice.id)):
        found[service_id] = (*found.get(service_id, ()), notice_id)
    return found


def _known(keys: Mapping[uuid.UUID, Key]) -> Iterator[tuple[uuid.UUID, Result]]:
    now = clock.now()
    with _guard:
        for id_, key in keys.items():
            kept = _kept.get(key)
            if kept is not None and kept.holds(now):
                _kept.move_to_end(key)
                yield id_, kept.result


def _keep(key: Key, result: Result) -> None:
    with _guard:
        _kept[key] = _Kept(result, clock.now())
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
