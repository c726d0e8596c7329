"""The demo: fills a database with the large invented county, some people at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from sqlalchemy import Table, insert, select, text

from accounts import User
from accounts.signing_in import hash_password
from core import audit, clock
from core.actors import system
from core.db import act_as_owner, db
from core.errors import Refused
from core.saving import saving
from core.sealing import seal_rows
from demo.cast import PASSWORD
from demo.scale import listings, numbers
from demo.scale.county import Area, Rows, areas, new_rows
from demo.scale.lot import Lot
from demo.scale.register import Register
from demo.scale.ways import DAYS, Numbers, Way
from directory import taxonomy
from directory.search import rebuild
from referrals.evidence import make_up
from referrals.models import GroupDesk, GroupPlace, Referral

SEED = 1_948
AT_ONCE = 1_000
"""People of one transaction: few enough that nobody waits long for it, and memory stays small."""

BEGAN = timedelta(days=DAYS + 60)
BY = system("demo")
INVENTED = ".example"
"""No address ends like this outside of examples (RFC 2606)."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""

TAKES_A_WHILE = PEOPLE, INDEX, FIGURES = "people of a county", "its search index", "its figures"
SIGN_IN_AS = (
    "clinician1.practice1@county.example",
    "link-worker1.team1@county.example",
    "lead.team1@county.example",
)


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is: link-worker teams, listings, people referred, and who came."""

    teams: int
    listings: int
    referrals: int
    attendances: int


ICB = Size(teams=40, listings=10_000, referrals=93_000, attendances=460_000)
"""About one integrated care board of England and two years of its referrals."""

SIZES = {"icb": ICB}


def in_silence(_what: str, _done: int, _of: int) -> None:
    """Nobody is looking."""


def load(size: Size, progress: Progress = in_silence) -> dict[str, int]:
    """Write all of it, then build the search index and make up the figures; how many of what."""
    counts = fill(size, progress)
    rebuild(lambda done, of: progress(INDEX, done, of))
    progress(FIGURES, 0, 1)
    made = make_up()
    progress(FIGURES, 1, 1)
    return counts | {"activities with figures": made}


def fill(size: Size, progress: Progress = in_silence) -> dict[str, int]:
    """Write the rows alone; returns how many of what. Refused where people are not invented."""
    _refuse_among_people()
    lot = Lot(SEED)
    county = _offices(size, lot)
    register = Register(lot, size.attendances)
    drawn, now, onward = _numbers(), clock.now(), 0
    for start in range(0, size.referrals, AT_ONCE):
        end, rows = min(start + AT_ONCE, size.referrals), new_rows()
        for number in range(start, end):
            way = Way(county[number % len(county)], drawn, register, rows, lot=lot, now=now)
            way.tell()
            onward += len(way.onward)
        register.close(end / size.referrals, rows)
        _write(rows)
        progress(PEOPLE, end, size.referrals)
    _end(size)
    return {
        "invented listings": size.listings,
        "invented referrals": size.referrals,
        "of them on to groups": onward,
        "attendances": register.written,
    }


def _refuse_among_people() -> None:
    if db.session.scalar(select(User.id).where(~User.email.endswith(INVENTED)).limit(1)):
        raise Refused("Somebody signs in here who is not invented; the demo is not for them.")


def _offices(size: Size, lot: Lot) -> list[Area]:
    """The teams and practices, and what is on in each area."""
    since, rows = clock.now() - BEGAN, new_rows()
    county = areas(size.teams, rows, lot, password_hash=hash_password(PASSWORD), since=since)
    with saving():
        taxonomy.ensure_terms(by=BY)
    _write(rows)
    for at, area in enumerate(county):
        rows = new_rows()
        number = size.listings * (at + 1) // size.teams - size.listings * at // size.teams
        listings.groups(number, area, rows, lot, since=since)
        _write(rows)
    return county


def _numbers() -> Numbers:
    taken = {*db.session.scalars(select(GroupPlace.code))}
    taken |= {*db.session.scalars(select(GroupDesk.code))}
    return Numbers(numbers.nhs_numbers(), numbers.references(), numbers.codes(taken), {})


def _write(rows: Rows) -> None:
    referrals = {row["id"]: row for row in rows.get(Referral, ())}
    with saving():
        for model, several in rows.items():
            sealed = seal_rows(db.session(), model, several, referrals)
            db.session.execute(insert(cast(Table, model.__table__)), sealed)


def _end(size: Size) -> None:
    """Say once in the record that nobody did any of this, and count for the query planner."""
    with saving():
        audit.record(BY, "invented county made", about="demo", referrals=size.referrals)
    with saving():
        act_as_owner(db.session.connection())
        db.session.execute(text("ANALYZE"))
