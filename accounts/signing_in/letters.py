"""Accounts: the words of letters about somebody's own account. No facts, and no links but one.

What tells of trouble has no link at all: people are taught not to press links in such letters.
"""

from datetime import datetime

from accounts.models import Organisation, User
from core import clock, site
from core.outbox import Draft
from core.templating import day, on_the_clock

KIND = "account"

PASSWORD_CHANGED = "Your password was changed"  # noqa: S105 - words of a letter
APP_SET_UP = "An authenticator app was set up"
APP_REMOVED = "The authenticator app was removed"
PASSKEY_ADDED = "A passkey was added"
PASSKEY_REMOVED = "A passkey was removed"
CODE_USED = "One of your codes on paper was used"
RESET = "Somebody who keeps accounts took away your second step; you will be asked for a new one"
OUTSIDE_LINKED = "Another way to sign in was linked to your account"


def shut_for_a_while(user: User, at: datetime) -> Draft:
    """Somebody was wrong too often: the account rests for a quarter of an hour."""
    return _draft(
        user,
        f"shut {clock.local_date(at)}",  # once a day will do
        f"Too many tries to sign in to {site.name()}",
        "Somebody tried to sign in as you and was wrong ten times. "
        "Nobody can sign in to your account for 15 minutes.\n\n"
        "If it was you: wait, then try again, or ask for a new password on the sign-in page.\n"
        "If it was not you: you need do nothing. If it happens again, tell us.",
    )


def invited(user: User, organisation: Organisation, path: str) -> Draft:
    """Somebody was given an account, or something to do in one more organisation."""
    return _draft(
        user,
        f"invited {clock.now().isoformat()}",
        f"You can sign in to {site.name()}",
        f"{organisation.name} has made an account for you. Open this page in the next 7 days:"
        f"\n\n{site.address(path)}\n\n"
        "The link works once. If you do not know why you got this, do nothing.",
    )


def way_back_in(user: User, path: str, occasion: str) -> Draft:
    """A key to choose a new password with."""
    return _draft(
        user,
        f"new password {occasion}",
        f"Choose a new password for {site.name()}",
        "You, or somebody else, asked for a new password. To choose one, open this page in the "
        f"next 30 minutes:\n\n{site.address(path)}\n\n"
        "If you did not ask, do nothing: your password stays as it is.",
    )


def changed(user: User, what: str, at: datetime) -> Draft:
    """How somebody signs in has changed."""
    return _draft(
        user,
        f"changed {at.isoformat()}",
        f"How you sign in to {site.name()} has changed",
        f"{what}, on {day(at)} at {on_the_clock(at)}.\n\n"
        "If it was not you, or you did not ask for it, tell your administrator at once, "
        "or ring the number on the site.",
    )


def _draft(user: User, occasion: str, subject: str, words: str) -> Draft:
    about = f"user:{user.id}"
    return Draft(
        kind=KIND,
        about=about,
        same_as=f"{about} {occasion}",
        to_address=user.email,
        to_name=user.name,
        subject=subject,
        body=f"Hello {user.name},\n\n{words}\n",
    )
