"""Directory: brings listings in from a file, each by the same door that people use.

Run twice, it changes nothing the second time; what somebody changed here by hand is left alone.
"""

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select

from accounts import Organisation, OrganisationKind, describe, find_organisation, set_up
from core.actors import Actor
from core.db import db
from directory import search
from directory.facts import Origin
from directory.feeds.oruk import read_file
from directory.feeds.proposals import OrganisationProposal, Problem, Proposal
from directory.feeds.translating import facts_in
from directory.listings import change_listing, draft_listing, step
from directory.models import ListingStep, Service
from directory.rules import DONE, HSDS_STATUS, LIFE_OF_STATUS, Step, way

LONGEST_SOURCE = 120

WRITTEN_TOGETHER = 50

_NEVER = datetime.min.replace(tzinfo=UTC)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Summary:
    """What an import did, and what was wrong with what it was given."""

    created: int
    updated: int
    unchanged: int
    rejected: int
    problems: tuple[Problem, ...]


class _Did(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class _Known:
    """A listing that came from this source before."""

    id: uuid.UUID
    said: str
    by_hand: bool


def import_file(
    name: str, data: bytes, *, by: Actor, source: str, progress: Progress | None = None
) -> Summary:
    """Bring in every service of the file that can be; Unreadable if it is no such file at all.

    `source` names the publisher: the same service of the same source is the same listing.
    """
    items = list(read_file(name, data))
    problems = [item for item in items if isinstance(item, Problem)]
    door = _Door(source.strip()[:LONGEST_SOURCE], by, problems)
    judged = [(item, door.judge(item)) for item in items if isinstance(item, Proposal)]
    did = Counter(verdict for _, verdict in judged)
    door.bring_in([item for item, verdict in judged if verdict is not _Did.UNCHANGED], progress)
    return Summary(
        created=did[_Did.CREATED],
        updated=did[_Did.UPDATED],
        unchanged=did[_Did.UNCHANGED],
        rejected=sum(problem.fatal for problem in problems),
        problems=tuple(problems),
    )


class _Door:
    """What the services of one source come in by; it knows which came before."""

    def __init__(self, source: str, by: Actor, problems: list[Problem]) -> None:
        self.source = source
        self.by = by
        self.problems = problems
        self.known = _known(source, by=by)
        self.ids_taken = set(db.session.scalars(select(Service.id)))

    def judge(self, proposal: Proposal) -> _Did:
        """What is to be done with a service: enter it, change it, or leave it as it is."""
        known = self.known.get(proposal.source_id)
        if known is None:
            return _Did.CREATED
        if known.said == _fingerprint(proposal):
            return _Did.UNCHANGED
        if known.by_hand:
            reason = "was changed here by hand, so what the file says now was left out"
            place = f"id {proposal.source_id}"
            self.problems.append(Problem(place, None, reason, fatal=False))
            return _Did.UNCHANGED
        return _Did.UPDATED

    def bring_in(self, news: Sequence[Proposal], progress: Progress | None) -> None:
        """Enter or change these services, and the organisations behind them."""
        organisations = [self._organisation(proposal) for proposal in news]
        for done, (proposal, organisation) in enumerate(zip(news, organisations, strict=True), 1):
            # Writing many rows at once is twice as fast as writing at every look.
            with db.session.no_autoflush:
                known = self.known.get(proposal.source_id)
                if known is None:
                    self._create(proposal, organisation)
                else:
                    self._update(db.session.get_one(Service, known.id), proposal, organisation)
            if done % WRITTEN_TOGETHER == 0:
                db.session.flush()
            if progress:
                progress(done, len(news))

    def _create(self, proposal: Proposal, organisation: Organisation) -> None:
        origin = Origin(
            service_id=self._id_for(proposal.source_id),
            source=self.source,
            source_id=proposal.source_id,
            source_hash=_fingerprint(proposal),
        )
        facts = facts_in(proposal, self.source)
        service = draft_listing(facts, organisation, by=self.by, origin=origin)
        self._bring_to_life(service, proposal)

    def _update(self, service: Service, proposal: Proposal, organisation: Organisation) -> None:
        service.organisation = organisation
        service.source_hash = _fingerprint(proposal)
        facts = facts_in(proposal, self.source)
        if change_listing(service, facts, version=service.version, by=self.by) is None:
            search.mark(service)  # its organisation may have been renamed
        self._bring_to_life(service, proposal)

    def _bring_to_life(self, service: Service, proposal: Proposal) -> None:
        """Walk the listing to where the publisher says it stands."""
        if HSDS_STATUS[service.life] != proposal.status:
            for each in way(service.life, LIFE_OF_STATUS[proposal.status]):
                step(service, each, by=self.by)

    def _id_for(self, source_id: str) -> uuid.UUID:
        """The publisher's own UUID if it is one and free, else one made from where it is from."""
        found = uuid.uuid5(uuid.NAMESPACE_URL, f"{self.source}/services/{source_id}")
        with suppress(ValueError):
            theirs = uuid.UUID(source_id)
            found = found if theirs in self.ids_taken else theirs
        self.ids_taken.add(found)
        return found

    def _organisation(self, proposal: Proposal) -> Organisation:
        """Who offers the service; an organisation that is not named goes by the service's name."""
        offered = proposal.organisation or OrganisationProposal(
            source_id=f"of service {proposal.source_id}"[:200], name=proposal.name
        )
        facts = {
            "name": offered.name,
            "description": offered.description,
            "email": offered.email or "",
            "website": offered.url or "",
        }
        found = find_organisation(source=self.source, source_id=offered.source_id)
        if found is not None:
            describe(found, by=self.by, **facts)
            return found
        return set_up(
            kind=OrganisationKind.GROUP,
            source=self.source,
            source_id=offered.source_id,
            by=self.by,
            **facts,
        )


def _known(source: str, *, by: Actor) -> dict[str, _Known]:
    """The listings of this source, by its own ids, and whether people have changed them since."""
    services = select(Service.source_id, Service.id, Service.source_hash).where(
        Service.source == source
    )
    # A tap that says "still true" is no change: the publisher's next word is welcome.
    people = _latest(
        source, ListingStep.by.startswith("user:"), ListingStep.what != DONE[Step.CHECK]
    )
    imports = _latest(source, ListingStep.by == by.ref)
    return {
        source_id: _Known(
            id=own_id,
            said=said,
            by_hand=own_id in people and people[own_id] > imports.get(own_id, _NEVER),
        )
        for source_id, own_id, said in db.session.execute(services)
        if source_id is not None
    }


def _latest(source: str, *which: ColumnElement[bool]) -> dict[uuid.UUID, datetime]:
    latest = (
        select(ListingStep.service_id, func.max(ListingStep.at))
        .join(Service, Service.id == ListingStep.service_id)
        .where(Service.source == source, *which)
        .group_by(ListingStep.service_id)
    )
    return {row[0]: row[1] for row in db.session.execute(latest)}


def _fingerprint(proposal: Proposal) -> str:
    """What the publisher says, in 64 characters, the same for the same words."""
    words = json.dumps(asdict(proposal), sort_keys=True, default=str)
    return hashlib.sha256(words.encode()).hexdigest()
