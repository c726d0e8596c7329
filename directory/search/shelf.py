"""Directory search: the files of the index: whose they are, whether they are whole, who writes.

`DATA_DIR/index/current` names a generation and every file of it with size and checksum. It is
replaced by a rename, so a reader sees one state or the next. Readers map arrays and need none of
Whoosh's files; who writes does, and Whoosh unpickles what it reads, so nothing is opened that is
not in a folder of ours alone, and as we wrote it. The lock lies beside the folder, not in it:
whoever deletes the folder does not let a second writer in.
"""

import fcntl
import json
import os
import shutil
import stat
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from directory.search.state import is_read

SCHEMA = 6
"""Raised whenever the index is written differently, which makes every site build it anew."""

_CHUNK = 1 << 20
_TRIES = 5

Stamp = tuple[int, int, int]


class Unusable(Exception):
    """There is no index that can be trusted; the message says why, for the log."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One state of the index: its folder, and each file with size and checksum."""

    schema: int
    generation: str
    files: dict[str, tuple[int, int]]


class Shelf:
    """Where the index of one deployment lies."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / "index"
        self._lock = data_dir / "index.lock"
        self._current = self.folder / "current"
        self._whole: dict[str, Stamp] = {}
        self._read: tuple[Stamp, Manifest, Mapping[str, str]] | None = None

    def manifest(self) -> Manifest:
        """The present state, of which every file that is read is there and as it was written."""
        # A file that is cut short while it is mapped would end the process that reads on.
        return self._checked(to_write_on=False)

    def whole(self) -> Manifest:
        """The present state, every file of which is there and as it was written: to write on."""
        return self._checked(to_write_on=True)

    def path(self, manifest: Manifest) -> Path:
        """The folder of a state."""
        return self.folder / manifest.generation

    def publish(self, generation: str, without: frozenset[str] = frozenset()) -> None:
        """Make what lies in a generation's folder the present state, and clear away the rest."""
        with os.scandir(self.folder / generation) as there:
            files = {
                each.name: self._measure(each.path, each.name)
                for each in there
                if each.name not in without and each.is_file()
            }
        draft = self.folder / f"current.{os.getpid()}"
        draft.write_text(json.dumps({"schema": SCHEMA, "generation": generation, "files": files}))
        draft.replace(self._current)
        self.clear(generation, files)

    def clear(self, generation: str, files: dict[str, tuple[int, int]]) -> None:
        """Remove what a dead writer or an earlier state left. For the holder of the lock."""
        for path in self.folder.iterdir():
            if path.name not in {"current", generation}:
                _remove(path)
        folder = self.folder / generation
        for name in os.listdir(folder):
            if name not in files:
                _remove(folder / name)

    def new_generation(self) -> Path:
        """An empty folder to build in, beside the present state."""
        if self.folder.is_symlink() or self.folder.is_file():
            self.folder.unlink()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        return Path(tempfile.mkdtemp(prefix="", dir=self.folder))

    def condemn(self) -> None:
        """Say to every process that the present state is not to be trusted."""
        self._current.unlink(missing_ok=True)

    @contextmanager
    def writing(self, *, wait: bool = False) -> Iterator[bool]:
        """Hold the one lock there is among all processes and threads; False if another does."""
        self._lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            os.close(handle)
            yield False
            return
        try:
            yield True
        finally:
            os.close(handle)

    def _checked(self, *, to_write_on: bool) -> Manifest:
        for _ in range(_TRIES):
            before = self._current_stamp()
            try:
                self._check_owner()
                found, paths = self._read_current()
                for name, path in paths.items():
                    if to_write_on or is_read(name):
                        self._check_file(path, found.files[name])
                return found
            except (OSError, ValueError, TypeError, KeyError) as error:
                trouble = error
            if self._current_stamp() == before:
                break  # else a new state was published while we looked at the old one
        raise Unusable(f"{type(trouble).__name__}: {trouble}") from trouble

    def _current_stamp(self) -> Stamp | None:
        try:
            return _stamp(self._current)
        except OSError:
            return None

    def _check_owner(self) -> None:
        found = self.folder.lstat()
        private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
        if not private or found.st_uid != os.geteuid():
            raise ValueError("the index folder is open to others")

    def _read_current(self) -> tuple[Manifest, Mapping[str, str]]:
        """The present state, and where each file of it lies."""
        stamp = _stamp(self._current)
        if self._read is not None and self._read[0] == stamp:
            return self._read[1:]
        said = json.loads(self._current.read_text())
        if said["schema"] != SCHEMA:
            raise ValueError("the index was written by another version")
        files = {str(name): (int(size), int(sum_)) for name, (size, sum_) in said["files"].items()}
        found = Manifest(SCHEMA, str(said["generation"]), files)
        if any(os.path.basename(name) != name for name in (found.generation, *files)):
            raise ValueError("the index names files elsewhere")
        folder = str(self.path(found))
        paths = {name: os.path.join(folder, name) for name in files}
        kept = set(paths.values())
        self._whole = {path: seen for path, seen in self._whole.items() if path in kept}
        self._read = stamp, found, paths
        return found, paths

    def _check_file(self, path: str, written: tuple[int, int]) -> None:
        # A file is read through once in each process, and again only if somebody touched it.
        seen = _stamp(path)
        if self._whole.get(path) != seen:
            if _measure(Path(path)) != written:
                raise ValueError(f"{Path(path).name} is damaged")
            self._whole[path] = seen

    def _measure(self, path: str, name: str) -> tuple[int, int]:
        known = self._read[1].files.get(name) if self._read else None
        return known if known and self._whole.get(path) == _stamp(path) else _measure(Path(path))


def _stamp(path: Path | str) -> Stamp:
    found = os.stat(path)  # asked for every file at every search
    return found.st_mtime_ns, found.st_size, found.st_ino


def _measure(path: Path) -> tuple[int, int]:
    size = checksum = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            size, checksum = size + len(chunk), zlib.crc32(chunk, checksum)
    return size, checksum


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
