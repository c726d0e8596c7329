"""Referrals, rights: a record let go, because its time is over or because somebody asked.

What it said is destroyed with its key (`referrals.erasing`). A stub remains, as the code of
practice allows: that there was a record, from when to when, by which rule it went, who decided.
"""

from collections.abc import Sequence

from sqlalchemy import delete, select, update

from accounts import May
from core import audit, clock
from core.actors import Actor
from core.db import db
from core.errors import Refused
from core.languages import _
from core.spreadsheets import as_csv
from referrals.erasing import erase
from referrals.models import (
    Disposal,
    Pack,
    Person,
    ReviewLine,
    Right,
    RightsRequest,
    Stage,
)
from referrals.rights.keeping import Over, get_over, is_held
from referrals.rights.requests import OPEN_STAGES, handles, move

ASKED = "asked"
"""The rule by which a record goes that somebody asked to have forgotten."""

HEADING = ("Reference", "Kept from", "Last contact", "Rule", "Why", "Decided by", "On")


def let_go(over: Over, why: str, *, by: Actor) -> Disposal:
    """Destroy a record whose time is over. Refused while a hold stands or a request is open."""
    if over.due_on > clock.today():
        raise Refused(_("Its time is not over yet."))
    return _destroy(over, over.rule.key, why, by=by)


def forget(request: RightsRequest, why: str, *, by: Actor) -> Disposal:
    """Destroy a record because the person asked, once it was made sure that it was they."""
    handles(request, by)
    if request.right is not Right.FORGET or request.stage is not Stage.CHECKED:
        raise Refused(_("Make sure first of who asks."))
    request.outcome = why.strip()
    move(request, Stage.DONE, by=by)
    return _destroy(get_over(request.person_id, seen_by=by), ASKED, why, by=by)


def disposals_for(actor: Actor) -> Sequence[Disposal]:
    """What was let go in the officer's team, the newest first."""
    found = select(Disposal).where(Disposal.team_id.in_(actor.where(May.HANDLE_RIGHTS)))
    return db.session.scalars(found.order_by(Disposal.at.desc())).all()


def as_list(disposals: Sequence[Disposal]) -> str:
    """The list of what was let go, to be signed and filed."""
    rows = (
        (
            each.refs,
            each.first_on.isoformat(),
            each.last_on.isoformat(),
            each.rule,
            each.why,
            each.by_name,
            clock.local_date(each.at).isoformat(),
        )
        for each in disposals
    )
    return as_csv(HEADING, rows)


def _destroy(over: Over, rule: str, why: str, *, by: Actor) -> Disposal:
    about = f"person:{over.person_id}"
    if not why.strip():
        raise Refused(_("Say why."))
    if is_held(over.person_id):
        raise Refused(_("A legal hold stands. End it first, if its reason is gone."))
    asked = select(RightsRequest).where(RightsRequest.about == about)
    if db.session.scalar(asked.where(RightsRequest.stage.in_(OPEN_STAGES)).limit(1)) is not None:
        raise Refused(_("They wait for an answer. Give it first."))
    stub = Disposal(
        about=about,
        refs=", ".join(over.refs)[:300],
        team_id=over.team_id,
        rule=rule,
        first_on=over.first_on,
        last_on=over.last_on,
        why=why.strip(),
        by=by.ref,
        by_name=by.name,
        at=clock.now(),
    )
    db.session.add(stub)
    empty_copies(about)
    erase(db.session.get_one(Person, over.person_id), by=by, why=rule)
    audit.record(by, "record let go", about=about, rule=rule)
    db.session.flush()
    return stub


def empty_copies(about: str) -> None:
    """What was laid out and packed for somebody is not kept beyond them."""
    ids = select(RightsRequest.id).where(RightsRequest.about == about)
    db.session.execute(update(Pack).where(Pack.request_id.in_(ids)).values(sealed=None))
    db.session.execute(delete(ReviewLine).where(ReviewLine.request_id.in_(ids)))
