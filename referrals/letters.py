"""Referrals: the words of this room's letters, and to whom they go; the outbox carries them.

A letter says that there is news and where to sign in, or carries a signed link. Never anything
about the person: not a name, not a number, not a reason. A referrer is written to twice on a
referral's way, when the person first went somewhere and when it closes, and whenever something is
asked of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accounts import May, Organisation, User
from core import site
from core.actors import Actor, Kind
from core.outbox import Draft
from directory import Service
from referrals.models import FirstVisit, Referral, Step
from referrals.person.keys import parts_by_key
from referrals.rules import CLOSED, MOVES, OPEN, Action, Part


@dataclass(frozen=True, slots=True)
class Words:
    """A kind of letter and what it says. The subject never names anybody or any group."""

    kind: str
    subject: str
    says: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever a letter goes to."""

    address: str
    name: str = ""


NEW_REFERRAL = Words(
    "new-referral", "You have a new referral", "You have a new referral. Sign in to read it."
)
FOR_REFERRER = Words(
    "news-for-referrer",
    "News about someone you referred",
    "You have news about someone you referred. Sign in to read it.",
)
QUESTION = Words(
    "question",
    "A question about someone you referred",
    "There is a question about someone you referred. Sign in to answer it.",
)
FOR_LINK_WORKER = Words(
    "news-for-link-worker",
    "News about someone on your caseload",
    "You have news about someone on your caseload. Sign in to read it.",
)
GROUP_ASKED = Words(
    "group-asked",
    "Can somebody come to your group?",
    "A link worker at {team} would like to send somebody to {activity}. "
    "Open this link to see and answer.",
)
GROUP_VISIT = Words(
    "group-visit",
    "A first visit to your group",
    "A first visit to {activity} is planned. Open this link to see when it is, and to tell us "
    "afterwards whether they came.",
)
GROUP_NOT_NEEDED = Words(
    "group-not-needed",
    "A place in your group is not needed now",
    "The person {team} asked you about for {activity} does not need a place now. "
    "You need not do anything.",
)
PLACE_OFFERED = Words(
    "place-offered",
    "A place is free for somebody on your caseload",
    "A place has come free in a group that somebody on your caseload waits for. It is kept for two "
    "working days. Sign in to take it.",
)
OFFER_LAPSED = Words(
    "offer-lapsed",
    "A place that was kept has gone to the next in line",
    "A place that was kept for somebody on your caseload was not taken in time, and has gone to "
    "the next in line. Sign in to see who it was.",
)
WHO_CAME = Words(
    "who-came",
    "Who came to your group?",
    "Who came? A tap for each person is all it takes. No password. Each number below is a person, "
    "the same one every week; the page behind the link says who.",
)
"""The one weekly letter. Its people are numbers, the same ones every week."""

GROUP_NUDGE = Words(
    "group-nudge",
    "Can somebody come to your group? We have not heard from you",
    "A link worker at {team} asked if somebody may come to {activity}, and waits for your answer. "
    "No is a good answer too. Open this link to see and answer.",
)
GROUP_RELEASED = Words(
    "group-released",
    "You need not answer about a place in your group any more",
    "{team} asked you whether somebody may come to {activity}. We did not hear from you, so they "
    "look for something else. You need not do anything.",
)
GROUP_REGISTER = Words(
    "group-register",
    "Your register",
    "This link opens the register of {activity}: who came, how many more you can take, a sheet to "
    "print. Keep it, and show it only to who runs the group with you. It opens for a year.",
)
LEAD_ASKED = Words(
    "lead-asked",
    "A group has not answered for two weeks",
    "Somebody in your team asked a group for a place two weeks ago and has had no answer. "
    "Sign in to see who waits.",
)


def after_step(step: Step, *, by: Actor) -> list[Draft]:
    """The letters that a step in a referral's life calls for; none to whoever took it."""
    drafts = (_tell(part, step, by) for part in sorted(_told(step)))
    return [draft for draft in drafts if draft is not None]


