"""Accounts: the passwords that thieves try first, known without asking anybody outside.

A Bloom filter over 1.4 million passwords of twelve characters and more that were found in leaks
(tools/common_passwords.py makes it). It knows every one of them, and takes about one in ten
thousand others for one too.
"""

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "data" / "common_passwords.bin"
SHORTEST = 12
HASHES = 13


def is_common(password: str) -> bool:
    """Whether this was found in leaks, in whatever letters it is written."""
    bits = _bits()
    size = len(bits) * 8
    return all(bits[at >> 3] >> (at & 7) & 1 for at in places(password.lower(), size))


def places(word: str, size: int) -> Iterator[int]:
    """Where in a filter of so many bits a word leaves its marks."""
    digest = hashlib.sha256(word.encode("utf-8", "replace")).digest()
    first, second = int.from_bytes(digest[:16]), int.from_bytes(digest[16:]) | 1
    return ((first + number * second) % size for number in range(HASHES))


@cache
def _bits() -> bytes:
    return FILE.read_bytes()
