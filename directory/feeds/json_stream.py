"""Directory: takes the services out of a JSON file one at a time, however large the file is."""

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO, NoReturn

from directory.feeds.limits import LONGEST_RECORD
from directory.feeds.proposals import Unreadable

BLOCK = 1 << 18

_WRAPPERS = ("contents", "content", "items", "results", "services", "data")
_SPACE = re.compile(r"[ \t\n\r]*")
_NEAR_THE_END = 12
"""What is wrong so near the end of what was read may be right once more is read."""


def services(file: BinaryIO) -> Iterator[object]:
    """The raw services in a page, a list, a list of pages, one service alone, or JSON lines."""
    text = _Text(file)
    while True:
        if text.peek() == "[":
            for each in text.items():
                page = _page(each)
                yield from [each] if page is None else page
        else:
            yield from _document(text)
        if not text.peek():
            return
        if text.peek() != "{":
            text.refuse(text.at)


def _document(text: "_Text") -> Iterator[object]:
    """The services in an object, which may itself be the one service."""
    if text.peek() != "{":
        text.value()
        raise Unreadable("there are no services in it")
    said: dict[str, object] = {}
    wraps = False
    for key in text.names():
        if key in _WRAPPERS and not said.keys() & {"id", "name"} and text.peek() == "[":
            wraps = True
            yield from text.items()
        else:
            said[key] = text.value()
    if said.keys() & {"id", "name"} and not wraps:
        yield said
    elif not wraps:
        raise Unreadable("there are no services in it")


def _page(said: object) -> list[object] | None:
    if not isinstance(said, Mapping) or "name" in said:
        return None
    return next((found for key in _WRAPPERS if isinstance(found := said.get(key), list)), None)


class _Text:
    """The text of a file, of which only what is being looked at is held."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        start = file.read(2)
        utf16 = start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        self._decoder = codecs.getincrementaldecoder("utf-16" if utf16 else "utf-8-sig")()
        self._json = json.JSONDecoder(parse_constant=_no_such_number)
        self._bytes = 0
        self._ended = False
        self._lines = self._column = 0
        self.text = self._decoded(start)
        self.at = 0

    def peek(self) -> str:
        """The next mark that is not a space; nothing at the end."""
        while True:
            space = _SPACE.match(self.text, self.at)
            self.at = space.end() if space else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            if not self._more():
                return ""

    def items(self) -> Iterator[object]:
        """The values of the list that begins here, one after another."""
        self._take("[")
        if self.peek() == "]":
            self._take("]")
            return
        while True:
            yield self.value()
            if self.peek() == "]":
                self._take("]")
                return
            self._take(",")

    def names(self) -> Iterator[str]:
        """The keys of the object that begins here; the caller takes each one's value."""
        self._take("{")
        if self.peek() == "}":
            self._take("}")
            return
        while True:
            if self.peek() != '"':
                self.refuse(self.at, cut_short=not self.peek())
            yield str(self.value(then=":"))
            if self.peek() == "}":
                self._take("}")
                return
            self._take(",")

    def value(self, then: str = "") -> object:
        """The value that begins here, and the mark that must follow it."""
        self.peek()
        while True:
            try:
                found, end = self._json.raw_decode(self.text, self.at)
            except RecursionError:
                raise Unreadable("it is nested too deeply") from None
            except json.JSONDecodeError as problem:
                self._grow_or_refuse(problem)
                continue
            except ValueError:  # Python refuses to read a number of more than 4,300 digits
                raise Unreadable("a number in it is too long") from None
            if end == len(self.text) and self._more():
                continue  # a number may go on
            self.at = end
            if then:
                self._take(then)
            return found

    def refuse(self, at: int, *, cut_short: bool = False) -> NoReturn:
        """Say where the file is no longer JSON."""
        line = self._lines + self.text.count("\n", 0, at)
        start = self.text.rfind("\n", 0, at)
        column = at - start if start >= 0 else self._column + at + 1
        ends = " (it ends too soon)" if cut_short else ""
        raise Unreadable(
            f"it is not JSON: something is wrong at line {line + 1}, column {column}{ends}"
        )

    def _take(self, mark: str) -> None:
        found = self.peek()
        if found != mark:
            self.refuse(self.at, cut_short=not found)
        self.at += 1

    def _grow_or_refuse(self, problem: json.JSONDecodeError) -> None:
        unfinished = problem.msg.startswith("Unterminated")
        if not unfinished and problem.pos < len(self.text) - _NEAR_THE_END:
            self.refuse(problem.pos)
        held = len(self.text) - self.at
        if held > LONGEST_RECORD:
            raise Unreadable(f"a record in it is longer than {LONGEST_RECORD:,} characters")
        if not self._more(held):
            short = unfinished or problem.pos >= len(self.text.rstrip())
            self.refuse(problem.pos, cut_short=short)

    def _more(self, least: int = 0) -> bool:
        """Read on, and let go of what has been taken; False at the end."""
        if self._ended:
            return False
        block = self._file.read(max(BLOCK, least))
        self._ended = not block
        taken = self.text[: self.at]
        self._lines += taken.count("\n")
        self._column = (
            len(taken) - taken.rfind("\n") - 1 if "\n" in taken else self._column + len(taken)
        )
        self.text = self.text[self.at :] + self._decoded(block, last=self._ended)
        self.at = 0
        return True

    def _decoded(self, block: bytes, *, last: bool = False) -> str:
        try:
            text = self._decoder.decode(block, last)
        except UnicodeDecodeError as problem:
            at = self._bytes - (len(problem.object) - len(block)) + problem.start + 1
            raise Unreadable(f"it is not UTF-8 text (at byte {at})") from None
        self._bytes += len(block)
        return text


def _no_such_number(word: str) -> NoReturn:
    raise Unreadable(f"it is not JSON: {word} is not a number")
