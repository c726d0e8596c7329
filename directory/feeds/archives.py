"""Directory: opens an archive from outside only when what is in it is small, plain and ours to see.

What an archive says of itself is checked before anything is unpacked, and again while it is.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO, BinaryIO

from directory.feeds.limits import MOST_FILES, MOST_SQUEEZED, Limits
from directory.feeds.proposals import Unreadable

ENCRYPTED = 0x1
SMALL = 1024 * 1024


def members(file: BinaryIO, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    """What is in an archive, by the names of its files; Unreadable if it is not safe to open."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            found = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
        raise Unreadable("it is an archive that is damaged or cut short") from None
    if len(found) > MOST_FILES:
        raise Unreadable(f"it is an archive of more than {MOST_FILES} files")
    for each in found:
        _check(each)
    if sum(each.file_size for each in found) > limits.most_bytes:
        megabytes = limits.most_bytes // SMALL
        raise Unreadable(f"what is in the archive is larger than {megabytes} MB")
    names = [PurePosixPath(each.filename).name.lower() for each in found]
    if len(set(names)) != len(names):
        raise Unreadable("it is an archive with two files of one name")
    return dict(zip(names, found, strict=True))


@contextmanager
def unpacked(file: BinaryIO, member: zipfile.ZipInfo) -> Iterator[BinaryIO]:
    """One file of an archive, never more of it than the archive said there is."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive, archive.open(member) as opened:
            yield io.BytesIO(_read(opened, member.file_size))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
        raise Unreadable(f"{member.filename} in the archive is damaged") from None


def _read(opened: IO[bytes], most: int) -> bytes:
    read = opened.read(most + 1)
    if len(read) > most:
        raise Unreadable("a file in the archive is larger than the archive says")
    return read


def _check(member: zipfile.ZipInfo) -> None:
    path = PurePosixPath(member.filename)
    if path.is_absolute() or ".." in path.parts or "\\" in member.filename or ":" in path.name:
        raise Unreadable("it is an archive with a file that wants to lie outside of it")
    if member.flag_bits & ENCRYPTED:
        raise Unreadable("it is an archive with a password")
    squeezed = member.file_size / max(member.compress_size, 1)
    if member.file_size > SMALL and squeezed > MOST_SQUEEZED:
        raise Unreadable("a file in the archive would unfold to more than it can honestly hold")
