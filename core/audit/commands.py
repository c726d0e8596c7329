"""Ground floor: the audit from the command line: is it whole, and let me have it."""

import sys
from datetime import datetime
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

from core import clock
from core.audit import anchors, verify
from core.audit.export import lines
from core.ops import ops
from core.settings import in_force

group = AppGroup("audit", help="Who did and looked at what.")


@ops.command("verify-audit")
@click.option(
    "--anchor",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Compare with this anchor; without, with all in DATA_DIR/anchors.",
)
def verify_audit(files: tuple[Path, ...]) -> None:
    """Read every entry of the audit and say whether anything was changed, added or taken out."""
    settings = in_force()
    known = [anchors.read(path) for path in files] or anchors.kept(settings.data_dir)
    found = verify(known)
    speed = int(found.sealed / found.seconds) if found.seconds else 0
    click.echo(f"{found.sealed} entries in the chain, {found.waiting} waiting for their seal,")
    click.echo(f"compared with {len(known)} anchors, {speed} entries a second.")
    click.echo(f"Newest seal: {found.head}")
    for trouble in found.troubles:
        click.echo(f"WRONG: {trouble}", err=True)
    if not found.is_whole:
        sys.exit(1)
    click.echo("The audit is whole.")


@group.command("export")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on.")
def export(since: datetime | None) -> None:
    """Print the audit as FHIR R4 AuditEvent resources, one a line."""
    for line in lines(since.replace(tzinfo=clock.LONDON) if since else None):
        click.echo(line)


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(group)
