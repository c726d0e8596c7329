"""Accounts on the web: choosing a password, changing it, and the way back in for who forgot it."""

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import EmailField, PasswordField
from wtforms.validators import Length, ValidationError

from accounts.models import User
from accounts.signing_in import resetting, tries
from accounts.signing_in.passwords import LONGEST, hash_password, is_password, objection_to
from accounts.web import session
from core import links
from core.access import by_link, open_to_all, own
from core.actors import Actor, current
from core.db import db
from core.forms import Form, Required, is_email
from core.languages import _, lazy
from core.saving import new_key, saving

WRONG = lazy("The password you have now is not right. Check it and try again.")

bp = Blueprint("passwords", __name__)


class NewPasswordForm(Form):
    """A new password, typed twice."""

    new_password = PasswordField(
        lazy("New password"),
        [Required(lazy("Enter a new password")), Length(max=LONGEST)],
        description=lazy("12 characters or more. Three words that do not belong together do well."),
    )
    again = PasswordField(
        lazy("The same again"),
        [Required(lazy("Enter the new password again")), Length(max=LONGEST)],
    )

    def __init__(self, whose: User, *args: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.whose = whose

    def validate_new_password(self, field: Any) -> None:
        if objection := objection_to(field.data or "", self.whose):
            raise ValidationError(objection)

    def validate_again(self, field: Any) -> None:
        if field.data != self.new_password.data:
            raise ValidationError(_("The two are not the same. Type them again."))


class ChangePasswordForm(NewPasswordForm):
    """The old password, and a new one."""

    password = PasswordField(
        lazy("The password you have now"),
        [Required(lazy("Enter the password you have now")), Length(max=LONGEST)],
    )


class ForgottenForm(Form):
    """Where to write to."""

    email = EmailField(
        lazy("Email address"), [Required(lazy("Enter your email address")), is_email]
    )


@bp.route("/choose-password/<token>", methods=["GET", "POST"])
@by_link(resetting.CHOOSE_PASSWORD)
def choose(token: str) -> ResponseReturnValue:
    """Choose a password with a link from a letter."""
    link = links.unseal(resetting.CHOOSE_PASSWORD, token)
    user = resetting.user_of(link)
    form = NewPasswordForm(user)
    if form.validate_on_submit():
        password_hash = hash_password(form.new_password.data or "")
        with saving() as work:
            work.leads_to(url_for("accounts.sign_in"))
            by = Actor.of_user(user.id)
            resetting.choose_password(user, password_hash, link=link, by=by)
        return work.redirect(_("Your password is kept. Sign in with it."))
    return render_template(
        "accounts/passwords/choose.html",
        form=form,
        user=user,
        token=token,
        providers=[] if user.password_hash else list(session.providers().values()),
    ), form.status


@bp.route("/forgotten-password", methods=["GET", "POST"])
@open_to_all("who forgot their password cannot sign in to say so")
def forgotten() -> ResponseReturnValue:
    """Ask for a way back in. The answer is the same whether or not we know the address."""
    form = ForgottenForm()
    if form.validate_on_submit():
        email = form.email.data or ""
        most = resetting.LETTERS_A_QUARTER
        may_write = tries.begin_try(f"letter to {email}", session.address(), most=most)
        with saving() as work:
            work.leads_to(url_for("passwords.on_its_way"))
            if may_write is not None:
                resetting.send_way_back_in(email)
        return work.redirect()
    return render_template("accounts/passwords/forgotten.html", form=form), form.status


@bp.get("/forgotten-password/on-its-way")
@open_to_all("it says the same to everybody")
def on_its_way() -> ResponseReturnValue:
    """Look in your letters."""
    return render_template("accounts/passwords/on_its_way.html")


@bp.route("/your-account/password", methods=["GET", "POST"])
@own("their own password")
def change() -> ResponseReturnValue:
    """Change my password: the old one is asked for."""
    here = session.here()
    user, kept = here.user, here.user.password_hash
    if not kept:
        return redirect(url_for("own_account.account"))
    form = ChangePasswordForm(user)
    if form.validate_on_submit():
        made = tries.begin_try(user.email, session.address())
        if made is None:
            form.password.errors = [tries.TOO_MANY]
            return _change_page(form), 429
        db.session.rollback()
        is_right = is_password(kept, form.password.data or "")
        new_hash = hash_password(form.new_password.data or "") if is_right else ""
        with saving() as work:
            work.leads_to(url_for("own_account.account"))
            if is_right:
                tries.was_right(made)
                resetting.change_password(user, new_hash, but=here.id, by=current())
            else:
                tries.was_wrong(user, user.email, tried="password again")
        if is_right:
            return work.redirect(_("Your password is changed. Your other devices are signed out."))
        form.once.data = new_key()
        form.password.errors = [WRONG]
    return _change_page(form), form.status


def _change_page(form: ChangePasswordForm) -> str:
    return render_template("accounts/passwords/change.html", form=form)
