"""Directory: asks groups about what is in doubt: one letter a group, one reminder, then an editor.

Whether, when and about what is decided in directory/doubt.py; here it is read and written down.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select

from accounts import May
from core import clock, outbox, work
from core.actors import Actor, Kind, system
from core.db import db
from core.errors import NotFound
from core.links import SignedLink
from core.saving import saving
from directory.editing import waiting_for, what_waits
from directory.freshness.doubt import Cycle, Move, asked_about, doubt, may_write, moves
from directory.freshness.evidence import EVERYTHING, confirm, forget
from directory.freshness.keeper_links import CONFIRM_LISTING, keeper_link
from directory.freshness.letters import Question, asking_letter, new_link_letter
from directory.freshness.standings import Found, find, letters_to, open_enquiries
from directory.listings import letter_address, step, whole_listings
from directory.models import Enquiry, Service
from directory.rules import Aspect, How, Life, Step, turn

EVERY_DAY = timedelta(days=1)
LINK_LASTS = timedelta(days=14)
AT_ONCE = 300
KEPT = frozenset({Life.LIVE, Life.NEEDS_CHECKING, Life.PAUSED, Life.HIDDEN})
ASKED = KEPT - {Life.PAUSED}

_cycle = [Cycle()]


@dataclass(slots=True)
class Recipient:
    """A group as letters see it: its listings under one address, and what it was sent lately."""

    organisation_id: uuid.UUID
    address: str
    found: list[Found] = field(default_factory=list)
    letters: frozenset[date] = frozenset()

    def is_due(self, move: Move) -> bool:
        return any(move in each.due for each in self.found)


def set_up(chosen: Mapping[str, str]) -> None:
    """Keep to the cycle a deployment chose."""
    _cycle[:] = [Cycle.chosen(chosen)]


def init_app(chosen: Mapping[str, str]) -> None:
    """Have the round made once a day."""
    set_up(chosen)
    work.chore("ask about listings", EVERY_DAY, go_round)


def go_round() -> int:
    """Do for every listing what is due today; returns how many letters were written."""
    today, cycle, by = clock.today(), _cycle[0], system("freshness")
    asked: list[tuple[float, Recipient]] = []
    written = 0
    organisations = _organisations()
    for start in range(0, len(organisations), AT_ONCE):
        for recipient in _recipients(organisations[start : start + AT_ONCE], today, cycle):
            _turn(recipient, by=by)
            if recipient.is_due(Move.ASK):
                worst = max(doubt(each.standing, today, cycle) for each in recipient.found)
                asked.append((worst, recipient))
            elif recipient.is_due(Move.REMIND):
                written += _write(recipient, today, cycle, again=True, by=by)
    asked.sort(key=lambda each: each[0], reverse=True)
    for _worst, recipient in asked[: cycle.letters_a_day]:
        written += _write(recipient, today, cycle, again=False, by=by)
    return written


def listings_behind(link: SignedLink) -> list[Service]:
    """The listings a link opens: the one it names, and those its group is written to about."""
    kind, _, service_id = link.about.partition(":")
    named = db.session.get(Service, uuid.UUID(service_id)) if kind == "service" else None
    if named is None or link.purpose != CONFIRM_LISTING:
        raise NotFound
    address = letter_address(named)
    of_group = select(Service.id).where(
        Service.organisation_id == named.organisation_id, Service.life.in_(KEPT)
    )
    kept = whole_listings(list(db.session.scalars(of_group.order_by(Service.name, Service.slug))))
    opened = [each for each in kept if each.id == named.id or letter_address(each) == address]
    if not opened:
        raise NotFound
    return opened


def keeper_of(link: SignedLink, service: Service) -> Actor:
    """Whoever holds the link: they keep this group's listings, and may do nothing else."""
    holds = {May.KEEP_LISTINGS.value: frozenset({service.organisation_id})}
    return Actor(Kind.LINK, link.actor.ref, name=service.organisation.name, holds=holds)


def doubted_in(services: Sequence[Service]) -> dict[uuid.UUID, tuple[Aspect, ...]]:
    """What is in doubt of each of these listings, the most doubtful first."""
    today, cycle = clock.today(), _cycle[0]
    found = find(Service.id.in_([each.id for each in services]), today)
    return {each.id: asked_about(each.standing, today, cycle) for _, each in found}


