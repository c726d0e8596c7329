"""Directory: short addresses for paper and texts: few letters, and none that looks like another."""

import secrets
import uuid

from sqlalchemy import select

from core import site
from core.db import db
from directory.models import Service

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_READ_AS = str.maketrans("oil", "011")
_OF_A_LISTING, _OF_A_LIST = 10, 8
_BITS = 5


def code_of(service_id: uuid.UUID) -> str:
    """The short name of a listing: the beginning of its id, so it is never another's and stays."""
    return _written(service_id.int >> (128 - _OF_A_LISTING * _BITS), _OF_A_LISTING)


def find_slug(code: str) -> str | None:
    """The address of the listing with this short name, or None."""
    code = tidy(code)
    if len(code) != _OF_A_LISTING or not set(code) <= set(_LETTERS):
        return None
    rest = 128 - _OF_A_LISTING * _BITS
    first = sum(_LETTERS.index(letter) << _BITS * at for at, letter in enumerate(code[::-1]))
    span = uuid.UUID(int=first << rest), uuid.UUID(int=(first + 1 << rest) - 1)
    found = db.session.scalars(select(Service.slug).where(Service.id.between(*span)).limit(2)).all()
    return found[0] if len(found) == 1 else None


def short_address(service_id: uuid.UUID) -> str:
    """The whole short address of a listing."""
    return site.address(f"/a/{code_of(service_id)}")


def new_code() -> str:
    """A code for a list that somebody shares. Nobody can guess one."""
    return _written(secrets.randbits(_OF_A_LIST * _BITS), _OF_A_LIST)


def tidy(code: str) -> str:
    """A code as it was meant, however it was typed: an O is a nought, an l is a one."""
    return code.lower().translate(_READ_AS)


def _written(number: int, length: int) -> str:
    return "".join(_LETTERS[number >> _BITS * at & 31] for at in reversed(range(length)))
