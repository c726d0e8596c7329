"""Accounts: asks identity providers: where things are, which keys are theirs, what a code is for.

The one module of this room that speaks to another machine, and never within a transaction.
"""

import json
import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from accounts.oidc.providers import Provider
from core import clock

SECONDS = 10
LARGEST = 500_000
KEPT_FOR = timedelta(hours=1)
AGAIN_AFTER = timedelta(minutes=1)

log = logging.getLogger(__name__)


class NotThere(Exception):
    """The identity provider does not answer, or not as it should."""


@dataclass(slots=True)
class Known:
    """What a provider publishes about itself."""

    said: dict[str, Any]
    keys: KeySet
    at: datetime


_known: dict[str, Known] = {}
_one_at_a_time = threading.Lock()


def way_there(
    provider: Provider, *, back_to: str, state: str, nonce: str, verifier: str, again: bool
) -> str:
    """The address where somebody signs in there. `again`: even if they are signed in there."""
    asks = {**provider.asks, "nonce": nonce}
    if provider.max_age:
        asks["max_age"] = str(provider.max_age)
    if again:
        asks |= {"prompt": "login", "max_age": "0"}
    session = _session(provider, back_to)
    endpoint = _said(provider, "authorization_endpoint")
    address, _state = session.create_authorization_url(
        endpoint, state=state, code_verifier=verifier, **asks
    )
    return str(address)


def redeem(provider: Provider, *, code: str, back_to: str, verifier: str) -> tuple[str, str]:
    """What a code is for: an id token and an access token, neither of them believed yet."""
    endpoint = _said(provider, "token_endpoint")
    try:
        told = _session(provider, back_to).fetch_token(
            endpoint,
            code=code,
            grant_type="authorization_code",
            code_verifier=verifier,
            timeout=SECONDS,
            allow_redirects=False,
        )
    except (OAuthError, requests.RequestException, ValueError, JoseError) as error:
        raise NotThere(type(error).__name__) from error
    if not isinstance(told.get("id_token"), str):
        raise NotThere("no id token")
    return told["id_token"], str(told.get("access_token", ""))


def keys_of(provider: Provider, *, anew: bool = False) -> KeySet:
    """The keys a provider signs with, as it publishes them; `anew` asks again, once a minute."""
    return _find(provider, AGAIN_AFTER if anew else KEPT_FOR).keys


def forget() -> None:
    """Ask every provider anew."""
    _known.clear()


def _said(provider: Provider, name: str) -> str:
    endpoint = str(_find(provider, KEPT_FOR).said.get(name, ""))
    # As safe a way as to the issuer itself: never from https to http.
    if urlsplit(endpoint).scheme != urlsplit(provider.issuer).scheme:
        raise NotThere(f"no {name}")
    return endpoint


def _find(provider: Provider, kept_for: timedelta) -> Known:
    with _one_at_a_time:
        known = _known.get(provider.issuer)
        if known is not None and clock.now() - known.at < kept_for:
            return known
        said = _get(provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if said.get("issuer") != provider.issuer:
            raise NotThere("it says that it is another")
        address = str(said.get("jwks_uri", ""))
        if urlsplit(address).scheme != urlsplit(provider.issuer).scheme:
            raise NotThere("no keys")
        try:
            keys = KeySet.import_key_set(_get(address))  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise NotThere("no keys that can be read") from error
        _known[provider.issuer] = Known(said, keys, clock.now())
        return _known[provider.issuer]


def _get(address: str) -> dict[str, Any]:
    try:
        with requests.get(address, timeout=SECONDS, allow_redirects=False, stream=True) as answer:
            body = answer.raw.read(LARGEST + 1, decode_content=True)
            if answer.status_code != requests.codes.ok or len(body) > LARGEST:
                raise NotThere(f"it answers {answer.status_code}")
        found = json.loads(body)
    except (requests.RequestException, ValueError) as error:
        raise NotThere(type(error).__name__) from error
    if not isinstance(found, dict):
        raise NotThere("it answers with something else")
    return found


def _session(provider: Provider, back_to: str) -> OAuth2Session:
    method = "private_key_jwt" if provider.by_key else "client_secret_post"
    session = OAuth2Session(
        provider.client_id,
        provider.credential(),
        scope=provider.scope,
        redirect_uri=back_to,
        token_endpoint_auth_method=method,
        code_challenge_method="S256",
    )
    if provider.by_key:
        session.register_client_auth_method(PrivateKeyJWT(alg=provider.signed_with))
    return session
