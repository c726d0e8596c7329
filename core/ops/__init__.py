"""Ground floor: what whoever runs the site asks of it, `flask ops …`, and what rooms add to that.

A command of another module hangs itself here with `@ops.command("name")`, within reach of the
application context, and is imported by app.py. A room that knows how its rows ought to agree says
so with `cross_check`; what is found is named by reference only, never by anything about a person.
"""

from flask import Flask

from core.ops import cli, findings, nightly
from core.ops.register import Where, cross_check, ops

__all__ = ["Where", "cli", "cross_check", "init_app", "ops"]


def init_app(app: Flask) -> None:
    """Add the commands, the cross-checks of no room, and the watches."""
    findings.init_app()
    nightly.init_app()
    app.cli.add_command(ops)
