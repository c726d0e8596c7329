"""Directory: brings what was staged in: unseen in small steps, then all at once for everybody.

New listings are written as drafts marked with their run, which nobody is shown. Changes to listings
that are here wait for the end; the last step makes the new ones public, and applies the last of
the changes, in one short transaction (docs/adr/0007).
"""

import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from accounts import (
    Organisation,
    OrganisationKind,
    describe,
    get_organisation,
    organisations_from,
    set_up_many,
)
from core import audit, clock
from core.actors import Actor
from core.db import change_rows, db
from core.saving import afterwards, saving
from directory import search
from directory.facts import as_json
from directory.feeds.precedence import merged
from directory.feeds.rows import Rows, ids_of_words
from directory.feeds.runs import actor_of, finish, get_run, hold
from directory.feeds.staging import Said, read_again
from directory.freshness.evidence import confirmed_here
from directory.keeping import facts_of
from directory.listings import change_listing, moved_to, slug_of, step
from directory.models import (
    FieldCheck,
    ImportRow,
    ImportRun,
    ListingStep,
    SearchJob,
    Service,
)
from directory.rules import (
    HSDS_STATUS,
    LIFE_OF_STATUS,
    Aspect,
    How,
    ImportState,
    Life,
    Verdict,
    way,
)
from directory.taxonomy import ensure_terms

NEW_AT_ONCE = 250
CHANGED_AT_ONCE = 50
MOST_TRIES = 5
CACHE_KILOBYTES = 48 * 1024

BROUGHT_IN = "brought in"

GOING = ImportState.BRINGING_IN


def bring_in(run_id: uuid.UUID) -> Iterator[None]:
    """Bring a run in, one short transaction a step; taken up again, it goes on where it was."""
    with saving():
        hold(run_id, GOING)
        ensure_terms(by=actor_of(get_run(run_id)))
        if db.engine.dialect.name == "sqlite":  # rows of random ids touch pages all over the file
            db.session.connection().exec_driver_sql(f"PRAGMA cache_size={-CACHE_KILOBYTES}")
    after = -1
    while rows := _some(run_id, Verdict.CREATE, NEW_AT_ONCE, after):
        after = rows[-1].number
        _create(run_id, rows)
        yield
    while len(rows := _some(run_id, Verdict.UPDATE, CHANGED_AT_ONCE + 1, -1)) > CHANGED_AT_ONCE:
        with saving():
            _change(run_id, [each.id for each in rows[:CHANGED_AT_ONCE]])
            hold(run_id, GOING, done=ImportRun.done + CHANGED_AT_ONCE)
        yield
    with saving():
        _change(run_id, [each.id for each in rows])
        _show(run_id)


def _some(run_id: uuid.UUID, verdict: Verdict, most: int, after: int) -> Sequence[Any]:
    wanted = (
        select(ImportRow.id, ImportRow.number, ImportRow.service_id, ImportRow.life, ImportRow.said)
        .where(ImportRow.run_id == run_id, ImportRow.verdict == verdict)
        .where(ImportRow.applied.is_(False), ImportRow.number > after)
        .order_by(ImportRow.number)
        .limit(most)
    )
    found = db.session.execute(wanted).all()
    db.session.rollback()
    return found


def _create(run_id: uuid.UUID, rows: Sequence[Any]) -> None:
    """Write these as new listings that nobody sees; somebody may take a slug meanwhile."""
    said = [read_again(row.said) for row in rows]
    for tried in range(1, MOST_TRIES + 1):
        try:
            with saving():
                _write(run_id, rows, said)
                hold(run_id, GOING, done=ImportRun.done + len(rows))
        except IntegrityError:
            if tried == MOST_TRIES:
                raise
        else:
            return


