"""Accounts on the web: signing in and out, one's own account, the people of an organisation."""

from datetime import timedelta

from flask import Flask

from accounts import anchoring, leaving
from accounts.rules import May
from accounts.signing_in import passkeys as keys
from accounts.signing_in import sessions, tries
from accounts.web import (
    audit,
    helping,
    outside,
    own,
    passkeys,
    passwords,
    people,
    proving,
    second_step,
    session,
    sign_in,
)
from accounts.web.session import COOKIE
from core import work
from core.marking import marked
from core.settings import Settings
from core.templating import add_to_nav
from core.web import csrf

__all__ = ["COOKIE", "init_app"]

MINE = (sign_in, second_step, passkeys, outside, passwords, proving, own, helping)


def init_app(app: Flask, settings: Settings) -> None:
    """Hang the room's pages, and tell the ground floor how an actor is found."""
    session.init_app(app, settings)
    work.chore("forget wrong tries", timedelta(hours=1), tries.forget_wrong_tries)
    work.chore("forget old sessions", timedelta(days=1), sessions.forget_old_sessions)
    work.chore("forget challenges", timedelta(hours=1), keys.forget_challenges)
    for each in MINE:
        app.register_blueprint(each.bp)
    csrf.exempt(outside.left)  # no browser: the provider signs what it sends
    app.register_blueprint(people.bp)
    app.register_blueprint(audit.bp)
    anchoring.init_app()
    if settings.is_production:  # the invented people of a demonstration never come
        work.chore("suspend the dormant", timedelta(days=1), leaving.suspend_dormant)
    of_people = [name for name in app.view_functions if name.startswith(("people.", "helping."))]
    add_to_nav(May.KEEP_USERS, marked("People"), "people.people", *of_people, order=40)
    add_to_nav(May.REVIEW_ACCESS, marked("Who did what"), "audit.audit_log", order=41)
