"""Ground floor: one answer for each kind of trouble, and the headers of every response."""

import logging
import secrets
import traceback
from collections.abc import Callable

from flask import Flask, current_app, g, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from core import access, actors, audit, ballast, cookies, errors, inputs, links, saving
from core.access import SignInFirst
from core.db import db
from core.languages import _, lazy
from core.settings import Settings, in_force

log = logging.getLogger(__name__)

SECRET_FIELDS = {"once", "csrf_token", "password", "new_password", "again", "code", "credential"}

TITLES = {
    400: lazy("Sorry, we could not read that"),
    403: lazy("This is not yours to do"),
    404: lazy("We cannot find that page"),
    405: lazy("That does not work here"),
    409: lazy("That cannot be done now"),
    410: lazy("This link has run out"),
    413: lazy("That is too much at once"),
    414: lazy("That address is too long"),
    422: lazy("Something needs putting right"),
    429: lazy("Too many tries"),
    500: lazy("Sorry, something went wrong"),
    503: lazy("Sorry, we are busy"),
}

csrf = CSRFProtect()

Teller = Callable[[int, str, str], Response]
_tellers: dict[str, Teller] = {}


def say_trouble(root: str, tell: Teller) -> None:
    """Have all that goes wrong under a root told in the tongue of what is asked there."""
    _tellers[root] = tell


def init_app(app: Flask, settings: Settings) -> None:
    """Hang the error pages, the headers and the guard against forged posts."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME=cookies.name("kith_form", settings),
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    # In this order: an error page needs the nonce, and a malformed body must not be parsed first.
    app.before_request(_begin_request)
    inputs.init_app(app)
    csrf.init_app(app)
    app.after_request(lambda response: _add_headers(response, settings))
    for kind, answer in (
        (errors.NotFound, _not_found),
        (links.LinkExpired, _link_expired),
        (errors.Refused, lambda e: trouble(409, e.reason)),
        (errors.Forbidden, _forbidden),
        (errors.ChangedMeanwhile, _changed),
        (errors.AlreadyDone, _already_done),
        (errors.BadInput, lambda e: trouble(e.status, e.reason)),
        (SignInFirst, _sign_in_first),
        (
            CSRFError,
            lambda _e: trouble(400, _("This page was open too long. Go back and try again.")),
        ),
        (OperationalError, _busy),
        (HTTPException, lambda e: e if (e.code or 500) < 400 else trouble(e.code or 500)),
        (Exception, _unexpected),
    ):
        app.register_error_handler(kind, answer)


def trouble(status: int, reason: str = "") -> ResponseReturnValue:
    """The page, or the JSON, that says what went wrong; what was typed is shown back."""
    db.session.rollback()
    title = str(TITLES.get(status, TITLES[400 if status < 500 else 500]))
    for root, tell in _tellers.items():
        if request.path.startswith(root):
            return tell(status, title, reason)
    if request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json":
        return jsonify({"error": {"status": status, "title": title, "reason": reason}}), status
    typed = [
        (name.replace("_", " ").replace("-", " "), value)
        for name, value in _typed()
        if value and name not in SECRET_FIELDS and "\0" not in name + value
    ]
    page = render_template(
        "house/errors/error.html", status=status, title=title, reason=reason, typed=typed
    )
    return page, status


def _typed() -> list[tuple[str, str]]:
    if request.method != "POST" or "form" not in request.__dict__:
        return []  # the body itself was the trouble: do not read it again
    return list(request.form.items(multi=True))


def _not_found(_error: errors.NotFound) -> ResponseReturnValue:
    audit.denied(404)
    return trouble(404)


def _forbidden(error: errors.Forbidden) -> ResponseReturnValue:
    audit.denied(403)
    return trouble(403, error.reason)


def _link_expired(_error: links.LinkExpired) -> ResponseReturnValue:
    return trouble(410, _("Ask the person who sent it to you for a new one."))


def _already_done(error: errors.AlreadyDone) -> ResponseReturnValue:
    if error.status is None:
        return redirect(error.location, 303)
    return saving.as_told(error.answer, error.status)


def _changed(_error: errors.ChangedMeanwhile) -> ResponseReturnValue:
    return trouble(
        409,
        _("Somebody else changed this while you were looking at it. Open it again to see how."),
    )


def _sign_in_first(_error: SignInFirst) -> ResponseReturnValue:
    if request.method != "GET" or request.path.startswith("/api/"):
        return trouble(403, _("Sign in first."))
    return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")), 302)


def _busy(error: OperationalError) -> ResponseReturnValue:
    log.error("database unavailable: %s", type(error.orig).__name__)
    words = _("Please try again in a minute.")
    if ballast.is_full(error):
        ballast.throw_over(in_force())
        words = _("There was no room left to save this. We are making some: try again in a minute.")
    answer = current_app.make_response(trouble(503, words))
    answer.headers["Retry-After"] = "30"
    return answer


def _unexpected(error: Exception) -> ResponseReturnValue:
    # The message of an error can quote what somebody typed: only its kind and place are kept.
    place = "".join(traceback.format_tb(error.__traceback__)[-4:])
    log.error("unexpected %s on %s\n%s", type(error).__name__, request.endpoint, place)
    if current_app.testing:
        raise error
    return trouble(500, _("We have been told. Please try again in a few minutes."))


def _begin_request() -> None:
    g.request_id = secrets.token_hex(8)
    g.csp_nonce = secrets.token_urlsafe(16)


def _add_headers(response: Response, settings: Settings) -> Response:
    nonce = g.get("csp_nonce", "")
    tiles = "/".join(settings.tile_url.split("/")[:3]).replace("{s}", "*")
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; "
        f"script-src 'nonce-{nonce}' 'strict-dynamic'; "
        "style-src 'self'; "
        f"img-src 'self' data: {tiles}".rstrip()
        + "; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "object-src 'none'; "
        f"frame-ancestors {g.get('frame_ancestors', settings.frame_ancestors)}; "
        "manifest-src 'self'; worker-src 'self'"
    )
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "geolocation=(self), camera=(), microphone=()"
    if settings.secure_cookies:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint in {"static", "stylesheet"}:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif response.headers.get("Cache-Control", "").startswith("public"):
        pass  # open data is the same for everybody, and says so itself
    elif _is_for_everybody():
        response.headers.setdefault("Cache-Control", "private, no-cache")
    else:
        response.headers["Cache-Control"] = "no-store"
    return response


def _is_for_everybody() -> bool:
    """Whether the answer holds nothing but what anybody may see; a page that knows who asks, and
    that somebody signed in does, does not."""
    door = (
        access.door_of(current_app.view_functions[request.endpoint]) if request.endpoint else None
    )
    knows_them = "actor" in g and actors.current().is_signed_in
    return door is not None and door.is_open and not knows_them
