"""Ground floor: what this site is called, where it stands, and which addresses are its own.

Letters have no request, so what it is called and where it stands comes from the settings.
"""

import re
from urllib.parse import urlsplit

from flask import request

from core.settings import Settings

_OURS = re.compile(r"/(?![/\\])[^\x00-\x1f\x7f]*")
"""Browsers take a second slash or a backslash for another site, and skip over tabs and lines."""

_here: list[Settings] = []


def set_up(settings: Settings) -> None:
    """Remember the settings. Called once, when the application is made."""
    _here[:] = [settings]


def name() -> str:
    """What the site is called."""
    return _here[0].site_name


def address(path: str) -> str:
    """The whole address of a page of ours, as a letter needs it."""
    return _here[0].base_url.rstrip("/") + path


def is_ours(path: str) -> bool:
    """Whether this is a path of this site and leads nowhere else, so that one may be sent there."""
    return _OURS.fullmatch(path) is not None


def came_from() -> str:
    """The path of the page of ours on which somebody was, with its question; "" if it was not."""
    try:
        page = urlsplit(request.referrer or "")
    except ValueError:  # no address at all
        return ""
    path = "/" + page.path.lstrip("/") + (f"?{page.query}" if page.query else "")
    return path if page.path and page.netloc == request.host and is_ours(path) else ""
