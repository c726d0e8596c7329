"""Tools: finds the words to translate in the directory's own lists, for Babel."""

import tomllib
from collections.abc import Iterator
from typing import Any, BinaryIO

from directory.taxonomy import OWN

Found = tuple[int, str, str, list[str]]


def extract(file: BinaryIO, _keywords: Any, _tags: Any, options: Any) -> Iterator[Found]:  # noqa: ARG001 - Babel names it
    """The names and descriptions of our own words. What others call the same is never shown."""
    read = tomllib.loads(file.read().decode("utf-8"))
    for taxonomy in OWN:
        for term in read[taxonomy]:
            for words in filter(None, (term["name"], term.get("description", ""))):
                yield 1, "", words, []
