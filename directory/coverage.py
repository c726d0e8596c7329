"""Directory: where there is something on offer, so that a visitor can begin with a real place."""

from sqlalchemy import func, select

from core.db import db
from directory.models import Location, Service, ServiceAtLocation
from directory.places import Place, find_place, miles, place_around
from directory.rules import SHOWN

TOO_FAR = 4.0
"""Miles between a town's middle and its activities from where a nearer name tells more."""


def towns_with_most(limit: int) -> list[Place]:
    """The places with the most activities, no two of them alike."""
    counted = (
        select(
            Location.city,
            func.avg(Location.latitude),
            func.avg(Location.longitude),
        )
        .join(ServiceAtLocation, ServiceAtLocation.location_id == Location.id)
        .join(Service, Service.id == ServiceAtLocation.service_id)
        .where(Service.life.in_(SHOWN), Location.latitude.is_not(None), Location.city != "")
        .group_by(Location.city)
        .order_by(func.count().desc(), Location.city)
        .limit(limit * 2)
    )
    rows = db.session.execute(counted)
    places = [_called(city, latitude, longitude) for city, latitude, longitude in rows]
    return list({place.label: place for place in places}.values())[:limit]


def _called(city: str, latitude: float, longitude: float) -> Place:
    """The town itself, or what is around its activities: those of London may all be in Bow."""
    town = find_place(city)
    if town is not None and miles(town.latitude, town.longitude, latitude, longitude) <= TOO_FAR:
        return town
    return place_around(latitude, longitude)
