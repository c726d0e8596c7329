"""Ground floor: who sends something without an account, as a hash that says nothing tomorrow."""

import hmac

from flask import request

from core import clock
from core.settings import in_force


def sender(purpose: str) -> str:
    """The same for one address, one purpose and one day, and of use for nothing else."""
    secret = in_force().secret_key
    key = f"{secret}|{purpose}|{clock.today()}".encode()
    return hmac.new(key, (request.remote_addr or "").encode(), "sha256").hexdigest()
