"""Ground floor: one sealed value: format, generation of its key, nonce, then what is hidden."""

import os
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core import keys

FORMAT = 1
_HEAD = struct.Struct(">BI")
_NONCE = 12
HEAD_LENGTH = _HEAD.size + _NONCE


class Broken(Exception):
    """A sealed value does not open: another key, another row, or it was changed."""


def seal(plain: bytes, *, purpose: str, about: str) -> bytes:
    """Seal under a purpose's key. `about` (`table.column|row id`) is not kept, but must match."""
    return close(AESGCM(keys.derive(purpose)), plain, about, generation=0)


def unseal(sealed: bytes, *, purpose: str, about: str) -> bytes:
    """What was sealed for this purpose and place; Broken if it was not."""
    return open_with(AESGCM(keys.derive(purpose)), sealed, about)


def close(key: AESGCM, plain: bytes, about: str, *, generation: int) -> bytes:
    """Seal under this key, of this generation."""
    nonce = os.urandom(_NONCE)
    head = _HEAD.pack(FORMAT, generation)
    return head + nonce + key.encrypt(nonce, plain, about.encode())


def open_with(key: AESGCM, sealed: bytes, about: str) -> bytes:
    """Open with this key."""
    generation_of(sealed)
    nonce = sealed[_HEAD.size : HEAD_LENGTH]
    try:
        return key.decrypt(nonce, sealed[HEAD_LENGTH:], about.encode())
    except InvalidTag:
        raise Broken(f"what is sealed in {about.partition('|')[0]} does not open") from None


def generation_of(sealed: bytes) -> int:
    """Which generation of its holder's key sealed this."""
    if len(sealed) < HEAD_LENGTH or sealed[0] != FORMAT:
        raise Broken("not a sealed value of a format we know")
    generation: int = _HEAD.unpack_from(sealed)[1]
    return generation