def first_attended(referral: Referral) -> Draft | None:
    """To the referrer, once for a referral whatever happens later: the person went somewhere."""
    return _draft(
        FOR_REFERRER,
        _referrer(referral),
        referral,
        occasion=f"attended:{referral.id}",
        url=site.address(f"/my-referrals/{referral.id}"),
    )


def closing_message(referral: Referral) -> Draft | None:
    """To the referrer: the message at the end can be read, as far as the person allows it."""
    return _draft(
        FOR_REFERRER,
        _referrer(referral),
        referral,
        occasion=f"closing:{referral.id}",
        url=site.address(f"/my-referrals/{referral.id}"),
    )


def visit_answered(visit: FirstVisit, *, by: Actor) -> Draft | None:
    """To the link worker: somebody else has said what became of a visit."""
    onward = visit.referral
    return _draft(
        FOR_LINK_WORKER,
        _link_worker(onward, by),
        onward,
        occasion=f"visit:{visit.id}:{visit.came}",
        url=_on_caseload(onward),
    )


def to_team(words: Words, referral: Referral, *, occasion: str, by: Actor) -> Draft | None:
    """To whoever works a referral from a practice, or to their team."""
    return _draft(words, _team(referral, by), referral, occasion, _on_caseload(referral))


def to_lead(lead: User, referral: Referral, *, occasion: str) -> Draft | None:
    """To the lead of the team that works a referral."""
    return _draft(LEAD_ASKED, _user(lead), referral, occasion, _on_caseload(referral))


def released(onward: Referral) -> Draft | None:
    """To the group: nobody waits for its answer any more."""
    occasion = f"released:{onward.id}"
    return _draft(GROUP_RELEASED, group_reader(onward), onward, occasion)


def who_came(
    group: Organisation,
    address: str,
    sessions: Sequence[tuple[str, date, Sequence[int]]],
    url: str,
    *,
    about: str,
) -> Draft:
    """To the group: whom it expected this week, by their numbers, and three ways to answer."""
    lines = [
        f"{name}, {day_of(on)}: {', '.join(map(str, numbers))}" for name, on, numbers in sessions
    ]
    shortest = "You can also answer this letter: “1 yes 2 no”, or “all came”."
    parts = [f"Hello {group.name},", WHO_CAME.says, "\n".join(lines), url, shortest, site.name()]
    return Draft(
        kind=WHO_CAME.kind,
        about=about,
        same_as=f"who-came:{about}",
        to_address=address,
        to_name=group.name[:120],
        subject=WHO_CAME.subject,
        body="\n\n".join(parts) + "\n",
    )


def register_letter(
    service: Service, address: str, url: str, *, about: str, occasion: str
) -> Draft:
    """To the group: the link to its own register, to keep."""
    parts = [
        f"Hello {service.organisation.name},",
        GROUP_REGISTER.says.format(activity=service.name),
    ]
    return Draft(
        kind=GROUP_REGISTER.kind,
        about=about,
        same_as=occasion,
        to_address=address,
        to_name=service.organisation.name[:120],
        subject=GROUP_REGISTER.subject,
        body="\n\n".join([*parts, url, site.name()]) + "\n",
    )


def to_group(words: Words, reader: Reader, onward: Referral, *, token: str, occasion: str) -> Draft:
    """To the group, with the key it answers by."""
    return _written(words, reader, onward, occasion, site.address(f"/g/{token}"))


def group_reader(onward: Referral) -> Reader | None:
    """Where the group reads its letters; None when it has given no e-mail address."""
    service = onward.service
    if service is None:
        return None
    address = address_of(service)
    return Reader(address, service.organisation.name) if address else None


def address_of(service: Service) -> str:
    """The e-mail address for letters about an activity: its own, a contact's, or the group's."""
    addresses = [service.email, *(contact.email for contact in service.contacts)]
    return next(filter(None, [*addresses, service.organisation.email]), "")


