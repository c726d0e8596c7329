"""Directory: listings from first draft to retirement; whoever changes one leaves a trace of it."""

import re
import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased, load_only, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from accounts import May, Organisation
from core import audit, clock
from core.actors import Actor, Kind
from core.db import db
from core.errors import BadInput, ChangedMeanwhile, Forbidden, NotFound, Refused
from core.languages import _, translated
from directory import search
from directory.cleaning import one_line, safe_html, web_address, whole_text
from directory.facts import ListingFacts, Origin, PlaceFacts, as_json
from directory.freshness import evidence
from directory.keeping import facts_of, write
from directory.models import (
    Attribute,
    ListingStep,
    Location,
    OldAddress,
    Service,
    ServiceAtLocation,
)
from directory.places import find_place, format_postcode
from directory.rules import DONE, FRESH_FOR, LIFE_WORDS, SHOWN, Life, Step, turn
from directory.taxonomy import ensure_terms

DRAFTED, CHANGED = "drafted", "changed"
LONGEST_SLUG = 100
MOST_WORDS = 8


def draft_listing(
    facts: ListingFacts, organisation: Organisation, *, by: Actor, origin: Origin | None = None
) -> Service:
    """Begin a listing. Nobody but its keepers sees it until it is published."""
    if not may_keep(by, organisation.id):
        raise Forbidden("You cannot add activities for this group.")
    facts = _tidy(facts)
    service = Service(
        id=origin.service_id if origin else uuid.uuid4(),
        slug=_free_slug(facts),
        organisation=organisation,
        life=Life.DRAFT,
        source=origin.source if origin else "",
        source_id=origin.source_id if origin else None,
        source_hash=origin.source_hash if origin else "",
        created_at=clock.now(),
        last_modified=clock.now(),
    )
    _write(service, facts, by=by)
    db.session.add(service)
    evidence.drafted(service, by=by)
    record_step(service, DRAFTED, was=None, by=by)
    return service


def step(service: Service, what: Step, *, by: Actor) -> ListingStep:
    """Take a listing one step further in its life, or refuse with the reason."""
    _check_keeper(service, by)
    found = turn(what, service.life)
    if found is None:
        state, done = translated(LIFE_WORDS[service.life]), translated(DONE[what])
        raise Refused(
            _("This activity is %(state)s, so it cannot be %(done)s.", state=state, done=done)
        )
    was, service.life = service.life, found.end
    service.last_modified = clock.now()
    if what is Step.CHECK:
        evidence.checked(service, by=by)
    return record_step(service, DONE[what], was=was, by=by)


def change_listing(
    service: Service, facts: ListingFacts, *, version: int, by: Actor
) -> ListingStep | None:
    """Make a listing say this; None when it already did. Begin from `facts_of(service)`.

    `version` is that of the listing the changes were made to: ChangedMeanwhile if it is another.
    """
    _check_keeper(service, by)
    if version != service.version:
        raise ChangedMeanwhile
    before = facts_of(service)
    facts = as_kept(service, facts)
    if facts == before:
        return None
    _write(service, facts, by=by)
    # The listing's own row changes with any part of it, so that the version does too.
    service.last_modified = clock.now()
    evidence.changed(service, before, facts, by=by)
    note = record_step(service, CHANGED, was=service.life, by=by)
    note.said_before, note.said_after = as_json(before), as_json(facts)
    return note


def as_kept(service: Service, facts: ListingFacts) -> ListingFacts:
    """These facts as the listing would keep them: tidy, and with a moved place found anew."""
    return _tidy(replace(facts, places=_moved(facts_of(service).places, facts.places)))


def may_keep(actor: Actor, organisation_id: uuid.UUID) -> bool:
    """Whether this actor keeps the listings of an organisation."""
    return (
        organisation_id in actor.where(May.KEEP_LISTINGS)
        or actor.may(May.EDIT_DIRECTORY)
        or actor.kind is Kind.SYSTEM
    )


def get_listing(slug: str) -> Service:
    """The listing as everybody may see it, or NotFound."""
    wanted = select(Service).where(Service.slug == slug, Service.life.in_(SHOWN))
    return _one(wanted)


def moved_to(slug: str) -> str | None:
    """Where the listing that once had this address is to be found now, if anywhere."""
    seen: set[str] = set()
    own = aliased(Service)
    is_back = select(own.id).where(own.slug == OldAddress.slug, own.life.in_(SHOWN)).exists()
    now_at = select(Service.slug, Service.life).join(OldAddress).where(~is_back)
    while slug not in seen:
        seen.add(slug)
        found = db.session.execute(now_at.where(OldAddress.slug == slug)).first()
        if found is None:
            return None
        slug = found.slug
        if found.life in SHOWN:
            return slug
    return None


