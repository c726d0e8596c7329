"""Ground floor: the audit for other programs, as FHIR R4 AuditEvent resources, one a line."""

import json
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select

from core import site
from core.audit.entries import AuditEntry, AuditSeal
from core.audit.noting import LOOKED
from core.db import db

PAGE = 1_000
READS = {LOOKED, "page shown", "record taken out"}
REST = {
    "system": "http://terminology.hl7.org/CodeSystem/audit-event-type",
    "code": "rest",
    "display": "RESTful Operation",
}
REFUSED, SUCCESS = "4", "0"


Choose = Callable[[Sequence[AuditEntry]], Collection[uuid.UUID]]


def lines(since: datetime | None = None, *, only: Choose | None = None) -> Iterator[str]:
    """Every entry from a moment on, or of each page those that are chosen, oldest first."""
    wanted = (
        select(AuditEntry, AuditSeal)
        .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
        .order_by(AuditEntry.at, AuditEntry.id)
        .limit(PAGE)
    )
    if since is not None:
        wanted = wanted.where(AuditEntry.at >= since)
    page = wanted
    while rows := db.session.execute(page).all():
        chosen = only([row[0] for row in rows]) if only else {row[0].id for row in rows}
        yield from (json.dumps(event(*row)) for row in rows if row[0].id in chosen)
        last = rows[-1][0]
        after = and_(AuditEntry.at == last.at, AuditEntry.id > last.id)
        page = wanted.where(or_(AuditEntry.at > last.at, after))


def event(entry: AuditEntry, seal: AuditSeal | None) -> dict[str, Any]:
    """One entry as an AuditEvent. It names everybody by reference only, as the entry does."""
    is_denied = entry.action == "denied"
    details = [
        {"type": name, "valueString": said if isinstance(said, str) else json.dumps(said)}
        for name, said in sorted(entry.facts.items())
        if said not in (None, "")
    ]
    if seal is not None:
        details.append({"type": "seal", "valueString": f"{seal.id} {seal.seal}"})
    what: dict[str, Any] = {"what": {"identifier": {"value": entry.about}}}
    if details:
        what["detail"] = details
    return {
        "resourceType": "AuditEvent",
        "id": str(entry.id),
        "type": REST,
        "subtype": [{"display": entry.action}],
        "action": "R" if entry.action in READS or is_denied else "E",
        "recorded": entry.at.isoformat(),
        "outcome": REFUSED if is_denied else SUCCESS,
        "agent": [{"who": {"identifier": {"value": entry.by}}, "requestor": True}],
        "source": {"observer": {"display": site.name()}},
        "entity": [what],
    }
