"""The catalogues keep up with the words, and say nothing that would break a page."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from core.languages import LANGUAGES
from tests.house.resident_words import MODULES, TEMPLATES
from tools.translations import FOLDER, ROOT, catalogue, compiled, gathered, is_translated, read

CODES = sorted(set(LANGUAGES) - {"en"})
PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%\{(\w+)\}|(\{\})")
TAG = re.compile(r"<[^>]+>")
TRANSLATED = re.compile(
    r"\{#.*?#\}|\{%-?\s*trans\b.*?endtrans\s*-?%\}|<(script|style)\b.*?</\1>", re.DOTALL
)
CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
NAMED_IN_CODE = re.compile(r'\b(?:aria-label|title|alt|placeholder)="([^"{]*[A-Za-z][^"{]*)"')
STAYS = (
    "Places and map outlines",
    "k-main--flush",
    "booklet",
    '"hint"',
    '"errorMessage"',
    '"items"',
)
"""What is no words of ours: the credit the licences ask for, names of classes, pieces of code."""

LETTERS = (
    "directory/desk/claims.py",
    "directory/desk/letters.py",
    "directory/editing.py",
    "directory/freshness/letters.py",
    "directory/joining.py",
    "directory/desk/reports.py",
)


@cache
def words() -> Catalog:
    return gathered()


@cache
def translated(code: str) -> Catalog:
    return read(catalogue(code))


def strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def sources(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def said(code: str) -> Iterator[tuple[str, Message]]:
    for message in translated(code):
        if message.id:
            yield from ((each, message) for each in strings(message) if each)


def test_the_list_of_words_is_up_to_date() -> None:
    kept = {str(message.id) for message in read(FOLDER / "messages.pot")}
    assert kept == {str(message.id) for message in words()}, "run make translations"


@pytest.mark.parametrize("code", CODES)
def test_a_catalogue_is_up_to_date_and_compiled(code: str) -> None:
    kept = {str(message.id) for message in translated(code)}
    assert kept == {str(message.id) for message in words()}, "run make translations"
    assert catalogue(code).with_suffix(".mo").read_bytes() == compiled(translated(code))


@pytest.mark.parametrize("code", CODES)
def test_nothing_is_guessed(code: str) -> None:
    assert not [message.id for message in translated(code) if message.id and message.fuzzy]


@pytest.mark.parametrize("code", CODES)
def test_a_translation_keeps_what_is_filled_in(code: str) -> None:
    wrong = [
        (message.id, each)
        for each, message in said(code)
        if set(PLACEHOLDER.findall(each))
        not in [set(PLACEHOLDER.findall(source)) for source in sources(message)]
    ]
    assert not wrong


@pytest.mark.parametrize("code", CODES)
def test_a_translation_keeps_its_tags(code: str) -> None:
    wrong = [
        (message.id, each)
        for each, message in said(code)
        if TAG.findall(each) != TAG.findall(sources(message)[-1])
    ]
    assert not wrong


@pytest.mark.parametrize("code", CODES)
def test_a_translation_can_be_filled_in(code: str) -> None:
    for each, message in said(code):
        if "%(" in sources(message)[-1] or "%%" in sources(message)[-1]:
            assert each % {name: "x" for name, _brace, _bare in PLACEHOLDER.findall(each)}
        else:
            assert "%(" not in each


@pytest.mark.parametrize("code", CODES)
def test_a_resident_meets_nothing_that_is_not_translated(code: str) -> None:
    theirs = {*TEMPLATES, *MODULES}
    met = [each for each in words() if each.id and {at for at, _ in each.locations} & theirs]
    catalog = translated(code)
    assert len(met) > 500
    assert not [
        each.id
        for each in met
        if (found := catalog.get(each.id)) is None or not is_translated(found)
    ]


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_word_of_a_residents_page_is_marked(name: str) -> None:
    assert not list(unmarked((ROOT / name).read_text(encoding="utf-8")))


def unmarked(template: str) -> Iterator[str]:
    """Visible words that stand in a template as they are."""
    template = TRANSLATED.sub(" ", template)
    yield from NAMED_IN_CODE.findall(template)
    text = re.sub(r"<[^>]*>", "\n", CODE.sub(" ", template))
    for line in map(str.strip, text.split("\n")):
        if re.search(r"[A-Za-z]{2}", line) and not line.startswith(STAYS):
            yield line


def test_words_that_were_not_marked_would_be_found() -> None:
    assert list(unmarked("<p>Hello</p>")) == ["Hello"]
    assert list(unmarked('<nav aria-label="Menu">{{ _("Yes") }}</nav>')) == ["Menu"]


@pytest.mark.parametrize("name", LETTERS)
def test_letters_are_written_in_english(name: str) -> None:
    """Whoever presses the button may read Urdu; whoever gets the letter may not."""
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    functions = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)]
    writers = [each for each in functions if makes_a_letter(each) and translates(each)]
    assert writers
    assert not [each.name for each in writers if "in_english" not in ast.dump(each)]


def makes_a_letter(function: ast.FunctionDef) -> bool:
    returned = ast.unparse(function.returns) if function.returns else ""
    return "Draft(" in ast.unparse(function) or returned.endswith("Draft")


def translates(function: ast.FunctionDef) -> bool:
    calls = (each.func for each in ast.walk(function) if isinstance(each, ast.Call))
    return any(isinstance(each, ast.Name) and each.id == "_" for each in calls)


def test_every_module_that_writes_letters_is_looked_at() -> None:
    writing = {
        str(path.relative_to(ROOT))
        for path in Path(ROOT / "directory").rglob("*.py")
        if re.search(r"\bDraft\($", path.read_text(encoding="utf-8"), re.MULTILINE)
        or "return Draft(" in path.read_text(encoding="utf-8")
    }
    assert writing <= set(LETTERS)
