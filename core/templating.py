"""Ground floor: what templates can say: filters, versioned assets, navigation and slots."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, g, render_template, request, url_for
from jinja2 import ChoiceLoader, StrictUndefined
from markupsafe import Markup

from core import actors, clock
from core.components import PageComponents
from core.languages import _, date_words, language, ngettext, translated
from core.saving import new_key
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class NavItem:
    """A link in the navigation of those who hold a permission; words that change are asked for.

    Instead of a permission: "" for who is not signed in, "*" for everybody who is.
    """

    permission: str
    text: str | Callable[[], str]
    endpoint: str
    also: tuple[str, ...] = ()
    order: int = 50
    only_wide: bool = False


_nav: list[NavItem] = []
_slots: dict[str, list[Callable[[Any], Mapping[str, Any] | None]]] = {}


def add_to_nav(
    permission: str,
    text: str | Callable[[], str],
    endpoint: str,
    *also: str,
    order: int = 50,
    only_wide: bool = False,
) -> None:
    """Offer a page in the navigation; `also` names endpoints it is the parent of.

    A lower `order` stands further to the front; somebody's first page is their own desk. Phones
    have room for a few short words: what is `only_wide` is left to the foot of the page there.
    """
    item = NavItem(permission, text, endpoint, also, order, only_wide)
    if item not in _nav:
        _nav.append(item)
        _nav.sort(key=lambda each: each.order)


def fill_slot(slot: str, panel: Callable[[Any], Mapping[str, Any] | None]) -> None:
    """Let an upper room show a panel on a lower room's page.

    `panel(thing)` returns {"template": …, …context} or None for nothing.
    """
    panels = _slots.setdefault(slot, [])
    if panel not in panels:
        panels.append(panel)


def init_app(app: Flask, settings: Settings) -> None:
    """Give templates their tools."""
    env = app.jinja_env
    env.undefined = StrictUndefined
    env.trim_blocks = env.lstrip_blocks = True
    env.loader = ChoiceLoader([app.create_global_jinja_loader(), PageComponents()])
    # One dictionary for all templates: each `{% from %}` of a page compares what is in theirs.
    env.make_globals = lambda own: {**env.globals, **own} if own else env.globals  # type: ignore[method-assign,assignment]
    env.filters.update(
        day=day,
        day_long=day_long,
        month=month,
        clock=on_the_clock,
        miles=miles,
        pounds=pounds,
        ago=ago,
        nhs=nhs,
        phone=phone,
        theirs=theirs,
        translated=translated,
    )
    static = Path(app.static_folder or "static")
    env.globals.update(
        asset=lambda path: _asset(request.script_root, static, path),
        remembered=lambda macro, *said: _remembered(
            macro, said, language().code, clock.today(), request.script_root
        ),
        settings=settings,
        slot=_slot,
        today=clock.today,
    )
    app.context_processor(_about_this_request)


def _about_this_request() -> dict[str, Any]:
    actor = actors.current()
    return {
        "actor": actor,
        "nav": list(_nav_for(actor)),
        "csp_nonce": g.get("csp_nonce", ""),
        "new_key": new_key,
        "may": actor.may,
    }


def _nav_for(actor: actors.Actor) -> list[dict[str, Any]]:
    shown = {item.endpoint: item for item in reversed(_nav) if _is_for(item, actor)}
    return [
        {
            "text": item.text() if callable(item.text) else translated(item.text),
            "href": url_for(item.endpoint),
            "active": request.endpoint in (item.endpoint, *item.also),
            "only_wide": item.only_wide,
        }
        for item in reversed(shown.values())
    ]


def _is_for(item: NavItem, actor: actors.Actor) -> bool:
    if item.permission in {"", "*"}:
        return actor.is_signed_in is (item.permission == "*")
    return actor.may(item.permission)


def first_page(actor: actors.Actor) -> str | None:
    """Where somebody's own work begins: the first page of theirs in the navigation."""
    return next((item["href"] for item in _nav_for(actor)), None)


