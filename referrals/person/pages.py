"""Referrals, the person: a page of their own, behind a link and a PIN, without an account.

The link alone shows nothing: it may be forwarded, or opened by a scanner of mail. A PIN is tried a
few times only, however many try it at once.
"""

import secrets
import uuid
from datetime import time, timedelta

from sqlalchemy import select

from accounts import hash_password, is_password
from core import audit, clock, links
from core.actors import Actor, system
from core.db import db, hold
from core.errors import Forbidden, NotFound, Refused
from core.languages import lazy
from core.links import SignedLink
from core.saving import saving
from referrals import endings
from referrals.day import tasks
from referrals.models import Correction, PrivatePage, Referral, TaskKind, ToldBy
from referrals.pathway import act
from referrals.person import telling
from referrals.person.keys import MY_PAGE, OPENED, STAYS_OPEN, page_of
from referrals.rights.consent import withdraw
from referrals.rules import NOT_YOURS, OPEN, Action, Part
from referrals.sight import parts_of

TRIES = 5
MOST_TRIES = 15
SHUT_FOR = timedelta(minutes=15)
PIN_DIGITS = 6
TOO_EASY = frozenset({"1234", "12345", "123456", "4321", "654321"})

SHUT = lazy("Too many wrong PINs. Wait 15 minutes, then try again.")
SHUT_FOR_GOOD = lazy("Too many wrong PINs. Ask your link worker for a new one.")
NO_PIN = lazy("This page has no PIN yet. Your link worker can give you one.")

_JOB_ASKS = "They ask you to put something right in what is kept about them"


def make_page(referral: Referral, *, pin_hash: str = "", by: Actor) -> PrivatePage:
    """A private page for the person, with the PIN they chose if they chose one."""
    page = page_of(referral)
    if page is None:
        page = PrivatePage(referral=referral, pin_hash=pin_hash, wrong_tries=0, made_at=clock.now())
        db.session.add(page)
        db.session.flush()
        audit.record(by, "private page made", about=referral.about)
    return page


def objection_to_pin(pin: str) -> str:
    """Why this may not be a PIN; "" when it may."""
    if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 8):
        return "digits"
    return "easy" if len(set(pin)) == 1 or pin in TOO_EASY else ""


def bare(pin: str) -> str:
    """A PIN as it counts: people type it in twos, as they read it."""
    return "".join(pin.split())


def pin_and_its_hash() -> tuple[str, str]:
    """A new PIN, to be read out to the person, and what is kept of it; made before any work."""
    pin = "".join(str(secrets.randbelow(10)) for _ in range(PIN_DIGITS))
    return (pin, hash_password(pin)) if not objection_to_pin(pin) else pin_and_its_hash()


def send_page(referral: Referral, *, pin_hash: str, by: Actor) -> PrivatePage:
    """Send the person a new link, with a new PIN told apart from it; older links end."""
    hold(referral)
    if referral.is_onward or Part.RECEIVER not in parts_of(by, referral):
        raise Forbidden(NOT_YOURS.reason)
    page = make_page(referral, by=by)
    links.revoke(page.about, by=by)
    page.pin_hash, page.wrong_tries, page.shut_until = pin_hash, 0, None
    occasion = f"{page.about}:{clock.now().isoformat()}"
    if not telling.send_key(page, occasion=occasion, by=by):
        raise Refused("They have chosen neither text nor email: read it to them.")
    audit.record(by, "private page sent", about=referral.about)
    return page


def page_behind(link: SignedLink) -> PrivatePage:
    """The page a key leads to."""
    page = db.session.get(PrivatePage, uuid.UUID(link.about.removeprefix("private:")))
    if page is None or link.purpose not in {MY_PAGE, OPENED}:
        raise NotFound
    return page


def why_shut(page: PrivatePage) -> str:
    """Why no PIN can be tried now; "" when one can."""
    if not page.pin_hash:
        return str(NO_PIN)
    if page.wrong_tries >= MOST_TRIES:
        return str(SHUT_FOR_GOOD)
    return str(SHUT) if page.shut_until and page.shut_until > clock.now() else ""


def tries_left(page: PrivatePage) -> int:
    """How many more times a PIN may be tried before the page shuts for a while."""
    return TRIES - page.wrong_tries % TRIES


