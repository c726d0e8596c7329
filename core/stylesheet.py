"""Ground floor: our stylesheets and this deployment's colours, served as two files.

The first is all that the pages most people open need; the second is for the desks, and for the
forms and lists beside them. A page that does without it says so: {% block desk_look %}.
"""

import hashlib
from pathlib import Path

from flask import Flask, Response, request, url_for

from core.access import open_to_all
from core.settings import Settings

# In this order; what is for paper comes last of all.
FOR_ALL = (
    "base",
    "frame",
    "find",
    "found",
    "home",
    "cards",
    "shortlist",
    "activity",
    "map",
    "group",
    "adding",
    "print",
)
FOR_DESKS = ("desk", "day", "person", "story", "gp", "charts", "cast", "account", "print")
SHEETS = tuple(dict.fromkeys((*FOR_ALL, *FOR_DESKS)))
ON_PAPER = "paper"
"""Leaflets link to this one themselves, and to no other: it is what a PDF is made with."""


def init_app(app: Flask, settings: Settings) -> None:
    """Join the sheets at start; templates link to `stylesheet()` and `stylesheet("desk")`."""
    folder = Path(app.static_folder or "static") / "css"
    theme = app.jinja_env.get_template("house/theme.css.jinja").render(theme=settings.theme)
    files = {"": f"{_joined(folder, FOR_ALL)}\n{theme}", "desk": _joined(folder, FOR_DESKS)}
    version = hashlib.sha256("".join(files.values()).encode()).hexdigest()[:10]

    @open_to_all("it is the look of every page")
    def stylesheet() -> Response:
        return Response(files.get(request.args.get("of", ""), files[""]), mimetype="text/css")

    def address(of: str | None = None) -> str:
        return url_for("stylesheet", of=of, v=version)

    app.add_url_rule("/kith.css", view_func=stylesheet)
    app.jinja_env.globals["stylesheet"] = address


def _joined(folder: Path, names: tuple[str, ...]) -> str:
    return "\n".join((folder / f"{name}.css").read_text(encoding="utf-8") for name in names)
