"""Accounts: its commands: organisations, the people who act for them, and their end.

No password is ever asked for or shown: whoever is added chooses their own, behind a link.
"""

import sys
from typing import NoReturn

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import select

from accounts.leaving import find_user, held_by, leave
from accounts.models import Organisation
from accounts.people import set_up
from accounts.rules import OrganisationKind, Role
from accounts.staff import invite, people_of
from core import site
from core.actors import system
from core.db import db
from core.errors import NotFound, Refused
from core.saving import saving

commands = AppGroup("accounts", help="Organisations, and the people who sign in for them.")

BY = system("command")


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(commands)


@commands.command("add-organisation")
@click.argument("name")
@click.option("--kind", type=click.Choice([each.value for each in OrganisationKind]), required=True)
@click.option("--team", default="", help="Of a practice: its link-worker team, by name.")
def add_organisation(*, name: str, kind: str, team: str) -> None:
    """Enter an organisation."""
    with saving():
        facts = {"link_worker_team_id": _organisation(team).id} if team else {}
        made = set_up(name, OrganisationKind(kind), by=BY, **facts)
        click.echo(f"{made.id}  {made.name}")


@commands.command("add-user")
@click.argument("organisation")
@click.option(
    "--role",
    "roles",
    type=click.Choice([each.value for each in Role]),
    multiple=True,
    required=True,
)
@click.option("--name", prompt="Full name")
@click.option("--email", prompt="Email address")
@click.option("--job", default="", help="Job title.")
def add_user(*, organisation: str, roles: tuple[str, ...], name: str, email: str, job: str) -> None:
    """Add somebody to ORGANISATION. What is not given is asked for, and stays out of the history.

    The link to choose a password is sent to them, and printed.
    """
    try:
        with saving():
            place = _organisation(organisation)
            given = [Role(each) for each in roles]
            _user, path = invite(place, email, name, given, job=job, by=BY)
    except Refused as trouble:
        _stop(str(trouble.reason))
    click.echo(f"They have been written to. Their link, which works once:\n\n{site.address(path)}")


@commands.command("end-user")
@click.argument("organisation")
@click.option("--email", prompt="Email address")
@click.option("--to", default="", help="The address of who takes over the people they look after.")
def end_user(*, organisation: str, email: str, to: str) -> None:
    """Somebody leaves ORGANISATION: they are signed out everywhere, and nothing stays unowned."""
    try:
        with saving():
            place, user = _organisation(organisation), find_user(email)
            held = held_by(user, place)
            leave(user, place, to=find_user(to) if to else None, by=BY)
    except NotFound:
        _stop("There is nobody with this address here.")
    except Refused as trouble:
        _stop(str(trouble.reason))
    click.echo(f"They have left. Handed over: {held}.")


@commands.command("list")
def list_all() -> None:
    """Every organisation whose people sign in, and its people."""
    for place in db.session.scalars(select(Organisation).order_by(Organisation.name)):
        people = people_of(place.id)
        if people:
            click.echo(f"{place.name} ({place.kind})")
        for each in people:
            asleep = ", shut out" if each.is_asleep else ""
            click.echo(f"  {each.user.name} <{each.user.email}>: {', '.join(each.roles)}{asleep}")


def _organisation(name: str) -> Organisation:
    found = db.session.scalars(select(Organisation).where(Organisation.name == name)).all()
    if len(found) != 1:
        _stop(f"There are {len(found)} organisations called {name!r} here.")
    return found[0]


def _stop(trouble: str) -> NoReturn:
    click.echo(trouble, err=True)
    sys.exit(1)
