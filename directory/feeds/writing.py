"""Directory: how feeds write ids, moments, addresses, and nothing at all."""

from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import UUID

from directory.cleaning import email_address, web_address
from directory.identity import part_id

Record = dict[str, Any]
_NOTHING: tuple[Any, ...] = (None, "", [], {})


def moment(at: datetime) -> str:
    """A moment as feeds write it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def tidy(said: Record) -> Record:
    """The same without what is not known."""
    kept = {name: _known(value) for name, value in said.items()}
    return {name: value for name, value in kept.items() if value not in _NOTHING}


def part(owner: UUID, what: str, key: object) -> str:
    """The id of a part of something."""
    return str(part_id(owner, what, key))


def email(address: str) -> str:
    """The address if it is one, else ""."""
    try:
        return email_address(address) if address else ""
    except ValueError:
        return ""


def uri(address: str) -> str:
    """The address in ASCII, as a URI is written; "" for what is none."""
    try:
        parts = urlsplit(web_address(address)) if address else None
        host = parts.netloc.encode("idna").decode("ascii") if parts else ""
    except (ValueError, UnicodeError):
        return ""
    if parts is None:
        return ""
    path, query, fragment = (
        quote(part, safe="/?:@!$&'()*+,;=~-._%")
        for part in (parts.path, parts.query, parts.fragment)
    )
    return urlunsplit((parts.scheme, host, path, query, fragment))


def _known(said: Any) -> Any:
    if isinstance(said, dict):
        return tidy(said)
    return [_known(each) for each in said] if isinstance(said, list) else said
