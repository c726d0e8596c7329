"""Ground floor: the root keys, which live in a file beside the database and never in it.

A root key only wraps the data keys in the database (`core.sealing`), so that a new one can take
over while the service runs. Beside the roots the file holds a base, which stays: from it a key is
derived for every purpose that has no holder. A process sees a changed file within a second.
"""

import base64
import json
import os
import secrets
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import click
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, current_app

from core import clock
from core.settings import Settings

LENGTH = 32
ID_LENGTH = 4
LOOK_AGAIN_SECONDS = 1.0
EXTENSION = "kith.keys"


class KeyTrouble(click.ClickException):
    """The root key is missing, unreadable or another database's: Kith does not start."""

    exit_code = 78
    """What sysexits.h calls a mistake in the configuration."""


@dataclass(frozen=True, slots=True)
class Root:
    """One root key; `id` says in the database which one wrapped a data key."""

    id: bytes
    secret: bytes
    made_at: str


@dataclass(frozen=True, slots=True)
class KeyFile:
    """What the key file holds: the roots, newest last (it is the one in use), and the base."""

    base: bytes
    roots: tuple[Root, ...]

    @property
    def newest(self) -> Root:
        return self.roots[-1]


class KeyRing:
    """The keys of this process, read again when their file has changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._derived: dict[str, bytes] = {}
        self._looked_at = 0.0
        self._stamp = (0, 0)
        self._file = self._read()

    def newest(self) -> Root:
        """The root that wraps from now on."""
        if time.monotonic() - self._looked_at > LOOK_AGAIN_SECONDS:
            self.look_again()
        return self._file.newest

    def root(self, key_id: bytes) -> Root:
        """The root of this id, even one put into the file a moment ago; KeyTrouble if none."""
        found = self._find(key_id)
        if found is None:
            self.look_again()
            found = self._find(key_id)
        if found is None:
            raise KeyTrouble(f"The key file {self.path} lacks the root key {key_id.hex()}.")
        return found

    def derive(self, purpose: str) -> bytes:
        """A key for one purpose; the same whichever root is in use."""
        if purpose not in self._derived:
            expand = HKDF(SHA256(), LENGTH, salt=b"kith", info=purpose.encode())
            self._derived[purpose] = expand.derive(self._file.base)
        return self._derived[purpose]

    def look_again(self) -> None:
        """Read the file anew if it is not the one that was read."""
        self._looked_at = time.monotonic()
        if _stamp(self.path) != self._stamp:
            self._file = self._read()
            self._derived.clear()

    def add_root(self) -> Root:
        """Put a new root into the file; from now on it wraps."""
        self.look_again()
        root = _new_root()
        _write(self.path, replace(self._file, roots=(*self._file.roots, root)))
        self.look_again()
        return root

    def forget_roots(self, key_ids: set[bytes]) -> None:
        """Take roots out of the file that wrap nothing any more; the newest always stays."""
        self.look_again()
        left = tuple(
            root
            for root in self._file.roots
            if root.id not in key_ids or root.id == self._file.newest.id
        )
        _write(self.path, replace(self._file, roots=left))
        self.look_again()

    def ids(self) -> list[bytes]:
        """The ids of the roots in the file, oldest first."""
        return [root.id for root in self._file.roots]

    def _find(self, key_id: bytes) -> Root | None:
        return next((root for root in self._file.roots if root.id == key_id), None)

    def _read(self) -> KeyFile:
        self._stamp = _stamp(self.path)
        try:
            held = json.loads(self.path.read_text())
            roots = tuple(
                Root(bytes.fromhex(each["id"]), _bytes(each["key"]), str(each["made_at"]))
                for each in held["roots"]
            )
            read = KeyFile(_bytes(held["base"]), roots)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise KeyTrouble(
                f"The key file {self.path} cannot be read ({type(error).__name__}). "
                "Put back the copy that its custodians keep; see docs/runbooks/keys.md."
            ) from None
        if not roots or any(len(secret) != LENGTH for secret in _secrets(read)):
            raise KeyTrouble(f"The key file {self.path} holds no whole key.")
        return read


def init_app(app: Flask, settings: Settings) -> None:
    """Read the key file; the demo and tests make their own, production refuses to start without."""
    path = path_for(settings)
    if not path.exists():
        if settings.is_production:
            raise KeyTrouble(
                f"There is no key file at {path}, and without its key what is kept about people "
                "cannot be read. Put back the copy that its custodians keep. Only for a new "
                f"database make a new one: `python -m core.keys {path}`."
            )
        make_file(path)
    elif settings.is_production and path.stat().st_mode & 0o077:
        raise KeyTrouble(f"Others can read the key file {path}: `chmod 600 {path}`.")
    app.extensions[EXTENSION] = KeyRing(path)


def path_for(settings: Settings) -> Path:
    """Where the key file is."""
    if settings.key_file:
        return Path(settings.key_file)
    return settings.data_dir / "keys" / "root_key.json"


def ring() -> KeyRing:
    """The keys of the present application."""
    found: KeyRing = current_app.extensions[EXTENSION]
    return found


def derive(purpose: str) -> bytes:
    """32 bytes for one purpose (`audit`, `backup` …), the same for the database's whole life."""
    return ring().derive(purpose)


def make_file(path: Path) -> None:
    """A new key file with one root, for its owner alone; one that is there stays as it is."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{os.getpid()}")
    _save(draft, KeyFile(secrets.token_bytes(LENGTH), (_new_root(),)))
    # A link appears whole or not at all: two first starts at once agree on one key.
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _new_root() -> Root:
    made_at = clock.now().isoformat(timespec="seconds")
    return Root(secrets.token_bytes(ID_LENGTH), secrets.token_bytes(LENGTH), made_at)


def _write(path: Path, held: KeyFile) -> None:
    """Replace the file in one step: no reader ever finds half of it."""
    draft = path.with_suffix(f".{os.getpid()}")
    _save(draft, held)
    os.replace(draft, path)


def _save(path: Path, held: KeyFile) -> None:
    said = {
        "format": 1,
        "base": base64.b64encode(held.base).decode(),
        "roots": [
            {
                "id": root.id.hex(),
                "made_at": root.made_at,
                "key": base64.b64encode(root.secret).decode(),
            }
            for root in held.roots
        ],
    }
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(said, file, indent=1)
        file.flush()
        os.fsync(file.fileno())


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_ino


def _bytes(said: str) -> bytes:
    return base64.b64decode(said, validate=True)


def _secrets(held: KeyFile) -> list[bytes]:
    return [held.base, *(root.secret for root in held.roots)]


if __name__ == "__main__":
    if len(sys.argv) != 2 or Path(sys.argv[1]).exists():
        sys.exit("Say where the new key file is to be; nothing may be there yet.")
    make_file(Path(sys.argv[1]))
