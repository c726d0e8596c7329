"""Referrals, the person: how they are told of things, in a way that is safe and says nothing.

A message holds no name, no illness, no group: that there is news, and a link behind which a PIN is
asked for. Whether it may go at all, and when, is for `referrals.person.leave` to say.
"""

from collections.abc import Collection
from datetime import datetime, time, timedelta
from enum import StrEnum

from core import audit, clock, links, outbox, site
from core.actors import Actor, Kind
from core.db import db
from core.outbox import Channel, Draft
from core.templating import on_the_clock
from referrals.models import Person, PrivatePage, Referral, Step, Telling, ToldBy
from referrals.people import way_to_reach
from referrals.person.keys import LASTS, MY_PAGE, page_of
from referrals.rights.history import kept
from referrals.rules import ContactRoute, Part, Status

EARLIEST, LATEST = time(10), time(20)
"""On the clock on the wall, summer and winter."""


class OwnLetter(StrEnum):
    """Every kind of letter that goes to the person themselves."""

    OWN_PAGE = "private-page"
    NEWS = "news-on-own-page"
    QUESTIONS = "questions"
    CLOSING = "closing-message"
    REMINDER = "visit-reminder"
    ENDING = "good-ending"
    COPY = "own-copy"


SUBJECT = "A message for you"
NEWS = "There is news on your own page. It asks for your PIN."
LINK = "This link opens your own page. It asks for your PIN."


def set_telling(
    person: Person,
    *,
    told_by: ToldBy,
    voicemail: bool = True,
    post: bool = True,
    questions: bool = True,
    counted: bool = True,
    not_before: time = EARLIEST,
    code_word: str = "",
    by: Actor,
) -> Telling:
    """Keep how somebody wishes to be told. The caller has seen that it is theirs to say.

    `questions`: they may be sent questions to answer. `counted`: their answers, and that they went,
    may be counted in what is shown of an activity.
    """
    telling = person.telling or Telling(person=person)
    with kept(telling, person, by=by):
        telling.told_by, telling.voicemail = told_by, voicemail
        telling.not_before, telling.code_word = not_before, code_word.strip()
        telling.post, telling.questions, telling.counted = post, questions, counted
        telling.by, telling.at = by.ref, clock.now()
    db.session.add(telling)
    db.session.flush()
    audit.record(by, "telling changed", about=f"person:{person.id}", told_by=told_by)
    return telling


def address_of(person: Person) -> tuple[Channel, str] | None:
    """Where messages go: as they chose, or the one way they agreed to be reached by."""
    chosen = person.telling.told_by if person.telling else None
    if chosen is ToldBy.NOTHING:
        return None
    if chosen is None:
        if person.contact_route not in {ContactRoute.TEXT, ContactRoute.EMAIL}:
            return None
        by_text, address = person.contact_route is ContactRoute.TEXT, way_to_reach(person)
    else:
        by_text = chosen is ToldBy.TEXT
        address = person.phone if by_text else person.email
    return (Channel.SMS if by_text else Channel.EMAIL, address) if address else None


def can_be_told(person: Person) -> bool:
    """Whether a message can reach them the way they want it."""
    return address_of(person) is not None


def safe_moment(person: Person, moment: datetime) -> datetime:
    """The first time from then on at which they may be sent something."""
    earliest = max(person.telling.not_before, EARLIEST) if person.telling else EARLIEST
    local = clock.local(moment)
    day = local.date()
    if local.time() >= LATEST:
        day += timedelta(days=1)
    elif local.time() >= earliest:
        return moment
    return datetime.combine(day, earliest, tzinfo=clock.LONDON)


def send_key(
    page: PrivatePage,
    *,
    occasion: str,
    asked: bool = True,
    not_before: datetime | None = None,
    by: Actor,
) -> bool:
    """Send the person a link to their page, the way they wish; False when there is no such way.

    `asked`: somebody asked for the link itself; it is not only that there is news.
    """
    person = page.referral.person
    way = address_of(person)
    if way is None:
        return False
    channel, address = way
    token = links.make(MY_PAGE, about=page.about, for_whom="the person", lasts=LASTS, by=by)
    draft = Draft(
        kind=OwnLetter.OWN_PAGE if asked else OwnLetter.NEWS,
        about=page.referral.about,
        for_whom=person.about,
        same_as=occasion,
        to_address=address,
        subject=SUBJECT if channel is Channel.EMAIL else "",
        body=f"{LINK if asked else NEWS} {site.address(f'/my/{token}')} {site.name()}\n",
        channel=channel,
        not_before=not_before,
    )
    outbox.put(draft)
    return True


def tell_news(
    step: Step, told: Collection[Part], *, by: Actor, not_before: datetime | None
) -> None:
    """After a step: tell the person that there is news, if that is how they wish it.

    Who asked for help themselves is told what a referrer is told. Nobody is told of what they did
    themselves, and whoever said no hears nothing more.
    """
    referral = step.referral
    concerns = Part.RESIDENT in told or (referral.is_own and Part.REFERRER in told)
    if not concerns or referral.is_onward or by.kind is Kind.LINK:
        return
    page = page_of(referral)
    is_wanted = referral.person.telling is not None and step.now is not Status.PERSON_DECLINED
    if page is not None and page.pin_hash and is_wanted:
        occasion = f"{referral.about}:{step.number}:person"
        send_key(page, occasion=occasion, asked=False, not_before=not_before, by=by)


def words_of_safety(referral: Referral) -> list[str]:
    """What whoever rings or writes has to know first."""
    telling = referral.person.telling
    if telling is None:
        return []
    said = [] if telling.voicemail else ["Leave no voicemail."]
    if not telling.post:
        said.append("Send nothing by post.")
    if telling.not_before > EARLIEST:
        said.append(f"Not before {on_the_clock(telling.not_before)}.")
    if telling.code_word:
        said.append(f"Say their word first: “{telling.code_word}”.")
    return said
