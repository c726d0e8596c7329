"""Accounts: which identity providers this deployment trusts, and what it asks of each."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.settings import BadSettings

SIGNED_WITH = {"RS256", "RS512", "PS256", "ES256"}
LOOPBACK = {"127.0.0.1", "localhost"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One identity provider, as a `[[provider]]` of the file says (docs/signing-in.md).

    `demands` are claims of which one of the named values must be given; `asks` is sent along.
    """

    name: str
    label: str
    issuer: str
    client_id: str
    signed_with: str = "RS256"
    key_file: str = ""
    secret_file: str = ""
    scope: str = "openid"
    asks: Mapping[str, str] = field(default_factory=dict)
    demands: Mapping[str, list[str]] = field(default_factory=dict)
    max_age: int = 0
    two_steps: bool = False
    folder: Path = Path()

    @property
    def by_key(self) -> bool:
        """Whether we show who we are by signing (private_key_jwt), not by a secret."""
        return bool(self.key_file)

    def credential(self) -> str:
        """Our key or our secret, read anew each time so that it can be changed while running."""
        return (self.folder / (self.key_file or self.secret_file)).read_text("utf-8").strip()


def read(path: str) -> dict[str, Provider]:
    """The providers of a file, by name; BadSettings says what is wrong with it."""
    if not path:
        return {}
    file = Path(path).resolve()
    try:
        told = tomllib.loads(file.read_text("utf-8")).get("provider", [])
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BadSettings(f"IDENTITY_PROVIDERS cannot be read: {error}") from error
    found = [_provider(each, file.parent) for each in told]
    return {each.name: each for each in found}


def _provider(told: dict[str, Any], folder: Path) -> Provider:
    known = {each.name for each in fields(Provider)} - {"folder"}
    if strange := sorted(set(told) - known):
        raise BadSettings(f"IDENTITY_PROVIDERS: nothing is known of {strange[0]!r}.")
    if missing := {"name", "label", "issuer", "client_id"} - set(told):
        raise BadSettings(f"IDENTITY_PROVIDERS: each provider needs {sorted(missing)[0]!r}.")
    provider = Provider(**told, folder=folder)
    where = urlsplit(provider.issuer)
    troubles = {
        "name must be of small letters, figures and dashes": not _is_plain(provider.name),
        "issuer must begin with https://": where.scheme != "https"
        and where.hostname not in LOOPBACK,
        f"signed_with must be one of {sorted(SIGNED_WITH)}": provider.signed_with
        not in SIGNED_WITH,
        "give either key_file or secret_file": bool(provider.key_file)
        is bool(provider.secret_file),
    }
    for trouble, is_so in troubles.items():
        if is_so:
            raise BadSettings(f"IDENTITY_PROVIDERS: {provider.name}: {trouble}.")
    return provider


def _is_plain(name: str) -> bool:
    return name.isascii() and name.replace("-", "").isalnum() and name.islower()
