"""Ground floor: a file that only the holder of the key can read, written and read as a stream.

AES-256-GCM in chunks, under a key of the file's own drawn from the given one. Each chunk's nonce
counts and says whether it is the last, so none can be changed, moved, left out or cut off unseen.
"""

import hashlib
import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.outlasting import settle_folder

MAGIC = b"KITH BACKUP 1\n"
SALT_BYTES = 16
MARK_BYTES = 8
CHUNK_BYTES = 1 << 20
LONGEST_CHUNK = CHUNK_BYTES + 16


class Unreadable(Exception):
    """The file is not what it should be; the message says in which way."""


def write(path: Path, key: bytes, parts: Iterable[bytes]) -> None:
    """Seal what the parts say into a new file, which is on the disk when this returns.

    It appears under its name when it is whole, so that half a backup is never taken for one.
    """
    salt = os.urandom(SALT_BYTES)
    head = MAGIC + salt + _mark_of(key)
    cipher = AESGCM(_own_key(key, salt))
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(head)
            for number, (chunk, is_last) in enumerate(_in_chunks(parts)):
                sealed = cipher.encrypt(_nonce(number, is_last=is_last), chunk, head)
                file.write(struct.pack(">I", len(sealed)) + sealed)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
        settle_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def read(path: Path, key: bytes) -> Iterator[bytes]:
    """What the file holds, piece by piece; Unreadable as soon as anything is not as written."""
    with path.open("rb") as file:
        head = file.read(len(MAGIC) + SALT_BYTES + MARK_BYTES)
        if not head.startswith(MAGIC) or len(head) < len(MAGIC) + SALT_BYTES + MARK_BYTES:
            raise Unreadable("This is not a backup of Kith.")
        if head[-MARK_BYTES:] != _mark_of(key):
            raise Unreadable("This backup was sealed with another key.")
        cipher = AESGCM(_own_key(key, head[len(MAGIC) : -MARK_BYTES]))
        yield from _opened(file, cipher, head)


def _opened(file: BinaryIO, cipher: AESGCM, head: bytes) -> Iterator[bytes]:
    sealed = _next(file)
    number = 0
    while sealed:
        following = _next(file)
        try:
            yield cipher.decrypt(_nonce(number, is_last=not following), sealed, head)
        except InvalidTag:
            raise Unreadable("This backup is damaged or cut short.") from None
        sealed, number = following, number + 1
    if not number:
        raise Unreadable("This backup is damaged or cut short.")


def _next(file: BinaryIO) -> bytes:
    length = file.read(4)
    if not length:
        return b""
    size = struct.unpack(">I", length)[0] if len(length) == 4 else LONGEST_CHUNK + 1
    sealed = file.read(size) if size <= LONGEST_CHUNK else b""
    if len(sealed) != size:
        raise Unreadable("This backup is damaged or cut short.")
    return sealed


def _in_chunks(parts: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The parts in pieces of one size, each with whether it is the last."""
    waiting = bytearray()
    for part in parts:
        waiting += part
        while len(waiting) > CHUNK_BYTES:
            yield bytes(waiting[:CHUNK_BYTES]), False
            del waiting[:CHUNK_BYTES]
    yield bytes(waiting), True


def _nonce(number: int, *, is_last: bool) -> bytes:
    return struct.pack(">IQ", int(is_last), number)


def _own_key(key: bytes, salt: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"kith backup file").derive(key)


def _mark_of(key: bytes) -> bytes:
    """Tells one key from another without telling anything of either."""
    return hashlib.sha256(b"kith backup mark" + key).digest()[:MARK_BYTES]
