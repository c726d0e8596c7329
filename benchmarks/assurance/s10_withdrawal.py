"""Benchmarks: S10, somebody takes their agreement back: who is written to, or shown them, after?

    python -m benchmarks.assurance.s10_withdrawal [--full]

On each engine people with a group, a visit to come and a reminder of it stop, half of them on their
own page and half by their link worker. Their letters wait, are leased, or are put back to be sent
as if nobody had cancelled them; then the outbox works through two weeks. Counted are letters that
went and are none of those that say that it ended, keys that still show who it is, and people whose
letters and keys did not end in the same transaction as their agreement: every other work is broken
off half-way, and nothing of it may stand. Without the outbox's question letters must go.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from benchmarks.assurance.goals import control, exactly, is_full
from core import clock, outbox
from core.db import db
from core.links import SignedLink
from core.outbox import Letter, State
from core.saving import saving
from referrals.models import FirstVisit, Referral, ToldBy
from referrals.pathway import act
from referrals.person import pages
from referrals.person.leave import ASKED_FOR, THAT_IT_ENDED
from referrals.person.telling import set_telling
from referrals.pledges import pledge, remind
from referrals.rights.consent import abouts_of, has_withdrawn
from referrals.rules import Action
from referrals.sight import minimum_for
from tests.engines import Engines
from tests.referral_builders import TEST, a_visit, owner_of
from tests.referrals.person_builders import a_private_page, opened

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MAY_STILL_GO = THAT_IT_ENDED | ASKED_FOR
PEOPLE = 40 if is_full() else 6


class BrokenOff(Exception):
    """The work is stopped before it is saved."""


def main() -> None:
    """Print the figures of S10 that are about withdrawal."""
    folder = Path(tempfile.mkdtemp(prefix="kith-withdrawal-"))
    engines = Engines(folder)
    late = shown = halves = blind = 0
    try:
        for engine in ("sqlite", "postgresql"):
            with engines.fresh(engine).app_context():
                counted = _on_one_engine()
                blind += _without_the_question()
            late, shown, halves = late + counted[0], shown + counted[1], halves + counted[2]
    finally:
        engines.stop()
        shutil.rmtree(folder, ignore_errors=True)
    of = f"{PEOPLE} people on each engine"
    exactly("S10d", f"letters sent to or about who had stopped, {of}", late)
    exactly("S10e", "keys that show who it is after that", shown)
    exactly("S10f", "works broken off half-way of which something stands", halves)
    control("S10g", "letters sent when the outbox does not ask again", blind)


def _on_one_engine() -> tuple[int, int, int]:
    late = shown = halves = 0
    for number in range(PEOPLE):
        with clock.set_to(NOON):
            visit = _somebody()
            first = visit.referral.parent
            assert first is not None
            halves += _broken_off(first, number)
            _stop(first, number)
            shown += _shown(visit.referral)
            _put_back(first)
        late += sum(kind not in MAY_STILL_GO for kind in _two_weeks())
    return late, shown, halves


def _somebody() -> FirstVisit:
    visit = a_visit()
    first = visit.referral.parent
    assert first is not None
    with saving():
        first.person.phone = "07700 900 222"
        set_telling(first.person, told_by=ToldBy.TEXT, by=TEST)
        worker = owner_of(first)
        remind(pledge(visit, "I take the bus", by=worker), by=worker)
    return visit


def _stop(first: Referral, number: int, *, break_off: bool = False) -> None:
    if number % 2:
        with saving():
            act(first, Action.RECORD_DECLINED, by=owner_of(first))
            if break_off:
                raise BrokenOff
        return
    own, token = a_private_page(first)
    by = pages.inside(own, opened(own, token))
    assert by is not None
    with saving():
        pages.stop_sharing(own, by=by)
        if break_off:
            raise BrokenOff


def _broken_off(first: Referral, number: int) -> int:
    """A work that fails before it is saved: nothing of it may have happened."""
    waited = _waiting(first)
    with suppress(BrokenOff):
        _stop(first, number, break_off=True)
    db.session.rollback()
    db.session.expire_all()
    return int(has_withdrawn(first) or not waited <= _waiting(first))


def _waiting(first: Referral) -> set[object]:
    abouts = abouts_of(first)
    return {letter.id for letter in outbox.waiting() if letter.about in abouts}


def _shown(onward: Referral) -> int:
    keys = db.session.scalars(select(SignedLink).where(SignedLink.about == onward.about))
    return sum(minimum_for(onward, key.actor) is not None for key in keys.all())


def _put_back(first: Referral) -> None:
    """As if the letters had been leased before, and nobody had cancelled them."""
    with saving():
        cancelled = Letter.state == State.CANCELLED
        found = select(Letter).where(cancelled, Letter.about.in_(abouts_of(first)))
        for letter in db.session.scalars(found):
            letter.state, letter.next_try_at = State.WAITING, clock.now()


def _two_weeks() -> list[str]:
    sent: list[str] = []
    for day in range(0, 15, 7):
        with clock.set_to(NOON + timedelta(days=day, hours=1)):
            while outbox.send_next(lambda letter: sent.append(letter.kind)):
                pass
    return sent


def _without_the_question() -> int:
    with clock.set_to(NOON):
        visit = _somebody()
        first = visit.referral.parent
        assert first is not None
        _stop(first, 1)
        _put_back(first)
    with _nobody_asked():
        return sum(kind not in MAY_STILL_GO for kind in _two_weeks())


@contextmanager
def _nobody_asked() -> Iterator[None]:
    kept, outbox._rules[:] = list(outbox._rules), []
    try:
        yield
    finally:
        outbox._rules[:] = kept


if __name__ == "__main__":
    main()