def has_ended(slug: str) -> bool:
    """Whether the listing that stands under an address has been retired."""
    ended = select(Service.id).where(Service.slug == slug, Service.life == Life.RETIRED)
    return db.session.scalar(ended) is not None


def get_own_listing(service_id: uuid.UUID, *, seen_by: Actor) -> Service:
    """A listing this actor keeps, published or not; else NotFound."""
    service = get_service(service_id)
    if not may_keep(seen_by, service.organisation_id):
        raise NotFound
    return service


def get_service(service_id: uuid.UUID) -> Service:
    """The listing, whatever its state, or NotFound."""
    return _one(select(Service).where(Service.id == service_id))


def listings_for(
    actor: Actor, *, named: str = "", start: int = 0, most: int | None = None
) -> list[Service]:
    """The listings this actor keeps, those nobody has checked for longest first."""
    order = Service.assured_on.is_not(None), Service.assured_on, Service.name, Service.slug
    kept = select(Service).where(_kept_by(actor), _named(named))
    wanted = kept.order_by(*order).offset(start).limit(most)
    return list(db.session.scalars(wanted.options(*_whole())))


def how_many_kept(actor: Actor, *, named: str = "") -> tuple[int, int]:
    """How many listings this actor keeps, and how many of them are no longer fresh."""
    old = or_(Service.assured_on.is_(None), Service.assured_on < clock.today() - FRESH_FOR)
    counted = select(func.count(), func.count().filter(old)).select_from(Service)
    total, stale = db.session.execute(counted.where(_kept_by(actor), _named(named))).one()
    return total, stale


def _named(text: str) -> ColumnElement[bool]:
    """Listings whose name, group or town has all of these words in it."""
    town = Service.places.any(ServiceAtLocation.location.has(_has(Location.city, text)))
    return or_(
        _has(Service.name, text), Service.organisation.has(_has(Organisation.name, text)), town
    )


