"""Accounts on the web: signing in at an identity provider and coming back, and leaving from there.

What must be known on the way back waits in a signed cookie of this browser, for ten minutes.
"""

import logging
import secrets
from typing import Any

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from accounts.models import User
from accounts.oidc import client, linking
from accounts.oidc.providers import Provider
from accounts.oidc.tokens import Unbelievable, Vouched, read_id_token, read_logout_token
from accounts.rules import Proof
from accounts.signing_in import factors, resetting, sessions
from accounts.web import session
from core import cookies, links, site
from core.access import asks_for_proof, open_to_all, own
from core.actors import Actor, current
from core.db import db
from core.errors import BadInput, NotFound
from core.languages import _
from core.saving import saving

COOKIE = "kith_outside"
LASTS_SECONDS = 600
IN, LINK, PROVE, INVITED = "in", "link", "prove", "invited"

log = logging.getLogger(__name__)
bp = Blueprint("outside", __name__)


@bp.get("/sign-in/with/<name>")
@open_to_all("nobody is signed in before signing in")
def go(name: str) -> ResponseReturnValue:
    """Go and sign in at an identity provider."""
    token = request.args.get("invited", "")
    if token:
        links.unseal(resetting.CHOOSE_PASSWORD, token)
    return _go(_provider(name), INVITED if token else IN, token=token)


@bp.get("/your-account/link/<name>")
@own("how they sign in")
@asks_for_proof
def link(name: str) -> ResponseReturnValue:
    """Go and sign in there once, so that it is known whom the provider means."""
    return _go(_provider(name), LINK, user=str(session.here().user_id))


@bp.get("/your-account/prove/<name>")
@own("showing that it is still them")
def prove(name: str) -> ResponseReturnValue:
    """Go and sign in there once more."""
    return _go(_provider(name), PROVE)


@bp.post("/your-account/unlink/<name>")
@own("how they sign in")
@asks_for_proof
def unlink(name: str) -> ResponseReturnValue:
    """Sign in there no more."""
    provider = _provider(name)
    with saving() as work:
        work.leads_to(url_for("own_account.account"))
        linking.unlink(session.here().user, provider.issuer, by=current())
    return work.redirect(_("You can no longer sign in with %(name)s.", name=provider.label))


@bp.get("/sign-in/from/<name>")
@open_to_all("nobody is signed in before signing in")
def back(name: str) -> ResponseReturnValue:
    """Somebody comes back from an identity provider with a code."""
    provider, kept = _provider(name), _kept()
    code, state = request.args.get("code", ""), request.args.get("state", "")
    is_ours = kept.get("provider") == name and secrets.compare_digest(
        str(kept.get("state", "")).encode(), state.encode()
    )
    who = _ask(provider, code, kept) if is_ours and state and code else None
    answer = _let_in(provider, who, kept) if who else _sorry(provider)
    cookies.take_away(answer, COOKIE)
    return answer


@bp.post("/sign-out/from/<name>")
@open_to_all("the token that is sent is signed by the provider")
def left(name: str) -> ResponseReturnValue:
    """An identity provider says that somebody has left there (back-channel logout)."""
    provider = _provider(name)
    token = request.form.get("logout_token", "")
    db.session.rollback()
    try:
        who = read_logout_token(token, client.keys_of(provider), provider)
    except (Unbelievable, client.NotThere) as error:
        raise BadInput(_("That is not to be believed.")) from error
    user = linking.find_user(who) if who.subject else None
    if user is not None or who.session:
        user_id = user.id if user else None
        with saving():
            sessions.end_from_outside(name, sid=who.session, user_id=user_id)
    return "", 200


def _go(provider: Provider, purpose: str, **also: str) -> Response:
    db.session.rollback()  # from here on we wait for another machine
    kept = {part: secrets.token_urlsafe(32) for part in ("state", "nonce", "verifier")}
    try:
        there = client.way_there(
            provider, back_to=_back_to(provider), again=purpose == PROVE, **kept
        )
    except client.NotThere as error:
        log.warning("identity provider %s: %s", provider.name, error)
        return _sorry(provider)
    leads_to = session.wanted_page()
    answer = redirect(there, 303)
    told = {**kept, **also, "provider": provider.name, "for": purpose, "next": leads_to}
    cookies.give(answer, COOKIE, _sealer().dumps(told))
    return answer


