"""Ground floor: letters that wait in the database until they are sent: lease, send, mark.

A letter is written in the transaction of the change it tells of, so neither exists without the
other. A worker leases it, sends it outside any transaction, then marks it; one that dies between
is found again when its lease runs out. The database is the truth, e-mail only a hint of it.
Rooms say who may be written to, how and when (`heed`); they are asked when a letter is written, and
again at the moment it is sent. A carrier that is down is tried once a minute (`core.breaker`).
"""

import logging
import smtplib
import ssl
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    Index,
    String,
    and_,
    cast,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from core import breaker, clock, sealing
from core.db import Model, change_rows, db, new_id
from core.errors import Refused
from core.saving import saving
from core.sealing import SealedBy, sealed
from core.settings import Settings
from core.texting import NotTaken, send_text

LEASE = timedelta(minutes=2)
GIVES_UP_AFTER = timedelta(days=7)
LONGEST_WAIT = timedelta(hours=1)
CLOSING = 421
"""What a mail server answers that takes nothing from anybody just now."""

log = logging.getLogger(__name__)


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"


class State(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given-up"
    CANCELLED = "cancelled"


class Letter(Model):
    """A message to one address. Its words never say more than "you have news" about a person.

    Address and words are sealed: an address is somebody's, and a letter may hold a key.
    """

    __tablename__ = "letter"
    __sealed_by__ = SealedBy(purpose="letter")
    __table_args__ = (Index("ix_letter_state_next_try_at", "state", "next_try_at"),)

    id: Mapped[uuid.UUID] = new_id()
    same_as: Mapped[str] = mapped_column(String(160), unique=True)
    kind: Mapped[str] = mapped_column(String(60))
    about: Mapped[str] = mapped_column(String(80), index=True)
    channel: Mapped[Channel]
    for_whom: Mapped[str] = mapped_column(String(80), default="", index=True)
    to_address = sealed("F3")
    to_name = sealed("F3", default="")
    subject: Mapped[str] = mapped_column(String(160), default="")
    body = sealed("F1")
    state: Mapped[State] = mapped_column(default=State.WAITING)
    written_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(String(200), default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The words of a letter and where they go; rooms write it, the outbox carries it.

    `same_as` names the occasion: a second draft for the same occasion and address is not sent.
    `not_before` gives time to take back what it tells of. `for_whom`: the reference of whoever it
    is for, where they have a say in how they are written to.
    """

    kind: str
    about: str
    same_as: str
    to_address: str
    to_name: str = ""
    subject: str = ""
    body: str
    channel: Channel = Channel.EMAIL
    not_before: datetime | None = None
    for_whom: str = ""


@dataclass(frozen=True, slots=True)
class Leave:
    """A letter may go, from this moment on; and with what it has to begin."""

    not_before: datetime
    opening: str = ""


Rule = Callable[[Letter, datetime], Leave | None]
"""Asked of a letter that is to go at a moment: leave to send it, or None where it may not go."""

NOT_THAT_WAY = "They are not to be written to in that way."

_rules: list[Rule] = []


def heed(rule: Rule) -> None:
    """Register who has a say in which letters may go. Called once by a room."""
    if rule not in _rules:
        _rules.append(rule)


def put(draft: Draft) -> Letter:
    """Add a letter to the present transaction, or find the one this occasion already has.

    Refused when whoever it is for is not to be written to in that way.
    """
    address = sealing.blind(Letter.same_as, draft.to_address).hex()[:32]
    same_as = f"{draft.same_as[:120]}|{address}"
    already = _one_for(same_as)
    if already is not None:
        return already
    letter = Letter(
        same_as=same_as,
        kind=draft.kind,
        about=draft.about,
        channel=draft.channel,
        for_whom=draft.for_whom,
        to_address=draft.to_address,
        to_name=draft.to_name,
        subject=draft.subject,
        body=draft.body,
        written_at=clock.now(),
        next_try_at=draft.not_before or clock.now(),
    )
    leave = _leave_for(letter, letter.next_try_at)
    if leave is None:
        raise Refused(NOT_THAT_WAY)
    letter.next_try_at = leave.not_before
    letter.body = f"{leave.opening}{letter.body}"
    db.session.add(letter)
    return letter


def _one_for(occasion: str) -> Letter | None:
    """The letter of an occasion, written before or in this very transaction."""
    for new in db.session.new:
        if isinstance(new, Letter) and new.same_as == occasion:
            return new
    with db.session.no_autoflush:  # only letters matter, and the new ones were looked at
        return db.session.scalar(select(Letter).where(Letter.same_as == occasion))


def waiting() -> list[Letter]:
    """The letters not yet sent, oldest first."""
    found = select(Letter).where(Letter.state == State.WAITING).order_by(Letter.written_at)
    return list(db.session.scalars(found))


def late(since: datetime) -> int:
    """How many letters should have gone by then and wait still, tried or not."""
    overdue = or_(Letter.tries > 0, Letter.next_try_at <= since)
    found = select(func.count()).where(
        Letter.state == State.WAITING, Letter.written_at <= since, overdue
    )
    return db.session.scalar(found) or 0


def oldest_due() -> timedelta:
    """How long the letter has waited that was due first."""
    first = db.session.scalar(select(func.min(Letter.next_try_at)).where(_due()))
    return clock.now() - first if first else timedelta(0)


def cancel(*abouts: str) -> None:
    """Cancel every unsent letter about these things, in the present transaction."""
    db.session.execute(
        update(Letter)
        .where(Letter.about.in_(abouts), Letter.state == State.WAITING)
        .values(state=State.CANCELLED)
    )


def forget(abouts: Collection[str]) -> int:
    """Delete every letter about these things, or for them; returns how many there were."""
    theirs = or_(Letter.about.in_(abouts), Letter.for_whom.in_(abouts))
    return change_rows(delete(Letter).where(theirs))


def forget_addresses(kind: str, *, sent_before: datetime) -> int:
    """Forget to whom letters of a kind went that were sent or given up by then; how many."""
    old = update(Letter).where(
        Letter.kind == kind,
        Letter.state != State.WAITING,
        Letter.written_at < sent_before,
        Letter.to_address.is_there,
    )
    # The occasion holds the address too; what is left of it stays one of a kind.
    return change_rows(old.values(_to_address=b"", _to_name=b"", same_as=cast(Letter.id, String)))


def forget_words(*, sent_before: datetime) -> int:
    """Empty the words of letters that were sent or given up by then; how many."""
    old = update(Letter).where(
        Letter.state != State.WAITING, Letter.written_at < sent_before, Letter.body.is_there
    )
    return change_rows(old.values(_body=b""))


Transport = Callable[[Letter], None]


def transport_of(settings: Settings) -> Transport:
    """How this deployment sends: in earnest, to the console, or to the demo's letterbox page."""
    if settings.transport == "smtp":
        return lambda letter: _send(letter, settings)
    if settings.transport == "console":
        return _print
    return lambda _letter: None


def answers(settings: Settings) -> bool:
    """Whether the mail server is there and takes our name and password; nothing is sent."""
    try:
        with _mail_server(settings) as server:
            return server.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def send_next(send: Transport) -> bool:
    """Send one letter that is due; False when none is. Never raises for a letter's own trouble."""
    letter = _lease()
    if letter is None:
        return False
    if letter.leased_until is None:  # it may not go, or not now
        return True
    try:
        send(letter)
    except (OSError, smtplib.SMTPException) as error:
        _put_off(letter, type(error).__name__, is_carriers=_is_carriers(error))
    else:
        _mark_sent(letter)
    return True


def _is_carriers(error: Exception) -> bool:
    """Whether the trouble is the carrier's, so that no other letter would fare better."""
    if isinstance(error, NotTaken | smtplib.SMTPDataError):
        return False
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return any(code == CLOSING for code, _said in error.recipients.values())
    return True


def _due() -> ColumnElement[bool]:
    return and_(
        Letter.state == State.WAITING,
        Letter.next_try_at <= clock.now(),
        or_(Letter.leased_until.is_(None), Letter.leased_until < clock.now()),
    )


def _lease() -> Letter | None:
    """The next letter, ours for a while; whether it may go is asked in the same transaction."""
    next_due = select(Letter.id, Letter.channel).where(
        _due(), Letter.channel.not_in(breaker.shut())
    )
    row = db.session.execute(next_due.order_by(Letter.next_try_at).limit(1)).first()
    db.session.rollback()
    if row is None:
        return None
    found, channel = row
    with saving():
        if not breaker.may_try(channel):
            return None
        leased = change_rows(
            update(Letter)
            .where(Letter.id == found, _due())
            .values(leased_until=clock.now() + LEASE, tries=Letter.tries + 1)
        )
        letter = db.session.get(Letter, found, populate_existing=True) if leased == 1 else None
        if letter is not None:
            _ask_again(letter)
    if letter is not None:
        db.session.refresh(letter)
        db.session.expunge(letter)
    db.session.rollback()
    return letter


def _ask_again(letter: Letter) -> None:
    """Somebody may have changed their mind since it was written: it loses its lease, and waits."""
    now = clock.now()
    leave = _leave_for(letter, now)
    if leave is None:
        letter.state, letter.leased_until = State.CANCELLED, None
    elif leave.not_before > now:
        letter.next_try_at, letter.leased_until = leave.not_before, None


def _leave_for(letter: Letter, moment: datetime) -> Leave | None:
    """What all who have a say agree to: the latest of their moments, and every opening."""
    opening = ""
    for rule in _rules:
        leave = rule(letter, moment)
        if leave is None:
            return None
        moment, opening = max(moment, leave.not_before), opening + leave.opening
    return Leave(moment, opening)


def _mark_sent(letter: Letter) -> None:
    with saving():
        breaker.works(letter.channel)
        db.session.execute(
            update(Letter)
            .where(Letter.id == letter.id)
            .values(state=State.SENT, sent_at=clock.now(), leased_until=None, trouble="")
        )


def _put_off(letter: Letter, trouble: str, *, is_carriers: bool) -> None:
    give_up = clock.now() - letter.written_at > GIVES_UP_AFTER
    wait = min(timedelta(seconds=15) * 2 ** min(letter.tries, 10), LONGEST_WAIT)
    if is_carriers:
        wait = breaker.TRIES_EVERY
    log.warning("letter %s not sent: %s", letter.id, trouble)
    with saving():
        if is_carriers:
            breaker.failed(letter.channel)
        db.session.execute(
            update(Letter)
            .where(Letter.id == letter.id)
            .values(
                state=State.GIVEN_UP if give_up else State.WAITING,
                next_try_at=clock.now() + wait,
                leased_until=None,
                trouble=trouble,
            )
        )


def _send(letter: Letter, settings: Settings) -> None:
    if letter.channel is Channel.SMS:
        send_text(letter.to_address, letter.body, str(letter.id), settings)
    else:
        _send_by_smtp(letter, settings)


def _send_by_smtp(letter: Letter, settings: Settings) -> None:
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = letter.to_address
    message["Subject"] = letter.subject
    # The same id at every try lets the receiver drop a second copy.
    message["Message-ID"] = f"<{letter.id}@{settings.mail_from.partition('@')[2]}>"
    message.set_content(letter.body)
    with _mail_server(settings) as server:
        server.send_message(message)


@contextmanager
def _mail_server(settings: Settings) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=20) as server:
        if settings.smtp_starttls:
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
        yield server


def _print(letter: Letter) -> None:
    print(f"--- {letter.channel} to {letter.to_address}\n{letter.subject}\n\n{letter.body}\n---")
