"""Sixteen browsers that ask for page after page: how many came, and how long each took.

They live in one process and keep their connections, so that they take little of the machine from
the server they ask.
"""

import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

CONNECTIONS = 16
AT_MOST_WAITS = 30.0
_CHUNK = 1 << 18
_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


@dataclass
class Seen:
    """Milliseconds of each page, in how many seconds all of them came, and how large they were."""

    took: list[float] = field(default_factory=list)
    seconds: float = 0.0
    bytes: int = 0
    failed: int = 0

    @property
    def per_second(self) -> float:
        """Pages a second."""
        return len(self.took) / self.seconds if self.seconds else 0.0


class _Browser:
    """One connection, with at most one page on its way."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.socket = socket.create_connection(("127.0.0.1", port), AT_MOST_WAITS)
        self._asked_at = 0.0
        self._got = bytearray()

    def ask(self, path: str) -> None:
        """Send for a page."""
        self._got.clear()
        self._asked_at = time.perf_counter()
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())

    def read(self, seen: Seen) -> bool:
        """Take what has come; whether that was the end of the page."""
        came = self.socket.recv(_CHUNK)
        self._got += came
        if came and not self._is_whole():
            return False
        if came and self._got.startswith(b"HTTP/1.1 200"):
            seen.took.append((time.perf_counter() - self._asked_at) * 1000)
            seen.bytes += len(self._got)
        else:
            seen.failed += 1
        if not came or b"connection: close" in self._got[: self._got.find(_END)].lower():
            self.socket.close()
            self.socket = socket.create_connection(("127.0.0.1", self._port), AT_MOST_WAITS)
        return True

    def _is_whole(self) -> bool:
        end = self._got.find(_END)
        if end < 0:
            return False
        head = bytes(self._got[:end]).lower()
        length = head[head.index(_LENGTH) + len(_LENGTH) :].split(b"\r\n")[0]
        return len(self._got) >= end + len(_END) + int(length)


def visit(port: int, paths: Iterator[str], seconds: float) -> Seen:
    """Ask for one of these pages after another, for so long; there must be no end to them."""
    seen = Seen()
    with selectors.DefaultSelector() as selector:
        for _ in range(CONNECTIONS):
            browser = _Browser(port)
            browser.ask(next(paths))
            selector.register(browser.socket, selectors.EVENT_READ, browser)
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            for key, _ in selector.select(AT_MOST_WAITS):
                browser = key.data
                if browser.read(seen):
                    if browser.socket is not key.fileobj:
                        selector.unregister(key.fileobj)
                        selector.register(browser.socket, selectors.EVENT_READ, browser)
                    browser.ask(next(paths))
        seen.seconds = time.perf_counter() - began
        for key in [*selector.get_map().values()]:
            key.data.socket.close()
    return seen
