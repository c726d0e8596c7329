"""The group's own page: how many people link workers asked about. Numbers only, to that group."""

from datetime import timedelta
from typing import Any

from accounts import May
from core import clock
from core.actors import current
from directory import Service
from referrals.group_numbers import numbers_of

A_YEAR = timedelta(days=365)


def panel(service: Service) -> dict[str, Any] | None:
    """The panel, for those who keep the listings of this very group."""
    if service.organisation_id not in current().where(May.KEEP_LISTINGS):
        return None
    numbers = numbers_of(service.id, clock.now() - A_YEAR)
    return {"template": "referrals/group/own_numbers.html", "numbers": numbers}
