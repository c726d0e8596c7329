"""Ground floor: whether the service is up, asked by machines."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from core.access import open_to_all
from core.db import db

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@open_to_all("a load balancer asks, and learns only that we are up")
def healthz() -> ResponseReturnValue:
    """Up, with a database that answers; 503 otherwise (the database's own error page)."""
    db.session.execute(text("SELECT 1"))
    return jsonify(status="ok")
