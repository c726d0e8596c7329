"""The demo: the offices of its large invented county: teams, practices, and who works there."""

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts import Organisation, OrganisationKind, Role, User
from accounts.models import Membership
from core.db import Model
from demo.scale.lot import Lot, new_id
from demo.scale.words import FIRST_NAMES, LAST_NAMES, Town, towns

Rows = defaultdict[type[Model], list[dict[str, Any]]]
"""Rows to be written, a list a table, each table before those that point to it."""

PRACTICES, WORKERS, CLINICIANS = 4, 6, 5
"""Practices and link workers of a team; clinicians of a practice."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who acts, as steps and contacts write it down."""

    id: uuid.UUID
    name: str

    @property
    def ref(self) -> str:
        """How rows speak of them."""
        return f"user:{self.id}"


@dataclass(frozen=True, slots=True)
class Practice:
    """A practice, and who refers there."""

    id: uuid.UUID
    name: str
    clinicians: tuple[Somebody, ...]


@dataclass(frozen=True, slots=True)
class Offered:
    """An activity as a way needs to know it: whose it is, what for, and when."""

    id: uuid.UUID
    group: uuid.UUID
    group_name: str
    needs: tuple[str, ...]
    weekday: int
    starts_at: Any


@dataclass(slots=True)
class Area:
    """Where one team works: its people, its practices, and what is on."""

    number: int
    town: Town
    team: uuid.UUID
    team_name: str
    workers: tuple[Somebody, ...]
    practices: tuple[Practice, ...]
    offers: list[Offered] = field(default_factory=list)


def new_rows() -> Rows:
    """Nothing to be written yet."""
    return defaultdict(list)


def areas(number: int, rows: Rows, lot: Lot, *, password_hash: str, since: datetime) -> list[Area]:
    """So many teams, each with its practices; all that they are goes into `rows`."""
    office = _Office(rows, lot, password_hash, since)
    return [office.area(each) for each in range(1, number + 1)]


class _Office:
    """Enters organisations and people."""

    def __init__(self, rows: Rows, lot: Lot, password_hash: str, since: datetime) -> None:
        self._rows, self._lot = rows, lot
        self._password_hash, self._since = password_hash, since

    def area(self, number: int) -> Area:
        town = towns()[(number - 1) % len(towns())]
        name = f"{town.name} Link Workers {number} (invented)"
        kind = OrganisationKind.LINK_WORKER_TEAM
        team = self._organisation(name, kind, f"team{number}@county.example", None)
        workers = tuple(
            self._user(f"link-worker{each}.team{number}", "Link worker", Role.LINK_WORKER, team)
            for each in range(1, WORKERS + 1)
        )
        self._user(f"lead.team{number}", "Team lead", Role.TEAM_LEAD, team)
        practices = tuple(
            self._practice((number - 1) * PRACTICES + each, town, team)
            for each in range(1, PRACTICES + 1)
        )
        return Area(number, town, team, name, workers, practices)

    def _practice(self, number: int, town: Town, team: uuid.UUID) -> Practice:
        name = f"{town.name} Practice {number} (invented)"
        kind = OrganisationKind.PRACTICE
        practice = self._organisation(name, kind, f"practice{number}@county.example", team)
        clinicians = tuple(
            self._user(f"clinician{each}.practice{number}", "GP", Role.CLINICIAN, practice)
            for each in range(1, CLINICIANS + 1)
        )
        return Practice(practice, name, clinicians)

    def _organisation(
        self, name: str, kind: OrganisationKind, email: str, team: uuid.UUID | None
    ) -> uuid.UUID:
        id_ = new_id(self._lot)
        said = {"id": id_, "kind": kind, "name": name, "email": email, "created_at": self._since}
        self._rows[Organisation].append({**said, "link_worker_team_id": team})
        return id_

    def _user(self, account: str, job: str, role: Role, where: uuid.UUID) -> Somebody:
        lot = self._lot
        name = f"{lot.choice(FIRST_NAMES)} {lot.choice(LAST_NAMES)}"
        who = Somebody(new_id(lot), name)
        said = {"id": who.id, "email": f"{account}@county.example", "name": name, "job": job}
        self._rows[User].append(
            {**said, "password_hash": self._password_hash, "created_at": self._since}
        )
        self._rows[Membership].append(
            {
                "id": new_id(lot),
                "user_id": who.id,
                "organisation_id": where,
                "role": role,
                "since": self._since,
            }
        )
        return who
