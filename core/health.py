"""Ground floor: whether the service is up, and whether it may be sent people, asked by machines.

Neither says what is wrong: `flask ops doctor` does, to whoever runs it.
"""

import logging
import shutil

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from core import keys, sealing
from core.access import open_to_all
from core.db import db
from core.keys import KeyTrouble
from core.ops import doctor
from core.settings import in_force

LEAST_ROOM = 16 << 20
"""Bytes. With less on the disk no saving can be promised."""

log = logging.getLogger(__name__)

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@open_to_all("a load balancer asks, and learns only that we are up")
def healthz() -> ResponseReturnValue:
    """Up, with a database that answers; 503 otherwise (the database's own error page)."""
    db.session.execute(text("SELECT 1"))
    return jsonify(status="ok")


@bp.get("/readyz")
@open_to_all("a load balancer asks, and learns only whether to send people here")
def readyz() -> ResponseReturnValue:
    """Ready: the database answers, its schema is this code's, the key fits, there is room."""
    missing = _missing()
    if missing:
        log.error("not ready: %s", missing)
        return jsonify(status="not ready"), 503
    return jsonify(status="ready")


def _missing() -> str:
    try:
        if not doctor.is_migrated():
            return "the schema is not this code's"
        keys.ring().look_again()
        sealing.key_fits()
    except SQLAlchemyError:
        return "the database does not answer"
    except KeyTrouble:
        return "the key cannot be read, or is another database’s"
    room = shutil.disk_usage(in_force().data_dir).free
    return "" if room > LEAST_ROOM else "the disk is full"
