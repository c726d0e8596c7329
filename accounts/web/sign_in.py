"""Accounts on the web: the sign-in page, the way to one's desk, the way out."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response
from wtforms import EmailField, PasswordField
from wtforms.validators import Length

from accounts import signing_in
from accounts.models import Membership, User
from accounts.rules import Proof
from accounts.signing_in import factors, passkeys, sessions, tries
from accounts.signing_in.passwords import LONGEST, a_place, hash_password, is_kept_as_of_old
from accounts.web import known, session
from core import actors
from core.access import open_to_all
from core.db import db
from core.errors import NotFound
from core.forms import Form, Required
from core.languages import lazy
from core.saving import new_key, saving
from core.templating import first_page

SECONDS_TO_WAIT = 5
WRONG = lazy("The email address or the password is not right. Check both and try again.")

bp = Blueprint("accounts", __name__)


class SignInForm(Form):
    """Who are you?"""

    email = EmailField(
        lazy("Email address"), [Required(lazy("Enter your email address")), Length(max=254)]
    )
    password = PasswordField(
        lazy("Password"), [Required(lazy("Enter your password")), Length(max=LONGEST)]
    )


@bp.route("/sign-in", methods=["GET", "POST"])
@open_to_all("nobody is signed in before signing in")
def sign_in() -> ResponseReturnValue:
    """Sign in with an e-mail address and a password."""
    form = SignInForm()
    if not form.validate_on_submit():
        return _sign_in_page(form), form.status
    device = known.device_of(form.email.data or "")
    with a_place(is_known=bool(device)) as may_try:
        if may_try:
            return _try(form, device)
    form.email.errors = [tries.TOO_BUSY]
    return _sign_in_page(form), 503, {"Retry-After": str(SECONDS_TO_WAIT)}


def _try(form: SignInForm, device: str) -> ResponseReturnValue:
    email, password = form.email.data or "", form.password.data or ""
    made = tries.begin_try(email, session.address(), device=device)
    if made is None:
        form.email.errors = [tries.TOO_MANY]
        return _sign_in_page(form), 429
    user, is_right = signing_in.find_user(email, password)
    if user is not None and is_right:
        return _go_on(user, password, made)
    with saving():
        tries.was_wrong(user, made.account, tried="password")
    form.once.data = new_key()
    form.password.errors = [WRONG]
    return _sign_in_page(form), form.status


@bp.post("/sign-in/as/<uuid:user_id>")
@open_to_all("the demo's cast, and only in the demo")
def sign_in_as(user_id: object) -> ResponseReturnValue:
    """Sign in as one of the demo's cast with one press. There is no such page outside the demo."""
    cast = _cast() if session.settings_of_app().is_demo else []
    user = next((user for user in cast if user.id == user_id), None)
    if user is None:
        raise NotFound
    return session.begin(user, Proof.CAST)


@bp.post("/sign-out")
@open_to_all("leaving must always work")
def sign_out() -> ResponseReturnValue:
    """Sign out: the session ends on the server, so a copied cookie is worthless."""
    with saving():
        sessions.end(session.token_of_request(), by=actors.current())
    return session.take_cookie(redirect(url_for("directory.home"), 303))


@bp.get("/desk")
@open_to_all("it only leads on, to your own desk or to the door")
def desk() -> ResponseReturnValue:
    """Lead somebody to the page they work at."""
    actor = actors.current()
    if not actor.is_signed_in:
        return redirect(url_for("accounts.sign_in"))
    if session.must_set_up():
        return redirect(url_for("second_step.choose"))
    return redirect(first_page(actor) or url_for("directory.home"))


def _go_on(user: User, password: str, made: tries.Try) -> Response:
    """To the desk, or to the second step of who has one."""
    has_second_step = factors.factors_of(user).has_any
    kept = user.password_hash
    db.session.rollback()
    new_hash = hash_password(password) if is_kept_as_of_old(kept) else ""
    leads_to = ""
    if has_second_step:
        leads_to = url_for("second_step.enter", next=session.wanted_page() or None)
    return session.begin(
        user,
        Proof.PASSWORD,
        made=made,
        whole=not has_second_step,
        leads_to=leads_to,
        new_hash=new_hash,
    )


def _sign_in_page(form: SignInForm) -> str:
    cast = _cast() if session.settings_of_app().is_demo else []
    return render_template(
        "accounts/sign_in.html",
        form=form,
        cast=cast,
        next=session.wanted_page(),
        passkeys=passkeys.are_possible(),
        providers=list(session.providers().values()),
    )


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