def _ask(provider: Provider, code: str, kept: dict[str, Any]) -> Vouched | None:
    """Whom the provider means, or None if it is not to be believed."""
    db.session.rollback()
    try:
        token, access_token = client.redeem(
            provider, code=code, back_to=_back_to(provider), verifier=kept["verifier"]
        )
        for anew in (False, True):  # a provider may have a new key since we last asked
            try:
                return read_id_token(
                    token,
                    client.keys_of(provider, anew=anew),
                    provider,
                    nonce=kept["nonce"],
                    access_token=access_token,
                    max_age=0 if kept["for"] == PROVE else None,
                )
            except Unbelievable as error:
                log.warning("identity provider %s: %s", provider.name, error)
    except client.NotThere as error:
        log.warning("identity provider %s: %s", provider.name, error)
    return None


def _let_in(provider: Provider, who: Vouched, kept: dict[str, Any]) -> Response:
    purpose = kept["for"]
    if purpose == INVITED:
        return _accept(provider, who, kept["token"])
    if purpose in {LINK, PROVE}:
        here = session.here()
        if purpose == PROVE:
            return _prove(provider, who)
        if kept.get("user") != str(here.user_id):  # somebody else has sat down meanwhile
            return _sorry(provider)
        with saving() as work:
            work.leads_to(url_for("own_account.account"))
            linking.link(here.user, who, by=current())
        return work.redirect(_("You can now sign in with %(name)s.", name=provider.label))
    user = linking.find_user(who)
    if user is None:
        flash(
            _(
                "We do not know you from %(name)s yet. Sign in here once, then link the two on "
                "your account page.",
                name=provider.label,
            ),
            "problem",
        )
        return redirect(url_for("accounts.sign_in"), 303)
    return _begin(provider, user, who, kept["next"])


def _accept(provider: Provider, who: Vouched, token: str) -> Response:
    """Somebody invited signs in there instead of choosing a password."""
    invitation = links.unseal(resetting.CHOOSE_PASSWORD, token)
    user = resetting.user_of(invitation)
    with saving():
        links.use(invitation)
        linking.link(user, who, by=Actor.of_user(user.id))
    return _begin(provider, user, who, "")


def _prove(provider: Provider, who: Vouched) -> Response:
    here = session.here()
    user = linking.find_user(who)
    if user is None or user.id != here.user_id:
        return _sorry(provider)
    with saving() as work:
        work.leads_to(_kept().get("next") or url_for("own_account.account"))
        token = sessions.note_proved(here, here.proof)
    return session.give_cookie(work.redirect(), token)


def _begin(provider: Provider, user: User, who: Vouched, leads_to: str) -> Response:
    leads_to = leads_to if site.is_ours(leads_to) else url_for("accounts.desk")
    whole = provider.two_steps or not factors.factors_of(user).has_any
    return session.begin(
        user,
        Proof.OUTSIDE if provider.two_steps else Proof.PASSWORD,
        whole=whole,
        leads_to=leads_to if whole else url_for("second_step.enter", next=leads_to),
        outside=(provider.name, who.session),
    )


def _sorry(provider: Provider) -> Response:
    words = _("Signing in with %(name)s did not work. Try again.", name=provider.label)
    flash(words, "problem")
    return redirect(url_for("accounts.sign_in"), 303)


def _provider(name: str) -> Provider:
    found = session.providers().get(name)
    if found is None:
        raise NotFound
    return found


def _back_to(provider: Provider) -> str:
    return site.address(url_for("outside.back", name=provider.name))


def _kept() -> dict[str, Any]:
    try:
        kept: dict[str, Any] = _sealer().loads(cookies.given(COOKIE), max_age=LASTS_SECONDS)
    except BadSignature:
        return {}
    return kept


def _sealer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="outside")
