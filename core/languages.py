"""Ground floor: the languages of the pages. Words are marked with `_()`; English is the source.

`_` and `ngettext` answer in the language of the page being made, and in English where there is
none; `lazy` waits until it is printed, for words that stand in a table or a form.
"""

from collections.abc import Callable
from dataclasses import dataclass

import flask_babel
from flask import Flask, has_request_context, request
from flask_babel import Babel, get_locale
from flask_babel import lazy_gettext as lazy

__all__ = ["LANGUAGES", "Language", "_", "init_app", "language", "lazy", "ngettext"]

COOKIE = "language"

_: Callable[..., str] = flask_babel.gettext
ngettext: Callable[..., str] = flask_babel.ngettext


@dataclass(frozen=True, slots=True)
class Language:
    """A language the pages come in; `name` is what its own readers call it."""

    code: str
    name: str
    direction: str = "ltr"


LANGUAGES = {
    "en": Language("en", "English"),
    "cy": Language("cy", "Cymraeg"),
    "ur": Language("ur", "اردو", "rtl"),
}


def language() -> Language:
    """The language of the page being made."""
    return LANGUAGES.get(str(get_locale()).partition("_")[0], LANGUAGES["en"])


def init_app(app: Flask) -> None:
    """Let pages and rooms speak the language that was chosen."""
    Babel(app, default_locale="en_GB", locale_selector=_chosen)
    app.jinja_env.globals["language"] = language


def _chosen() -> str:
    asked = request.cookies.get(COOKIE, "en") if has_request_context() else "en"
    return asked if asked in LANGUAGES and asked != "en" else "en_GB"
