"""Ground floor: our stylesheets and this deployment's colours, served as one file."""

import hashlib
from pathlib import Path

from flask import Flask, Response, url_for

from core.access import open_to_all
from core.settings import Settings

# In this order; a page needs most of them, and one file is fetched once.
SHEETS = (
    "base",
    "frame",
    "find",
    "found",
    "home",
    "cards",
    "shortlist",
    "activity",
    "map",
    "desk",
    "person",
    "group",
    "story",
    "gp",
    "charts",
    "cast",
    "adding",
    "print",
)


def init_app(app: Flask, settings: Settings) -> None:
    """Join the sheets at start; templates link to `stylesheet()`."""
    folder = Path(app.static_folder or "static") / "css"
    theme = app.jinja_env.get_template("house/theme.css.jinja").render(theme=settings.theme)
    sheets = [(folder / f"{name}.css").read_text(encoding="utf-8") for name in SHEETS]
    css = "\n".join([*sheets, theme])
    version = hashlib.sha256(css.encode()).hexdigest()[:10]

    @open_to_all("it is the look of every page")
    def stylesheet() -> Response:
        return Response(css, mimetype="text/css")

    app.add_url_rule("/kith.css", view_func=stylesheet)
    app.jinja_env.globals["stylesheet"] = lambda: url_for("stylesheet", v=version)
