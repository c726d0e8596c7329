"""Accounts: the process that hashes passwords, one at a time, and steps back for everything else.

A hash takes 27 to 55 ms of a core and 46 MiB. Made by the workers themselves, a thief's list keeps
the cores from everybody's pages; a thread cannot step back, for it shares the interpreter's lock.
This file is also the program that the process runs: it imports nothing of ours. Passwords go there
and back through pipes, so they stand in no list of processes and in no file.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

STEPS_BACK = 5
"""How nice it is: a quarter of a core is left to it where pages take all there is."""

HASHER = PasswordHasher(memory_cost=46 * 1024, time_cost=1, parallelism=1)


class Apart:
    """The helper of this process; begun when first asked, and anew where it has gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pid = 0
        self._child: subprocess.Popen[bytes] | None = None

    def ask(self, typed: str, kept: str = "") -> str | bool:
        """The hash of what was typed; or whether it is what was hashed."""
        question = json.dumps([typed, kept]).encode() + b"\n"
        with self._lock:
            try:
                return self._asked(question)
            except (OSError, ValueError):  # it was ended from outside: the next one answers
                self.end()
                return self._asked(question)

    def end(self) -> None:
        """Let the helper go: nothing more to read, it ends."""
        child, self._child = self._child, None
        if child is None:
            return
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):  # what was not sent any more is lost
                pipe.close()  # type: ignore[union-attr]
        if self._pid == os.getpid():
            child.kill()
            child.wait()
        else:  # what a fork brought along is the parent's to wait for
            child.returncode = 0

    def _asked(self, question: bytes) -> str | bool:
        if self._pid != os.getpid():
            self.end()
        child = self._child = self._child or self._begin()
        assert child.stdin is not None  # noqa: S101 - both are pipes
        assert child.stdout is not None  # noqa: S101
        child.stdin.write(question)
        child.stdin.flush()
        said: str | bool = json.loads(child.stdout.readline())
        return said

    def _begin(self) -> subprocess.Popen[bytes]:
        self._pid = os.getpid()
        return subprocess.Popen(  # noqa: S603 - our own file
            [sys.executable, "-I", __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )


def answer(typed: str, kept: str) -> str | bool:
    """The hash of what was typed; or whether it is what was hashed."""
    secret = typed.encode("utf-8", "surrogatepass")
    if not kept:
        return HASHER.hash(secret)
    try:
        return HASHER.verify(kept, secret)
    except (VerificationError, InvalidHashError):
        return False


def main() -> None:
    """Answer until the one who asks is gone."""
    with contextlib.suppress(OSError):
        os.nice(STEPS_BACK)
    for question in sys.stdin.buffer:
        sys.stdout.write(json.dumps(answer(*json.loads(question))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
