"""House: the look keeps its promises of contrast, reading direction, icons and a safe theme."""

import re
from pathlib import Path

import pytest
from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader, StrictUndefined
from jinja2.exceptions import UndefinedError

from core.components import PageComponents
from core.stylesheet import FOR_ALL, ON_PAPER, SHEETS

ROOT = Path(__file__).resolve().parents[2]
CSS = ROOT / "static" / "css"
TEMPLATES = ROOT / "templates"
COLOURS = dict(re.findall(r"--kith-([\w-]+): (#[0-9a-f]{3,6});", (CSS / "base.css").read_text()))

PAIRS = [
    ("#fff", "brand"),
    ("action", "#fff"),
    ("action", "paper"),
    ("action", "tint"),
    ("ink", "accent"),
    ("ink", "tint"),
    ("ink", "paper"),
    ("muted", "paper"),
    ("muted", "surface"),
    ("good", "surface"),
    ("warn", "surface"),
    ("bad", "surface"),
]


def _luminance(colour: str) -> float:
    digits = COLOURS.get(colour, colour).lstrip("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(("words", "ground"), PAIRS)
def test_words_stand_out_from_their_ground(words: str, ground: str) -> None:
    light, dark = sorted((_luminance(words), _luminance(ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_every_sheet_is_served() -> None:
    assert {path.stem for path in CSS.glob("*.css")} == {*SHEETS, ON_PAPER}


@pytest.mark.parametrize("page", ["home", "activities", "activity"])
def test_the_pages_most_people_open_do_without_the_look_of_the_desks(page: str) -> None:
    template = (TEMPLATES / "directory" / f"{page}.html").read_text()
    assert "{% block desk_look %}{% endblock %}" in template
    looks = {name: (CSS / f"{name}.css").read_text() for name in SHEETS}
    ours = "".join(looks[name] for name in FOR_ALL)
    used = {word for each in re.findall(r'class="([^"]*)"', template) for word in each.split()}
    for name in set(SHEETS) - set(FOR_ALL):
        only_there = set(re.findall(r"^\.(k-[\w-]+)", looks[name], re.MULTILINE))
        assert not {word for word in used & only_there if f".{word}" not in ours}, name


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_sheet_reads_in_either_direction(sheet: str) -> None:
    sided = (
        r"(?:margin|padding|border)-(?:left|right)|text-align: (?:left|right)|^\s*(?:left|right):"
    )
    assert re.findall(sided, (CSS / f"{sheet}.css").read_text(), re.MULTILINE) == []


def test_every_icon_a_template_names_exists() -> None:
    drawn = set(re.findall(r'<symbol id="(\w+)"', (ROOT / "static/icons.svg").read_text()))
    named = {
        name
        for path in TEMPLATES.rglob("*.html")
        for name in re.findall(r'\bicon\("(\w+)"', path.read_text())
    }
    assert named <= drawn


@pytest.mark.asvs("1.3.5")
def test_a_theme_lets_colours_through_and_nothing_else() -> None:
    template = _environment().get_template("house/theme.css.jinja")
    css = template.render(
        theme={"brand": "#123456", "accent": "red;}body{display:none", "ink": "#000000"}
    )
    assert re.findall(r"--kith-.*", css) == ["--kith-brand: #123456;"]


def test_a_misspelt_name_in_our_templates_is_an_error() -> None:
    page = _environment({"page": "{{ thing.nmae }}"}).get_template("page")
    with pytest.raises(UndefinedError):
        page.render(thing={"name": "choir"})


def test_page_components_may_be_given_fewer_options_than_they_know() -> None:
    source = (
        '{% from "govuk_frontend_jinja/components/tag/macro.html" import govukTag %}'
        '{{ govukTag({"text": "New <b>"}) }}'
    )
    html = _environment({"page": source}).get_template("page").render()
    assert '<strong class="govuk-tag">' in html
    assert "New &lt;b&gt;" in html


def _environment(pages: dict[str, str] | None = None) -> Environment:
    return Environment(
        loader=ChoiceLoader(
            [DictLoader(pages or {}), FileSystemLoader(TEMPLATES), PageComponents()]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
