"""Referrals, the record: what matters to somebody, what they need and live with, as they say it.

Every saving is a version of the whole, with who wrote it and when; none is ever changed. What helps
somebody to understand also stands with the person, where every page and every group finds it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select

from core import audit, clock
from core.actors import Actor
from core.db import db, hold
from core.errors import ChangedMeanwhile, Forbidden, Refused
from referrals.models import AboutVersion, Heading, HelpKind, NeedKind, Person, Referral
from referrals.rules import NOT_YOURS, UNDER_WAY, Part
from referrals.sight import parts_of

LONGEST = 1000
LONGEST_HELP = 200
"""What helps is shown in every list: it must be short."""

HELP_WORDS = {
    HelpKind.INTERPRETER: "Interpreter",
    HelpKind.SIGN_LANGUAGE: "British Sign Language",
    HelpKind.LIP_READING: "Reads lips",
    HelpKind.HEARING_LOOP: "Hearing loop",
    HelpKind.LARGE_PRINT: "Large print",
    HelpKind.BRAILLE: "Braille",
    HelpKind.EASY_READ: "Easy words and pictures",
    HelpKind.SLOWLY: "Speak slowly",
    HelpKind.MORE_TIME: "More time",
    HelpKind.SPEAKS_FOR: "Somebody speaks for them",
    HelpKind.NO_CALLS: "No telephone calls",
}
"""As it stands beside the name, in every list and on the group's page."""


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing that a version says otherwise than the one before it."""

    what: str
    before: str
    now: str


def current(person: Person) -> AboutVersion | None:
    """What is written about somebody now; None when nothing is."""
    return db.session.scalar(_of(person).limit(1))


def versions(person: Person) -> Sequence[AboutVersion]:
    """All that was ever written about somebody, the newest first."""
    return db.session.scalars(_of(person)).all()


def write(
    referral: Referral,
    said: Mapping[Heading, str],
    *,
    seen: int,
    needs: Collection[NeedKind] | None = None,
    helps: Collection[HelpKind] | None = None,
    by: Actor,
) -> AboutVersion:
    """Write a new version; what is not given stays as it was.

    `seen` is the number of the version that was read: who saves on an older one is told.
    """
    may_write(referral, by=by)
    hold(referral.person)
    last = current(referral.person)
    if (last.number if last else 0) != seen:
        raise ChangedMeanwhile
    new = AboutVersion(
        person=referral.person,
        referral_id=referral.id,
        number=seen + 1,
        said=_merged(last, said),
        needs=_list(NeedKind, needs, last.needs if last else []),
        helps=_list(HelpKind, helps, last.helps if last else []),
        by=by.ref,
        by_name=by.name,
        at=clock.now(),
    )
    if helps is not None or Heading.UNDERSTANDING in said:
        referral.person.communication_needs = _one_line(new)
    db.session.add(new)
    db.session.flush()
    audit.record(by, "record written", about=referral.about, number=new.number)
    return new


def communication_needs(person: Person) -> str:
    """What helps somebody to understand and be understood, in one line."""
    return person.communication_needs


def help_in_words(person: Person) -> str:
    """The words beside the ticks; a practice's own words where nobody has ticked anything."""
    last = current(person)
    if last is not None and _one_line(last) == person.communication_needs:
        return last.said.get(Heading.UNDERSTANDING, "")
    return person.communication_needs


def changes(newer: AboutVersion, older: AboutVersion | None) -> list[Changed]:
    """What a version says otherwise than the one before it, heading by heading."""
    was = older.said if older else {}
    found = [
        Changed(heading, was.get(heading, ""), newer.said.get(heading, ""))
        for heading in Heading
        if was.get(heading, "") != newer.said.get(heading, "")
    ]
    for what in ("needs", "helps"):
        before, now = (", ".join(getattr(each, what)) if each else "" for each in (older, newer))
        if before != now:
            found.append(Changed(what, before, now))
    return found


def may_write(referral: Referral, *, by: Actor) -> None:
    """Refuse whoever does not work with this person now."""
    if referral.is_onward or Part.RECEIVER not in parts_of(by, referral):
        raise Forbidden(NOT_YOURS.reason)
    if referral.status not in UNDER_WAY:
        raise Refused("Accept the referral first. Once it has ended the record stays as it is.")


def _of(person: Person) -> Select[AboutVersion]:
    wanted = select(AboutVersion).where(AboutVersion.person_id == person.id)
    return wanted.order_by(AboutVersion.number.desc())


def _merged(last: AboutVersion | None, said: Mapping[Heading, str]) -> dict[str, str]:
    if any(len(words) > LONGEST for words in said.values()):
        raise Refused("Use 1,000 letters or fewer under each heading.")
    merged = dict(last.said) if last else {}
    merged |= {heading.value: words.strip() for heading, words in said.items()}
    return {heading: words for heading, words in merged.items() if words}


def _list(kinds: type[NeedKind] | type[HelpKind], chosen: object, was: list[str]) -> list[str]:
    if chosen is None:
        return list(was)
    return [kind.value for kind in kinds if kind in chosen]  # type: ignore[operator]


def _one_line(version: AboutVersion) -> str:
    ticked = [HELP_WORDS[HelpKind(kind)] for kind in version.helps]
    line = ". ".join(filter(None, [", ".join(ticked), version.said.get(Heading.UNDERSTANDING, "")]))
    if len(line) > LONGEST_HELP:
        raise Refused("Say it shorter: what helps stands beside the name in every list.")
    return line
