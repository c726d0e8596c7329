"""Referrals: where else somebody could go when a group says no, so that no way ends there.

Offered is only what meets a need that led to the group, takes people of their age, has room, can
be reached, and was never tried before. Every reason shown is read off the listing.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from core import audit, clock
from core.actors import Actor
from core.db import db, hold
from core.errors import Forbidden, Refused
from core.languages import _, translated
from core.templating import day_long
from directory import (
    AUDIENCES,
    KINDS,
    NEEDS,
    Card,
    Place,
    Query,
    Service,
    card,
    find_place,
    find_services,
    shown_listings,
)
from referrals.caseload import age_of
from referrals.declines import is_standing
from referrals.groups.capacity import may_take, room_at
from referrals.groups.places import place_of
from referrals.letters import address_of
from referrals.models import Consent, Referral
from referrals.pathway import refer_on
from referrals.rules import NOT_YOURS, Basis, Part, Reason, Status
from referrals.sight import parts_of

WITHIN_MILES = 10.0
"""As far as somebody can be asked to travel; what is nearer comes first."""

LOOKED_THROUGH = 60
FROM_ANYWHERE = frozenset({"online", "phone"})
MEANT_FOR = {
    Reason.CARING: "carers",
    Reason.MEMORY: "dementia",
    Reason.LONG_TERM_ILLNESS: "long-term-condition",
}
"""Whom a listing may be meant for, when somebody was referred for this."""

PER_NEED, PER_KIND, PER_MILE, FOR_A_WELCOME = 3.0, 2.0, 0.5, 1.0
"""How much a shared need or kind, a mile, and somebody at the door move a listing up or down."""

Codes = frozenset[str]


@dataclass(frozen=True, slots=True)
class Alternative:
    """An activity to try next, why it would suit, and how far it is (None: from anywhere)."""

    service: Service
    why: tuple[str, ...]
    miles: float | None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is looked for, for whom, and from where."""

    needs: Codes
    kinds: Codes
    audiences: Codes
    age: int
    centre: Place | None
    from_home: bool
    tried: frozenset[uuid.UUID]
    high_support: bool


def for_(onward: Referral, *, limit: int = 5) -> list[Alternative]:
    """What else would suit somebody whose referral on to a group came to nothing, best first."""
    wanted = _wanted(onward)
    found: list[Alternative] = []
    for service, miles in _best_first(wanted):
        shown = card(service, miles)
        if _has_room(service, shown, wanted):
            found.append(Alternative(service, _why(service, shown, wanted), miles))
        if len(found) == limit:
            break
    return found


def agree_to_another(onward: Referral, *, by: Actor) -> None:
    """Write down that the person agrees to another group like it being asked, if this says no."""
    if Part.REFERRER not in parts_of(by, onward):
        raise Forbidden(NOT_YOURS.reason)
    consent = _standing(onward)
    if consent is None:
        raise Refused("The person must agree first.")
    consent.or_another = True
    db.session.flush()
    audit.record(by, "consent noted", about=onward.about, basis=consent.basis, or_another=True)


def may_ask_at_once(onward: Referral) -> bool:
    """Whether what the person agreed to reaches as far as another group like it."""
    consent = _standing(onward)
    return (
        consent is not None
        and consent.or_another
        and consent.basis is Basis.AGREED
        and is_standing(onward)
    )


def ask_next(onward: Referral, service: Service, *, by: Actor) -> Referral:
    """Ask the next group, within what the person agreed to when the first was asked."""
    parent = onward.parent
    if parent is None or Part.REFERRER not in parts_of(by, onward):
        raise Forbidden(NOT_YOURS.reason)
    hold(parent)
    if not may_ask_at_once(onward):
        raise Refused("Ask the person first: they have agreed to one group only.")
    if service.id not in {each.service.id for each in for_(onward, limit=LOOKED_THROUGH)}:
        raise Refused(f"{service.name} has no room for them now. Choose another.")
    reason = Reason(onward.reasons[0])
    asked = refer_on(
        parent,
        service,
        note=onward.note,
        reason=reason,
        high_support=_needs_much(onward),
        by=by,
    )
    agree_to_another(asked, by=by)
    return asked


def _standing(onward: Referral) -> Consent | None:
    standing = [consent for consent in onward.consents if consent.withdrawn_at is None]
    return standing[-1] if standing else None


def _wanted(onward: Referral) -> _Wanted:
    declined, person = onward.service, onward.person
    reasons = frozenset(onward.reasons) | frozenset(onward.parent.reasons if onward.parent else ())
    meant = {MEANT_FOR[reason] for reason in MEANT_FOR if reason.value in reasons}
    home = find_place(person.postcode) if person.postcode else None
    # Without a postcode the group they were to go to is the best guess at what they can reach.
    there = declined.location.postcode if declined and declined.location else ""
    return _Wanted(
        needs=_codes(declined, NEEDS) | reasons - {Reason.OTHER.value},
        kinds=_codes(declined, KINDS),
        audiences=_codes(declined, AUDIENCES) | meant,
        age=age_of(person, clock.today()),
        centre=home or (find_place(there) if there else None),
        from_home=home is not None,
        tried=_tried(onward),
        high_support=_needs_much(onward),
    )


