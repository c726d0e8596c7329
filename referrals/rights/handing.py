"""Referrals, rights: a copy handed over: once, by a link and a PIN, within seven days.

It lies sealed until then. The PIN is told apart from the link. When it has been fetched, or its
week is over, nothing of it is left here.
"""

import uuid
from datetime import timedelta

from sqlalchemy import select, update

from accounts import is_password
from core import audit, clock, links, outbox, sealing, site
from core.actors import Actor
from core.db import change_rows, db, hold
from core.errors import NotFound, Refused
from core.languages import _
from core.links import LinkExpired, SignedLink
from core.outbox import Channel, Draft
from core.saving import saving
from referrals.models import Pack, Person, RightsRequest, Stage
from referrals.person.pages import bare
from referrals.person.telling import OwnLetter, address_of
from referrals.rights.packing import build
from referrals.rights.requests import handles, move

COPY_LINK = "own-copy"
LASTS = timedelta(days=7)
MOST_TRIES = 5
WORDS = "What you asked for is ready. It can be opened once, in the next seven days."
SUBJECT = "What you asked for is ready"


def make_ready(request: RightsRequest, *, pin_hash: str, by: Actor) -> tuple[Pack, str]:
    """Seal the copy; the token of its link, to be handed over where no message can carry it.

    A copy made earlier is replaced, and its link opens nothing any more.
    """
    handles(request, by)
    if request.stage not in {Stage.CHECKED, Stage.READY}:
        raise Refused(_("Make sure first of who asks."))
    pack = pack_of(request) or Pack(request=request)
    pack.pin_hash, pack.wrong_tries, pack.fetched_at = pin_hash, 0, None
    pack.made_at = clock.now()
    db.session.add(pack)
    db.session.flush()
    pack.sealed = sealing.seal(build(request), purpose="copies", about=_place(pack))
    links.revoke(pack.about, by=by)
    token = links.make(COPY_LINK, about=pack.about, for_whom="the person", lasts=LASTS, by=by)
    move(request, Stage.READY, by=by)
    _send(request, token)
    return pack, token


def pack_of(request: RightsRequest) -> Pack | None:
    """The copy that was made, if one was."""
    return db.session.scalar(select(Pack).where(Pack.request_id == request.id))


def is_sent(pack: Pack) -> bool:
    """Whether the link goes to the person by message; else somebody hands it over."""
    person = db.session.get_one(Person, pack.request.person_id)
    return address_of(person) is not None


def pack_behind(link: SignedLink) -> Pack:
    """The copy a link leads to; LinkExpired once it has been fetched."""
    pack = db.session.get(Pack, uuid.UUID(link.about.removeprefix("pack:")))
    if pack is None or link.purpose != COPY_LINK:
        raise NotFound
    if pack.sealed is None or pack.wrong_tries >= MOST_TRIES:
        raise LinkExpired
    return pack


def fetch(link: SignedLink, pin: str) -> bytes | None:
    """The copy, once; None for a wrong PIN, of which there are few. It saves by itself."""
    pack = pack_behind(link)
    kept = pack.pin_hash
    is_right = is_password(kept, bare(pin))
    with saving():
        pack = pack_behind(link)
        hold(pack)
        sealed = pack.sealed
        if sealed is None or pack.pin_hash != kept or pack.wrong_tries >= MOST_TRIES:
            raise LinkExpired
        audit.record(link.actor, "copy asked for", about=pack.request.about, right=is_right)
        if not is_right:
            pack.wrong_tries += 1
            return None
        plain = sealing.unseal(sealed, purpose="copies", about=_place(pack))
        links.use(link)
        links.revoke(pack.about, by=link.actor)
        pack.sealed, pack.fetched_at = None, clock.now()
        move(pack.request, Stage.DONE, by=link.actor)
        return plain


def tries_left(pack: Pack) -> int:
    """How many more PINs may be tried."""
    return MOST_TRIES - pack.wrong_tries


def empty_old() -> int:
    """Empty the copies that nobody fetched in their week; how many."""
    with saving():
        old = update(Pack).where(Pack.sealed.is_not(None), Pack.made_at < clock.now() - LASTS)
        return change_rows(old.values(sealed=None))


def _send(request: RightsRequest, token: str) -> None:
    """By the way they chose, if they chose one; else the officer hands the link over."""
    person = db.session.get_one(Person, request.person_id)
    way = address_of(person)
    if way is None:
        return
    channel, address = way
    outbox.put(
        Draft(
            kind=OwnLetter.COPY,
            about=request.about,
            for_whom=person.about,
            same_as=f"copy:{request.id}:{clock.now().isoformat()}",
            to_address=address,
            subject=SUBJECT if channel is Channel.EMAIL else "",
            body=f"{WORDS} {site.address(f'/copy/{token}')} {site.name()}\n",
            channel=channel,
        )
    )


def _place(pack: Pack) -> str:
    return f"pack.sealed|{pack.id}"
