"""Ground floor: the doors. Every route says who may come in; one that says nothing is shut."""

from collections.abc import Callable
from typing import ParamSpec, Protocol, TypeVar

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue

from core import actors
from core.errors import Forbidden, NotFound

P = ParamSpec("P")
R = TypeVar("R")

DOOR = "_kith_door"
ASKS_FOR_PROOF = "_kith_asks_for_proof"


class Door:
    """What a route asks of whoever knocks: a permission, a link, a program's key, or nothing."""

    def __init__(
        self,
        *,
        permissions: tuple[str, ...] = (),
        link: str = "",
        key: str = "",
        why: str = "",
        own: str = "",
        shows: str = "",
    ) -> None:
        self.permissions = permissions
        self.own = own
        self.link = link
        self.key = key
        self.why = why
        self.shows = tuple(shows.split())

    @property
    def is_open(self) -> bool:
        return bool(self.why)

    def __str__(self) -> str:
        if self.permissions:
            return "may " + " or ".join(self.permissions)
        if self.own:
            return f"whoever is signed in: {self.own}"
        if self.key:
            return f"a program with a key: {self.key}"
        return f"a signed link: {self.link}" if self.link else f"everybody: {self.why}"


class SignInFirst(Exception):
    """The door asks for a permission and nobody is signed in."""


def door(*permissions: str, shows: str = "F0") -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Open to those who hold any of the permissions. `shows`: field classes, as "F1 F2"."""
    if not permissions:
        raise ValueError("a door names a permission; open_to_all() says why it needs none")
    return _hang(Door(permissions=permissions, shows=shows))


def own(why: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Open to whoever is signed in, for what is their own, and here is why."""
    return _hang(Door(own=why, shows="F0"))


def by_link(purpose: str, *, shows: str = "F0") -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Open to whoever brings a signed link for this purpose; the view itself unseals it."""
    return _hang(Door(link=purpose, shows=shows))


def by_key(whose: str, *, shows: str = "F0") -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Open to a program that sends its key; its blueprint admits it before any of its views."""
    return _hang(Door(key=whose, shows=shows))


def open_to_all(why: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Open to everybody, and here is why."""
    return _hang(Door(why=why, shows="F0"))


def asks_for_proof(view: Callable[P, R]) -> Callable[P, R]:
    """Have people show again who they are, unless they did a short while ago: for what is
    dangerous if somebody else sits down at their desk."""
    setattr(view, ASKS_FOR_PROOF, True)
    return view


class Lead(Protocol):
    """Says where somebody signed in must go before a door, if anywhere."""

    def __call__(self, *, is_own: bool, asks_for_proof: bool) -> ResponseReturnValue | None: ...


_leads: list[Lead] = []


def lead_first(lead: Lead) -> None:
    """Register who is led elsewhere first. Called once, by the accounts room."""
    _leads[:] = [lead]


def door_of(view: Callable[..., object]) -> Door | None:
    """The door of a view function, if it has one."""
    return getattr(view, DOOR, None)


def init_app(app: Flask) -> None:
    """Put the guard before every request."""
    static = app.view_functions["static"]
    setattr(static, DOOR, Door(why="styles, scripts and icons of every page", shows="F0"))
    app.before_request(_guard)


def _hang(it: Door) -> Callable[[Callable[P, R]], Callable[P, R]]:
    def hang(view: Callable[P, R]) -> Callable[P, R]:
        setattr(view, DOOR, it)
        return view

    return hang


def _guard() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None
    view = current_app.view_functions[request.endpoint]
    found = door_of(view)
    if found is None:
        raise Forbidden("This page is shut: nobody has said who may use it.")
    if found.is_open or found.link or found.key:
        return None
    actor = actors.current()
    if not actor.is_signed_in:
        raise SignInFirst
    if elsewhere := _elsewhere(view, found):
        return elsewhere
    if not found.own and not any(actor.may(permission) for permission in found.permissions):
        raise NotFound
    return None


def _elsewhere(view: Callable[..., object], found: Door) -> ResponseReturnValue | None:
    asked, is_own = hasattr(view, ASKS_FOR_PROOF), bool(found.own)
    found_ways = (lead(is_own=is_own, asks_for_proof=asked) for lead in _leads)
    return next((way for way in found_ways if way), None)
