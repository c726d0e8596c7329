"""Ground floor: the commands of whoever runs the site: back up, restore, try out, check."""

import sys
from pathlib import Path

import click

from core import clock, outlasting
from core.ops import backups, doctor, findings
from core.ops.container import Unreadable
from core.ops.copying import CannotCopy
from core.ops.register import ops
from core.saving import saving
from core.settings import in_force

A_FILE = click.Path(dir_okay=False, path_type=Path)
A_FOLDER = click.Path(file_okay=False, path_type=Path)


@ops.command("backup")
@click.argument("file", type=A_FILE, required=False)
@click.option("--to", "folder", type=A_FOLDER, help="A folder; the file is named by the time.")
def back_up(file: Path | None, folder: Path | None) -> None:
    """Back up the database into a sealed FILE, while the site runs."""
    place = folder or (Path(in_force().backup_dir) if in_force().backup_dir else None)
    to = file or (place / backups.name_of(clock.now()) if place else None)
    if to is None:
        raise click.UsageError("Say into which file, or --to which folder, or set BACKUP_DIR.")
    try:
        manifest = backups.make(to, in_force())
    except CannotCopy as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{to}: {_said(manifest)}. The keys are not in it; keep them elsewhere.")


@ops.command("restore")
@click.argument("file", type=A_FILE)
def restore(file: Path) -> None:
    """Restore FILE into the site's database, which must be empty."""
    try:
        settings = in_force()
        # Whoever restores owns the tables, as whoever migrates does.
        url = settings.migration_database_url or settings.database_url
        manifest = backups.restore(file, url, settings)
    except (CannotCopy, Unreadable, FileNotFoundError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Restored and counted: {_said(manifest)}.")
    click.echo("Next: `flask db upgrade`, `flask ops repeat`, `flask directory reindex`,")
    click.echo("`flask ops fsck`, `flask ops doctor`.")


@ops.command("repeat")
@click.option("--in-doubt", is_flag=True, help="Also what was begun and perhaps never done.")
def repeat(*, in_doubt: bool) -> None:
    """After a restore: forget again who was forgotten, and take back again what was taken back."""
    doubted = outlasting.in_doubt()
    for act, again in outlasting.repeats().items():
        keys = outlasting.to_repeat(act)
        if in_doubt:
            keys += [each.key for each in doubted if each.act is act]
        done = 0
        for key in dict.fromkeys(keys):
            with saving():
                done += again(key)
        click.echo(f"{act}: {len(keys)} written down, {done} done again.")
    if doubted and not in_doubt:
        click.echo(
            "Begun and perhaps never done; look at each, then `flask ops repeat --in-doubt`:"
        )
        for each in doubted:
            click.echo(f"  {each.at:%Y-%m-%d %H:%M} {each.act} {each.key}")


@ops.command("verify")
@click.argument("file", type=A_FILE, required=False)
def verify(file: Path | None) -> None:
    """Try a backup out beside the database: restore, count, check. Without FILE, the newest."""
    kept = [file] if file else backups.kept_in(Path(in_force().backup_dir or "."))
    if not kept:
        raise click.UsageError("Say which file; there is none in BACKUP_DIR.")
    try:
        manifest, wrong = backups.verify(kept[-1], in_force())
    except (CannotCopy, Unreadable, FileNotFoundError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{kept[-1]}: {_said(manifest)}.")
    _tell(wrong, well="Restored, counted and checked: nothing is wrong with it.")


@ops.command("fsck")
def fsck() -> None:
    """Look for what must never be: orphans, late letters, cases nobody has, and the like."""
    _tell(
        findings.all_of(findings.IN_ROWS) + findings.all_of(findings.ON_THE_SITE),
        well=f"{findings.how_many()} cross-checks: nothing found.",
    )


@ops.command("doctor")
def examine() -> None:
    """Say in plain words what this deployment suffers from."""
    signs = doctor.examine(in_force())
    for sign in signs:
        click.echo(f"{'well ' if sign.well else 'WRONG'}  {sign.words}")
    wrong = sum(not sign.well for sign in signs)
    click.echo("Nothing to be done." if not wrong else f"{wrong} to be put right.")
    sys.exit(1 if wrong else 0)


def _said(manifest: backups.Manifest) -> str:
    tables = sum(1 for count in manifest.rows.values() if count)
    return f"{manifest.engine} of {manifest.made_at}, {manifest.total:,} rows in {tables} tables"


def _tell(wrong: list[str], *, well: str) -> None:
    for each in wrong:
        click.echo(f"WRONG  {each}")
    if not wrong:
        click.echo(well)
    sys.exit(1 if wrong else 0)