def _has(column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    words = text.split()[:MOST_WORDS]
    return and_(true(), *(column.icontains(word, autoescape=True) for word in words))


def letter_address(service: Service) -> str:
    """Where the group of a listing is written to; empty when it must be rung instead.

    `letters_to` is what its keeper told us alone: it is on no page and in no file. Never the
    address of a person to ask for: that is for people who want to come.
    """
    return service.letters_to or service.organisation.email or service.email


def _kept_by(actor: Actor) -> ColumnElement[bool]:
    if actor.may(May.EDIT_DIRECTORY):
        return Service.arriving_with.is_(None)  # what an import has not finished is not here yet
    return Service.organisation_id.in_(actor.where(May.KEEP_LISTINGS))


def shown_listings(ids: Sequence[uuid.UUID]) -> list[Service]:
    """Those of these listings that everybody may see, whole and in the order asked for."""
    return _shown(ids, _whole())


def whole_listings(ids: Sequence[uuid.UUID]) -> list[Service]:
    """Those of these listings that there are, whatever their state, in the order asked for."""
    wanted = select(Service).where(Service.id.in_(ids)).options(*_whole())
    found = {service.id: service for service in db.session.scalars(wanted)}
    return [found[each] for each in ids if each in found]


def shown_in_brief(ids: Sequence[uuid.UUID]) -> list[Service]:
    """The same for the many pins of a map: only name, when and where are read at once."""
    where = selectinload(Service.places).joinedload(ServiceAtLocation.location)
    brief = (
        load_only(Service.name, Service.slug, Service.life, Service.attending),
        where.load_only(
            Location.name,
            Location.location_type,
            Location.address_1,
            Location.city,
            Location.postcode,
            Location.latitude,
            Location.longitude,
        ),
        selectinload(Service.schedules),
        selectinload(Service.phones),
        selectinload(Service.notices),
    )
    return _shown(ids, brief)


def _shown(ids: Sequence[uuid.UUID], options: Sequence[ORMOption]) -> list[Service]:
    if not ids:
        return []
    # Asked for their life too, SQLite would look through all that live.
    wanted = select(Service).where(Service.id.in_(ids)).options(*options)
    found = {each.id: each for each in db.session.scalars(wanted) if each.life in SHOWN}
    return [found[each] for each in ids if each in found]


def history_of(service: Service) -> list[ListingStep]:
    """What was done with a listing, the latest first."""
    # What is drafted and published in one breath was drafted first.
    order = ListingStep.at.desc(), ListingStep.was.is_(None)
    steps = select(ListingStep).where(ListingStep.service_id == service.id)
    return list(db.session.scalars(steps.order_by(*order)))


def _one(wanted: Select[Service]) -> Service:
    service = db.session.scalar(wanted.options(*_whole()))
    if service is None:
        raise NotFound
    return service


def _whole() -> tuple[ORMOption, ...]:
    """A listing with all that a page or a card says of it, in a handful of queries."""
    where = selectinload(Service.places).joinedload(ServiceAtLocation.location)
    return (
        where.selectinload(Location.accessibility),
        selectinload(Service.organisation),
        selectinload(Service.schedules),
        selectinload(Service.cost_options),
        selectinload(Service.contacts),
        selectinload(Service.phones),
        selectinload(Service.languages),
        selectinload(Service.attributes).joinedload(Attribute.term),
        selectinload(Service.notices),
    )


def _write(service: Service, facts: ListingFacts, *, by: Actor) -> None:
    if facts.kinds or facts.needs or facts.audiences:
        ensure_terms(by=by)
    write(service, facts)


def _check_keeper(service: Service, by: Actor) -> None:
    if not may_keep(by, service.organisation_id):
        raise Forbidden("This activity belongs to another group.")


def record_step(service: Service, what: str, *, was: Life | None, by: Actor) -> ListingStep:
    """Write down what was done: for the page, for investigation, and for the search index."""
    note = ListingStep(
        service=service,
        at=clock.now(),
        by=by.ref,
        by_name=by.name,
        what=what,
        was=was,
        now=service.life,
    )
    db.session.add(note)
    audit.record(by, f"listing {what}", about=f"service:{service.id}", was=was, now=service.life)
    search.mark(service)
    return note


def _tidy(facts: ListingFacts) -> ListingFacts:
    """The same, safe to keep and to print: a description may hold HTML, nothing else may."""
    return replace(
        facts,
        name=one_line(facts.name),
        summary=one_line(facts.summary),
        description=safe_html(facts.description),
        eligibility_description=_text(facts.eligibility_description),
        application_process=_text(facts.application_process),
        before_you_come=_text(facts.before_you_come),
        when_you_arrive=_text(facts.when_you_arrive),
        afterwards=_text(facts.afterwards),
        url=_safe_url(facts.url),
        places=tuple(located(place) for place in facts.places),
    )


def _text(typed: str) -> str:
    return whole_text(typed)[0].strip()


def _safe_url(url: str) -> str:
    try:
        return web_address(url) if url.strip() else ""
    except ValueError:
        raise BadInput("The web address of this activity is not one we can link to.") from None


def located(place: PlaceFacts) -> PlaceFacts:
    """The place with its postcode spelt right, and on the map if the postcode says where."""
    postcode = format_postcode(place.postcode) or place.postcode.strip().upper()
    found = find_place(postcode) if postcode and place.latitude is None else None
    if found is None:
        return place if postcode == place.postcode else replace(place, postcode=postcode)
    return replace(place, postcode=postcode, latitude=found.latitude, longitude=found.longitude)


def _moved(before: Sequence[PlaceFacts], after: Sequence[PlaceFacts]) -> tuple[PlaceFacts, ...]:
    """The places, without the point on the map of one whose postcode has changed."""
    points = {(place.latitude, place.longitude): place.postcode for place in before}
    return tuple(
        replace(place, latitude=None, longitude=None)
        if points.get((place.latitude, place.longitude), place.postcode) != place.postcode
        else place
        for place in after
    )


def slug_of(facts: ListingFacts) -> str:
    """The end of a listing's address when nobody else has it: its name and town."""
    town = next((place.city for place in facts.places if place.city), "")
    plain = unicodedata.normalize("NFKD", f"{facts.name} {town}".replace("'", "").replace("’", ""))
    words = re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode().lower())
    return words.strip("-")[:LONGEST_SLUG].strip("-") or "activity"


def _free_slug(facts: ListingFacts) -> str:
    """The end of the listing's address, numbered when it is taken."""
    base = slug_of(facts)
    like = select(Service.slug).where(Service.slug.startswith(base, autoescape=True))
    taken = set(db.session.scalars(like))
    taken |= {each.slug for each in db.session.new if isinstance(each, Service)}
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (base, *numbered) if slug not in taken)
