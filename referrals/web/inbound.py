"""The door for messages from groups: a provider of text messages, or a mail server, posts here."""

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from core.access import open_to_all
from core.errors import BadInput, NotFound
from core.languages import _
from core.saving import saving
from core.settings import in_force
from referrals.groups.inbox import is_signed, receive
from referrals.models import Told

bp = Blueprint("inbound", __name__, url_prefix="/inbound")

SIGNATURE = "X-Kith-Signature"
KINDS = {"text": Told.TEXT, "email": Told.EMAIL}


@bp.post("/<any(text, email):kind>")
@open_to_all("what comes is signed with a secret that only the provider knows")
def message(kind: str) -> ResponseReturnValue:
    """Take in one message as JSON: id, from and text. A wrong signature finds no page at all."""
    secret = in_force().inbound_secret
    if not is_signed(secret, request.get_data(), request.headers.get(SIGNATURE, "")):
        raise NotFound
    said = request.get_json(silent=True)
    key, sender, words = (_text(said, name) for name in ("id", "from", "text"))
    if not (key and sender):
        raise BadInput(_("A message has an id, a sender and a text."))
    with saving() as work:
        receive(KINDS[kind], f"{kind}:{key}", sender, words)
        return work.answers("", 204)


def _text(said: Any, name: str) -> str:
    found = said.get(name) if isinstance(said, dict) else None
    return found if isinstance(found, str) else ""
