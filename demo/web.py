"""The demo on the web: the letterbox, which shows what would have been sent."""

from flask import Blueprint, Flask, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from core.access import open_to_all
from core.db import db
from core.outbox import Letter
from core.settings import Settings
from demo.cli import demo_commands

PER_PAGE = 100

bp = Blueprint("demo", __name__)


@bp.get("/dev/letters")
@open_to_all("the demo's letters go to invented people; there is no such page outside the demo")
def letters() -> ResponseReturnValue:
    """The newest letters, as their readers would see them."""
    newest = select(Letter).order_by(Letter.written_at.desc(), Letter.id).limit(PER_PAGE)
    return render_template("demo/letters.html", letters=db.session.scalars(newest).all())


def init_app(app: Flask, settings: Settings) -> None:
    """Hang the letterbox where letters are not sent, and add the demo's commands."""
    if settings.is_production:
        return
    app.cli.add_command(demo_commands)
    if settings.transport == "letterbox":
        app.register_blueprint(bp)
