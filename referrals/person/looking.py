"""Referrals, the person: what they see of their own: the plan, who has what, and who looked."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from accounts import User
from core import audit, clock
from core.audit import AuditEntry
from core.db import db
from core.languages import _
from core.links import SignedLink
from core.templating import day_long
from referrals.models import ApiClient, FirstVisit, Pledge, Referral
from referrals.record import first_contact_due
from referrals.rules import CLOSED, OPEN, UNANSWERED, UNDER_WAY, Came, Status

MOST_LOOKS = 200
PROGRAM = "client:"


@dataclass(frozen=True, slots=True)
class Planned:
    """A visit that is to come, and what they mean to do to get there."""

    visit: FirstVisit
    where: str
    pledge: Pledge | None


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who has something about the person, and what it is."""

    name: str
    has: str


@dataclass(frozen=True, slots=True)
class Look:
    """Who opened the record on a day, and whether it was an emergency."""

    on: date
    name: str
    job: str
    is_emergency: bool = False


def plan_of(referral: Referral) -> list[Planned]:
    """The visits to come, the next one first."""
    coming = [
        visit
        for onward in referral.onward
        for visit in onward.visits
        if visit.came is Came.PLANNED and visit.session_on >= clock.today()
    ]
    return [
        Planned(visit, visit.referral.service.name if visit.referral.service else "", visit.pledge)
        for visit in sorted(coming, key=lambda each: each.session_on)
    ]


def what_next(referral: Referral) -> str:
    """What happens next, in a sentence."""
    team = referral.to_organisation.name
    who = referral.owner.name if referral.owner else team
    if referral.status is Status.PERSON_DECLINED:
        return _("You have stopped this. Nobody gets in touch with you about it any more.")
    if referral.status in CLOSED:
        return _("This has come to its end. You can ask for help again at any time.")
    if referral.status is Status.INFO_REQUESTED:
        return _("%(team)s has asked a question. It goes on when it is answered.", team=team)
    if referral.status in UNANSWERED:
        day = day_long(first_contact_due(referral))
        return _("%(team)s has it. A link worker gets in touch by %(day)s.", team=team, day=day)
    if referral.status is Status.ON_HOLD:
        return _("It waits until you are ready. %(who)s is there for you.", who=who)
    if referral.next_contact_on is not None:
        day = day_long(referral.next_contact_on)
        return _("%(who)s gets in touch on %(day)s, or before.", who=who, day=day)
    return _("%(who)s gets in touch with you.", who=who)


def who_has_it(referral: Referral) -> list[Holder]:
    """Everybody who holds something about the person, and how much."""
    return list(_holders(referral))


def who_looked(referral: Referral) -> list[Look]:
    """Who opened the record, a line a day, the newest first; of each program its last look."""
    abouts = [referral.about, *(onward.about for onward in referral.onward)]
    entries = audit.looks_at(abouts, most=MOST_LOOKS, besides=PROGRAM)
    names = names_of({entry.by for entry in entries})
    looks = [
        Look(
            clock.local_date(entry.at),
            *names.get(entry.by, (_("Somebody"), "")),
            is_emergency="glass" in entry.facts,
        )
        for entry in entries
        if not _is_own_look(entry)
    ]
    of_all = [*dict.fromkeys(looks), *_programs(audit.last_looks(abouts, by=PROGRAM))]
    return sorted(of_all, key=lambda look: look.on, reverse=True)


def _programs(last: Mapping[str, datetime]) -> Iterator[Look]:
    """The programs of practices that looked, each with the day it did so last."""
    keys = [uuid.UUID(ref.removeprefix(PROGRAM)) for ref in last]
    for client in db.session.scalars(select(ApiClient).where(ApiClient.id.in_(keys))):
        whose = _("a program of %(practice)s", practice=client.practice.name)
        yield Look(clock.local_date(last[client.about]), client.name, whose)


def _holders(referral: Referral) -> Iterator[Holder]:
    whole = _("All that is on this page, and what you talk about.")
    yield Holder(referral.to_organisation.name, whole)
    if not referral.is_own:
        sent = _("What they sent, and what came of it in a few words.")
        yield Holder(referral.from_organisation.name, sent)
    for onward in referral.onward:
        name = onward.to_organisation.name
        if onward.status in UNDER_WAY:
            yield Holder(name, _("What to call you, one way to reach you, and what helps you."))
        elif onward.status in OPEN:
            yield Holder(name, _("Only that somebody would like to come. No name."))


def _is_own_look(entry: AuditEntry) -> bool:
    return bool(entry.facts.get("own"))


def names_of(refs: set[str]) -> dict[str, tuple[str, str]]:
    """The names and jobs behind the references of the audit."""
    users = [uuid.UUID(ref[5:]) for ref in refs if ref.startswith("user:")]
    links = [uuid.UUID(ref[5:]) for ref in refs if ref.startswith("link:")]
    named = {
        f"user:{user.id}": (user.name, user.job)
        for user in db.session.scalars(select(User).where(User.id.in_(users)))
    }
    held = select(SignedLink).where(SignedLink.id.in_(links))
    return named | {
        f"link:{link.id}": (link.for_whom, _("by their link")) for link in db.session.scalars(held)
    }
