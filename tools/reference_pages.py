"""Tool for maintainers: the reference pages of settings, and of who may see and do what."""

import tempfile
from dataclasses import MISSING, Field, fields
from typing import Any

from accounts.rules import FIELD_MEANINGS, MAY_JOIN, ROLES
from accounts.rules import Field as Fact
from app import create_app
from core.access import door_of
from core.settings import HERE, Settings

PRINTED = "by `python -m tools.reference_docs`; do not edit it."


def settings() -> str:
    """Every setting, its default and what it is for."""
    rows = [
        f"| `{item.metadata['env']}` | {_default(item)} | {item.metadata['about']} |"
        for item in fields(Settings)
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            f"Printed from `core/settings.py` {PRINTED}",
            "",
            "Environment variables, read once at start. Without any of them Kith runs the demo. In",
            "production it refuses to start with a weak `SECRET_KEY`, without https, or with the",
            "letterbox.",
            "",
            "| name | default | what it is for |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def access() -> str:
    """Roles against kinds of fact, and every route with its door."""
    return "\n".join(
        [
            "# Who may see and do what",
            "",
            f"Printed from `accounts/rules.py` and the routes {PRINTED}",
            "",
            "Every right is narrowed further by the organisation it is held in, the state of the",
            "referral and what the person agreed to. What is not said here is not allowed. What is",
            "not yours looks as if it did not exist.",
            "",
            "## Kinds of fact",
            "",
            *(f"- **{fact}** {FIELD_MEANINGS[fact]}" for fact in Fact),
            "",
            "## Roles",
            "",
            "r: may see. w: may enter or change.",
            "",
            "| role | where | " + " | ".join(Fact) + " | may |",
            "|---|---|" + "---|" * len(Fact) + "---|",
            *_roles(),
            "",
            "## Which organisation has which roles",
            "",
            *(f"- **{kind}**: {', '.join(sorted(roles))}" for kind, roles in MAY_JOIN.items()),
            "",
            "## Doors",
            "",
            "| address | methods | open to | shows |",
            "|---|---|---|---|",
            *_doors(),
            "",
        ]
    )


def _default(item: Field[Any]) -> str:
    value = "" if item.default is MISSING else item.default
    text = str(value).replace(f"{HERE}/", "")
    return f"`{text}`" if text else ""


def _roles() -> list[str]:
    rows = []
    for role, rights in ROLES.items():
        marks = [
            ("r" if fact in rights.reads else "") + ("w" if fact in rights.writes else "") or "–"
            for fact in Fact
        ]
        may = ", ".join(sorted(rights.may)) or "–"
        rows.append(f"| **{role}** {rights.label} | {rights.scope} | {' | '.join(marks)} | {may} |")
    return rows


def _doors() -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings.from_env({"DATA_DIR": folder}))
        rows = []
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
            door = door_of(app.view_functions[rule.endpoint])
            methods = ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
            shows = ", ".join(door.shows) if door else ""
            rows.append(f"| `{rule.rule}` | {methods} | {door} | {shows} |")
        return rows
