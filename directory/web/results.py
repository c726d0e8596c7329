"""The directory's results: the cards of what was found, kept for as long as they say what is so.

What is kept are facts for everybody: nothing of who looks, and nothing of what they saved.
"""

import threading
import uuid
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import get_template_attribute, request
from markupsafe import Markup
from sqlalchemy import and_, bindparam, select

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
from directory.timing.sessions import next_sessions

MOST_KEPT = 5_000

Key = tuple[Hashable, ...]

_service, _group, _notice = (each.__table__ for each in (Service, Organisation, Notice))

# Asked for their life too, SQLite would look through all that live. A listing has a new version
# when any part of it changes; its notices and its group stand apart.
_VERSIONS = (
    select(
        _service.c.id,
        _service.c.life,
        _service.c.version,
        _service.c.last_modified,
        _service.c.assured_on,
        _group.c.version.label("of_group"),
        _notice.c.id.label("notice"),
    )
    .join(_group, _group.c.id == _service.c.organisation_id)
    .outerjoin(
        _notice, and_(_notice.c.service_id == _service.c.id, _notice.c.taken_down_at.is_(None))
    )
    .where(_service.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_notice.c.id)
)


@dataclass(frozen=True, slots=True)
class Told:
    """What everybody is told of a listing that fits: its card, what of it was asked for, what of
    that is not known; and the same as it stands on the page, up to how far it is and from there on.

    `save`: the button that saves it, for those who have not.
    """

    card: Card
    answers: tuple[str, ...]
    not_said: tuple[str, ...]
    before_miles: Markup
    after_miles: Markup
    save: Markup


@dataclass(frozen=True, slots=True)
class Result:
    """A listing that was found, and how far it is.

    `why`: why it stands where it stands, for those who keep the directory and ask.
    """

    told: Told
    miles: float | None
    why: Explanation | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was told, when that was put together, and when it holds no more."""

    told: Told
    made_at: datetime
    until: datetime | None

    def holds(self, now: datetime) -> bool:
        """Whether it still says what is so, on the same day: a session of today's gets over."""
        return self.made_at <= now and (self.until is None or now < self.until)


_kept: OrderedDict[Key, _Kept] = OrderedDict()
_guard = threading.Lock()


def results(hits: Sequence[Hit], query: Query) -> list[Result]:
    """What was found, as it is told to whoever asked this, in the order of the hits."""
    if not hits:
        return []
    keys = _keys([hit.id for hit in hits], query)
    known = dict(_known(keys))
    new = [id_ for id_ in keys if id_ not in known]
    for each in shown_listings(new) if new else ():
        made = _told(each, query)
        _keep(keys[each.id], _Kept(made, clock.now(), _until(each)))
        known[each.id] = made
    return [
        Result(told, hit.distance_miles, hit.why) for hit in hits if (told := known.get(hit.id))
    ]


def _told(service: Service, query: Query) -> Told:
    it = card(service)
    asked_for, unknown = tuple(answers(service, query)), tuple(not_said(service, query))
    return Told(
        card=it,
        answers=asked_for,
        not_said=unknown,
        before_miles=_said("card", "before_miles", it),
        after_miles=_said("card", "after_miles", it, asked_for, unknown),
        save=_said("parts/save", "save_button", it.id, it.name, on=False),
    )


def _said(template: str, macro: str, *what: Any, **how: Any) -> Markup:
    said: Markup = get_template_attribute(f"directory/{template}.html", macro)(*what, **how)
    return said


def _until(service: Service) -> datetime | None:
    """When the meeting of today is over, if its card says that there is one."""
    now = clock.now()
    coming = next_sessions(service, after=now, count=1)
    return coming[0].over_at if coming and coming[0].on == clock.local_date(now) else None


def _keys(ids: Sequence[uuid.UUID], query: Query) -> dict[uuid.UUID, Key]:
    """Of those that everybody may see: what their results depend on."""
    alike = (
        str(db.engine.url),
        request.script_root,
        language().code,
        clock.today(),
        *(query.access, query.ages, query.audiences, query.needs, query.languages, query.offers),
        query.free,
    )
    found: dict[uuid.UUID, Key] = {}
    for id_, life, *versions, notice in db.session.execute(_VERSIONS, {"ids": ids}):
        if life in SHOWN:
            found[id_] = (*found.get(id_, (id_, alike, *versions)), notice)
    return found


def _known(keys: Mapping[uuid.UUID, Key]) -> Iterator[tuple[uuid.UUID, Told]]:
    now = clock.now()
    with _guard:
        for id_, key in keys.items():
            kept = _kept.get(key)
            if kept is not None and kept.holds(now):
                _kept.move_to_end(key)
                yield id_, kept.told


def _keep(key: Key, kept: _Kept) -> None:
    with _guard:
        _kept[key] = kept
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
