"""Referrals: the group's key: a signed link to one referral, opened without an account."""

import uuid
from datetime import timedelta

from core import audit, links, outbox
from core.actors import Actor
from core.db import db
from core.errors import NotFound
from core.links import SignedLink
from referrals import letters
from referrals.letters import Words
from referrals.models import Referral
from referrals.sight import GROUP_LINK

LASTS = timedelta(days=30)


def send_key(
    onward: Referral, words: Words, *, occasion: str, lasts: timedelta = LASTS, by: Actor
) -> bool:
    """Write to the group with a new key; False when it has no address and must be rung instead."""
    reader = letters.group_reader(onward)
    if reader is None:
        audit.record(by, "group has no address", about=onward.about)
        return False
    token = links.make(
        GROUP_LINK, about=onward.about, for_whom=reader.name[:120], lasts=lasts, by=by
    )
    outbox.put(letters.to_group(words, reader, onward, token=token, occasion=occasion))
    return True


def referral_behind(link: SignedLink) -> Referral:
    """The referral a group's key opens; NotFound when it opens something else."""
    kind, _, referral_id = link.about.partition(":")
    if link.purpose != GROUP_LINK or kind != "referral":
        raise NotFound
    found = db.session.get(Referral, uuid.UUID(referral_id))
    if found is None:
        raise NotFound
    return found
