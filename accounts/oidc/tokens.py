"""Accounts: what an identity provider has signed: believed only if all of it is as it must be.

The way of signing is ours to say, never the token's; the key is one that the provider publishes
under its own address, never one that comes with the token.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from accounts.oidc.providers import Provider
from core import clock

SLACK_SECONDS = 60
LONGEST_SUBJECT = 255
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
BRINGS_A_KEY = {"jwk", "jku", "x5u", "x5c"}


class Unbelievable(Exception):
    """What came from an identity provider, or as if from it, is not to be believed."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """Who an identity provider says somebody is."""

    issuer: str
    subject: str
    session: str = ""


def read_id_token(
    token: str,
    keys: KeySet,
    provider: Provider,
    *,
    nonce: str,
    access_token: str = "",
    max_age: int | None = None,
) -> Vouched:
    """Who signed in there, or Unbelievable."""
    said, header = _claims(token, keys, provider)
    params = {"client_id": provider.client_id, "nonce": nonce, "access_token": access_token}
    claims: Any = CodeIDToken(said, header, _must_be(provider), params)
    now = int(clock.now().timestamp())
    try:
        claims.validate(now=now, leeway=SLACK_SECONDS)
    except JoseError as error:
        raise Unbelievable(f"{error.error} {error.description}") from error
    if not nonce or not secrets.compare_digest(str(claims["nonce"]), nonce):
        raise Unbelievable("another nonce")
    _check_when(claims, now, provider.max_age or None if max_age is None else max_age)
    _check_demands(claims, provider)
    return _vouched(claims)


def read_logout_token(token: str, keys: KeySet, provider: Provider) -> Vouched:
    """Who has left there, or Unbelievable (OpenID Connect Back-Channel Logout 1.0, 2.6)."""
    said, _header = _claims(token, keys, provider)
    now = int(clock.now().timestamp())
    needed = {**_must_be(provider), "iat": {"essential": True}, "exp": {"essential": True}}
    _validate(JWTClaimsRegistry(now, SLACK_SECONDS, **needed), said)
    events = said.get("events")
    if "nonce" in said or not isinstance(events, dict) or LOGOUT_EVENT not in events:
        raise Unbelievable("no logout token")
    if now - int(said["iat"]) > 2 * SLACK_SECONDS:
        raise Unbelievable("an old one")
    if not said.get("sub") and not said.get("sid"):
        raise Unbelievable("nobody has left")
    return Vouched(provider.issuer, str(said.get("sub", "")), str(said.get("sid", "")))


def _claims(token: str, keys: KeySet, provider: Provider) -> tuple[dict[str, Any], Any]:
    """What is said and how it was signed, if by one of these keys and in the way agreed on."""
    try:
        header = jws.extract_compact(token.encode()).headers()
        if header.get("alg") != provider.signed_with or BRINGS_A_KEY & set(header):
            raise Unbelievable("signed in another way")
        decoded = jwt.decode(token, keys, algorithms=[provider.signed_with])
    except (JoseError, ValueError, TypeError, UnicodeError) as error:
        raise Unbelievable(type(error).__name__) from error
    return decoded.claims, decoded.header


def _must_be(provider: Provider) -> dict[str, Any]:
    return {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
    }


def _validate(registry: JWTClaimsRegistry, said: dict[str, Any]) -> None:
    try:
        registry.validate(said)
    except JoseError as error:
        raise Unbelievable(f"{error.error} {error.description}") from error


def _check_when(claims: Mapping[str, Any], now: int, max_age: int | None) -> None:
    """They signed in there lately enough; the token itself is of now."""
    if int(claims["iat"]) < now - 10 * SLACK_SECONDS:
        raise Unbelievable("an old token")
    if max_age is None:
        return
    signed_in = claims.get("auth_time")
    if not isinstance(signed_in, int | float) or now - signed_in > max_age + SLACK_SECONDS:
        raise Unbelievable("signed in too long ago")


def _check_demands(claims: Mapping[str, Any], provider: Provider) -> None:
    """How they signed in there is as strong as we ask."""
    for name, accepted in provider.demands.items():
        given = claims.get(name)
        held = {str(each) for each in given} if isinstance(given, list) else {str(given)}
        if not held & set(accepted):
            raise Unbelievable(f"{name} is not what we ask for")


def _vouched(claims: Mapping[str, Any]) -> Vouched:
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise Unbelievable("nobody in particular")
    return Vouched(str(claims["iss"]), subject, str(claims.get("sid", "")))
