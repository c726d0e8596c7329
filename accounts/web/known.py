"""Accounts on the web: browsers in which somebody signed in before, so that they are let try.

While thieves try an account, or so many that they fill the site, its owner must still get in. A
browser keeps a number drawn by lot and, for each who signed in there, a code over the two: nobody
can make one for an account they were never in. It opens nothing; its tries are counted apart.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta

from werkzeug.wrappers import Response

from core import cookies, keys

COOKIE = "kith_known"
KEPT_FOR = timedelta(days=180)
MOST = 8
"""People who share a browser at a desk; who signed in longest ago is forgotten first."""


def device_of(email: str) -> str:
    """The number of this browser where this account was signed in before, or nothing."""
    number, codes = _kept()
    return number if _code(number, email) in codes else ""


def remember(response: Response, email: str) -> Response:
    """Have the browser keep that this account was signed in here."""
    number, codes = _kept()
    number = number or secrets.token_hex(16)
    mine = _code(number, email)
    held = [mine, *(code for code in codes if code != mine)][:MOST]
    cookies.give(response, COOKIE, ".".join([number, *held]), kept_for=KEPT_FOR)
    return response


def _kept() -> tuple[str, list[str]]:
    number, *codes = cookies.given(COOKIE).split(".")
    return number[:32], codes[:MOST]


def _code(number: str, email: str) -> str:
    said = f"{number}|{email.strip().lower()}".encode("utf-8", "replace")
    return hmac.new(keys.derive("known-device"), said, hashlib.sha256).hexdigest()[:32]
