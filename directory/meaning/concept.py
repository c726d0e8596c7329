"""Directory meaning: what a concept is, and the concepts that come with the software."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).parent / "concepts"


@dataclass(frozen=True, slots=True)
class Concept:
    """A need people come with: what listings call it, and what those who have it type.

    `name` stands in lists; `shown_as` ends "Showing …". `kinds` and `needs` are codes of our own
    terms that surely mean it. `words` are what listings say, `phrases` what people say; `near` are
    the concepts that help too, less surely.
    """

    code: str
    name: str
    shown_as: str
    kinds: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    near: tuple[str, ...] = ()


LISTS = ("kinds", "needs", "words", "phrases", "near")


def concept(code: str, said: Mapping[str, Any]) -> Concept:
    """A concept as a file or an editor's change says it."""
    lists = {each: tuple(str(one) for one in said.get(each, ())) for each in LISTS}
    return Concept(code, name=str(said["name"]), shown_as=str(said["shown_as"]), **lists)


def read(folder: Path) -> dict[str, Concept]:
    """The concepts in the files of a folder, by code, in the order of the files."""
    found: dict[str, Concept] = {}
    for path in sorted(folder.glob("*.toml")):
        for said in tomllib.loads(path.read_text(encoding="utf-8")).get("concept", ()):
            if said["code"] in found:
                raise ValueError(f"{path.name}: {said['code']} is there twice")
            found[said["code"]] = concept(said["code"], said)
    return found


@cache
def shipped() -> Mapping[str, Concept]:
    """The concepts that come with the software."""
    return read(SHIPPED)
