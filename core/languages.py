"""Ground floor: the languages of the pages. Words are marked with `_()`; English is the source.

`_` and `ngettext` answer in the language of the page being made, and in English where there is
none; `lazy` waits until it is printed, for words that stand in a table or a form. Letters are
written `in_english`: who reads one is seldom who pressed the button.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from babel.dates import format_date
from babel.support import NullTranslations
from flask import (
    Blueprint,
    Flask,
    g,
    has_app_context,
    has_request_context,
    redirect,
    request,
)
from flask.typing import ResponseReturnValue
from flask_babel import Babel, force_locale, get_locale, get_translations
from flask_babel.speaklater import LazyString

from core import cookies, site
from core.access import open_to_all
from core.errors import BadInput

__all__ = [
    "LANGUAGES",
    "Language",
    "_",
    "date_words",
    "in_english",
    "init_app",
    "language",
    "lazy",
    "ngettext",
    "translated",
]

COOKIE = "language"
KEPT_FOR = timedelta(days=365)
TRANSLATIONS = str(Path(__file__).resolve().parent.parent / "translations")

bp = Blueprint("languages", __name__)

_KEPT = "spoken"


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


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A language with its catalogue."""

    language: Language
    words: NullTranslations


def _(words: str, /, **said: object) -> str:
    """These words in the language of the page."""
    found: str = _spoken().words.ugettext(words)
    return found % said if said else found


def ngettext(one: str, many: str, num: int, /, **said: object) -> str:
    """Those of these words that go with a number, in the language of the page."""
    found: str = _spoken().words.ungettext(one, many, num)
    return found % {"num": num, **said}


lazy = partial(LazyString, _)


def language() -> Language:
    """The language of the page being made."""
    return _spoken().language


def _spoken() -> _Spoken:
    # Looked for once a page, which says hundreds of words.
    try:
        found: _Spoken | None = g.get(_KEPT)
    except RuntimeError:
        return _looked_up()
    if found is None:
        found = _looked_up()
        setattr(g, _KEPT, found)
    return found


def _looked_up() -> _Spoken:
    code = str(get_locale()).partition("_")[0]
    return _Spoken(LANGUAGES.get(code, LANGUAGES["en"]), get_translations())


def translated(words: object) -> str:
    """Words of a table that were marked where they stand, in the language of the page."""
    text = str(words)
    return _(text) if text else ""  # the empty text stands for the catalogue's own header


def date_words(when: date, pattern: str) -> str:
    """A date by a pattern of Unicode's (UTS 35), in the language of the page."""
    code = language().code
    written: str = format_date(when, pattern, locale="en_GB" if code == "en" else code)
    return written


@contextmanager
def in_english() -> Iterator[None]:
    """What is written in here is English, whatever language the page is in."""
    spoken = g.pop(_KEPT, None) if has_app_context() else None
    try:
        with force_locale("en_GB"):
            yield
    finally:
        if has_app_context():
            g.pop(_KEPT, None)
            if spoken is not None:
                setattr(g, _KEPT, spoken)


@bp.post("/language/<code>")
@open_to_all("anybody may choose a language")
def choose(code: str) -> ResponseReturnValue:
    """Remember which language somebody reads, and lead back to the page ?to= names."""
    if code not in LANGUAGES:
        raise BadInput(_("There are no pages in that language."))
    to = request.args.get("to", "/")
    response = redirect(to if site.is_ours(to) else "/", 303)
    cookies.give(response, COOKIE, code, kept_for=KEPT_FOR)
    return response


def init_app(app: Flask) -> None:
    """Let pages and rooms speak the language that was chosen."""
    Babel(
        app,
        default_locale="en_GB",
        locale_selector=_chosen,
        default_translation_directories=TRANSLATIONS,
    )
    app.register_blueprint(bp)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda words: _spoken().words.ugettext(words),
        ngettext=lambda one, many, num: _spoken().words.ungettext(one, many, num),
        newstyle=True,
    )
    app.jinja_env.globals.update(language=language, languages=tuple(LANGUAGES.values()))


def _chosen() -> str:
    asked = (cookies.given(COOKIE) or "en") if has_request_context() else "en"
    return asked if asked in LANGUAGES and asked != "en" else "en_GB"
