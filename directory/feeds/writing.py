"""Directory: how feeds write ids, moments, addresses, and nothing at all."""

from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from directory.cleaning import email_address, web_address

Record = dict[str, Any]


def moment(at: datetime) -> str:
    """A moment as feeds write it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def tidy(said: Record) -> Record:
    """The same without what is not known; what lies deeper is tidied by whoever says it."""
    return {
        name: value
        for name, value in said.items()
        if value or isinstance(value, (int, float))  # nought and "no" are known
    }


def email(address: str) -> str:
    """The address if it is one, else ""."""
    try:
        return email_address(address) if address else ""
    except ValueError:
        return ""


@lru_cache(maxsize=4_096)  # a group's address stands by each of its listings
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
