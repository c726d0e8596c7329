"""Accounts on the web: one's own account: how one signs in, and where one is signed in."""

import uuid

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.oidc import linking
from accounts.signing_in import factors, passkeys, sessions
from accounts.signing_in.devices import named
from accounts.web import session
from core.access import asks_for_proof, own
from core.actors import current
from core.languages import _, ngettext
from core.saving import saving

bp = Blueprint("own_account", __name__, url_prefix="/your-account")


@bp.get("")
@own("how they sign in")
def account() -> ResponseReturnValue:
    """How I sign in, and where I am signed in."""
    here = session.here()
    idle, longest = session.limits()
    return render_template(
        "accounts/own/account.html",
        user=here.user,
        here=here,
        has=factors.factors_of(here.user),
        must=session.must_have(here.user),
        devices=sessions.live_sessions(here.user, idle=idle, longest=longest),
        named=named,
        passkeys=passkeys.are_possible(),
        providers=list(session.providers().values()),
        linked=linking.issuers_of(here.user),
    )


@bp.post("/devices/<uuid:session_id>/end")
@own("where they are signed in")
@asks_for_proof
def end_one(session_id: uuid.UUID) -> ResponseReturnValue:
    """Sign out one of my other devices, or this one."""
    here = session.here()
    with saving() as work:
        work.leads_to(url_for("own_account.account"))
        sessions.end_one(session_id, here.user, by=current())
    if session_id == here.id:
        return session.take_cookie(redirect(url_for("accounts.sign_in"), 303))
    return work.redirect(_("That device is signed out."))


@bp.post("/devices/end-others")
@own("where they are signed in")
@asks_for_proof
def end_others() -> ResponseReturnValue:
    """Sign out everywhere but here."""
    here = session.here()
    with saving() as work:
        work.leads_to(url_for("own_account.account"))
        ended = sessions.end_all(here.user, by=current(), but=here.id)
    return work.redirect(
        ngettext(
            "%(num)s other device is signed out.", "%(num)s other devices are signed out.", ended
        )
    )
