"""Directory: changes of a listing: what goes live, what waits for an editor, and what is undone.

A group's change of contact details, of age limits or of what is said about safeguarding waits;
everything else a group says goes live at once. What an editor says goes live.
"""

import uuid
from dataclasses import dataclass, replace

from sqlalchemy import Select, select

from accounts import May
from core import clock, outbox, site
from core.actors import Actor, Kind
from core.db import db, hold
from core.errors import ChangedMeanwhile, Forbidden, NotFound, Refused
from core.languages import _, in_english, lazy
from directory.cleaning import one_line, plain_text
from directory.desk.deciding import settle, verdict
from directory.differences import LABELS, Difference, changed_facts, differences
from directory.facts import ListingFacts, as_json, from_json
from directory.keeping import facts_of
from directory.listings import as_kept, change_listing, letter_address, may_keep, record_step
from directory.models import ListingStep, ProposedChange, Service
from directory.rules import RISK, WORDED, Decision, Risk, is_about_safeguarding

__all__ = [
    "Difference",
    "Outcome",
    "changed_in",
    "decide",
    "differences",
    "get_change",
    "get_step",
    "is_editor",
    "propose_change",
    "proposed_by",
    "risks",
    "undo",
    "waiting_changes",
    "waiting_for",
    "what_waits",
    "why_it_waits",
    "withdraw",
]

PROPOSED, WITHDRAWN = "change put to the editors", "change taken back"
AS_ASKED, NOT_AS_ASKED = "changed as the group asked", "change refused"
UNDONE = "change undone"

WHY = {
    Risk.CONTACT: lazy("A wrong number or address would send people to a stranger."),
    Risk.AGES: lazy("Age limits keep children and adults safe."),
    Risk.SAFEGUARDING: lazy("It is about keeping people safe."),
}
"""Why a change waits, as the group reads it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a change: the part that is live, and the part that waits."""

    live: ListingStep | None
    waiting: ProposedChange | None


def propose_change(service: Service, facts: ListingFacts, *, version: int, by: Actor) -> Outcome:
    """Make a listing say this, but for what must wait for an editor when a group says it."""
    if is_editor(by):
        return Outcome(change_listing(service, facts, version=version, by=by), None)
    if not may_keep(by, service.organisation_id):
        raise Forbidden(_("This activity belongs to another group."))
    if version != service.version:
        raise ChangedMeanwhile
    before, facts = facts_of(service), as_kept(service, facts)
    risky = risks(before, facts)
    unchanged = {name: getattr(before, name) for name in risky}
    waiting = _wait(service, {name: getattr(facts, name) for name in risky}, by=by)
    live = change_listing(service, replace(facts, **unchanged), version=version, by=by)
    return Outcome(live, waiting)


def is_editor(actor: Actor) -> bool:
    """Whether what this actor says of any listing goes live."""
    return actor.may(May.EDIT_DIRECTORY) or actor.kind is Kind.SYSTEM


def risks(before: ListingFacts, after: ListingFacts) -> dict[str, Risk]:
    """The facts that differ and must wait when a group says them, and why each must."""
    found = {}
    for name in changed_facts(before, after):
        if name in RISK:
            found[name] = RISK[name]
        elif name in WORDED:
            was, now = (plain_text(getattr(each, name)) for each in (before, after))
            if is_about_safeguarding(was, now):
                found[name] = Risk.SAFEGUARDING
    return found


def waiting_changes() -> list[ProposedChange]:
    """The changes that wait for an editor, the oldest first."""
    return list(db.session.scalars(_waiting().order_by(ProposedChange.made_at)))


def waiting_for(service: Service) -> ProposedChange | None:
    """The change of a listing that waits for an editor; there is never more than one."""
    return db.session.scalar(_waiting().where(ProposedChange.service_id == service.id))


def get_change(change_id: uuid.UUID) -> ProposedChange:
    """A proposed change, or NotFound."""
    change = db.session.get(ProposedChange, change_id)
    if change is None:
        raise NotFound
    return change


def proposed_by(change: ProposedChange) -> ListingFacts:
    """What the listing would say now with the change: only what waits is laid over it."""
    said = from_json(change.said_after)
    names = changed_facts(from_json(change.said_before), said)
    return replace(facts_of(change.service), **{name: getattr(said, name) for name in names})


def what_waits(change: ProposedChange) -> list[Difference]:
    """What the change would make of the listing as it is now."""
    return differences(facts_of(change.service), proposed_by(change))


