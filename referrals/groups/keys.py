"""Referrals, groups: the signed links a group works with, and how far each of them reaches.

The *week's* link is in the letter "who came?" and reaches that week of that group. The *register's*
is the group's own: its code stands on the printed register, and it reaches one activity. The
*door's* hangs on the wall for everybody: it shows nobody, and takes a code that somebody types.
"""

import uuid
from datetime import timedelta

from core import clock, links, outbox, site
from core.actors import Actor, Kind
from core.db import db
from core.errors import NotFound
from core.links import SignedLink
from directory import Service
from referrals.letters import address_of, register_letter
from referrals.models import GroupWeek, Referral

WEEK_LINK = "group-week"
REGISTER_LINK = "group-register"
DOOR_LINK = "group-door"

WEEK_LASTS = timedelta(days=21)
REGISTER_LASTS = timedelta(days=366)


def week_key(week: GroupWeek, *, for_whom: str, by: Actor) -> str:
    """The path of a week's page, with a new key."""
    token = links.make(
        WEEK_LINK, about=week.about, for_whom=for_whom[:120], lasts=WEEK_LASTS, by=by
    )
    return f"/g/week/{token}"


def register_key(service: Service, *, by: Actor) -> str:
    """The path of an activity's register, with a new key."""
    return f"/g/register/{_of_service(REGISTER_LINK, service, by)}"


def send_register_key(service: Service, *, by: Actor) -> bool:
    """Write to the group with its register's link, once a day; False when it has no address."""
    address = address_of(service)
    if not address:
        return False
    draft = register_letter(
        service,
        address,
        site.address(register_key(service, by=by)),
        about=about_service(service),
        occasion=f"register:{service.id}:{clock.today().isoformat()}",
    )
    outbox.put(draft)
    return True


def door_key(service: Service, *, by: Actor) -> str:
    """The path of the page at the door, with a new key."""
    return f"/g/door/{_of_service(DOOR_LINK, service, by)}"


def week_behind(link: SignedLink) -> GroupWeek:
    """The week a letter's key opens."""
    week = db.session.get(GroupWeek, _id_in(link, "group-week"))
    if week is None:
        raise NotFound
    return week


def service_behind(link: SignedLink) -> Service:
    """The activity a register's or a door's key opens."""
    service = db.session.get(Service, _id_in(link, "group-service"))
    if service is None:
        raise NotFound
    return service


def opens_service(actor: Actor, service: Service) -> bool:
    """Whether this is the holder of the activity's own register."""
    link = link_of(actor)
    return (
        link is not None and link.purpose == REGISTER_LINK and link.about == about_service(service)
    )


def marks_attendance(actor: Actor, onward: Referral) -> bool:
    """Whether this key lets its holder say that this person came."""
    link = link_of(actor)
    if link is None or onward.service is None:
        return False
    if link.purpose == WEEK_LINK:
        return is_of(week_behind(link), onward.service)
    return link.purpose in {REGISTER_LINK, DOOR_LINK} and link.about == about_service(
        onward.service
    )


def is_of(week: GroupWeek, service: Service) -> bool:
    """Whether a letter about a week speaks of an activity."""
    same_group = service.organisation_id == week.organisation_id
    return same_group and address_of(service).lower() == week.address


def is_at_door(actor: Actor) -> bool:
    """Whether this is the page on the wall, where nobody's name may stand."""
    link = link_of(actor)
    return link is not None and link.purpose == DOOR_LINK


def link_of(actor: Actor) -> SignedLink | None:
    """The link somebody holds, while it works."""
    if actor.kind is not Kind.LINK:
        return None
    link = db.session.get(SignedLink, uuid.UUID(actor.ref.removeprefix("link:")))
    return link if link is not None and link.works else None


def about_service(service: Service) -> str:
    """How the links of an activity speak of it."""
    return f"group-service:{service.id}"


def _of_service(purpose: str, service: Service, by: Actor) -> str:
    return links.make(
        purpose,
        about=about_service(service),
        for_whom=service.organisation.name[:120],
        lasts=REGISTER_LASTS,
        by=by,
    )


def _id_in(link: SignedLink, kind: str) -> uuid.UUID:
    found, _, key = link.about.partition(":")
    if found != kind:
        raise NotFound
    return uuid.UUID(key)
