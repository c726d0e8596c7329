"""Directory: two listings of one thing become one; the other's address leads to the one that stays.

Nothing is deleted: the other is taken down, its history and whatever hangs on it stay with it.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, select

from core import audit, clock
from core.actors import Actor
from core.db import db
from core.errors import ChangedMeanwhile, Refused
from core.languages import _, lazy
from core.saving import saving
from directory import duplicates
from directory.desk import batches
from directory.desk.bulk import What
from directory.differences import Difference, differences
from directory.facts import ListingFacts
from directory.keeping import facts_of
from directory.listings import change_listing, step, whole_listings
from directory.models import Batch, LikelyPair, NotTheSame, OldAddress, Service
from directory.rules import Step

MOST_KEPT = 500
"""Pairs kept from one look to the next: more than editors put right in a day."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Facts of a listing that are taken together from one side or from the other."""

    key: str
    label: Any
    fields: tuple[str, ...]


PIECES = (
    Piece("name", lazy("Name"), ("name",)),
    Piece("about", lazy("What it is"), ("summary", "description", "kinds", "needs", "categories")),
    Piece(
        "happens",
        lazy("What happens"),
        ("before_you_come", "when_you_arrive", "afterwards", "meets_at_door"),
    ),
    Piece("when", lazy("When"), ("schedules",)),
    Piece("where", lazy("Where"), ("places", "attending")),
    Piece("cost", lazy("Cost"), ("cost_options",)),
    Piece("room", lazy("Places"), ("places_free", "new_people_per_week")),
    Piece("contact", lazy("Who to ask"), ("contacts", "phones", "email", "url")),
    Piece(
        "who",
        lazy("Who it is for"),
        (
            "eligibility_description",
            "minimum_age",
            "maximum_age",
            "audiences",
            "languages",
            "application_process",
            "referral_needed",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two listings that may be one."""

    one: Service
    other: Service
    why: str


@dataclass(frozen=True, slots=True)
class Side:
    """A piece that differs between two listings, and how."""

    piece: Piece
    differences: tuple[Difference, ...]


def look_for_pairs() -> None:
    """Look through all listings for those that are here twice; minutes of work, for the loop."""
    told = db.session.execute(select(NotTheSame.one_id, NotTheSame.other_id))
    found = duplicates.pairs(MOST_KEPT, leave_out=[frozenset(row) for row in told])
    db.session.rollback()
    with saving():
        db.session.execute(delete(LikelyPair))
        db.session.add_all(
            LikelyPair(
                one_id=each.first_id,
                other_id=each.second_id,
                score=each.score,
                looked_at=clock.now(),
            )
            for each in found
        )


def looked_at() -> datetime | None:
    """When the pairs that are kept were looked for."""
    return db.session.scalar(select(func.max(LikelyPair.looked_at)))


def pairs(most: int = 100) -> list[Pair]:
    """Of those that looked alike, the likeliest that do so still and that nobody called two."""
    told = exists().where(
        NotTheSame.one_id == LikelyPair.one_id, NotTheSame.other_id == LikelyPair.other_id
    )
    kept = select(LikelyPair.one_id, LikelyPair.other_id).where(~told)
    rows = db.session.execute(kept.order_by(LikelyPair.score.desc(), LikelyPair.one_id).limit(most))
    found = duplicates.still_alike([(one_id, other_id) for one_id, other_id in rows])
    ids = [key for pair in found for key in (pair.first_id, pair.second_id)]
    listings = {each.id: each for each in whole_listings(ids)}
    return [Pair(listings[p.first_id], listings[p.second_id], ", ".join(p.why)) for p in found]


def sides(keep: Service, other: Service) -> list[Side]:
    """What the two say differently, piece by piece: `was` is what the first says."""
    ours, theirs = facts_of(keep), facts_of(other)
    found = (Side(each, tuple(differences(ours, _taking(ours, theirs, each)))) for each in PIECES)
    return [side for side in found if side.differences]


def merge(
    keep: Service, other: Service, taken: Collection[str], *, versions: tuple[int, int], by: Actor
) -> Batch:
    """Make one of the two: `keep` with the pieces taken from the other, which is taken down."""
    if keep.id == other.id:
        raise Refused(_("That is one and the same listing."))
    if versions != (keep.version, other.version):
        raise ChangedMeanwhile
    batch = batches.new_batch(What.MERGE, [keep, other], by=by)
    batches.begin(batch, [keep, other])
    facts, theirs = facts_of(keep), facts_of(other)
    for piece in PIECES:
        if piece.key in taken:
            facts = _taking(facts, theirs, piece)
    batches.belongs(change_listing(keep, facts, version=keep.version, by=by), batch)
    batches.belongs(step(other, Step.RETIRE, by=by), batch)
    db.session.merge(OldAddress(slug=other.slug, service_id=keep.id))
    audit.record(by, "listings merged", about=f"service:{keep.id}", other=str(other.id))
    return batch


def say_not_the_same(one: Service, other: Service, *, by: Actor) -> None:
    """Remember that these are two, so that nobody is asked again."""
    first, second = sorted((one.id, other.id))
    db.session.merge(NotTheSame(one_id=first, other_id=second, at=clock.now(), by_name=by.name))
    audit.record(by, "listings are two", about=f"service:{first}", other=str(second))


def _taking(facts: ListingFacts, theirs: ListingFacts, piece: Piece) -> ListingFacts:
    return replace(facts, **{name: getattr(theirs, name) for name in piece.fields})