def _write(run_id: uuid.UUID, rows: Sequence[Any], said: Sequence[Said]) -> None:
    run = get_run(run_id)
    by, now = actor_of(run), clock.now()
    organisations, new = _organisations(run.source, said, by=by)
    terms = ids_of_words(each.facts for each in said)
    slugs = _free_slugs(said)
    gathered = Rows()
    for row, each, slug in zip(rows, said, slugs, strict=True):
        modified = each.own.get("last_modified")
        gathered.listing(
            row.service_id,
            each.facts,
            terms,
            slug=slug,
            organisation_id=organisations[each.organisation["source_id"]],
            life=Life.DRAFT,
            source=run.source,
            source_id=each.source_id,
            source_hash=each.hash,
            arriving_with=run_id,
            created_at=now,
            last_modified=datetime.fromisoformat(modified) if modified else now,
        )
        gathered.add(
            ListingStep,
            service_id=row.service_id,
            at=now,
            by=by.ref,
            by_name=by.name,
            what=BROUGHT_IN,
            was=None,
            now=row.life,
        )
        _confirmations(gathered, row.service_id, each, by)
    gathered.write()
    _tick_off(rows, said, new)


def _tick_off(rows: Sequence[Any], said: Sequence[Said], new: dict[str, uuid.UUID]) -> None:
    """Note what has been written, and at the first row of each new organisation which it was."""
    written = update(ImportRow).where(ImportRow.id.in_([row.id for row in rows]))
    db.session.connection().execute(written.values(applied=True))
    made = [
        {"row": row.id, "made": new.pop(key)}
        for row, each in zip(rows, said, strict=True)
        if (key := each.organisation["source_id"]) in new
    ]
    if made:
        one = update(ImportRow).where(ImportRow.id == bindparam("row"))
        db.session.connection().execute(one.values(new_organisation_id=bindparam("made")), made)


def _confirmations(gathered: Rows, service_id: uuid.UUID, said: Said, by: Actor) -> None:
    for aspect, how, on in said.own.get("confirmed", ()):
        gathered.add(
            FieldCheck,
            service_id=service_id,
            aspect=Aspect(aspect),
            how=How(how),
            at=datetime.combine(date.fromisoformat(on), time(12), tzinfo=clock.LONDON),
            by=by.ref,
            by_name="",
        )


def _organisations(
    source: str, said: Sequence[Said], *, by: Actor
) -> tuple[dict[str, uuid.UUID], dict[str, uuid.UUID]]:
    """The ids of the organisations behind these, all of them and those set up just now."""
    offered = {each.organisation["source_id"]: each for each in reversed(said)}
    found = {key: each.id for key, each in organisations_from(source, list(offered)).items()}
    missing = [key for key in offered if key not in found]
    theirs = {key: own for key in missing if (own := _uuid(key))}
    taken = set(
        db.session.scalars(select(Organisation.id).where(Organisation.id.in_(theirs.values())))
    )
    new: dict[str, uuid.UUID] = {}
    for key in missing:
        own = theirs.get(key)
        if own in taken and offered[key].own:
            found[key] = own
        else:
            new[key] = uuid.uuid4() if own is None or own in taken else own
    columns = [
        {**offered[key].organisation, "id": own, "source": source} for key, own in new.items()
    ]
    set_up_many(OrganisationKind.GROUP, columns, by=by)
    return found | new, new


def _free_slugs(said: Sequence[Said]) -> list[str]:
    """An address for each new listing that nobody has."""
    wanted = [each.own.get("slug") or slug_of(each.facts) for each in said]
    taken = _taken_slugs(wanted)
    numbers: dict[str, int] = {}
    free: list[str] = []
    for base in wanted:
        slug = base
        while slug in taken:
            if base not in numbers:
                numbers[base] = _how_many_like(base)
                taken |= _slugs_like(base)
            numbers[base] += 1
            slug = f"{base}-{numbers[base]}"
        taken.add(slug)
        free.append(slug)
    return free


def _taken_slugs(wanted: Sequence[str]) -> set[str]:
    return set(db.session.scalars(select(Service.slug).where(Service.slug.in_(wanted))))


def _slugs_like(base: str) -> set[str]:
    like = select(Service.slug).where(Service.slug.startswith(f"{base}-", autoescape=True))
    return set(db.session.scalars(like))


