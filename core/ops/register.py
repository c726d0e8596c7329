"""Ground floor: what modules and rooms hang on `flask ops`: commands, and what must never be."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from flask.cli import AppGroup

ops = AppGroup("ops", help="Keep the site safe: backups, checks, keys.")

Finder = Callable[[], Iterable[str]]


class Where(StrEnum):
    """Where a cross-check can look: in rows alone, so in a restored backup too; or at the site."""

    ROWS = "rows"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """Something that must never be, and how it is found."""

    find: Finder
    where: Where


_cross_checks: dict[str, CrossCheck] = {}


def cross_check(name: str, find: Finder, *, where: Where = Where.ROWS) -> None:
    """Have `flask ops fsck` look for something that must never be; `find` names each of them.

    What is looked for in rows is looked for in every restored backup too.
    """
    _cross_checks[name] = CrossCheck(find, where)


def cross_checks() -> dict[str, CrossCheck]:
    """Everything that is looked for, by name."""
    return dict(_cross_checks)
