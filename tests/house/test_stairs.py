"""The house keeps its own rules, those a linter of imports cannot say."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment, meta

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("core", "accounts", "directory", "referrals", "demo")
LONGEST = 400
NETWORK = {"smtplib", "requests", "httpx", "urllib3", "socket", "http", "geopy"}
NETWORK |= {"notifications_python_client", "aiohttp", "ftplib"}
WEB = {"flask", "flask_login", "flask_wtf", "wtforms", "werkzeug"}
NOT_OURS = {"vendor", ".venv", "instance", "versions", "node_modules"}


def files(*endings: str) -> list[Path]:
    found = (path for ending in endings for path in ROOT.rglob(f"*{ending}"))
    return sorted(path for path in found if not NOT_OURS & set(path.relative_to(ROOT).parts))


def modules(*rooms: str) -> list[Path]:
    return [path for path in files(".py") if path.relative_to(ROOT).parts[0] in rooms]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_no_file_is_longer_than_a_person_can_hold_in_mind() -> None:
    every = files(".py", ".html", ".css", ".js")
    long = [path for path in every if path.read_bytes().count(b"\n") > LONGEST]
    assert not [name(path) for path in long]


def test_domain_modules_know_nothing_of_the_web() -> None:
    domain = [
        path
        for path in modules("accounts", "directory", "referrals")
        if not {"web", "cli.py"} & {*path.relative_to(ROOT).parts}
    ]
    assert domain
    assert not [name(path) for path in domain if imported(path) & WEB]


def test_every_module_opens_with_a_sentence() -> None:
    opens = {name(path): ast.get_docstring(tree(path)) or "" for path in modules(*ROOMS)}
    assert not {
        path: sentence
        for path, sentence in opens.items()
        if not sentence.partition("\n")[0].rstrip().endswith((".", ":"))
    }


@pytest.mark.asvs("13.2.4")
def test_nothing_that_waits_for_a_network_is_done_in_a_transaction() -> None:
    """Only letters, the geocoder and feeds on their way in may speak to another machine."""
    allowed = {
        "accounts/oidc/client.py",
        "core/outbox.py",
        "core/texting.py",
        "directory/places.py",
        "directory/addresses.py",
        "directory/feeds/fetching.py",
    }
    asking = {name(path) for path in modules(*ROOMS) if imported(path) & NETWORK}
    assert asking <= allowed


def test_no_folder_hides_a_module_of_the_standard_library() -> None:
    top = {path.name for path in ROOT.iterdir() if path.is_dir()}
    assert not top & sys.stdlib_module_names


def test_only_search_knows_whoosh() -> None:
    users = {name(path) for path in modules(*ROOMS) if "whoosh" in imported(path)}
    only_the_stemmer = {"directory/meaning/folding.py"}
    others = users - only_the_stemmer
    assert all(user.startswith("directory/search/") for user in others), others


def test_rooms_look_down_the_stairs_only() -> None:
    ran = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout


def test_templates_parse_and_use_what_they_import() -> None:
    jinja = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    for path in files(".html"):
        source = path.read_text(encoding="utf-8")
        for template in meta.find_referenced_templates(jinja.parse(source)):
            assert (
                template is None
                or template.startswith("govuk_frontend_jinja/")
                or (ROOT / "templates" / template).is_file()
            ), (name(path), template)
        assert not unused_in(source), name(path)


def unused_in(source: str) -> list[str]:
    """What a template imports and does not use."""
    found = []
    for line in source.splitlines():
        if line.strip().startswith("{% from") and " import " in line:
            names = line.partition(" import ")[2].replace("%}", "").replace("with context", "")
            found += [part.split()[-1] for part in names.split(",") if part.strip()]
    return [each for each in found if source.count(each) <= 1]


@cache
def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found
