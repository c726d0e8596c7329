"""Accounts on the web: showing again who one is, before what would be dangerous in other hands."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField, StringField
from wtforms.validators import Length

from accounts.signing_in import codes, factors, passkeys, sessions, tries
from accounts.signing_in.passwords import LONGEST, is_password
from accounts.web import session
from core.access import own
from core.actors import current
from core.db import db
from core.forms import Form, Required
from core.languages import lazy
from core.saving import new_key, saving

WRONG = lazy("The password is not right. Check it and try again.")
WRONG_EITHER = lazy("The password or the code is not right. Check both and try again.")

bp = Blueprint("proving", __name__)


class ProofForm(Form):
    """The password once more, and a code of who has a second step."""

    password = PasswordField(
        lazy("Password"), [Required(lazy("Enter your password")), Length(max=LONGEST)]
    )
    code = StringField(
        lazy("Code"),
        [Length(max=40)],
        description=lazy("The 6 figures of your app, or one of your codes on paper"),
    )


@bp.route("/your-account/prove", methods=["GET", "POST"])
@own("showing that it is still them")
def prove() -> ResponseReturnValue:
    """Is it still you?"""
    here = session.here()
    leads_to = session.wanted_page() or url_for("own_account.account")
    if session.is_fresh(here):
        return redirect(leads_to)
    form = ProofForm()
    if form.validate_on_submit():
        user, kept = here.user, here.user.password_hash
        made = tries.begin_try(user.email, session.address())
        if made is None:
            form.password.errors = [tries.TOO_MANY]
            return _page(form), 429
        typed = form.code.data or ""
        has_more = factors.factors_of(user).has_any
        db.session.rollback()
        is_right = is_password(kept, form.password.data or "")
        on_paper = codes.find_code(user, typed) if is_right and has_more else None
        with saving() as work:
            work.leads_to(leads_to)
            is_right = is_right and (
                not has_more or codes.take(user, typed, on_paper, by=current())
            )
            if is_right:
                tries.was_right(made)
                token = sessions.note_proved(here, here.proof)
            else:
                tries.was_wrong(user, user.email, tried="password again")
        if is_right:
            return session.give_cookie(work.redirect(), token)
        form.once.data = new_key()
        form.password.errors = [WRONG_EITHER if has_more else WRONG]
    return _page(form), form.status


def _page(form: ProofForm) -> str:
    here = session.here()
    return render_template(
        "accounts/own/prove.html",
        form=form,
        has=factors.factors_of(here.user),
        next=session.wanted_page(),
        passkeys=passkeys.are_possible(),
        provider=session.providers().get(here.outside),
        has_password=bool(here.user.password_hash),
    )
