"""Directory: reads a file into rows that say what would be done with each record, and does none.

Read in chunks, so that a file of any length fits in little memory and nobody waits for a lock.
"""

import hashlib
import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from sqlalchemy import select

from accounts import organisations_from
from core.db import db
from directory.facts import ListingFacts, as_json, from_json
from directory.feeds.details import PARTS
from directory.feeds.precedence import merged
from directory.feeds.proposals import OrganisationProposal, Placed, Problem, Proposal
from directory.feeds.translating import Meanings, facts_in
from directory.freshness.evidence import confirmed_here
from directory.keeping import facts_of
from directory.listings import located, whole_listings
from directory.models import Service
from directory.rules import HSDS_STATUS, LIFE_OF_STATUS, Verdict
from directory.taxonomy import mappings

AT_ONCE = 400


@dataclass(slots=True)
class Found:
    """One record of the file, and what was wrong with it."""

    place: str
    proposal: Proposal | None
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Said:
    """What a record says: `written` is how it is kept until it comes in."""

    facts: ListingFacts
    written: dict[str, Any]

    @property
    def organisation(self) -> dict[str, str]:
        """Who offers it, as columns of an organisation."""
        return self.written["organisation"]  # type: ignore[no-any-return]

    @property
    def status(self) -> str:
        """Where the publisher says it stands, as HSDS has it."""
        return str(self.written["status"])

    @property
    def source_id(self) -> str:
        """The publisher's own id."""
        return str(self.written["source_id"])

    @property
    def hash(self) -> str:
        """The same for the same words."""
        return str(self.written["hash"])

    @property
    def own(self) -> dict[str, Any]:
        """What a site like ours says of the record itself."""
        return self.written["own"]  # type: ignore[no-any-return]


def chunks(items: Iterator[Placed]) -> Iterator[list[Found]]:
    """The records of a file with what was wrong with each, so many at a time."""
    records = _records(items)
    while some := list(islice(records, AT_ONCE)):
        yield some


def _records(items: Iterator[Placed]) -> Iterator[Found]:
    """A record's notes follow it; whatever is found elsewhere stands by itself."""
    held: Found | None = None
    for place, item in items:
        if isinstance(item, Proposal):
            if held:
                yield held
            held = Found(place, item)
        elif held and not item.fatal and held.place == place and held.proposal:
            held.problems.append(item)
        else:
            if held:
                yield held
            held = None
            yield Found(place, None, [item])
    if held:
        yield held


