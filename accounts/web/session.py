"""Accounts on the web: the session cookie, who stands behind it, and what they must do first."""

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from flask import Flask, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user
from werkzeug.wrappers import Response

from accounts.models import SignIn, User
from accounts.oidc.providers import Provider, read
from accounts.people import actor_for
from accounts.rules import Proof, SecondStep, needs_second_step
from accounts.signing_in import factors, sessions, tries
from accounts.web import known
from core import access, actors, clock, cookies, site
from core.access import SignInFirst
from core.actors import VISITOR, Actor
from core.saving import saving
from core.settings import Settings

COOKIE = "kith_session"
PROOF_LASTS = timedelta(minutes=10)

login_manager = LoginManager()


class SignedIn:
    """A session row as Flask-Login wants to see its user; the models stay free of the web.

    Who must set up a second step first may do nothing else until then.
    """

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, session: SignIn) -> None:
        self.session = session
        self.actor = actor_for(session.user)
        self.must_set_up = _must_set_up(session, self.actor)
        if self.must_set_up:
            self.actor = replace(
                self.actor,
                holds=MappingProxyType({}),
                roles=frozenset(),
                reads=frozenset(),
                writes=frozenset(),
            )

    def get_id(self) -> str:
        return str(self.session.id)


def init_app(app: Flask, settings: Settings) -> None:
    """Tell the ground floor how an actor is found, and what comes before any door."""
    app.extensions["kith.session"] = (
        timedelta(minutes=settings.idle_minutes),
        timedelta(hours=settings.longest_hours),
    )
    app.extensions["kith.providers"] = read(settings.identity_providers)
    login_manager.init_app(app)
    login_manager.request_loader(_load)
    actors.told_by(_actor)
    access.lead_first(_lead)


def begin(
    user: User,
    proof: Proof,
    *,
    made: tries.Try | None = None,
    whole: bool = True,
    leads_to: str = "",
    new_hash: str = "",
    outside: tuple[str, str] = ("", ""),
) -> Response:
    """Sign somebody in with a fresh token, and send them on."""
    with saving() as work:
        work.leads_to(leads_to or wanted_page() or url_for("accounts.desk"))
        if made is not None:
            tries.was_right(made)
        if new_hash:
            user.password_hash = new_hash
        email = user.email
        token = sessions.start(
            user,
            by=Actor.of_user(user.id),
            device=request.user_agent.string,
            replaces=token_of_request(),
            proof=proof,
            whole=whole,
            outside=outside,
        )
    return known.remember(give_cookie(work.redirect(), token), email)


def give_cookie(response: Response, token: str) -> Response:
    """Give the browser its token."""
    cookies.give(response, COOKIE, token)
    return response


def take_cookie(response: Response) -> Response:
    """Take the token back, and what the browser kept of pages."""
    cookies.take_away(response, COOKIE)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def token_of_request() -> str:
    """What the browser holds."""
    return cookies.given(COOKIE)


def providers() -> dict[str, Provider]:
    """Where else people may sign in."""
    found: dict[str, Provider] = current_app.extensions["kith.providers"]
    return found


def limits() -> tuple[timedelta, timedelta]:
    """How long a session lasts without a click, and in any case."""
    idle, longest = current_app.extensions["kith.session"]
    return idle, longest


def here() -> SignIn:
    """The session of this request; SignInFirst if there is none."""
    if not current_user.is_authenticated:
        raise SignInFirst
    session: SignIn = current_user.session
    return session


def must_set_up() -> bool:
    """Whether whoever is signed in has to set up a second step before anything else."""
    return bool(current_user.is_authenticated and current_user.must_set_up)


def must_have(user: User) -> bool:
    """Whether this person may not go without a second step."""
    settings = settings_of_app()
    wanted = SecondStep(settings.second_step)
    reads = actor_for(user).reads
    return needs_second_step(reads, wanted, is_production=settings.is_production)


def is_fresh(session: SignIn) -> bool:
    """Whether they showed who they are a short while ago; the demo's cast has nothing to show."""
    if session.proof is Proof.CAST and settings_of_app().is_demo:
        return True
    return clock.now() - session.proved_at <= PROOF_LASTS


def wanted_page() -> str:
    """Where to go afterwards: a path of our own site or nothing."""
    wanted = request.values.get("next", "")
    return wanted if site.is_ours(wanted) else ""


def address() -> str:
    """Where the request came from."""
    return request.remote_addr or "unknown"


def settings_of_app() -> Settings:
    """The deployment's choices."""
    settings: Settings = current_app.extensions["kith.settings"]
    return settings


def _load(_request: object) -> SignedIn | None:
    """Flask-Login asks here on each request; the answer is the row, never the cookie alone."""
    token = token_of_request()
    if not token or request.endpoint == "static":
        return None
    idle, longest = limits()
    session = sessions.find(token, idle=idle, longest=longest)
    if session is None:
        return None
    if request.method == "GET" and sessions.is_due_to_be_seen(session):
        with saving():
            sessions.note_seen(session)
    return SignedIn(session)


def _actor() -> Actor:
    return current_user.actor if current_user.is_authenticated else VISITOR


def _must_set_up(session: SignIn, actor: Actor) -> bool:
    settings = settings_of_app()
    wanted = SecondStep(settings.second_step)
    if not needs_second_step(actor.reads, wanted, is_production=settings.is_production):
        return False
    # Signed in with one proof only: either they have no second step yet, or it was taken away.
    one_only = session.proof in {Proof.PASSWORD, Proof.CAST}
    return one_only and not factors.factors_of(session.user).has_any


def _lead(*, is_own: bool, asks_for_proof: bool) -> ResponseReturnValue | None:
    """Where somebody signed in has to go before the door they knock on."""
    if must_set_up() and not is_own:  # their own account is where they do it
        return redirect(url_for("second_step.choose"))
    if asks_for_proof and not is_fresh(here()):
        there = request.full_path.rstrip("?") if request.method == "GET" else site.came_from()
        return redirect(url_for("proving.prove", next=there))
    return None
