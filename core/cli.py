"""Ground floor: the commands that any service has."""

import click
from flask import Flask

from core import work


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(run_work)


@click.command("work")
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
def run_work(*, once: bool) -> None:
    """Send letters, keep the search index true, remind: until stopped."""
    if once:
        click.echo(f"{work.run_until_empty()} done")
    else:
        work.run_forever()