def still_right(services: Iterable[Service], *, by: Actor) -> None:
    """Everything these listings say is still right: they are fresh again, hidden ones shown.

    Not so a part the group wants changed and an editor has not looked at.
    """
    for service in services:
        if turn(Step.CHECK, service.life):
            step(service, Step.CHECK, by=by)
        else:
            confirm(service, EVERYTHING, How.GROUP, by=by)
        waiting = waiting_for(service)
        if waiting is not None:
            forget(service, {each.aspect for each in what_waits(waiting)})


def send_new_link(link: SignedLink, *, by: Actor) -> None:
    """Write to the group with a new link; once a day, however often somebody asks."""
    service = db.session.get(Service, uuid.UUID(link.about.partition(":")[2]))
    address = letter_address(service) if service and service.life in KEPT else ""
    if service is None or not address:
        return
    url = keeper_link(service, lasts=LINK_LASTS, by=by)
    occasion = f"still-right-link:{service.id}:{clock.today().isoformat()}"
    about = f"service:{service.id}"
    outbox.put(new_link_letter(url, about=about, occasion=occasion, to=address))


def _organisations() -> list[uuid.UUID]:
    wanted = select(Service.organisation_id).where(Service.life.in_(ASKED)).distinct()
    return list(db.session.scalars(wanted.order_by(Service.organisation_id)))


def _recipients(
    organisation_ids: Sequence[uuid.UUID], today: date, cycle: Cycle
) -> list[Recipient]:
    """The groups of these organisations, with what is due for each of their listings."""
    of_them = Service.organisation_id.in_(organisation_ids) & Service.life.in_(ASKED)
    letters = letters_to(organisation_ids)
    groups: dict[tuple[uuid.UUID, str], Recipient] = {}
    for organisation_id, found in find(of_them, today):
        if not found.is_resting:
            found.due = moves(found.standing, today, cycle)
        group = groups.setdefault(
            (organisation_id, found.address),
            Recipient(
                organisation_id, found.address, letters=letters.get(organisation_id, frozenset())
            ),
        )
        group.found.append(found)
    db.session.rollback()
    return list(groups.values())


def _turn(recipient: Recipient, *, by: Actor) -> None:
    """Demote, hide and pass on what is due."""
    turned = {Move.DOUBT: Step.DOUBT, Move.HIDE: Step.HIDE}
    due = [each for each in recipient.found if each.due & {*turned, Move.TELL_EDITORS}]
    if not due:
        return
    with saving():
        asked = open_enquiries([each.id for each in due])
        for service in whole_listings([each.id for each in due]):
            for move in next(each.due for each in due if each.id == service.id):
                if move is Move.TELL_EDITORS and service.id in asked:
                    asked[service.id].passed_on_at = clock.now()
                elif move in turned and turn(turned[move], service.life):
                    step(service, turned[move], by=by)


def _write(recipient: Recipient, today: date, cycle: Cycle, *, again: bool, by: Actor) -> int:
    """Ask a group about all its listings at once, or remind it of the question."""
    if recipient.address and not may_write(list(recipient.letters), today, cycle):
        return 0
    with saving():
        found = {each.id: each for each in recipient.found if not each.is_resting}
        services = whole_listings(list(found))
        asked = open_enquiries(list(found))
        if again:
            services = [each for each in services if each.id in asked]
            for service in services:
                asked[service.id].reminded_at = clock.now()
        else:
            for service in services:
                _ask(service, has_letter=bool(recipient.address))
        if not services or not recipient.address:
            return 0
        questions = [
            Question(each.name, asked_about(found[each.id].standing, today, cycle))
            for each in services
        ]
        link = keeper_link(services[0], lasts=LINK_LASTS, by=by)
        kind = "reminded" if again else "asked"
        occasion = f"still-right:{services[0].id}:{kind}:{today.isoformat()}"
        about = f"service:{services[0].id}"
        outbox.put(
            asking_letter(
                questions, link, about=about, occasion=occasion, to=recipient.address, again=again
            )
        )
    return 1


def _ask(service: Service, *, has_letter: bool) -> None:
    """Write down that the question is open; where nobody can be written to, it is the editors'."""
    now = clock.now()
    db.session.add(
        Enquiry(
            service=service,
            asked_at=now,
            has_letter=has_letter,
            passed_on_at=None if has_letter else now,
        )
    )
