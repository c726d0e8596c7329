"""Ground floor: the commands that any service has."""

import sys

import click
from flask import Flask
from flask.cli import with_appcontext

from core import work
from core.db import db
from core.serve import serve
from core.settings import in_force


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(run_work)
    app.cli.add_command(run_pages)


@click.command("work")
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
def run_work(*, once: bool) -> None:
    """Send letters, keep the search index true, remind: until stopped."""
    if once:
        click.echo(f"{work.run_until_empty()} done")
    else:
        work.run_forever()


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--with-work", is_flag=True, help="Run the background loop too.")
@with_appcontext
def run_pages(host: str, port: int, workers: int, *, with_work: bool) -> None:
    """Serve the pages, and the figures if METRICS_PORT is set: until stopped."""
    db.engine.dispose()
    settings = in_force()
    sys.exit(serve(host, port, settings, workers=workers, with_loop=with_work))
