"""Referrals on the web: one module for each desk."""

from flask import Flask

from referrals.web import group


def init_app(app: Flask) -> None:
    """Hang the room's desks."""
    app.register_blueprint(group.bp)
