"""Ground floor: cookies, all given alike: for this host alone, out of the reach of scripts.

Over https a name begins with `__Host-`: browsers take such a cookie from nobody but this very host,
so that a neighbour under the same domain cannot plant one.
"""

from datetime import timedelta

from flask import request
from werkzeug.wrappers import Response

from core.settings import Settings, in_force


def name(base: str, settings: Settings) -> str:
    """What a cookie is called here."""
    return f"__Host-{base}" if settings.secure_cookies else base


def given(base: str) -> str:
    """What the browser brings under this name, or nothing."""
    return request.cookies.get(name(base, in_force()), "")


def give(response: Response, base: str, value: str, *, kept_for: timedelta | None = None) -> None:
    """Have the browser keep a cookie until it is closed, or so long."""
    settings = in_force()
    response.set_cookie(
        name(base, settings),
        value,
        max_age=kept_for,
        secure=settings.secure_cookies,
        httponly=True,
        samesite="Lax",
    )


def take_away(response: Response, base: str) -> None:
    """Have the browser forget a cookie."""
    settings = in_force()
    # Without `secure` a browser keeps a __Host- cookie that it is told to forget.
    response.delete_cookie(
        name(base, settings), secure=settings.secure_cookies, httponly=True, samesite="Lax"
    )
