"""Accounts on the web: passkeys, by a small script; who has no script has the other ways in."""

import uuid

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, StringField
from wtforms.validators import Length

from accounts.rules import Proof
from accounts.signing_in import factors, passkeys, sessions
from accounts.signing_in.devices import named
from accounts.web import session
from core.access import asks_for_proof, open_to_all, own
from core.actors import Actor, current
from core.forms import Form, Required
from core.languages import _, lazy
from core.saving import new_key, saving

DID_NOT_WORK = lazy("Your passkey did not work. Try again, or sign in another way.")

bp = Blueprint("passkeys", __name__)


class PasskeyForm(Form):
    """What a browser made of a passkey; the script fills it in."""

    challenge = HiddenField()
    credential = HiddenField(validators=[Length(max=20_000)])


class NewPasskeyForm(PasskeyForm):
    """A passkey, and what its owner calls it."""

    name = StringField(
        lazy("A name for it"),
        [Required(lazy("Enter a name, like: my phone")), Length(max=60)],
        description=lazy("So that you know it again, like: my phone"),
    )


@bp.post("/sign-in/passkey/begin")
@open_to_all("nobody is signed in before signing in")
def begin() -> ResponseReturnValue:
    """What a browser needs to show a passkey."""
    waiting = sessions.find_waiting(session.token_of_request())
    with saving():
        asked = passkeys.ask_for(waiting.user if waiting else None)
    return _answer(asked)


@bp.post("/sign-in/passkey")
@open_to_all("nobody is signed in before signing in")
def enter() -> ResponseReturnValue:
    """Sign in with a passkey: both steps at once."""
    form = PasskeyForm()
    waiting = sessions.find_waiting(session.token_of_request())
    nonce = passkeys.take(_challenge_of(form), waiting.user_id if waiting else None)
    user = None
    if form.validate() and nonce:
        with saving() as work:
            work.leads_to(session.wanted_page() or url_for("accounts.desk"))
            user = passkeys.holder(nonce, form.credential.data or "")
            if user is not None:
                token = sessions.start(
                    user,
                    by=Actor.of_user(user.id),
                    device=request.user_agent.string,
                    replaces=session.token_of_request(),
                    proof=Proof.PASSKEY,
                )
        if user is not None:
            return session.give_cookie(work.redirect(), token)
    return _sorry(url_for("accounts.sign_in", next=session.wanted_page() or None))


@bp.route("/your-account/passkeys", methods=["GET", "POST"])
@own("how they sign in")
@asks_for_proof
def own_passkeys() -> ResponseReturnValue:
    """My passkeys, and a new one."""
    here = session.here()
    form = NewPasskeyForm()
    if form.validate_on_submit():
        nonce = passkeys.take(_challenge_of(form), here.user_id)
        with saving() as work:
            codes_left = factors.factors_of(here.user).codes_left
            leads_to = "passkeys.own_passkeys" if codes_left else "second_step.new_codes"
            work.leads_to(url_for(leads_to))
            is_kept = bool(nonce) and passkeys.add(
                here.user, nonce, form.credential.data or "", form.name.data or "", by=current()
            )
            if is_kept:
                token = sessions.note_proved(here, Proof.PASSKEY)
        if is_kept:
            return session.give_cookie(work.redirect(_("Your passkey is kept.")), token)
        form.once.data = new_key()
        form.name.errors = [DID_NOT_WORK]
    if not form.name.data:
        form.name.data = named(request.user_agent.string)
    return render_template(
        "accounts/own/passkeys.html",
        form=form,
        has=factors.factors_of(here.user),
        must=session.must_have(here.user),
        are_possible=passkeys.are_possible(),
    ), form.status


@bp.post("/your-account/passkeys/begin")
@own("how they sign in")
@asks_for_proof
def begin_new() -> ResponseReturnValue:
    """What a browser needs to make a passkey."""
    with saving():
        asked = passkeys.ask_for_new(session.here().user)
    return _answer(asked)


@bp.post("/your-account/passkeys/<uuid:passkey_id>/remove")
@own("how they sign in")
@asks_for_proof
def remove(passkey_id: uuid.UUID) -> ResponseReturnValue:
    """Forget one of my passkeys."""
    with saving() as work:
        work.leads_to(url_for("passkeys.own_passkeys"))
        passkeys.remove(passkey_id, session.here().user, by=current())
    return work.redirect(_("That passkey is removed."))


def _answer(asked: tuple[uuid.UUID, str]) -> Response:
    challenge_id, options = asked
    return jsonify({"challenge": str(challenge_id), "options": options})


def _challenge_of(form: PasskeyForm) -> uuid.UUID | None:
    try:
        return uuid.UUID(form.challenge.data or "")
    except ValueError:
        return None


def _sorry(leads_to: str) -> ResponseReturnValue:
    flash(DID_NOT_WORK, "problem")
    return redirect(leads_to, 303)