def day_of(day: date) -> str:
    """3 November 2026."""
    return f"{day.day} {day:%B %Y}"


def _told(step: Step) -> frozenset[Part]:
    move = next(move for move in MOVES if move.action is step.action and step.was in move.start)
    return move.tells | move.tells_onward if step.referral.is_onward else move.tells


def _tell(part: Part, step: Step, by: Actor) -> Draft | None:
    referral = step.referral
    if part is Part.RESIDENT:  # told in their own way, see referrals.person.telling
        return None
    occasion = f"{referral.about}:{step.number}"
    if part is Part.REFERRER and referral.is_onward:
        return _draft(
            FOR_LINK_WORKER, _link_worker(referral, by), referral, occasion, _on_caseload(referral)
        )
    if part is Part.REFERRER:
        url = site.address(f"/my-referrals/{referral.id}")
        words = QUESTION if step.action is Action.ASK else FOR_REFERRER
        return _draft(words, _referrer(referral), referral, occasion, url)
    if referral.is_onward:
        return _tell_group(step, by, occasion)
    words = NEW_REFERRAL if step.action is Action.SEND else FOR_LINK_WORKER
    return _draft(words, _team(referral, by), referral, occasion, _on_caseload(referral))


def _tell_group(step: Step, by: Actor, occasion: str) -> Draft | None:
    """Only that it may forget the matter; what it is asked comes with its key, by `to_group`."""
    over = step.now in CLOSED and step.was in OPEN
    is_person = Part.RESIDENT in parts_by_key(by, step.referral)
    if not over or (by.kind is Kind.LINK and not is_person):
        return None
    return _draft(GROUP_NOT_NEEDED, group_reader(step.referral), step.referral, occasion)


def _referrer(referral: Referral) -> Reader | None:
    """The clinician; their practice when they have left it. Nobody where no clinician referred."""
    if referral.is_own:
        return None
    return _user(referral.referrer) or _organisation(referral.from_organisation)


def _team(referral: Referral, by: Actor) -> Reader | None:
    """Whoever works it, or the team's shared address; not told of what the team did itself."""
    if referral.to_organisation_id in by.where(May.WORK_CASELOAD):
        return None
    return _user(referral.owner) or _organisation(referral.to_organisation)


def _link_worker(onward: Referral, by: Actor) -> Reader | None:
    """Whoever works the referral this one hangs on, while that is open and it was not they."""
    first = onward.parent
    if first is None or first.status in CLOSED:
        return None
    working = first.owner or onward.referrer
    if working is not None and working.id == by.user_id:
        return None
    return _user(working) or _organisation(onward.from_organisation)


def _user(user: User | None) -> Reader | None:
    if user is None or user.disabled_at is not None:
        return None
    return Reader(user.email, user.name)


def _organisation(organisation: Organisation) -> Reader | None:
    return Reader(organisation.email, organisation.name) if organisation.email else None


def _on_caseload(referral: Referral) -> str:
    return site.address(f"/caseload/{referral.parent_id or referral.id}")


def _draft(
    words: Words, reader: Reader | None, referral: Referral, occasion: str, url: str = ""
) -> Draft | None:
    return None if reader is None else _written(words, reader, referral, occasion, url)


def _written(words: Words, reader: Reader, referral: Referral, occasion: str, url: str) -> Draft:
    activity = referral.service.name if referral.service else ""
    said = words.says.format(team=referral.from_organisation.name, activity=activity)
    greeting = f"Hello {reader.name}," if reader.name else "Hello,"
    return Draft(
        kind=words.kind,
        about=referral.about,
        same_as=occasion,
        to_address=reader.address,
        to_name=reader.name[:120],
        subject=words.subject,
        body="\n\n".join(filter(None, [greeting, said, url, site.name()])) + "\n",
    )
