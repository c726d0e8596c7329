"""Accounts: passkeys: keys that never leave somebody's telephone or computer, and cannot be fished.

Whoever holds one has unlocked it with a finger, a face or a PIN, so it is both steps at once.
"""

import ipaddress
import uuid
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import delete, select
from webauthn.helpers import options_to_json, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.models import Challenge, Passkey, User
from accounts.signing_in import factors, letters
from core import clock, site
from core.actors import Actor
from core.db import change_rows, db
from core.errors import NotFound, Refused
from core.languages import _
from core.saving import saving

LASTS = timedelta(minutes=5)
MOST = 10
UNREADABLE = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError, IndexError)
"""What a browser of a stranger's making can cause a signature's reader to say."""


def are_possible() -> bool:
    """Whether browsers take passkeys for this address: for a name over https, or for localhost."""
    address = urlsplit(site.address(""))
    host = address.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return address.scheme == "https" or host == "localhost"
    return False


def ask_for_new(user: User) -> tuple[uuid.UUID, str]:
    """What a browser needs to make a passkey for somebody, and the id of what it must sign."""
    challenge = _new_challenge(user.id)
    known = select(Passkey.credential_id).where(Passkey.user_id == user.id)
    options = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name=site.name(),
        user_id=user.id.bytes,
        user_name=user.email,
        user_display_name=user.name,
        challenge=challenge.nonce,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_named(db.session.scalars(known).all()),
    )
    return challenge.id, options_to_json(options)


def ask_for(user: User | None) -> tuple[uuid.UUID, str]:
    """What a browser needs to show a passkey: of this person, or of whoever is there."""
    challenge = _new_challenge(user.id if user else None)
    known = select(Passkey.credential_id).where(Passkey.user_id == user.id) if user else None
    options = webauthn.generate_authentication_options(
        rp_id=_host(),
        challenge=challenge.nonce,
        allow_credentials=_named(db.session.scalars(known).all() if known is not None else []),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return challenge.id, options_to_json(options)


def take(challenge_id: uuid.UUID | None, user_id: uuid.UUID | None) -> bytes:
    """The bytes that were to be signed, in a transaction of its own; they are good once and soon.

    b"" if there are none, or they were somebody else's.
    """
    with saving(keyed=False):
        found = db.session.get(Challenge, challenge_id) if challenge_id else None
        if found is None or found.user_id != user_id or found.at < clock.now() - LASTS:
            return b""
        nonce = found.nonce
        gone = change_rows(delete(Challenge).where(Challenge.id == found.id))
        return nonce if gone == 1 else b""


def add(user: User, nonce: bytes, credential: str, name: str, *, by: Actor) -> bool:
    """Keep a passkey that somebody's browser made; False if it is not one made for us, now."""
    held = factors.factors_of(user).passkeys
    if len(held) >= MOST:
        raise Refused(_("You have ten passkeys. Remove one first."))
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=nonce,
            expected_rp_id=_host(),
            expected_origin=_origin(),
            require_user_verification=True,
        )
    except UNREADABLE:
        return False
    if _find(made.credential_id) is not None:
        return False
    db.session.add(
        Passkey(
            user_id=user.id,
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            name=name[:60],
            made_at=clock.now(),
        )
    )
    factors.tell_of_change(user, letters.PASSKEY_ADDED, by=by)
    return True


def holder(nonce: bytes, credential: str) -> User | None:
    """Whose passkey signed this, inside saving(); None if it is none of ours or signed wrongly."""
    try:
        passkey = _find(parse_authentication_credential_json(credential).raw_id)
        if passkey is None or passkey.user.disabled_at is not None:
            return None
        shown = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=nonce,
            expected_rp_id=_host(),
            expected_origin=_origin(),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except UNREADABLE:
        return None
    passkey.sign_count = shown.new_sign_count
    passkey.used_at = clock.now()
    return passkey.user


def remove(passkey_id: uuid.UUID, user: User, *, by: Actor) -> None:
    """Forget one of somebody's passkeys."""
    theirs = delete(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == user.id)
    if change_rows(theirs) != 1:
        raise NotFound
    factors.one_less(user, letters.PASSKEY_REMOVED, by=by)


def forget_challenges() -> int:
    """Drop what was never signed; returns how many."""
    with saving():
        return change_rows(delete(Challenge).where(Challenge.at < clock.now() - LASTS))


def _new_challenge(user_id: uuid.UUID | None) -> Challenge:
    nonce = webauthn.helpers.generate_challenge()
    challenge = Challenge(id=uuid.uuid4(), nonce=nonce, user_id=user_id, at=clock.now())
    db.session.add(challenge)
    return challenge


def _find(credential_id: bytes) -> Passkey | None:
    return db.session.scalar(select(Passkey).where(Passkey.credential_id == credential_id))


def _named(credential_ids: Sequence[bytes]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=each) for each in credential_ids]


def _host() -> str:
    return urlsplit(site.address("")).hostname or ""


def _origin() -> str:
    address = urlsplit(site.address(""))
    return f"{address.scheme}://{address.netloc}"
