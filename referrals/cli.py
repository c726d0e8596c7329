"""Referrals: its commands: give a practice's own program a key, list them, end them."""

import sys
import uuid
from typing import NoReturn

import click
from flask import Flask
from flask.cli import AppGroup

from core.actors import system
from core.errors import NotFound, Refused
from core.saving import saving
from referrals.clients import add_client, clients, practice_with, revoke_client
from referrals.models import ClientSees

commands = AppGroup("referrals", help="Referrals: who may read them by program.")
client_commands = AppGroup("client", help="Programs of practices, and their keys.")
commands.add_command(client_commands)

BY = system("command")


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(commands)


@client_commands.command("add")
@click.argument("ods_code")
@click.argument("name")
@click.option(
    "--sees",
    type=click.Choice([each.value for each in ClientSees]),
    default=ClientSees.STATUS.value,
    show_default=True,
    help="status: where each referral stands. record: all that the practice's clinicians see.",
)
def add(*, ods_code: str, name: str, sees: str) -> None:
    """Give the program NAME of the practice with ODS_CODE a key. The key is shown once."""
    practice = practice_with(ods_code)
    if practice is None:
        _stop(f"There is no practice with the ODS code {ods_code!r} here.")
    try:
        with saving():
            client, key = add_client(practice, name, ClientSees(sees), by=BY)
            number = client.id
    except Refused as trouble:
        _stop(trouble.reason)
    click.echo(f"{number}\n\nIts key, shown this once:\n\n{key}")


@client_commands.command("list")
def show() -> None:
    """Say which programs there are, and when each was last used."""
    for each in clients():
        used = f"last used {each.last_used_on}" if each.last_used_on else "never used"
        state = "ended" if each.revoked_at else used
        click.echo(f"{each.id}  {each.practice.name}: {each.name} ({each.sees}), {state}")


@client_commands.command("revoke")
@click.argument("client_id", type=click.UUID)
def revoke(*, client_id: uuid.UUID) -> None:
    """End the program with this id: its key opens nothing any more."""
    try:
        with saving():
            name = revoke_client(client_id, by=BY).name
    except NotFound:
        _stop("There is no program with this id.")
    except Refused as trouble:
        _stop(trouble.reason)
    click.echo(f"{name} can read nothing any more.")


def _stop(why: str) -> NoReturn:
    click.echo(why, err=True)
    sys.exit(1)
