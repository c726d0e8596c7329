"""Directory: takes an import back that failed or was cancelled, as if it had never begun."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import delete, select

from accounts import Organisation
from core import audit
from core.db import Model, db
from core.saving import saving
from directory import search
from directory.facts import from_json
from directory.feeds.runs import actor_of, finish, get_run, hold
from directory.keeping import write
from directory.models import (
    Accessibility,
    Attribute,
    Contact,
    CostOption,
    FieldCheck,
    ImportRow,
    Language,
    ListingStep,
    Location,
    Phone,
    Schedule,
    Service,
    ServiceAtLocation,
    TaxonomyTerm,
)
from directory.rules import Aspect, How, ImportState, Life, Verdict

AT_ONCE = 50
NEW_AT_ONCE = 250

GOING = ImportState.TAKING_BACK
_PARTS: tuple[type[Model], ...] = (
    Attribute,
    Contact,
    CostOption,
    FieldCheck,
    Language,
    ListingStep,
    Phone,
    Schedule,
    ServiceAtLocation,
)


def take_back(run_id: uuid.UUID) -> Iterator[None]:
    """Undo what a run has done, one short transaction a step; taken up again, it goes on."""
    while rows := _applied(run_id, Verdict.UPDATE, AT_ONCE):
        with saving():
            hold(run_id, GOING)
            for each in rows:
                _put_back(each)
        yield
    while rows := _applied(run_id, Verdict.CREATE, NEW_AT_ONCE):
        with saving():
            hold(run_id, GOING)
            _remove(rows)
        yield
    with saving():
        run = get_run(run_id)
        _forget_words(run.source)
        audit.record(actor_of(run), "import taken back", about=f"import:{run_id}")
        end = ImportState.REFUSED if run.trouble else ImportState.CANCELLED
        finish(run_id, GOING, end)


def _applied(run_id: uuid.UUID, verdict: Verdict, most: int) -> Sequence[uuid.UUID]:
    wanted = select(ImportRow.id).where(
        ImportRow.run_id == run_id, ImportRow.verdict == verdict, ImportRow.applied
    )
    found = db.session.scalars(wanted.order_by(ImportRow.number.desc()).limit(most)).all()
    db.session.rollback()
    return found


def _put_back(row_id: uuid.UUID) -> None:
    """Make a listing say again what it said before."""
    row = db.session.get_one(ImportRow, row_id)
    was = row.was or {}
    service = db.session.get(Service, row.service_id, with_for_update=True)
    if service is not None:
        write(service, from_json(was["facts"]))
        service.life = Life(was["life"])
        service.organisation_id = uuid.UUID(was["organisation"])
        service.source_hash = was["hash"]
        service.last_modified = datetime.fromisoformat(was["last_modified"])
        steps = [uuid.UUID(each) for each in was["steps"]]
        db.session.execute(delete(ListingStep).where(ListingStep.id.in_(steps)))
        db.session.execute(delete(FieldCheck).where(FieldCheck.service_id == service.id))
        db.session.add_all(
            FieldCheck(
                service=service,
                aspect=Aspect(each["aspect"]),
                how=How(each["how"]),
                at=datetime.fromisoformat(each["at"]),
                by=each["by"],
                by_name=each["by_name"],
            )
            for each in was["checks"]
        )
        search.mark(service)
        db.session.flush()
    row.applied = False
    _remove_organisations([row.new_organisation_id] if row.new_organisation_id else [])
    row.new_organisation_id = None


def _remove(row_ids: Sequence[uuid.UUID]) -> None:
    """Remove listings that nobody has seen, with all that is theirs."""
    columns = select(ImportRow.service_id, ImportRow.new_organisation_id)
    found = db.session.execute(columns.where(ImportRow.id.in_(row_ids))).all()
    services = [each.service_id for each in found if each.service_id]
    at = select(ServiceAtLocation.location_id).where(ServiceAtLocation.service_id.in_(services))
    places = list(db.session.scalars(at))
    for part in _PARTS:
        theirs = part.__table__.c.service_id.in_(services)
        db.session.execute(delete(part.__table__).where(theirs))  # type: ignore[arg-type]
    db.session.execute(delete(Accessibility).where(Accessibility.location_id.in_(places)))
    db.session.execute(delete(Location).where(Location.id.in_(places)))
    db.session.execute(delete(Service).where(Service.id.in_(services)))
    _remove_organisations([own for each in found if (own := each.new_organisation_id)])
    db.session.execute(delete(ImportRow).where(ImportRow.id.in_(row_ids)))


def _remove_organisations(own_ids: Sequence[uuid.UUID]) -> None:
    """Remove organisations the run set up, unless something else has come to hang on them."""
    used = select(Service.organisation_id).where(Service.organisation_id.in_(own_ids))
    gone = set(own_ids) - set(db.session.scalars(used))
    if gone:
        db.session.execute(delete(Organisation).where(Organisation.id.in_(gone)))


def _forget_words(source: str) -> None:
    """Drop the source's own categories that no listing is filed under."""
    used = select(Attribute.taxonomy_term_id)
    unused = TaxonomyTerm.taxonomy == source, TaxonomyTerm.id.not_in(used)
    db.session.execute(
        delete(TaxonomyTerm).where(*unused).execution_options(synchronize_session=False)
    )
