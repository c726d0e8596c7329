"""Ground floor: where somebody who has found a hole may say so (RFC 9116)."""

from datetime import timedelta

from flask import Blueprint, Flask, Response
from flask.typing import ResponseReturnValue

from core import clock, site
from core.access import open_to_all
from core.errors import NotFound
from core.languages import LANGUAGES
from core.settings import in_force

ADDRESS = "/.well-known/security.txt"
HOLDS_FOR = timedelta(days=180)
"""The standard asks for less than a year; who finds it later asks again."""

bp = Blueprint("security_txt", __name__)


def init_app(app: Flask) -> None:
    """Hang the file."""
    app.register_blueprint(bp)


@bp.get(ADDRESS)
@open_to_all("whoever found a hole looks here for whom to tell")
def tell() -> ResponseReturnValue:
    """Whom to tell and until when that holds; nothing where a deployment names nobody."""
    settings = in_force()
    if not settings.security_contact:
        raise NotFound
    expires = (clock.now() + HOLDS_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {settings.security_contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(LANGUAGES)}",
        f"Canonical: {site.address(ADDRESS)}",
    ]
    if settings.security_policy:
        lines.append(f"Policy: {settings.security_policy}")
    answer = Response("".join(f"{line}\n" for line in lines), mimetype="text/plain")
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer
