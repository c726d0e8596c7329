"""The demo's commands: fill a database with it, and run it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import flask_migrate
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from accounts import User
from core import site
from core.db import db
from core.serve import serve
from core.settings import Settings, in_force
from demo import cast, scale, seed
from directory.models import SharedList
from directory.places import load_places

demo_commands = click.Group("demo", help="Invented people and groups in real places.")


@demo_commands.command("load")
@click.option("--scale", "size", type=click.Choice([*scale.SIZES]), help="A whole county besides.")
@with_appcontext
def load(size: str | None) -> None:
    """Fill an empty, migrated database with the demo."""
    if not _is_empty():
        click.echo("There are people in this database already; the demo is for an empty one.")
        return
    with _progress(*seed.TAKES_A_WHILE, *(scale.TAKES_A_WHILE if size else ())) as progress:
        counts = seed.load(progress)
        if size:
            counts |= scale.load(scale.SIZES[size], progress)
    click.echo(", ".join(f"{count:,} {what}" for what, count in counts.items()))
    if size:
        click.echo(f"In the county the password is “{cast.PASSWORD}” too; sign in for instance as")
        for email in scale.SIGN_IN_AS:
            click.echo(f"  {email}")


@demo_commands.command("run")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.pass_context
@with_appcontext
def run(ctx: click.Context, host: str, port: int) -> None:
    """Migrate, fill and index if need be, then serve the pages and run the background loop."""
    os.environ.setdefault("BASE_URL", f"http://{host}:{port}")
    site.set_up(Settings.from_env())  # the links in the demo's letters lead to this very port
    flask_migrate.upgrade()
    if _is_empty():
        click.echo("Filling the demo. This takes half a minute, once.")
        ctx.invoke(load)
    load_places()  # read once, and shared by every process forked from here
    shared = db.session.scalars(select(SharedList.code).limit(1)).all()
    db.session.remove()
    db.engine.dispose()
    click.echo(f"\nKith is at http://{host}:{port}\n")
    click.echo(f"Sign in at http://{host}:{port}/sign-in with the password “{cast.PASSWORD}” as")
    for person in cast.CAST:
        click.echo(f"  {person.email:<44} {person.name}, {person.job}")
    for code in shared:
        click.echo(f"\nA shortlist that somebody shared is at http://{host}:{port}/l/{code}")
    click.echo(f"\nData is in {Path(current_app.instance_path)}. Stop with Ctrl+C.\n")
    sys.stdout.flush()
    sys.exit(serve(host, port, in_force()))


def _is_empty() -> bool:
    return db.session.scalar(select(User.id).limit(1)) is None


@contextmanager
def _progress(*takes_a_while: str) -> Iterator[seed.Progress]:
    """A bar for each thing that takes a while, where somebody is looking; else nothing."""
    if not sys.stdout.isatty():
        yield seed.in_silence
        return
    from rich.progress import Progress  # slow to import, and most commands have no use for it

    with Progress() as bars:
        tasks = {what: bars.add_task(what.capitalize(), total=None) for what in takes_a_while}
        yield lambda what, done, of: bars.update(tasks[what], completed=done, total=of)
