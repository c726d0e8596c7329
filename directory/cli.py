"""Directory: its commands: bring listings in from a file."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import Progress

from core.actors import system
from core.db import is_empty
from core.saving import saving
from directory.importing import Summary, import_file
from directory.proposals import Unreadable

MOST_SHOWN = 50

commands = AppGroup("directory", help="Activities and services: bring them in, find them.")


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(commands)


@commands.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--source", default="", help="Who publishes it. Without this: the file's name.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def import_listings(*, file: Path, source: str, as_json: bool) -> None:
    """Bring in listings from an Open Referral UK file (JSON) or a sheet (CSV).

    The same file brought in again changes nothing. One that cannot be read changes nothing at all.
    """
    try:
        summary = _bring_in(file, source.strip() or file.stem)
    except (Unreadable, OSError) as trouble:
        _say_error(_why(file, trouble), as_json=as_json)
        sys.exit(1)
    click.echo(json.dumps(asdict(summary)) if as_json else _in_words(summary))


def _bring_in(file: Path, source: str) -> Summary:
    data = file.read_bytes()
    if is_empty():
        raise Unreadable("the database is not set up yet: run `flask db upgrade` first")
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Bringing in listings")

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        with saving():
            return import_file(file.name, data, by=system("import"), source=source, progress=tell)


def _why(file: Path, trouble: Unreadable | OSError) -> str:
    if isinstance(trouble, Unreadable):
        return f"{file.name} was not brought in: {trouble.reason}."
    return f"{file.name} was not brought in: {trouble.strerror or 'it cannot be opened'}."


def _say_error(why: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"error": why}))
    else:
        click.echo(why, err=True)


def _in_words(summary: Summary) -> str:
    did = f"{summary.created} new, {summary.updated} changed, {summary.unchanged} as they were"
    lines = [f"{did}, {summary.rejected} left out."]
    fatal = [problem for problem in summary.problems if problem.fatal]
    notes = [problem for problem in summary.problems if not problem.fatal]
    for title, problems in (("Left out", fatal), ("Worth a look", notes)):
        if problems:
            lines.append(f"\n{title}:")
            lines += [f"  {problem}" for problem in problems[:MOST_SHOWN]]
        if len(problems) > MOST_SHOWN:
            lines.append(f"  and {len(problems) - MOST_SHOWN} more; --json shows them all")
    return "\n".join(lines)