def why_it_waits(change: ProposedChange) -> list[str]:
    """The reasons, as the group reads them."""
    found = risks(from_json(change.said_before), from_json(change.said_after))
    return [str(WHY[each]) for each in dict.fromkeys(found.values())]


def decide(change: ProposedChange, *, accept: bool, why: str = "", by: Actor) -> None:
    """Accept or refuse a change that waits, and tell the group. A refusal needs its reason."""
    if not is_editor(by):
        raise Forbidden(_("Only an editor decides this."))
    why = one_line(why)[:500]
    if not (accept or why):
        raise Refused(_("Say why, so that the group knows what to do."))
    service, asked = change.service, proposed_by(change)
    settle(change, verdict(accept=accept), by=by)
    change.why = why
    if accept:
        step = change_listing(service, asked, version=service.version, by=by)
        if step is not None:
            step.what = AS_ASKED
    else:
        record_step(service, NOT_AS_ASKED, was=service.life, by=by)
    _tell_group(change, accepted=accept, why=why)


def withdraw(change: ProposedChange, *, by: Actor) -> None:
    """Take back a change that waits."""
    if not may_keep(by, change.service.organisation_id):
        raise Forbidden(_("This activity belongs to another group."))
    settle(change, Decision.WITHDRAWN, by=by)
    record_step(change.service, WITHDRAWN, was=change.service.life, by=by)


def get_step(service: Service, step_id: uuid.UUID) -> ListingStep:
    """A step in the history of this listing, or NotFound."""
    step = db.session.get(ListingStep, step_id)
    if step is None or step.service_id != service.id:
        raise NotFound
    return step


def changed_in(step: ListingStep) -> list[Difference]:
    """What a step of the history changed; nothing for one that changed no words."""
    if step.said_before is None or step.said_after is None:
        return []
    return differences(from_json(step.said_before), from_json(step.said_after))


def undo(step: ListingStep, *, by: Actor) -> Outcome:
    """Say again what was said before a step, unless somebody has changed it since: Refused."""
    service = step.service
    if step.said_before is None or step.said_after is None:
        raise Refused(_("There is nothing to undo in this."))
    before, after = from_json(step.said_before), from_json(step.said_after)
    present = facts_of(service)
    names = changed_facts(before, after)
    since = [name for name in names if getattr(present, name) != getattr(after, name)]
    if since:
        said = ", ".join(str(LABELS[name]) for name in since)
        raise Refused(_("This has been changed again since: %(facts)s.", facts=said))
    again = replace(present, **{name: getattr(before, name) for name in names})
    outcome = propose_change(service, again, version=service.version, by=by)
    if outcome.live is not None:
        outcome.live.what = UNDONE
    return outcome


def _waiting() -> Select[ProposedChange]:
    return select(ProposedChange).where(ProposedChange.decision == Decision.WAITING)


def _wait(service: Service, said: dict[str, object], *, by: Actor) -> ProposedChange | None:
    """Put these facts before the editors, together with what waits already."""
    if not said:
        return None
    hold(service)  # of two who ask at once, the second joins what the first asked
    before = facts_of(service)
    earlier = waiting_for(service)
    asked = proposed_by(earlier) if earlier is not None else before
    if earlier is not None:
        settle(earlier, Decision.WITHDRAWN, by=by)
    change = ProposedChange(
        service=service,
        said_before=as_json(before),
        said_after=as_json(replace(asked, **said)),  # type: ignore[arg-type]
        made_at=clock.now(),
        by=by.ref,
        by_name=by.name,
    )
    db.session.add(change)
    record_step(service, PROPOSED, was=service.life, by=by)
    return change


@in_english()
def _tell_group(change: ProposedChange, *, accepted: bool, why: str) -> None:
    service = change.service
    address = letter_address(service)
    if not address:
        return
    if accepted:
        subject = _("Your change is live")
        said = _("Everybody can now read what you changed about %(name)s:", name=service.name)
    else:
        subject = _("We have not made your change")
        said = _("We have left %(name)s as it was:", name=service.name)
    url = site.address(f"/activities/{service.slug}")
    wrong = _("If that is wrong, answer this letter or call us.")
    outbox.put(
        outbox.Draft(
            kind="change-decided",
            about=f"service:{service.id}",
            same_as=f"change:{change.id}",
            to_address=address,
            to_name=service.organisation.name,
            subject=subject,
            body="\n\n".join([*filter(None, (f"{said}\n{url}", why, wrong)), site.name()]) + "\n",
        )
    )
