"""Tools: gathers the words to translate, brings the catalogues up to date and compiles them.

Run as `python -m tools.translations`; docs/languages.md says what to do with what it leaves empty.
"""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from core.languages import LANGUAGES, TRANSLATIONS

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(TRANSLATIONS)
KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy": None,
    "marked": None,
    "ngettext": (1, 2),
}
DATED = datetime(2026, 1, 1, tzinfo=UTC)
"""The same at every run, so that a catalogue changes only when its words do."""


def gathered() -> Catalog:
    """All the words there are to translate, and the files they stand in."""
    with (FOLDER / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    words = Catalog(project="Kith", charset="utf-8", creation_date=DATED, revision_date=DATED)
    words.header_comment = "# What there is to translate. Written by `make translations`."
    for name, _line, message, comments, context in extract_from_dir(
        ROOT, methods, options, keywords=KEYWORDS
    ):
        words.add(message, None, [(name, 0)], auto_comments=comments, context=context)
    return words


def catalogue(code: str) -> Path:
    """The file that holds a language."""
    return FOLDER / code / "LC_MESSAGES" / "messages.po"


def read(path: Path) -> Catalog:
    """A catalogue as it stands."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name if path.suffix == ".po" else None)


def compiled(words: Catalog) -> bytes:
    """A catalogue as the site reads it."""
    made = BytesIO()
    write_mo(made, words)
    return made.getvalue()


def main() -> None:
    """Gather, bring up to date, compile."""
    words = gathered()
    _write(FOLDER / "messages.pot", words)
    for code in LANGUAGES:
        path = catalogue(code)
        if not path.exists():
            continue
        translated = read(path)
        translated.update(words, no_fuzzy_matching=True)
        translated.obsolete.clear()
        _write(path, translated)
        translated = read(path)  # as a later run finds it, with all the plurals of the language
        path.with_suffix(".mo").write_bytes(compiled(translated))
        done = sum(is_translated(message) for message in translated if message.id)
        print(f"{code}: {done} of {len(translated)} messages translated")


def is_translated(message: Message) -> bool:
    """Whether it is said in that language, in all of its numbers."""
    return all([message.string] if isinstance(message.string, str) else message.string or [""])


def _write(path: Path, words: Catalog) -> None:
    with path.open("wb") as file:
        write_po(file, words, width=100, include_lineno=False, sort_output=True)


if __name__ == "__main__":
    main()
