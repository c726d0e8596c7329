"""Accounts on the web: the sign-in page, the session cookie, the way out."""

from datetime import timedelta

from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response
from wtforms import EmailField, PasswordField
from wtforms.validators import Length

from accounts import anchoring, signing_in
from accounts.models import Membership, SignIn, User
from accounts.people import actor_for
from accounts.rules import May
from accounts.web import audit, people
from core import actors, cookies, site, work
from core.access import open_to_all
from core.actors import VISITOR, Actor
from core.db import db
from core.errors import NotFound
from core.forms import Form, Required
from core.languages import lazy
from core.marking import marked
from core.saving import new_key, saving
from core.settings import Settings
from core.templating import add_to_nav, first_page

COOKIE = "kith_session"

bp = Blueprint("accounts", __name__)
login_manager = LoginManager()


class SignedIn:
    """A session row as Flask-Login wants to see its user; the models stay free of the web."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, session: SignIn) -> None:
        self.session = session
        self.actor = actor_for(session.user)

    def get_id(self) -> str:
        return str(self.session.id)


class SignInForm(Form):
    """Who are you?"""

    email = EmailField(
        lazy("Email address"), [Required(lazy("Enter your email address")), Length(max=254)]
    )
    password = PasswordField(
        lazy("Password"), [Required(lazy("Enter your password")), Length(max=200)]
    )


def init_app(app: Flask, settings: Settings) -> None:
    """Hang the room's pages, and tell the ground floor how an actor is found."""
    app.extensions["kith.session"] = (
        timedelta(minutes=settings.idle_minutes),
        timedelta(hours=settings.longest_hours),
    )
    login_manager.init_app(app)
    login_manager.request_loader(_load)
    actors.told_by(_actor)
    work.chore("forget wrong tries", timedelta(hours=1), signing_in.forget_wrong_tries)
    app.register_blueprint(bp)
    app.register_blueprint(people.bp)
    app.register_blueprint(audit.bp)
    anchoring.init_app()
    of_people = [name for name in app.view_functions if name.startswith("people.")]
    add_to_nav(May.KEEP_USERS, marked("People"), "people.people", *of_people, order=40)
    add_to_nav(May.REVIEW_ACCESS, marked("Who did what"), "audit.audit_log", order=41)


@bp.route("/sign-in", methods=["GET", "POST"])
@open_to_all("nobody is signed in before signing in")
def sign_in() -> ResponseReturnValue:
    """Sign in with an e-mail address and a password."""
    form = SignInForm()
    if form.validate_on_submit():
        email, password = form.email.data or "", form.password.data or ""
        if signing_in.is_throttled(email, _address()):
            form.email.errors = [signing_in.TOO_MANY]
            return _sign_in_page(form), 429
        user = signing_in.find_user(email, password)
        if user is not None:
            return _begin(user)
        with saving():
            signing_in.note_wrong_try(email, _address())
        form.once.data = new_key()
        form.password.errors = [signing_in.WRONG]
    return _sign_in_page(form), form.status


@bp.post("/sign-in/as/<uuid:user_id>")
@open_to_all("the demo's cast, and only in the demo")
def sign_in_as(user_id: object) -> ResponseReturnValue:
    """Sign in as one of the demo's cast with one press. There is no such page outside the demo."""
    cast = _cast() if _settings().is_demo else []
    user = next((user for user in cast if user.id == user_id), None)
    if user is None:
        raise NotFound
    return _begin(user)


@bp.post("/sign-out")
@open_to_all("leaving must always work")
def sign_out() -> ResponseReturnValue:
    """Sign out: the session ends on the server, so a copied cookie is worthless."""
    with saving():
        signing_in.end(cookies.given(COOKIE), by=actors.current())
    response = redirect(url_for("directory.home"), 303)
    cookies.take_away(response, COOKIE)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _sign_in_page(form: SignInForm) -> str:
    cast = _cast() if _settings().is_demo else []
    return render_template("accounts/sign_in.html", form=form, cast=cast, next=_next())


def _begin(user: User) -> Response:
    with saving() as work:
        work.leads_to(_next() or url_for("accounts.desk"))
        token = signing_in.start(
            user,
            by=Actor(actors.Kind.USER, f"user:{user.id}", user_id=user.id),
            device=request.user_agent.string,
            replaces=cookies.given(COOKIE),
        )
    response = work.redirect()
    cookies.give(response, COOKIE, token)
    return response


@bp.get("/desk")
@open_to_all("it only leads on, to your own desk or to the door")
def desk() -> ResponseReturnValue:
    """Lead somebody to the page they work at."""
    actor = actors.current()
    if not actor.is_signed_in:
        return redirect(url_for("accounts.sign_in"))
    return redirect(first_page(actor) or url_for("directory.home"))


def _load(_request: object) -> SignedIn | None:
    """Flask-Login asks here on each request; the answer is the row, never the cookie alone."""
    token = cookies.given(COOKIE)
    if not token or request.endpoint == "static":
        return None
    idle, longest = current_app.extensions["kith.session"]
    session = signing_in.find(token, idle=idle, longest=longest)
    if session is None:
        return None
    if request.method == "GET" and signing_in.is_due_to_be_seen(session):
        with saving():
            signing_in.note_seen(session)
    return SignedIn(session)


def _actor() -> Actor:
    return current_user.actor if current_user.is_authenticated else VISITOR


def _cast() -> list[User]:
    """The demo's people: everybody who can sign in, in the order they were made."""
    return list(
        db.session.scalars(
            select(User)
            .where(User.disabled_at.is_(None))
            .order_by(User.created_at, User.name)
            .options(selectinload(User.memberships).joinedload(Membership.organisation))
        )
    )


def _next() -> str:
    """Where to go after signing in: a path of our own site or nothing."""
    wanted = request.values.get("next", "")
    return wanted if site.is_ours(wanted) else ""


def _address() -> str:
    return request.remote_addr or "unknown"


def _settings() -> Settings:
    settings: Settings = current_app.extensions["kith.settings"]
    return settings