def enter(link: SignedLink, pin: str) -> str | None:
    """Try a PIN; the key for this browser's cookie, or None when it is wrong or the page is shut.

    It saves by itself: a wrong try counts whatever comes of it, and a right one counts for nothing
    when others have shut the page meanwhile.
    """
    page = page_behind(link)
    kept = page.pin_hash
    is_right = not why_shut(page) and is_password(kept, bare(pin))
    with saving():
        page = page_behind(link)
        hold(page)
        if why_shut(page) or page.pin_hash != kept:
            return None
        audit.record(link.actor, "pin tried", about=page.referral.about, right=is_right)
        if not is_right:
            page.wrong_tries += 1
            if page.wrong_tries % TRIES == 0:
                page.shut_until = clock.now() + SHUT_FOR
            return None
        page.wrong_tries, page.shut_until = 0, None
        return links.make(
            OPENED, about=page.about, for_whom="the person", lasts=STAYS_OPEN, by=link.actor
        )


def inside(page: PrivatePage, token: str) -> Actor | None:
    """Whoever has typed the PIN in this browser, while that lasts."""
    opened = links.find(OPENED, token) if token else None
    is_theirs = opened is not None and opened.works and opened.about == page.about
    return opened.actor if opened is not None and is_theirs else None


def leave(token: str, *, by: Actor) -> None:
    """Close the page in this browser: what its cookie holds is worthless from now on."""
    opened = links.find(OPENED, token)
    if opened is not None:
        opened.revoked_at = clock.now()
        audit.record(by, "private page closed", about=opened.about)


def choose_pin(page: PrivatePage, pin_hash: str, *, by: Actor) -> None:
    """The person chooses another PIN."""
    _theirs(page, by)
    page.pin_hash, page.wrong_tries, page.shut_until = pin_hash, 0, None
    audit.record(by, "pin chosen", about=page.referral.about)


def change_telling(
    referral: Referral,
    *,
    told_by: ToldBy,
    voicemail: bool,
    post: bool,
    questions: bool,
    counted: bool,
    not_before: time,
    code_word: str,
    by: Actor,
) -> None:
    """The person says how to be told, or their link worker writes it down for them."""
    hold(referral)
    if not {Part.RESIDENT, Part.RECEIVER} & parts_of(by, referral):
        raise Forbidden(NOT_YOURS.reason)
    person = referral.person
    ways = {ToldBy.TEXT: person.phone, ToldBy.EMAIL: person.email}
    if not ways.get(told_by, "none is needed"):
        raise Refused("There is no number or address for that yet.")
    telling.set_telling(
        person,
        told_by=told_by,
        voicemail=voicemail,
        post=post,
        questions=questions,
        counted=counted,
        not_before=not_before,
        code_word=code_word,
        by=by,
    )


def correct(page: PrivatePage, words: str, *, by: Actor) -> Correction:
    """Say what is wrong or missing; the link worker is asked to put it right."""
    _theirs(page, by)
    if not words.strip():
        raise Refused("Say what is wrong, or what is missing.")
    said = Correction(referral=page.referral, words=words.strip(), at=clock.now())
    db.session.add(said)
    db.session.flush()
    audit.record(by, "correction asked", about=page.referral.about)
    job = system("correction asked")
    tasks.add(page.referral, _JOB_ASKS, clock.today(), by=job, kind=TaskKind.DO)
    return said


def corrections_of(referral: Referral) -> list[Correction]:
    """What the person said is wrong or missing, the newest first."""
    found = select(Correction).where(Correction.referral_id == referral.id)
    return list(db.session.scalars(found.order_by(Correction.at.desc())))


def stop_sharing_with(page: PrivatePage, onward_id: uuid.UUID, *, by: Actor) -> None:
    """They want one group to know nothing more of them; the rest goes on."""
    _theirs(page, by)
    onward = next((each for each in page.referral.onward if each.id == onward_id), None)
    if onward is None:
        raise NotFound
    act(onward, Action.RECORD_DECLINED, by=by)


def stop_sharing(page: PrivatePage, *, by: Actor) -> None:
    """They want no more of it: all that is under way ends, and nothing more is sent to anybody.

    After the end of the referral there is nothing to end; what they had agreed to still ends.
    """
    referral = page.referral
    hold(referral)
    _theirs(page, by)
    if referral.status in OPEN:
        act(referral, Action.RECORD_DECLINED, by=by)
        return
    withdraw(referral, by=by)
    endings.leave_in_peace(referral)


def _theirs(page: PrivatePage, by: Actor) -> None:
    if Part.RESIDENT not in parts_of(by, page.referral):
        raise Forbidden(NOT_YOURS.reason)
