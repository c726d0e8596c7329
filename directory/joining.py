"""Directory: a group adds itself: a link by e-mail, answers kept as typed, a draft for the editors.

Whoever asks for a link is told the same whether a letter was sent or not, and an address is written
to once an hour and a few times a day at most: nobody can have somebody else's letterbox filled.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from accounts import Organisation, OrganisationKind, set_up
from core import audit, clock, links, outbox, site
from core.actors import Actor, system
from core.db import change_rows, db, hold
from core.errors import NotFound, Refused
from core.languages import _, in_english
from core.links import SignedLink
from core.outbox import Letter
from core.saving import saving
from core.working_days import working_days_after
from directory.facts import ListingFacts
from directory.freshness.evidence import EVERYTHING, confirm
from directory.listings import draft_listing
from directory.models import GroupDraft, Photo, Service
from directory.photos import move_to_listing
from directory.rules import How

ADD_GROUP = "add-group"
LINK_LASTS = timedelta(days=30)
ONE_LETTER_IN = timedelta(hours=1)
A_DAY = timedelta(days=1)
MOST_LETTERS_A_DAY = 4
MOST_DRAFTS_A_DAY = 3
LOOKED_AT_WITHIN = 5
"""Working days in which an editor looks at what was sent."""

PAGES = ("about", "when", "where", "cost", "who", "arrive", "contact")
"""The seven questions, in the order they are asked."""

NOT_THESE = "not-these"

_JOB = system("add a group")

Said = Mapping[str, Sequence[str]]
"""The answers of one page, as they were typed."""


def ask_for_link(email: str, your_name: str, *, by: Actor) -> None:
    """Write to somebody who wants to add a group; not if they were written to just now."""
    email, now = email.strip().lower(), clock.now()
    drafts = list(
        db.session.scalars(
            select(GroupDraft)
            .where(GroupDraft.email == email, GroupDraft.written_to_at > now - LINK_LASTS)
            .order_by(GroupDraft.written_to_at.desc())
        )
    )
    if drafts and drafts[0].written_to_at > now - ONE_LETTER_IN:
        return
    draft = next((each for each in drafts if each.sent_at is None), None)
    if draft is None:
        if sum(each.begun_at > now - A_DAY for each in drafts) >= MOST_DRAFTS_A_DAY:
            return
        draft = _begin(email, your_name, by=by)
    elif _letters_today(draft) >= MOST_LETTERS_A_DAY:
        return
    _write_to(draft, by=by)


def draft_behind(link: SignedLink) -> GroupDraft:
    """The draft a link opens, or NotFound."""
    draft = db.session.get(GroupDraft, uuid.UUID(link.about.removeprefix("draft:")))
    if draft is None:
        raise NotFound
    return draft


def keep(draft: GroupDraft, page: str, said: Said) -> None:
    """Keep the answers of one page as they were typed."""
    check_open(draft)
    draft.said = {**draft.said, page: {name: list(values) for name, values in said.items()}}
    draft.changed_at = clock.now()


def rule_out(draft: GroupDraft, service_ids: Sequence[uuid.UUID]) -> None:
    """It is none of these listings: do not show them again."""
    check_open(draft)
    ruled_out = [*draft.said.get(NOT_THESE, []), *map(str, service_ids)]
    draft.said = {**draft.said, NOT_THESE: list(dict.fromkeys(ruled_out))}
    draft.changed_at = clock.now()


def ruled_out(draft: GroupDraft) -> frozenset[uuid.UUID]:
    """The listings that it is not, as the sender says."""
    return frozenset(map(uuid.UUID, draft.said.get(NOT_THESE, [])))


def send(draft: GroupDraft, facts: ListingFacts, group: str, *, by: Actor) -> Service:
    """Make a draft a listing that an editor will look at, and say so to whoever sent it."""
    hold(draft)
    check_open(draft)
    service = draft_listing(facts, _organisation(group or facts.name, facts), by=_JOB)
    db.session.flush()
    confirm(service, EVERYTHING, How.GROUP, by=by)  # the group itself has just said all of it
    move_to_listing(draft, service)
    service.letters_to = draft.email
    draft.service, draft.sent_at = service, clock.now()
    audit.record(by, "group sent", about=draft.about, service=str(service.id))
    outbox.put(_we_have_it(draft))
    return service


def check_open(draft: GroupDraft) -> None:
    """Refused once it is sent: from then on an editor has it."""
    if draft.sent_at is not None:
        raise Refused(_("You have sent this already. Thank you. Somebody is looking at it."))


def forget_old_drafts() -> int:
    """Drop what nobody finished, and who sent what is long sent; returns how many."""
    too_old = clock.now() - LINK_LASTS - A_DAY
    unfinished: ColumnElement[bool] = GroupDraft.sent_at.is_(None)
    old = select(GroupDraft.id).where(unfinished, GroupDraft.written_to_at < too_old)
    long_sent = update(GroupDraft).where(GroupDraft.sent_at < too_old, GroupDraft.email != "")
    with saving():
        change_rows(delete(Photo).where(Photo.draft_id.in_(old)))
        dropped = change_rows(delete(GroupDraft).where(GroupDraft.id.in_(old)))
        return dropped + change_rows(long_sent.values(email="", your_name="", said={}))


def _begin(email: str, your_name: str, *, by: Actor) -> GroupDraft:
    now = clock.now()
    draft = GroupDraft(
        email=email,
        your_name=your_name.strip(),
        said={},
        begun_at=now,
        written_to_at=now,
        changed_at=now,
    )
    db.session.add(draft)
    db.session.flush()
    audit.record(by, "group begun", about=draft.about)
    return draft


def _letters_today(draft: GroupDraft) -> int:
    since = clock.now() - A_DAY
    sent = select(func.count()).where(Letter.about == draft.about, Letter.written_at > since)
    return db.session.scalar(sent) or 0


@in_english()
def _write_to(draft: GroupDraft, *, by: Actor) -> None:
    # Whoever typed this address may be a stranger to it: no word of theirs goes into the letter.
    draft.written_to_at = clock.now()
    token = links.make(
        ADD_GROUP, about=draft.about, for_whom="whoever adds a group", lasts=LINK_LASTS, by=by
    )
    body = _(
        "Somebody, we hope you, wants to add a group or an activity to %(site)s.\n\n"
        "Open this link and answer seven short questions. You can stop and come back by the same "
        "link: we keep what you wrote. It works for 30 days. No password is needed.\n\n%(link)s\n\n"
        "If it was not you, leave this letter alone and nothing will happen.",
        site=site.name(),
        link=site.address(f"/add-your-group/{token}"),
    )
    outbox.put(
        outbox.Draft(
            kind="add-group-link",
            about=draft.about,
            same_as=f"add-group:{draft.id}:{clock.now():%Y%m%d%H%M}",
            to_address=draft.email,
            subject=_("Add your group"),
            body=body,
        )
    )


@in_english()
def _we_have_it(draft: GroupDraft) -> outbox.Draft:
    by_day = working_days_after(clock.today(), LOOKED_AT_WITHIN)
    body = _(
        "Thank you. We have what you wrote about your group.\n\n"
        "Somebody looks at it within %(count)s working days, by %(day)s, and then everybody can "
        "find it on %(site)s. You need not do anything now.",
        count=LOOKED_AT_WITHIN,
        day=f"{by_day.day} {by_day:%B}",
        site=site.name(),
    )
    return outbox.Draft(
        kind="add-group-sent",
        about=draft.about,
        same_as=f"group-sent:{draft.id}",
        to_address=draft.email,
        subject=_("We have your group"),
        body=body,
    )


def _organisation(name: str, facts: ListingFacts) -> Organisation:
    """The group of that name that is reached the same way, or a new one.

    A name alone proves nothing: anybody may type another group's.
    """
    phones = [each.number for each in facts.phones]
    reached: list[ColumnElement[bool]] = []
    if facts.email:
        reached.append(func.lower(Organisation.email) == facts.email.lower())
    if phones:
        reached.append(Organisation.phone.in_(phones))
    known = select(Organisation).where(
        Organisation.kind == OrganisationKind.GROUP,
        func.lower(Organisation.name) == name.lower(),
        or_(*reached),
    )
    found = db.session.scalars(known.limit(1)).first() if reached else None
    return found or _new_group(name, facts, phones)


def _new_group(name: str, facts: ListingFacts, phones: Sequence[str]) -> Organisation:
    columns: dict[str, Any] = {"email": facts.email, "website": facts.url[:500]}
    return set_up(
        name,
        OrganisationKind.GROUP,
        by=_JOB,
        phone=phones[0][:40] if phones else "",
        **columns,
    )
