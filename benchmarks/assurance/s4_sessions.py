"""S4: sessions end when they should, and somebody who has left gets nowhere any more.

    python -m benchmarks.assurance.s4_sessions [--full]

Eleven checks of one session's life, through the pages; then every address that asks for a
permission is tried, by GET and by POST, with the cookie of somebody who has just left.
Control: the same addresses while they are still there.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import select

from accounts import OrganisationKind, Role, User, add_user, hash_password, join, set_up
from accounts.leaving import leave
from accounts.models import SignIn
from accounts.web import COOKIE
from benchmarks.assurance import goals
from benchmarks.assurance.surgery import BY, Surgery
from core import clock
from core.access import door_of
from core.db import db
from core.saving import saving
from tests.client import Client
from tests.referral_builders import a_link_worker, a_team

PASSWORD = "three words together"
EMAIL = "ann@group.example"
NOON = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)
PAGE = "/my-listings"
MADE_UP = "00000000-0000-4000-8000-000000000000"
LETS_IN = {200, 303}


def main() -> int:
    """Print the figures; 0 if they hold."""
    with Surgery("sqlite", clinicians=0) as surgery, surgery.app.app_context():
        failed = [name for name, check in CHECKS.items() if not _holds(check, surgery.app)]
        for name in failed:
            print(f"# fails: {name}")
        stayed, left, tried = _leaver(surgery.app)
        db.session.remove()
    met = [
        goals.exactly(
            "S4a", f"checks of a session's life that fail, of {len(CHECKS)}", len(failed)
        ),
        goals.exactly("S4b", f"requests that a leaver gets through, of {tried}", left),
        goals.control("S4c", "requests that got through before they left", stayed),
    ]
    return 0 if all(met) else 1


def _holds(check: Callable[[Flask], bool], app: Flask) -> bool:
    with saving():
        group = set_up("Bow Walkers", OrganisationKind.GROUP, by=BY)
        user = add_user(EMAIL, "Ann Other", password_hash=HASH, by=BY)
        join(user, group, Role.ORGANISER, by=BY)
    try:
        return check(app)
    finally:
        with saving():
            _user().email = f"{user.id}@group.example"


def _user() -> User:
    return db.session.scalars(select(User).where(User.email == EMAIL)).one()


def _client(app: Flask, token: str = "") -> Client:
    app.test_client_class = Client
    made = app.test_client()
    assert isinstance(made, Client)
    made.is_strict = False
    if token:
        made.set_cookie(COOKIE, token)
    return made


def _signed_in(app: Flask) -> tuple[Client, str]:
    client = _client(app)
    client.fill("/sign-in", {"email": EMAIL, "password": PASSWORD})
    cookie = client.get_cookie(COOKIE)
    return client, cookie.value if cookie else ""


def _is_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


def _signs_in(app: Flask) -> bool:
    client, token = _signed_in(app)
    return bool(token) and _is_in(client)


def _copied_cookie_is_dead_after_signing_out(app: Flask) -> bool:
    client, token = _signed_in(app)
    client.fill_act("/sign-out", on=PAGE)
    return not _is_in(_client(app, token))


def _old_token_is_dead_after_signing_in_anew(app: Flask) -> bool:
    client, old = _signed_in(app)
    client.fill("/sign-in", {"email": EMAIL, "password": PASSWORD})
    return _is_in(client) and not _is_in(_client(app, old))


def _leaver_is_out_everywhere(app: Flask) -> bool:
    tokens = [_signed_in(app)[1] for _ in range(3)]
    with saving():
        user = _user()
        leave(user, user.memberships[0].organisation, to=None, by=BY)
    return not any(_is_in(_client(app, token)) for token in tokens)


def _idle(app: Flask, seconds: int) -> bool:
    with clock.set_to(NOON):
        client, _ = _signed_in(app)
    with clock.set_to(NOON + timedelta(seconds=seconds)):
        return _is_in(client)


def _busy_for(app: Flask, hours: float) -> bool:
    with clock.set_to(NOON):
        client, _ = _signed_in(app)
    for minutes in range(25, int(hours * 60), 25):
        with clock.set_to(NOON + timedelta(minutes=minutes)):
            if not _is_in(client):
                return False
    with clock.set_to(NOON + timedelta(hours=hours)):
        return _is_in(client)


def _clock_set_back_shuts(app: Flask) -> bool:
    with clock.set_to(NOON):
        client, _ = _signed_in(app)
    with clock.set_to(NOON - timedelta(hours=1)):
        return not _is_in(client)


def _cookie_is_this_host_s(app: Flask) -> bool:
    settings = app.extensions["kith.settings"]
    app.extensions["kith.settings"] = replace(settings, base_url="https://kith.example")
    try:
        answer = _client(app).fill("/sign-in", {"email": EMAIL, "password": PASSWORD})
    finally:
        app.extensions["kith.settings"] = settings
    [made] = [each for each in answer.headers.getlist("Set-Cookie") if COOKIE in each]
    wanted = ("; Secure", "; HttpOnly", "; Path=/", "; SameSite=Lax")
    return made.startswith(f"__Host-{COOKIE}=") and all(each in made for each in wanted)


def _database_holds_no_token(app: Flask) -> bool:
    _, token = _signed_in(app)
    kept = db.session.scalars(select(SignIn.token_hash)).all()
    return bool(kept) and token not in kept and not any(_is_in(_client(app, each)) for each in kept)


HASH = hash_password(PASSWORD)
CHECKS: dict[str, Callable[[Flask], bool]] = {
    "the right password signs in": _signs_in,
    "a copied cookie is dead after signing out": _copied_cookie_is_dead_after_signing_out,
    "the old token is dead after signing in anew": _old_token_is_dead_after_signing_in_anew,
    "a leaver is out on every device": _leaver_is_out_everywhere,
    "29:59 without a click is in": lambda app: _idle(app, 1_799),
    "30:01 without a click is out": lambda app: not _idle(app, 1_801),
    "busy for 11:59 is in": lambda app: _busy_for(app, 11.98),
    "busy for 12:01 is out": lambda app: not _busy_for(app, 12.02),
    "a clock set back shuts": _clock_set_back_shuts,
    "with https the cookie is this host's alone": _cookie_is_this_host_s,
    "the database holds nothing to sign in with": _database_holds_no_token,
}


def _leaver(app: Flask) -> tuple[int, int, int]:
    """How many requests got through before and after they left, and how many were made."""
    worker = a_link_worker(a_team())
    tried = list(_requests(app))
    app.config["WTF_CSRF_ENABLED"] = False
    client = _client(app).as_(worker)
    stayed = sum(_gets_through(client, *each) for each in tried if each[0] == "GET")
    client = _client(app).as_(worker)
    with saving():
        user = db.session.get_one(User, worker.id)
        leave(user, user.memberships[0].organisation, to=None, by=BY)
    left = sum(_gets_through(client, *each) for each in tried)
    return stayed, left, len(tried)


def _gets_through(client: Client, method: str, path: str) -> bool:
    answer = client.open(path, method=method)
    return answer.status_code in LETS_IN and "/sign-in" not in (answer.location or "")


def _requests(app: Flask) -> list[tuple[str, str]]:
    """Every address behind a permission, or behind being signed in, by GET and by POST."""
    found = []
    for rule in app.url_map.iter_rules():
        door = door_of(app.view_functions[rule.endpoint])
        if door is None or not (door.permissions or door.own):
            continue
        path = "/".join(
            MADE_UP if part.startswith("<uuid") else "1" if part.startswith("<") else part
            for part in rule.rule.split("/")
        )
        found += [(method, path) for method in ("GET", "POST") if method in (rule.methods or ())]
    return found


if __name__ == "__main__":
    sys.exit(main())
