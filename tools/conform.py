"""Tool for maintainers: does every page component still print what GOV.UK Frontend says it prints?

    python -m tools.conform [FOLDER OF TARBALLS]

The package ships, for each component, examples with the HTML they must give. Run this whenever the
vendored styles or govuk-frontend-jinja move: the two must move together.
"""

import json
import re
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from core.components import PageComponents
from tools.vendor import PACKAGES, tarball

FIXTURES = re.compile(r"package/dist/govuk/components/[^/]+/fixtures\.json")


class Outline(HTMLParser):
    """What a piece of HTML says, whatever its spacing and order of attributes."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[object] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.append((tag, sorted((name, _plain(value or "")) for name, value in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if words := _plain(data):
            self.parts.append(words)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def examples(archive: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every component's name with each of its examples."""
    with tarfile.open(archive) as files:
        for member in files:
            if FIXTURES.fullmatch(member.name) and (file := files.extractfile(member)):
                fixtures = json.load(file)
                for example in fixtures["fixtures"]:
                    yield fixtures["component"], example


def rendered(env: Environment, component: str, options: dict[str, Any]) -> str:
    """The component as our templates would print it."""
    macro = "govuk" + "".join(word.title() for word in component.split("-"))
    source = (
        f'{{% from "govuk_frontend_jinja/components/{component}/macro.html" import {macro} %}}'
        f"{{{{ {macro}(options) }}}}"
    )
    return env.from_string(source).render(options=options)


def main() -> int:
    env = Environment(loader=PageComponents(), autoescape=True, undefined=StrictUndefined)
    right, wrong = 0, Counter[str]()
    with tempfile.TemporaryDirectory() as empty:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else empty)
        for component, example in examples(tarball(PACKAGES["govuk-frontend"], folder)):
            ours = rendered(env, component, example["options"])
            if Outline(ours).parts == Outline(example["html"]).parts:
                right += 1
            else:
                wrong[component] += 1
    sys.stdout.write(f"{right} identical of {right + wrong.total()}\n")
    for component, number in sorted(wrong.items()):
        sys.stdout.write(f"  {component}: {number} differ\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
