"""Referrals, groups: messages groups send us: each is read once, by the loop or by a link worker.

Who writes is known by the address or number alone, which can be forged; so a message can say who
came, and nothing else. Words that nobody needs any more are forgotten.
"""

import hashlib
import hmac
import re
import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import or_, select

from accounts import May, Organisation
from core import audit, clock
from core.actors import Actor, system
from core.db import db, hold
from core.errors import NotFound
from core.languages import _
from core.links import SignedLink
from core.rows import all_shown
from core.saving import saving
from core.working_days import working_days_after
from directory import Service
from referrals.day import tasks
from referrals.groups.attending import mark
from referrals.groups.keys import WEEK_LASTS, WEEK_LINK
from referrals.groups.replies import MOST_READ, Reading, parse
from referrals.groups.weeks import Expected, lines_of
from referrals.models import GroupWeek, Inbound, InboundMessage, Referral, TaskKind, Told
from referrals.rules import OPEN

KEPT_FOR = timedelta(days=30)


def is_signed(secret: str, body: bytes, signature: str) -> bool:
    """Whether whoever sent this knows the secret; without a secret nobody does."""
    wanted = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return bool(secret) and hmac.compare_digest(wanted.encode(), signature.strip().encode())


@all_shown("a message that a group sent, before anybody is found who may read it")
def receive(how: Told, message_id: str, sender: str, words: str) -> None:
    """Take in a message; the same one, delivered twice, is one."""
    known = select(InboundMessage.id).where(InboundMessage.message_id == message_id[:120])
    if db.session.scalar(known) is not None:
        return
    db.session.add(
        InboundMessage(
            message_id=message_id[:120],
            how=how,
            sender=_plain(sender)[:254],
            words=words[:MOST_READ],
            received_at=clock.now(),
        )
    )
    db.session.flush()


def take_one() -> bool:
    """Read the oldest message nobody has read; False when there is none."""
    waiting = select(InboundMessage.id).where(InboundMessage.state == Inbound.WAITING)
    found = db.session.scalar(waiting.order_by(InboundMessage.received_at).limit(1))
    db.session.rollback()
    if found is None:
        return False
    with saving():
        message = db.session.get_one(InboundMessage, found)
        hold(message)
        if message.state is Inbound.WAITING:
            _read(message)
    return True


def for_people(actor: Actor) -> list[InboundMessage]:
    """The messages a link worker has to read: from groups their team works with, or unknown."""
    teams = actor.where(May.WORK_CASELOAD)
    known = select(Referral.to_organisation_id).where(
        Referral.parent_id.is_not(None), Referral.from_organisation_id.in_(teams)
    )
    mine = or_(InboundMessage.organisation_id.is_(None), InboundMessage.organisation_id.in_(known))
    found = select(InboundMessage).where(InboundMessage.state == Inbound.FOR_A_PERSON, mine)
    return list(db.session.scalars(found.order_by(InboundMessage.received_at))) if teams else []


def done_with(message_id: uuid.UUID, *, by: Actor) -> None:
    """A link worker has read a message and done what there was to do."""
    message = next((each for each in for_people(by) if each.id == message_id), None)
    if message is None:
        raise NotFound
    message.state, message.read_at, message.read_by_name = Inbound.READ, clock.now(), by.name
    db.session.flush()
    audit.record(by, "message from a group read", about=f"inbound:{message.id}")


def forget_words() -> int:
    """Drop the words and senders of what was read a month ago; returns of how many."""
    with saving():
        old = select(InboundMessage).where(
            InboundMessage.state.in_([Inbound.NOTED, Inbound.READ]),
            InboundMessage.received_at < clock.now() - KEPT_FOR,
            InboundMessage.words.is_there,
        )
        forgotten = db.session.scalars(old).all()
        for message in forgotten:
            message.words = message.sender = ""
        return len(forgotten)


def _read(message: InboundMessage) -> None:
    group = _group_of(message)
    week = _week_of(group, message)
    message.organisation_id = group.id if group else None
    lines = lines_of(week) if week else []
    reading = parse(message.words, {line.number for line in lines})
    link = _link_of(week) if week else None
    if reading is None or link is None or not _is_plain(reading, lines):
        _give_to_person(message)
        return
    for line in lines:
        if line.number in reading.marks:
            mark(line.onward, line.on, reading.marks[line.number], how=message.how, by=link.actor)
    message.state, message.read_at = Inbound.NOTED, clock.now()
    if reading.says_more:
        _give_to_person(message)
    db.session.flush()


def _is_plain(reading: Reading, lines: Sequence[Expected]) -> bool:
    """Whether every number means one day; a word for all is plain however many days there were."""
    days: dict[int, int] = defaultdict(int)
    for line in lines:
        days[line.number] += 1
    return reading.of_all or all(days[number] == 1 for number in reading.marks)


def _give_to_person(message: InboundMessage) -> None:
    """Have a link worker read it; where the group is known, it is a task of whoever sends there."""
    message.state = Inbound.FOR_A_PERSON
    db.session.flush()
    by = system("messages from groups")
    audit.record(by, "message for a person", about=f"inbound:{message.id}")
    if message.organisation_id is None:
        return
    going = select(Referral).where(
        Referral.to_organisation_id == message.organisation_id,
        Referral.parent_id.is_not(None),
        Referral.status.in_(OPEN),
    )
    by_worker = {each.parent.owner_id: each for each in db.session.scalars(going) if each.parent}
    due = working_days_after(clock.today(), 1)
    for onward in by_worker.values():
        words = _("Read what %(name)s wrote to us.", name=onward.to_organisation.name)
        tasks.add(onward, words, due, kind=TaskKind.GROUP, by=by)


def _group_of(message: InboundMessage) -> Organisation | None:
    """Whose address or number it came from, among the groups that were asked lately."""
    for week in _asked_lately(message):
        group = db.session.get_one(Organisation, week.organisation_id)
        if message.sender in ({week.address} | _phones_of(group)):
            return group
    return None


def _week_of(group: Organisation | None, message: InboundMessage) -> GroupWeek | None:
    """The letter it answers: the newest; of several addresses of a group, the one it came from."""
    weeks = [week for week in _asked_lately(message) if group and week.organisation_id == group.id]
    own = [week for week in weeks if week.address == message.sender]
    return next(iter(own or weeks), None)


def _asked_lately(message: InboundMessage) -> list[GroupWeek]:
    since = message.received_at - WEEK_LASTS
    found = select(GroupWeek).where(GroupWeek.asked_at > since)
    return list(db.session.scalars(found.order_by(GroupWeek.asked_at.desc())))


def _phones_of(group: Organisation) -> set[str]:
    services = db.session.scalars(select(Service).where(Service.organisation_id == group.id))
    numbers = [phone.number for service in services for phone in service.phones]
    return {_plain(number) for number in [*numbers, group.phone] if number}


def _link_of(week: GroupWeek) -> SignedLink | None:
    found = select(SignedLink).where(
        SignedLink.about == week.about, SignedLink.purpose == WEEK_LINK
    )
    newest = db.session.scalars(found.order_by(SignedLink.made_at.desc()).limit(1)).first()
    return newest if newest is not None and newest.works else None


def _plain(sender: str) -> str:
    """An address in small letters, a number in digits as at home: +44 7700 900123 is 07700…."""
    found = re.search(r"[^\s<>]+@[^\s<>]+", sender)
    if found:
        return found.group().lower()
    digits = re.sub(r"[^\d+]", "", sender)
    return re.sub(r"^(?:\+44|0044)", "0", digits)
