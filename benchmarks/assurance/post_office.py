"""Benchmarks: a mail server of our own, which writes down what it is given and for whom.

Not a script itself. It is a process, so that whoever sends may be killed at any moment: what it
has answered 250 to stands in its book, and so does what it took while the sender died.
"""

import multiprocessing
import os
import socketserver
from pathlib import Path


class PostOffice:
    """The server and its book: a line for each message, with the recipient and the Message-ID."""

    def __init__(self, folder: Path, *, for_whom: str = "", at: str = "127.0.0.1") -> None:
        self.for_whom = for_whom
        self.book = folder / "book"
        self.book.touch()
        self._server = _Server((at, 0), _Counter)
        self._server.book = os.open(self.book, os.O_WRONLY | os.O_APPEND)
        self.port = int(self._server.server_address[1])
        self._process: multiprocessing.Process | None = None

    def open(self) -> None:
        """Begin to answer."""
        self._process = multiprocessing.get_context("fork").Process(
            target=self._server.serve_forever, daemon=True
        )
        self._process.start()

    def close(self) -> None:
        """End for good."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._server.server_close()

    def delivered(self) -> list[tuple[str, str]]:
        """What was taken for those asked about: recipient and Message-ID, doubles too."""
        lines = (line.partition(" ") for line in self.book.read_text().splitlines())
        return [(to, name) for to, _, name in lines if to.endswith(self.for_whom)]


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64
    book = -1


class _Counter(socketserver.StreamRequestHandler):
    """As much of SMTP as a client of the standard library speaks."""

    def handle(self) -> None:
        to = ""
        self._say("220 ready")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self._say("354 go on")
                self._take(to)
            elif word == b"QUIT":
                self._say("221 goodbye")
                return
            else:
                if word == b"RCPT":
                    to = line.decode().partition("<")[2].partition(">")[0]
                self._say("250 fine")

    def _take(self, to: str) -> None:
        name = ""
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            if line.lower().startswith(b"message-id:"):
                name = line.decode().partition(":")[2].strip()
        if line:
            assert isinstance(self.server, _Server)
            os.write(self.server.book, f"{to} {name}\n".encode())
            self._say("250 taken")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())
