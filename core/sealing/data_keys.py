"""Ground floor: the data keys: one for each holder and kind, wrapped by a root key.

Destroying a holder's rows here destroys all that was ever sealed for them, in every copy that was
made without this table. Who seals holds the row until the commit, so that neither a rotation nor
an erasure comes between the key and what is sealed with it.
"""

import secrets
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary, String, delete, event, insert, select, tuple_
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from core import clock, keys
from core.db import Model
from core.sealing.boxes import Broken, close, open_with

AT_ONCE = 2_000
"""Keys asked for in one question; well below what either engine takes."""

GENERAL = "general"
LENGTH = 32

Whose = tuple[uuid.UUID, str]
"""Whose key, and of which kind."""


class DataKey(Model):
    """The key of one holder and kind; `before` is the last generation, while it is being left."""

    __tablename__ = "data_key"

    holder_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    generation: Mapped[int]
    root_id: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    before: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Opened:
    """A data key, unwrapped: the generation that seals, and those that open."""

    generation: int
    by_generation: dict[int, AESGCM]

    def seal(self, plain: bytes, about: str) -> bytes:
        return close(self.by_generation[self.generation], plain, about, generation=self.generation)

    def unseal(self, sealed: bytes, about: str, generation: int) -> bytes:
        key = self.by_generation.get(generation)
        if key is None:
            raise Broken(f"the key of what is sealed in {about.partition('|')[0]} is gone")
        return open_with(key, sealed, about)


@dataclass(slots=True)
class Bunch:
    """The keys that one session has opened in this transaction, and those it holds to seal."""

    opened: dict[Whose, Opened] = field(default_factory=dict)
    held: set[Whose] = field(default_factory=set)


def bunch_of(session: Session) -> Bunch:
    """This session's keys; forgotten at the end of every transaction and at every undoing."""
    bunch: Bunch = session.info.setdefault("data_keys", Bunch())
    return bunch


def fetch(session: Session, wanted: Collection[Whose]) -> None:
    """Open these keys, however many, in few questions. One that is not there stays out."""
    bunch = bunch_of(session)
    missing = [each for each in wanted if each not in bunch.opened]
    for start in range(0, len(missing), AT_ONCE):
        bunch.opened.update(_read(session, missing[start : start + AT_ONCE], is_held=False))


def hold(session: Session, wanted: Collection[Whose]) -> None:
    """Open these keys to seal with, and keep others from changing them until the commit."""
    bunch = bunch_of(session)
    missing = sorted(each for each in wanted if each not in bunch.held)
    for start in range(0, len(missing), AT_ONCE):
        found = _read(session, missing[start : start + AT_ONCE], is_held=True)
        bunch.opened.update(found)
        bunch.held.update(found)
    for each in missing:
        if each not in bunch.held:
            raise Broken("nothing more can be written about somebody who was erased")


def make(session: Session, holders: Iterable[uuid.UUID], kinds: Collection[str]) -> None:
    """New keys for new holders."""
    root = keys.ring().newest()
    rows = []
    bunch = bunch_of(session)
    for whose in ((holder, kind) for holder in holders for kind in kinds):
        secret = secrets.token_bytes(LENGTH)
        rows.append(
            {
                "holder_id": whose[0],
                "kind": whose[1],
                "generation": 1,
                "root_id": root.id,
                "wrapped": wrap(root, secret, whose, 1),
                "before": None,
                "made_at": clock.now(),
            }
        )
        bunch.opened[whose] = Opened(1, {1: AESGCM(secret)})
        bunch.held.add(whose)
    if rows:
        session.execute(insert(DataKey), rows)


def destroy(session: Session, holder: uuid.UUID) -> int:
    """Destroy all the keys of a holder; returns how many there were."""
    gone = session.execute(
        delete(DataKey).where(DataKey.holder_id == holder).returning(DataKey.kind)
    ).all()
    for (kind,) in gone:
        bunch_of(session).opened.pop((holder, kind), None)
        bunch_of(session).held.discard((holder, kind))
    return len(gone)


def wrap(root: keys.Root, secret: bytes, whose: Whose, generation: int) -> bytes:
    """A data key under a root, bound to its holder, kind and generation."""
    return close(AESGCM(root.secret), secret, _about(whose, generation), generation=generation)


def unwrap(root: keys.Root, wrapped: bytes, whose: Whose, generation: int) -> bytes:
    """The data key itself."""
    return open_with(AESGCM(root.secret), wrapped, _about(whose, generation))


def _about(whose: Whose, generation: int) -> str:
    return f"data_key.wrapped|{whose[0]}|{whose[1]}|{generation}"


def _read(session: Session, wanted: list[Whose], *, is_held: bool) -> dict[Whose, Opened]:
    asked = select(
        DataKey.holder_id,
        DataKey.kind,
        DataKey.generation,
        DataKey.root_id,
        DataKey.wrapped,
        DataKey.before,
    ).where(tuple_(DataKey.holder_id, DataKey.kind).in_(wanted))
    if is_held:
        asked = asked.with_for_update(read=True)
    ring = keys.ring()
    found = {}
    with session.no_autoflush:
        rows = session.execute(asked).all()
    for holder, kind, generation, root_id, wrapped, before in rows:
        root, whose = ring.root(root_id), (holder, kind)
        opened = {generation: AESGCM(unwrap(root, wrapped, whose, generation))}
        if before is not None:
            opened[generation - 1] = AESGCM(unwrap(root, before, whose, generation - 1))
        found[whose] = Opened(generation, opened)
    return found


@event.listens_for(Session, "after_soft_rollback")
def _forget_undone(session: Session, _undone: SessionTransaction) -> None:
    session.info.pop("data_keys", None)


@event.listens_for(Session, "after_commit")
def _forget(session: Session) -> None:
    session.info.pop("data_keys", None)