def _tried(onward: Referral) -> frozenset[uuid.UUID]:
    """Every activity this person was ever sent to, whatever came of it."""
    tried = select(Referral.service_id).where(
        Referral.person_id == onward.person_id,
        Referral.parent_id.is_not(None),
        Referral.status != Status.ENTERED_IN_ERROR,
    )
    return frozenset(each for each in db.session.scalars(tried) if each is not None)


def _needs_much(onward: Referral) -> bool:
    place = place_of(onward)
    return place is not None and place.high_support


def _best_first(wanted: _Wanted) -> Iterator[tuple[Service, float | None]]:
    far = _found(wanted)
    services = [
        service
        for service in shown_listings(list(far))
        if _suits(service, wanted) and _in_reach(service, far[service.id], wanted)
    ]

    def order(service: Service) -> tuple[float, str]:
        return -_score(service, far[service.id], wanted), service.slug

    yield from ((service, far[service.id]) for service in sorted(services, key=order))


def _found(wanted: _Wanted) -> dict[uuid.UUID, float | None]:
    """What shares a need or a kind, and its distance. Tried ones are left out at once."""
    here = {"near": wanted.centre, "within": WITHIN_MILES, "per_page": LOOKED_THROUGH}
    asked = (
        [Query(needs=wanted.needs, **here)] if wanted.needs else []  # type: ignore[arg-type]
    ) + ([Query(kinds=wanted.kinds, **here)] if wanted.kinds else [])  # type: ignore[arg-type]
    hits = (hit for query in asked for hit in find_services(query).hits)
    return {hit.id: hit.distance_miles for hit in hits if hit.id not in wanted.tried}


def _suits(service: Service, wanted: _Wanted) -> bool:
    youngest, oldest = service.minimum_age, service.maximum_age
    meant_for = _codes(service, AUDIENCES)
    return (
        (youngest is None or youngest <= wanted.age)
        and (oldest is None or wanted.age <= oldest)
        and (not meant_for or bool(meant_for & wanted.audiences))
        and bool(_codes(service, NEEDS) & wanted.needs or _codes(service, KINDS) & wanted.kinds)
        and bool(address_of(service) or service.phones)
    )


def _in_reach(service: Service, miles: float | None, wanted: _Wanted) -> bool:
    if service.attending in FROM_ANYWHERE:
        return True
    return wanted.centre is not None and miles is not None and miles <= WITHIN_MILES


def _has_room(service: Service, shown: Card, wanted: _Wanted) -> bool:
    """Room both by what everybody is told and by what the group has told us."""
    if shown.is_full or shown.is_paused:
        return False
    return may_take(service, high_support=wanted.high_support) is None


def _score(service: Service, miles: float | None, wanted: _Wanted) -> float:
    """Same need first, then same kind; a mile counts against, a welcome at the door for."""
    return (
        PER_NEED * len(_codes(service, NEEDS) & wanted.needs)
        + PER_KIND * len(_codes(service, KINDS) & wanted.kinds)
        + FOR_A_WELCOME * bool(service.meets_at_door)
        - PER_MILE * (miles or 0.0)
    )


def _why(service: Service, shown: Card, wanted: _Wanted) -> tuple[str, ...]:
    needs = _names(service, NEEDS, wanted.needs)
    kinds = _names(service, KINDS, wanted.kinds)
    free = room_at(service).places
    said = (
        _("For: %(needs)s", needs=", ".join(needs)) if needs else "",
        _("Same kind: %(kinds)s", kinds=", ".join(kinds)) if kinds else "",
        _far(shown.miles, wanted),
        _("Room for %(count)s more", count=free) if free else "",
        _("Somebody meets new people at the door") if service.meets_at_door else "",
        _("Next: %(day)s", day=day_long(shown.next_on)) if shown.next_on else "",
        shown.cost if shown.is_free else "",
    )
    return tuple(filter(None, said))


def _far(miles: float | None, wanted: _Wanted) -> str:
    if miles is None:
        return ""
    if wanted.from_home:
        return _("%(miles)s miles from home", miles=f"{miles:.1f}")
    return _("%(miles)s miles from the group that said no", miles=f"{miles:.1f}")


def _codes(service: Service | None, taxonomy: str) -> Codes:
    terms = service.attributes if service else []
    return frozenset(each.term.code for each in terms if each.term.taxonomy == taxonomy)


def _names(service: Service, taxonomy: str, codes: Codes) -> list[str]:
    return [
        translated(each.term.name)
        for each in service.attributes
        if each.term.taxonomy == taxonomy and each.term.code in codes
    ]