def _how_many_like(base: str) -> int:
    """How many have this beginning: a number after it is likely free."""
    like = Service.slug.startswith(f"{base}-", autoescape=True)
    return max(1, db.session.scalar(select(func.count()).select_from(Service).where(like)) or 0)


def _change(run_id: uuid.UUID, row_ids: Sequence[uuid.UUID]) -> None:
    """Make listings that are here say what the file says, but for what people here confirmed."""
    run = get_run(run_id)
    by = actor_of(run)
    wanted = select(ImportRow).where(ImportRow.id.in_(row_ids)).order_by(ImportRow.number)
    rows = list(db.session.scalars(wanted))
    confirmed = confirmed_here([each.service_id for each in rows if each.service_id])
    said = [read_again(each.said or {}) for each in rows]
    organisations, new = _organisations(run.source, said, by=by)
    for row, each in zip(rows, said, strict=True):
        service = db.session.get(Service, row.service_id, with_for_update=True)
        if service is None:
            continue  # somebody has deleted it since the file was read
        own_id = organisations[each.organisation["source_id"]]
        row.new_organisation_id = new.pop(each.organisation["source_id"], None)
        row.was = _as_it_was(service)
        row.applied = True
        row.was = row.was | {
            "steps": _apply(service, each, own_id, confirmed[service.id], run.source, by)
        }


def _apply(
    service: Service,
    said: Said,
    organisation_id: uuid.UUID,
    confirmed: frozenset[Aspect],
    source: str,
    by: Actor,
) -> list[str]:
    """Change one listing; returns the ids of the steps this leaves in its history."""
    if service.source == source:
        service.organisation = get_organisation(organisation_id)
        service.source_hash = said.hash
    facts, _ = merged(facts_of(service), said.facts, confirmed)
    steps = [change_listing(service, facts, version=service.version, by=by)]
    if steps == [None]:
        search.mark(service)  # its organisation may have been renamed
    # One that was merged into another stays down, whatever its publisher says.
    if HSDS_STATUS[service.life] != said.status and moved_to(service.slug) is None:
        steps += [
            step(service, each, by=by) for each in way(service.life, LIFE_OF_STATUS[said.status])
        ]
    db.session.flush()
    return [str(each.id) for each in steps if each is not None]


def _as_it_was(service: Service) -> dict[str, Any]:
    """All that a change by an import touches, so that it can be put back."""
    checks = db.session.scalars(select(FieldCheck).where(FieldCheck.service_id == service.id))
    return {
        "facts": as_json(facts_of(service)),
        "life": service.life.value,
        "organisation": str(service.organisation_id),
        "hash": service.source_hash,
        "last_modified": service.last_modified.isoformat(),
        "checks": [
            {
                "aspect": each.aspect.value,
                "how": each.how.value,
                "at": each.at.isoformat(),
                "by": each.by,
                "by_name": each.by_name,
            }
            for each in checks
        ],
    }


def _show(run_id: uuid.UUID) -> None:
    """The one moment at which everything of a run is there for everybody."""
    run = get_run(run_id)
    by = actor_of(run)
    for own_id, said in run.changed_organisations.items():
        describe(get_organisation(uuid.UUID(own_id)), by=by, **said)
    db.session.flush()
    mine: ColumnElement[bool] = Service.arriving_with == run_id
    life = (
        select(ImportRow.life)
        .where(ImportRow.run_id == run_id, ImportRow.service_id == Service.id)
        .scalar_subquery()
    )
    jobs = select(Service.id, Service.id, literal(clock.now(), SearchJob.at.type)).where(mine)
    db.session.execute(insert(SearchJob).from_select(["id", "service_id", "at"], jobs))
    shown = update(Service).where(mine).values(life=life, arriving_with=None)
    count = change_rows(shown.execution_options(synchronize_session=False))
    audit.record(
        by,
        "import done",
        about=f"import:{run_id}",
        created=count,
        updated=run.updated,
        unchanged=run.unchanged,
        rejected=run.rejected,
    )
    finish(run_id, GOING, ImportState.DONE, done=run.total)
    afterwards(search.catch_up)


def _uuid(words: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(words)
    except ValueError:
        return None
