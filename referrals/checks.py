"""Referrals: what stands against a referral, said before it is sent and never after.

Some of it stops the referral. The rest is for the clinician to weigh with the person: a link worker
can often find a way round a full group or a long journey, but nobody should learn of it later.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

from accounts import May, get_organisation
from core import clock
from core.actors import Actor
from core.db import db
from core.languages import _
from directory import Service, find_place, miles
from referrals.groups.capacity import Room, room_at
from referrals.models import Person, Referral
from referrals.pathway import objections_to
from referrals.people import NewPerson, find_person
from referrals.rules import OPEN
from referrals.sight import referrals_for

FAR = 5.0
"""So many miles make people stay at home (ten is as far as a link worker looks)."""

ALREADY, ANOTHER, AGE, WAY, ROOM = "already", "another", "age", "way", "room"
FROM_ANYWHERE = frozenset({"online", "phone"})


@dataclass(frozen=True, slots=True)
class Concern:
    """Something to look at before sending: at which field, in which words, and of what sort.

    `field` is a fact of the person, or "" when it is about the activity.
    """

    field: str
    words: str
    stops: bool
    sort: str


def before_sending(person: NewPerson, service: Service | None, *, by: Actor) -> list[Concern]:
    """Whatever should be known before this person is referred with this wish; often nothing."""
    found = [
        Concern(field, words, stops=True, sort=ANOTHER if field == "born_on" else ALREADY)
        for field, words in objections_to(person, by=by).items()
    ]
    if service is not None:
        found += about_going(service, person)
    return found


def open_here(person: NewPerson, *, by: Actor) -> Referral | None:
    """The referral this person has open already with the actor's own practice; of no other."""
    places = by.where(May.REFER)
    known = find_person(person, get_organisation(next(iter(places)))) if len(places) == 1 else None
    if known is None or known.born_on != person.born_on:
        return None
    mine = referrals_for(by).where(Referral.person_id == known.id, Referral.status.in_(OPEN))
    return db.session.scalar(mine.where(Referral.parent_id.is_(None)).limit(1))


def about_going(service: Service, person: NewPerson | Person) -> list[Concern]:
    """What speaks against this person going there: their age, the way there, the room it has."""
    return [*about_group(service), *_age(service, person.born_on), *_way(service, person.postcode)]


def about_group(service: Service) -> list[Concern]:
    """What speaks against anybody going there now."""
    words = _room(service.name, room_at(service))
    return [Concern("", words, stops=False, sort=ROOM)] if words else []


def _age(service: Service, born_on: date) -> Iterator[Concern]:
    age = relativedelta(clock.today(), born_on).years
    youngest, oldest = service.minimum_age, service.maximum_age
    words = ""
    if youngest is not None and age < youngest:
        words = _("%(name)s is for people of %(age)s or older.", name=service.name, age=youngest)
    if oldest is not None and age > oldest:
        words = _("%(name)s is for people of %(age)s or younger.", name=service.name, age=oldest)
    if words:
        words = f"{words} {_('They are %(age)s.', age=age)}"
        yield Concern("", words, stops=True, sort=AGE)


def _way(service: Service, postcode: str) -> Iterator[Concern]:
    home, there = find_place(postcode) if postcode else None, service.location
    if home is None or there is None or service.attending in FROM_ANYWHERE:
        return
    if there.latitude is None or there.longitude is None:
        return
    far = miles(home.latitude, home.longitude, there.latitude, there.longitude)
    if far > FAR:
        name, about = service.name, f"{far:.0f}"
        words = _("%(name)s is about %(miles)s miles from their home.", name=name, miles=about)
        yield Concern("", words, stops=False, sort=WAY)


def _room(name: str, room: Room) -> str:
    if not room.running:
        return _("%(name)s is not running at the moment.", name=name)
    if room.is_full:
        return _("%(name)s is full. A link worker can ask for a place on its list.", name=name)
    if room.waiting:
        return _("Others wait for a place at %(name)s. It may take a while.", name=name)
    if room.resting or room.this_week == 0:
        return _("%(name)s takes nobody new this week.", name=name)
    return ""
