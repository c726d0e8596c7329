"""Directory: a group says that a listing is its own; an editor makes sure before it gets the keys.

Whoever kept the listing before is told, so that nobody is robbed of it unawares.
"""

import uuid
from datetime import timedelta

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import selectinload

from accounts import Role, members
from core import audit, clock, links, outbox, site
from core.actors import Actor
from core.db import change_rows, db
from core.errors import NotFound
from core.languages import _, in_english
from directory.desk.deciding import settle, verdict
from directory.freshness.keeper_links import keeper_link
from directory.models import Claim, Service
from directory.rules import Decision

REFUSED_LETTER = "claim-refused"
FORGOTTEN_AFTER = timedelta(days=90)

MOST_WAITING = 10
"""So many unanswered claims of one listing are somebody's game."""


def claim(service: Service, your_name: str, email: str, words: str, *, by: Actor) -> None:
    """Put before the editors that somebody says this listing is their group's."""
    waiting = select(func.count()).where(
        Claim.service_id == service.id, Claim.decision == Decision.WAITING
    )
    if (db.session.scalar(waiting) or 0) >= MOST_WAITING:
        return
    made = Claim(
        service_id=service.id,
        your_name=your_name.strip(),
        email=email.strip(),
        words=words.strip(),
        made_at=clock.now(),
    )
    db.session.add(made)
    audit.record(by, "listing claimed", about=f"service:{service.id}")


def waiting_claims() -> list[Claim]:
    """The claims nobody has decided, the oldest first."""
    found = select(Claim).where(Claim.decision == Decision.WAITING)
    whole = selectinload(Claim.service).selectinload(Service.organisation)
    return list(db.session.scalars(found.order_by(Claim.made_at, Claim.id).options(whole)))


def get_claim(claim_id: uuid.UUID) -> Claim:
    """The claim, or NotFound."""
    found = db.session.get(Claim, claim_id)
    if found is None:
        raise NotFound
    return found


def decide_claim(claim: Claim, why: str, *, accept: bool, by: Actor) -> None:
    """Give a listing to who claims it, or say why not. They are told, and so are its old keepers.

    From then on its listings are asked about at the claimant's address, which is shown to nobody.
    """
    settle(claim, verdict(accept=accept), by=by)
    claim.why = why.strip()
    audit.record(
        by,
        "claim decided",
        about=f"service:{claim.service_id}",
        claim=str(claim.id),
        decision=claim.decision,
    )
    if not accept:
        outbox.put(_sorry(claim))
        return
    for address in sorted(old_keepers(claim.service) - {claim.email.lower()}):
        outbox.put(_to_old_keeper(claim, address))
    _shut_old_letters(claim.service, by=by)
    for service in db.session.scalars(_of_the_same(claim.service)).all():
        service.letters_to = claim.email
    outbox.put(_welcome(claim, by=by))


def forget_claimants() -> int:
    """Forget who claimed what once it is long decided; returns how many."""
    before = clock.now() - FORGOTTEN_AFTER
    old = update(Claim).where(Claim.decided_at < before, Claim.email != "")
    forgotten = change_rows(old.values(your_name="", email="", words=""))
    return forgotten + outbox.forget_addresses(REFUSED_LETTER, sent_before=before)


def old_keepers(service: Service) -> set[str]:
    """The addresses at which those who keep a listing now are reached."""
    organisation = service.organisation
    people = [each.email for each in members(organisation.id, Role.ORGANISER)]
    found = (service.letters_to, organisation.email, service.email, *people)
    return {address.lower() for address in found if address}


def _shut_old_letters(service: Service, *, by: Actor) -> None:
    """No link the old keepers were sent opens anything of this organisation's any more."""
    for each in db.session.scalars(_of_the_same(service)).all():
        links.revoke(f"service:{each.id}", by=by)


def _of_the_same(service: Service) -> Select[Service]:
    return select(Service).where(Service.organisation_id == service.organisation_id)


@in_english()
def _welcome(claim: Claim, *, by: Actor) -> outbox.Draft:
    opening = _("%(name)s is now yours to keep true.", name=claim.service.name)
    how = _("Open this link to see what people read, and to say what is right. No password needed.")
    keep = _("Keep it to yourself: whoever has it can change what people read.")
    words = [opening, claim.why, how, keeper_link(claim.service, by=by), keep]
    return _letter("claim-accepted", claim, claim.email, _("Your group's page"), words)


@in_english()
def _sorry(claim: Claim) -> outbox.Draft:
    opening = _("You told us that %(name)s is your group's.", name=claim.service.name)
    sorry = _("We could not make sure of it, so nothing has changed.")
    words = [opening, sorry, claim.why]
    return _letter(REFUSED_LETTER, claim, claim.email, _("About your group's page"), words)


@in_english()
def _to_old_keeper(claim: Claim, address: str) -> outbox.Draft:
    told = _(
        "Somebody has told us that they run %(name)s, and we believe them. "
        "From now on we ask them whether what people read is right.",
        name=claim.service.name,
    )
    wrong = _("If that is not so, answer this letter or call us, and we will put it right.")
    return _letter("claim-told", claim, address, _("Somebody else keeps your page"), [told, wrong])


def _letter(
    kind: str, claim: Claim, to_address: str, subject: str, words: list[str]
) -> outbox.Draft:
    return outbox.Draft(
        kind=kind,
        about=f"claim:{claim.id}",
        same_as=f"{kind}:{claim.id}",
        to_address=to_address,
        subject=subject,
        body="\n\n".join([*filter(None, words), site.name()]) + "\n",
    )
