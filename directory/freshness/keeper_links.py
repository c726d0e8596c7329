"""Directory: the link by which whoever keeps a listing opens it without a password."""

from datetime import timedelta

from core import links, site
from core.actors import Actor
from directory.models import Service

CONFIRM_LISTING = "confirm-listing"
LASTS = timedelta(days=60)


def keeper_link(service: Service, *, lasts: timedelta = LASTS, by: Actor) -> str:
    """A new link for the keeper of a listing, whole, as a letter needs it."""
    token = links.make(
        CONFIRM_LISTING,
        about=f"service:{service.id}",
        for_whom=service.organisation.name[:120],
        lasts=lasts,
        by=by,
    )
    return site.address(f"/still-right/{token}")