def _slot(name: str, thing: Any) -> Markup:
    panels = (panel(thing) for panel in _slots.get(name, []))
    pages = (render_template(panel["template"], **panel) for panel in panels if panel)
    return Markup("".join(pages))  # noqa: S704 - Jinja has escaped each panel


@lru_cache(maxsize=2_000)
def _remembered(
    macro: Callable[..., Markup], said: tuple[Any, ...], _code: str, _today: date, _root: str
) -> Markup:
    """What a macro makes of this, if that depends on nothing but this, the language and the day."""
    return macro(*said)


@cache
def _asset(_root: str, static: Path, path: str) -> str:
    """The address of a file, which is the same for as long as nobody moves the site."""
    return url_for("static", filename=path, v=_version(static / path))


@cache
def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else ""


def _date_of(value: date | datetime) -> date:
    return clock.local_date(value) if isinstance(value, datetime) else value


def day(value: date | datetime) -> str:
    """Tue 24 Nov, with the year when it is not this one."""
    when = _date_of(value)
    is_this_year = when.year == clock.today().year
    if language().code != "en":
        return date_words(when, "EEE d MMM" if is_this_year else "EEE d MMM y")
    return f"{when:%a} {when.day} {when:%b}{'' if is_this_year else f' {when.year}'}"


def day_long(value: date | datetime) -> str:
    """Tuesday 24 November 2026."""
    return date_words(_date_of(value), "EEEE d MMMM y")


def month(value: date) -> str:
    """November 2026."""
    return date_words(value, "MMMM y")


def on_the_clock(value: time | datetime) -> str:
    """10am, 11:30am, midday."""
    when = clock.local(value).time() if isinstance(value, datetime) else value
    if (when.hour, when.minute) in {(0, 0), (12, 0)}:
        return _("midday") if when.hour else _("midnight")
    minutes = f":{when.minute:02}" if when.minute else ""
    shown = f"{when.hour % 12 or 12}{minutes}"
    return _("%(time)sam", time=shown) if when.hour < 12 else _("%(time)spm", time=shown)


def miles(value: float) -> str:
    """0.4 miles, 1 mile, 12 miles."""
    if value < 0.1:
        return _("less than 0.1 miles")
    shown = f"{value:.1f}" if value < 10 else f"{value:.0f}"
    shown = shown.removesuffix(".0")
    # Parts of a mile are many, in every language that counts.
    count = int(shown) if shown.isdigit() else 100
    return ngettext("%(n)s mile", "%(n)s miles", count, n=shown)


def pounds(value: Decimal | float | int) -> str:
    """Free, £2, £1.50."""
    amount = Decimal(str(value))
    if amount == 0:
        return _("Free")
    return f"£{amount:.0f}" if amount == amount.to_integral() else f"£{amount:.2f}"


def ago(value: date | datetime) -> str:
    """today, yesterday, 3 days ago, 2 weeks ago, 5 months ago."""
    when = _date_of(value)
    days = max((clock.today() - when) / timedelta(days=1), 0)
    if days < 2:
        return _("yesterday") if days >= 1 else _("today")
    if days >= 365:
        return ngettext("%(num)s year ago", "%(num)s years ago", int(days / 365))
    if days >= 30.5:
        return ngettext("%(num)s month ago", "%(num)s months ago", int(days / 30.5))
    if days >= 14:
        return ngettext("%(num)s week ago", "%(num)s weeks ago", int(days / 7))
    return ngettext("%(num)s day ago", "%(num)s days ago", int(days))


def phone(value: str) -> str:
    """A telephone number whose parts stay in order among words that run right to left."""
    return value.replace(" ", "\N{NO-BREAK SPACE}") if language().direction == "rtl" else value


def theirs(value: str) -> str | Markup:
    """Words of a listing, which are English, set apart on pages that are not."""
    if language().code == "en" or not value:
        return value
    return Markup('<bdi lang="en">{}</bdi>').format(value)


def nhs(value: str) -> str:
    """An NHS number as it is printed, 3-3-4 (NHS Data Dictionary)."""
    return f"{value[:3]} {value[3:6]} {value[6:]}"