class Judge:
    """Says what is to be done with each record of one source."""

    def __init__(self, source: str, run_id: uuid.UUID) -> None:
        self._source = source
        self._run_id = run_id
        self._meant: Meanings = mappings()
        self._number = 0
        self._taken: frozenset[uuid.UUID] = frozenset()
        self.counts = dict.fromkeys(Verdict, 0)
        self.changed_organisations: dict[str, dict[str, str]] = {}

    def rows(self, some: Sequence[Found]) -> list[dict[str, Any]]:
        """The rows to keep of these records: all but those that change nothing and want no word."""
        proposals = [each.proposal for each in some if each.proposal]
        known = self._known(proposals)
        self._look_at_organisations(proposals)
        self._taken = self._taken_ids(proposals)
        said = {id(each): self._said(each.proposal) for each in some if each.proposal}
        changed = [
            known[each.proposal.source_id].id
            for each in some
            if each.proposal
            and each.proposal.source_id in known
            and known[each.proposal.source_id].source_hash != said[id(each)].hash
        ]
        listings = {each.id: each for each in whole_listings(changed)}
        confirmed = confirmed_here(listings)
        kept = []
        for each in some:
            self._number += 1
            row = self._row(each, said.get(id(each)), known, listings, confirmed)
            self.counts[row["verdict"]] += row["verdict"] is not Verdict.REJECT or any(
                problem.fatal for problem in each.problems
            )
            if row["verdict"] is not Verdict.UNCHANGED or each.problems:
                kept.append(row)
        return kept

    def _row(
        self,
        found: Found,
        said: Said | None,
        known: dict[str, Any],
        listings: dict[uuid.UUID, Service],
        confirmed: dict[uuid.UUID, frozenset[Any]],
    ) -> dict[str, Any]:
        row: dict[str, Any] = {
            "run_id": self._run_id,
            "number": self._number,
            "place": found.place[:200],
            "name": found.proposal.name if found.proposal else "",
            "verdict": Verdict.REJECT,
            "said": None,
            "service_id": None,
            "life": None,
        }
        if found.proposal and said:
            here = known.get(found.proposal.source_id)
            row["said"] = said.written
            if here is None:
                row["verdict"] = Verdict.CREATE
                row["service_id"] = self._id_for(found.proposal)
                row["life"] = LIFE_OF_STATUS[said.status]
            else:
                row["service_id"] = here.id
                listing = listings.get(here.id)
                aspects = confirmed.get(here.id, frozenset())
                row["verdict"] = self._verdict(found, said, listing, aspects)
        if row["verdict"] is Verdict.UNCHANGED:
            row["said"] = None
        row["has_problems"] = bool(found.problems)
        row["problems"] = [[each.field, each.reason, each.fatal] for each in found.problems]
        return row

    def _verdict(
        self, found: Found, said: Said, listing: Service | None, confirmed: frozenset[Any]
    ) -> Verdict:
        if listing is None:
            return Verdict.UNCHANGED
        before = facts_of(listing)
        after, kept = merged(before, said.facts, confirmed)
        if kept:
            words = ", ".join(sorted(PARTS[each].lower() for each in kept))
            reason = f"kept what was confirmed here: {words}"
            found.problems.append(Problem(found.place, None, reason, fatal=False))
        same = replace(after, assured_on=before.assured_on) == before
        moves = HSDS_STATUS[listing.life] != said.status
        renamed = str(listing.organisation_id) in self.changed_organisations
        elsewhere = said.organisation["source_id"] != (listing.organisation.source_id or "")
        later = after.assured_on and (
            before.assured_on is None or after.assured_on > before.assured_on
        )
        changes = not same or moves or renamed or later
        changes = changes or (elsewhere and listing.organisation.source == self._source)
        return Verdict.UPDATE if changes else Verdict.UNCHANGED

    def _said(self, proposal: Proposal) -> Said:
        facts = facts_in(proposal, self._source, self._meant)
        facts = replace(facts, places=tuple(located(each) for each in facts.places))
        written = {
            "source_id": proposal.source_id,
            "facts": as_json(facts),
            "organisation": _organisation(proposal),
            "status": proposal.status,
        }
        words = json.dumps(written, sort_keys=True)
        fingerprint = hashlib.sha256(words.encode()).hexdigest()
        return Said(facts, written | {"hash": fingerprint, "own": _own(proposal)})

    def _known(self, proposals: Sequence[Proposal]) -> dict[str, Any]:
        """The listings that are here already, by the source's own ids."""
        columns = select(Service.source_id, Service.id, Service.source_hash)
        ids = [each.source_id for each in proposals]
        wanted = columns.where(Service.source == self._source, Service.source_id.in_(ids))
        found = {row.source_id: row for row in db.session.execute(wanted)}
        # A site like ours gives its listings the same ids: there they are the same listings.
        twins = {
            twin: each.source_id
            for each in proposals
            if each.own and each.source_id not in found and (twin := _uuid(each.source_id))
        }
        for row in db.session.execute(columns.where(Service.id.in_(twins))):
            found[twins[row.id]] = row
        return found

    def _id_for(self, proposal: Proposal) -> uuid.UUID:
        """The publisher's own UUID if it is one and free, else one made from where it is from."""
        theirs = _uuid(proposal.source_id)
        if theirs and theirs not in self._taken:
            return theirs
        return uuid.uuid5(uuid.NAMESPACE_URL, f"{self._source}/services/{proposal.source_id}")

    def _taken_ids(self, proposals: Sequence[Proposal]) -> frozenset[uuid.UUID]:
        wanted = [found for each in proposals if (found := _uuid(each.source_id))]
        held = select(Service.id).where(Service.id.in_(wanted))
        return frozenset(db.session.scalars(held))

    def _look_at_organisations(self, proposals: Sequence[Proposal]) -> None:
        """Note which organisations of this source are described anew."""
        offered = {said["source_id"]: said for said in map(_organisation, proposals)}
        held = organisations_from(self._source, list(offered))
        for source_id, organisation in held.items():
            said = _columns(offered[source_id])
            if any(getattr(organisation, name) != words for name, words in said.items()):
                self.changed_organisations.setdefault(str(organisation.id), said)


def read_again(written: dict[str, Any]) -> Said:
    """What a record said, from how it was kept."""
    return Said(from_json(written["facts"]), written)


def _columns(organisation: dict[str, str]) -> dict[str, str]:
    return {name: words for name, words in organisation.items() if name != "source_id"}


def _organisation(proposal: Proposal) -> dict[str, str]:
    """Who offers the service; an organisation that is not named goes by the service's name."""
    offered = proposal.organisation or OrganisationProposal(
        source_id=f"of service {proposal.source_id}"[:200], name=proposal.name
    )
    description = offered.description
    if proposal.own and description in {offered.name, f"<p>{offered.name}</p>"}:
        description = ""  # the standard wants some description, so a blank one is the name
    return {
        "source_id": offered.source_id,
        "name": offered.name,
        "description": description,
        "email": offered.email or "",
        "website": offered.url or "",
        "phone": offered.phone,
    }


def _own(proposal: Proposal) -> dict[str, Any]:
    """What a site like ours says of the record itself."""
    if proposal.own is None:
        return {}
    modified = proposal.last_modified
    return {
        "slug": dict(proposal.own.details).get("slug", ""),
        "last_modified": modified.isoformat() if modified else "",
        "confirmed": [[aspect, how, on.isoformat()] for aspect, how, on in proposal.own.confirmed],
    }


def _uuid(words: str) -> uuid.UUID | None:
    with suppress(ValueError):
        return uuid.UUID(words)
    return None
