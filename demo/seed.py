"""The demo's data: three real places, invented groups, invented people and their referrals.

All of it is one transaction: a load that is interrupted leaves an empty database, not half a demo.
Only a feed that an editor brings in, and the letters to groups, are saved after it.
"""

import tomllib
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from accounts import Organisation, OrganisationKind, User, actor_for
from core import clock
from core.actors import system
from core.db import db
from core.errors import Refused
from core.saving import saving
from demo import clinic, desk, groups, keeping, person, record, rights, towns, trust
from demo import day as working_day
from demo.cast import load_cast
from demo.organisations import load_organisations
from demo.story import Entry, Story, World, deliver
from directory.search import rebuild

DEMO = system("demo")
PEOPLE = Path(__file__).parent / "people"
BEGAN = timedelta(days=500)
"""How long ago the groups, the practices and the cast joined."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""

TAKES_A_WHILE = ACTIVITIES, REFERRALS, INDEX = "activities", "referrals", "search index"


def in_silence(_what: str, _done: int, _of: int) -> None:
    """Nobody is looking."""


def load(progress: Progress = in_silence) -> dict[str, int]:
    """Fill an empty database; returns how many of what. Refused when somebody is in it."""
    if db.session.scalar(select(User.id).limit(1)) is not None:
        raise Refused("There are people in this database already; the demo is for an empty one.")
    organisations: dict[str, Organisation] = {}
    services: dict[str, uuid.UUID] = {}
    with saving() as work:
        with clock.set_to(clock.now() - BEGAN):
            organisations |= load_organisations(by=DEMO)
        _load_towns(organisations, services, progress)
        with clock.set_to(clock.now() - BEGAN):
            users = load_cast(organisations, by=DEMO)
        world = World(users=users, services=services)
        told = _tell_stories(world, progress)
        working_day.fill(world)
        record.fill(world)
        groups.fill()
        clinic.fill(world)
        person.fill(world, organisations)
        trust.fill(world)
        rights.fill(world, organisations)
        _keep_directory(world, organisations)
        work.afterwards.clear()  # the index is built once, below, not listing by listing
    rebuild(lambda done, of: progress(INDEX, done, of))
    brought_in = desk.bring_in_feed(users)
    desk.go_round()
    return {
        "organisations": len(organisations),
        "activities": len(services) + brought_in,
        "people who can sign in": len(users),
        "referrals": told,
    }


def _load_towns(
    organisations: dict[str, Organisation], services: dict[str, uuid.UUID], progress: Progress
) -> None:
    read = [towns.read(path) for path in towns.files()]
    total = sum(len(town["listing"]) for town in read)
    for town in read:
        with clock.set_to(clock.now() - BEGAN):
            organisations |= towns.load_groups(town, by=DEMO)
        for key, service_id in towns.load_listings(town, organisations, by=DEMO):
            services[key] = service_id
            progress(ACTIVITIES, len(services), total)


def _keep_directory(world: World, organisations: Mapping[str, Organisation]) -> None:
    """What groups, visitors and editors did with the listings of late."""
    said, editor = keeping.read(), actor_for(world.users["editor"])
    keeping.keep_listings(said, world)
    groups = [each for each in organisations.values() if each.kind is OrganisationKind.GROUP]
    keeping.say_how_safe(groups[::3], editor=editor)
    keeping.count_visits(world.services[key] for key in said["visited"]["listings"])
    desk.fill(said, world)
    keeping.share_a_list(said["shared"]["listings"], world.services)
    deliver()


def people_files() -> list[Entry]:
    """What the files of people say, one a place."""
    return [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(PEOPLE.iterdir())]


def _tell_stories(world: World, progress: Progress) -> int:
    stories = [
        Story(entry, world, worker=file["worker"])
        for file in people_files()
        for entry in file["referral"]
    ]
    for number, story in enumerate(stories, start=1):
        story.tell()
        progress(REFERRALS, number, len(stories))
    return len(stories)
