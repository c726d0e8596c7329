"""Directory: street addresses, asked of an online geocoder if this deployment names one.

Postcodes and place names are always found offline; only what they do not know is asked elsewhere,
and without a geocoder in the settings nothing that a visitor types leaves this server.
"""

import logging
from collections.abc import Callable, Mapping
from functools import lru_cache

from geopy.exc import GeopyError

from core.db import db
from directory.places import Place, find_place, online_geocoder

PATIENCE_SECONDS = 3
KEPT = 2_000
LONGEST = 100

log = logging.getLogger(__name__)

_ask: list[Callable[[str], Place | None]] = []


def set_up(name: str, options: Mapping[str, str]) -> None:
    """Use this geocoder, or none when the name is empty. ValueError for a name geopy has not."""
    _ask.clear()
    if not name:
        return
    geocoder = online_geocoder(name, **options)

    @lru_cache(maxsize=KEPT)
    def ask(text: str) -> Place | None:
        found = geocoder.geocode(text, timeout=PATIENCE_SECONDS)
        return find_place(f"{found.latitude:.5f},{found.longitude:.5f}") if found else None

    _ask.append(ask)


def find_spot(text: str) -> Place | None:
    """A postcode, a place or, where a geocoder is set, an address in Britain; else None."""
    place = find_place(text)
    if place is not None or not _ask or len(text) > LONGEST:
        return place
    db.session.rollback()  # nobody waits for our transaction while we wait for another machine
    try:
        return _ask[0](" ".join(text.split()).casefold())
    except GeopyError as error:
        log.warning("the geocoder did not answer: %s", type(error).__name__)
        return None
