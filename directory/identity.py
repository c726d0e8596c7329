"""Directory: the ids under which parts of a listing and words are known, here and everywhere.

They follow from what a thing is, so the same listing has the same parts on another site, and an
integrator who kept an id finds it again after the rows behind it were written anew.
"""

import uuid
from functools import lru_cache
from hashlib import sha1

OURS = uuid.uuid5(uuid.NAMESPACE_DNS, "kith.example")


def part_id(owner: uuid.UUID, what: str, key: object) -> uuid.UUID:
    """The id of a part of a listing, a place or an organisation: its schedule 0, its place 1."""
    return uuid.uuid5(owner, f"{what} {key}")


def part_text(owner: str, what: str, key: object) -> str:
    """The same from text to text: feeds write dozens a listing, and a UUID takes long to make."""
    namespace = bytes.fromhex(owner.replace("-", ""))
    said = sha1(namespace + f"{what} {key}".encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(said[16], 16) & 3]
    return f"{said[:8]}-{said[8:12]}-5{said[13:16]}-{variant}{said[17:20]}-{said[20:32]}"


@lru_cache(maxsize=10_000)
def taxonomy_id(name: str) -> uuid.UUID:
    """The id of a list of words."""
    return uuid.uuid5(OURS, f"taxonomy {name}")


@lru_cache(maxsize=10_000)
def term_id(taxonomy: str, code: str) -> uuid.UUID:
    """The id of one word of a list."""
    return uuid.uuid5(taxonomy_id(taxonomy), code)
