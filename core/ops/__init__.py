"""Ground floor: what whoever runs the site asks of it, `flask ops …`, and what rooms add to that.

A command of another module hangs itself here with `@ops.command("name")`, within reach of the
application context, and is imported by app.py. A room that knows how its rows ought to agree says
so with `cross_check`; what is found is named by reference only, never by anything about a person.
"""

from collections.abc import Callable, Iterable

from flask import Flask
from flask.cli import AppGroup

ops = AppGroup("ops", help="Keep the site safe: backups, checks, keys.")

Finder = Callable[[], Iterable[str]]
_cross_checks: dict[str, Finder] = {}


def cross_check(name: str, find: Finder) -> None:
    """Have `flask ops fsck` look for something that must never be; `find` names each of them."""
    _cross_checks[name] = find


def cross_checks() -> dict[str, Finder]:
    """Everything that is looked for, by name."""
    return dict(_cross_checks)


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(ops)
