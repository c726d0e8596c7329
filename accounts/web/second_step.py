"""Accounts on the web: the second step of signing in, and setting one up."""

import segno
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from wtforms import HiddenField, StringField
from wtforms.validators import Length

from accounts.models import SignIn
from accounts.rules import Proof
from accounts.signing_in import codes, factors, passkeys, sessions, tries
from accounts.web import session
from core.access import asks_for_proof, open_to_all, own
from core.actors import Actor, current
from core.errors import NotFound
from core.forms import Form, Required
from core.languages import _, lazy
from core.saving import new_key, saving

WRONG_CODE = lazy(
    "That code is not right, or was used before. Wait for the next one and try again."
)
MADE = "_kith_codes"

bp = Blueprint("second_step", __name__)


class CodeForm(Form):
    """Six figures, or a code on paper."""

    code = StringField(lazy("Code"), [Required(lazy("Enter the code")), Length(max=40)])


class AppForm(CodeForm):
    """The first code of an app, with the secret it was given."""

    secret = HiddenField()


@bp.route("/sign-in/second-step", methods=["GET", "POST"])
@open_to_all("nobody is signed in before the second step; the cookie says whose it is")
def enter() -> ResponseReturnValue:
    """The second step: a code of the app, or one on paper."""
    waiting = sessions.find_waiting(session.token_of_request())
    if waiting is None:
        return redirect(url_for("accounts.sign_in", next=session.wanted_page() or None))
    form = CodeForm()
    if form.validate_on_submit():
        account = f"second step of {waiting.user_id}"
        made = tries.begin_try(account, session.address())
        if made is None:
            form.code.errors = [tries.TOO_MANY]
            return _enter_page(waiting, form), 429
        answer = _second_step_with(waiting, form.code.data or "", made)
        if answer is not None:
            return answer
        form.once.data = new_key()
        form.code.errors = [WRONG_CODE]
    return _enter_page(waiting, form), form.status


def _second_step_with(waiting: SignIn, typed: str, made: tries.Try) -> ResponseReturnValue | None:
    """Sign in with this code; None if it is not right."""
    user = waiting.user
    by = Actor.of_user(user.id)
    on_paper = codes.find_code(user, typed)
    with saving() as work:
        work.leads_to(session.wanted_page() or url_for("accounts.desk"))
        if not codes.take(user, typed, on_paper, by=by):
            tries.was_wrong(user, made.account, tried="code")
            return None
        tries.was_right(made)
        token = sessions.start(
            user,
            by=by,
            device=request.user_agent.string,
            replaces=session.token_of_request(),
            proof=Proof.TWO_STEPS,
        )
    return session.give_cookie(work.redirect(), token)


def _enter_page(waiting: SignIn, form: CodeForm) -> str:
    return render_template(
        "accounts/second_step/enter.html",
        form=form,
        has=factors.factors_of(waiting.user),
        next=session.wanted_page(),
        passkeys=passkeys.are_possible(),
    )


@bp.get("/your-account/second-step")
@own("how they sign in")
def choose() -> ResponseReturnValue:
    """What the second step is, and which sort to set up."""
    here = session.here()
    return render_template(
        "accounts/second_step/choose.html",
        has=factors.factors_of(here.user),
        must=session.must_set_up(),
        passkeys=passkeys.are_possible(),
    )


@bp.route("/your-account/second-step/app", methods=["GET", "POST"])
@own("how they sign in")
@asks_for_proof
def app() -> ResponseReturnValue:
    """Set up an authenticator app: read the pattern, type the first code."""
    user = session.here().user
    form = AppForm()
    secret = form.secret.data or ""
    if not codes.is_secret(secret):
        secret = form.secret.data = codes.new_secret()
    if form.validate_on_submit():
        with saving() as work:
            work.leads_to(url_for("second_step.new_codes"))
            is_right = codes.set_up_app(user, secret, form.code.data or "", by=current())
            if is_right:
                token = sessions.note_proved(session.here(), Proof.TWO_STEPS)
        if is_right:
            answer = work.redirect(_("Your app is set up. Now print your codes."))
            return session.give_cookie(answer, token)
        form.once.data = new_key()
        form.code.errors = [WRONG_CODE]
    pattern = segno.make(codes.address_of(secret, user), micro=False, error="m")
    return render_template(
        "accounts/second_step/app.html",
        form=form,
        secret=_in_fours(secret),
        pattern=Markup(pattern.svg_inline(scale=5, border=2, omitsize=True)),  # noqa: S704 - segno's own
    ), form.status


@bp.post("/your-account/second-step/app/remove")
@own("how they sign in")
@asks_for_proof
def remove_app() -> ResponseReturnValue:
    """Forget the app."""
    user = session.here().user
    with saving() as work:
        work.leads_to(url_for("own_account.account"))
        codes.remove_app(user, by=current())
    return work.redirect(_("Your app is removed."))


@bp.route("/your-account/second-step/codes", methods=["GET", "POST"])
@own("how they sign in")
@asks_for_proof
def new_codes() -> ResponseReturnValue:
    """Ten codes on paper, shown once. Asking again makes the old ones worthless."""
    user = session.here().user
    if not factors.factors_of(user).has_any:
        raise NotFound
    if request.method == "GET":
        return render_template(
            "accounts/second_step/codes.html", codes=[], left=factors.factors_of(user).codes_left
        )
    made = codes.new_codes()
    hashes = codes.hashes_of(made)
    with saving():
        codes.keep_codes(user, hashes, by=current())
    return render_template("accounts/second_step/codes.html", codes=made, left=0)


def _in_fours(secret: str) -> str:
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
