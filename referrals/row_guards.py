"""Referrals: which rows about people PostgreSQL shows to whom, written down as its policies.

A referral is shown to the organisations it goes from and to, and to the practice whose referral led
on to it; a person to their practice and to whoever is shown a referral of theirs; all that hangs on
a referral or a person as that is shown. Every table that refers to a referral or a person gets its
policy by itself, so that a new one cannot be forgotten.
"""

import uuid
from collections.abc import Callable

from sqlalchemy import ColumnElement, Table, and_, select

from accounts import May
from core import guards, rows
from core.actors import Actor, Kind
from core.db import Base, db
from core.rows import Rows
from referrals.models import (
    ClosingMessage,
    FirstVisit,
    GroupWeek,
    MeasureAsked,
    Pack,
    PrivatePage,
    Referral,
    RightsRequest,
)

Find = Callable[[uuid.UUID], ColumnElement[bool]]

OPENED_BY = (
    May.REFER,
    May.SEE_PRACTICE_REFERRALS,
    May.WORK_CASELOAD,
    May.LEAD_TEAM,
    May.LEAD_SAFEGUARDING,
    May.REVIEW_ACCESS,
    May.HANDLE_RIGHTS,
)
"""The permissions that let somebody know of people; their organisations are the places shown."""

ALL = "(SELECT kith_sees_all())"
PLACES = "(SELECT kith_places())::uuid[]"
THINGS = "(SELECT kith_things())::uuid[]"

ABOUT_ONE_SHOWN = (
    "EXISTS (SELECT 1 FROM person p WHERE p.id = "
    "CASE WHEN left(about, 7) = 'person:' THEN substr(about, 8)::uuid END)"
)
"""For a table that speaks of a person without a key to the row, which may be gone one day."""

OWN_RULES = {
    "referral": (
        f"from_organisation_id = ANY ({PLACES}) OR to_organisation_id = ANY ({PLACES}) "
        f"OR id = ANY ({THINGS}) OR (parent_id IS NOT NULL AND kith_sees_first(parent_id))"
    ),
    "person": (
        f"practice_id = ANY ({PLACES}) OR id = ANY ({THINGS}) "
        "OR EXISTS (SELECT 1 FROM referral r WHERE r.person_id = person.id)"
    ),
    "asking": (
        f"id = ANY ({THINGS}) OR EXISTS (SELECT 1 FROM referral r WHERE r.id = asking.referral_id)"
    ),
    "broken_glass": (
        "by = current_setting('kith.who', true) "
        "OR EXISTS (SELECT 1 FROM referral r WHERE r.id = broken_glass.referral_id)"
    ),
    "disposal": f"team_id = ANY ({PLACES})",
    "kept_on": ABOUT_ONE_SHOWN,
    "legal_hold": f"team_id = ANY ({PLACES}) OR {ABOUT_ONE_SHOWN}",
    "rights_request": f"team_id = ANY ({PLACES}) OR id = ANY ({THINGS}) OR {ABOUT_ONE_SHOWN}",
    "many_changed": "by = current_setting('kith.who', true)",
    "inbound_message": (
        f"cardinality({PLACES}) > 0 AND (organisation_id IS NULL "
        "OR organisation_id IN (SELECT r.to_organisation_id FROM referral r))"
    ),
}

NOT_ABOUT_PEOPLE = {
    "api_client": "programs of practices",
    "cover": "who stands in for whom among colleagues",
    "figures": "counts, hidden where they are small",
    "group_desk": "what a group can take",
    "group_week": "one letter to one group",
    "rest_week": "when a group rests",
    "slip": "an activity on paper, without anybody's name",
    "team_area": "which postcodes a team looks after",
    "tip": "what link workers know of groups",
    "value_entry": "what a group gave, in hours and pounds",
    "value_rate": "what an hour of a group counts for",
    "wrong_code": "a hash, for a day",
    "wrong_key": "a hash, for a day",
}
"""Tables of this room without a policy, and what stands in them instead of people."""

SPOKEN_OF = {
    "referral": "referral",
    "person": "person",
    "visit": "first_visit",
    "closing": "closing_message",
    "private": "private_page",
    "measure-asked": "measure_asked",
    "pack": "pack",
    "safety": "safety_note",
    "glass": "broken_glass",
}
"""How references begin of what is about people, and the table each leads to."""

AUDIT = (
    "(strpos(by, ':') > 0 AND by = current_setting('kith.who', true)) "
    "OR CASE split_part(about, ':', 1) "
    + " ".join(
        f"WHEN '{kind}' THEN EXISTS "
        f"(SELECT 1 FROM {table} t WHERE t.id = split_part(about, ':', 2)::uuid)"
        for kind, table in SPOKEN_OF.items()
    )
    + f" ELSE cardinality({PLACES}) > 0 END"
)
"""An entry is shown to who did it, and as that is shown which it is about; all else to nobody who
may not know of people. (All visitors have one name: none is shown what another did.)"""

FUNCTIONS = (
    (
        "CREATE FUNCTION kith_sees_all() RETURNS boolean LANGUAGE sql STABLE AS "
        "$$ SELECT coalesce(current_setting('kith.sees', true), '') = 'all' $$"
    ),
    (
        "CREATE FUNCTION kith_places() RETURNS uuid[] LANGUAGE sql STABLE AS "
        "$$ SELECT coalesce(nullif(current_setting('kith.places', true), ''), '{}')::uuid[] $$"
    ),
    (
        "CREATE FUNCTION kith_things() RETURNS uuid[] LANGUAGE sql STABLE AS "
        "$$ SELECT coalesce(nullif(current_setting('kith.things', true), ''), '{}')::uuid[] $$"
    ),
    # Asked within a policy of the same table: without its own setting it would ask itself for ever.
    (
        "CREATE FUNCTION kith_sees_first(first uuid) RETURNS boolean LANGUAGE plpgsql STABLE "
        "SET kith.sees = 'all' AS $$ BEGIN RETURN EXISTS (SELECT 1 FROM referral r "
        "WHERE r.id = first AND (r.from_organisation_id = ANY (kith_places()) "
        "OR r.to_organisation_id = ANY (kith_places()) OR r.id = ANY (kith_things()))); END $$"
    ),
)
NAMES = ("kith_sees_first(uuid)", "kith_things()", "kith_places()", "kith_sees_all()")


def declare() -> None:
    """Have the policies hung with the other guards of the database."""
    rows.shown_by(rows_of, opened_by)
    rules = policies()
    shut = [
        statement
        for name, rule in rules.items()
        for statement in (
            f'CREATE POLICY shown ON "{name}" USING ({ALL} OR {rule})',
            f'ALTER TABLE "{name}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
        )
    ]
    opened = [
        statement
        for name in rules
        for statement in (
            f'DROP POLICY IF EXISTS shown ON "{name}"',
            f'ALTER TABLE "{name}" DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY',
        )
    ]
    guards.declare(
        "rows of people",
        engine=guards.POSTGRESQL,
        up=[*FUNCTIONS, *shut, *_shut_audit()],
        down=[*opened, *_open_audit(), *(f"DROP FUNCTION IF EXISTS {name}" for name in NAMES)],
    )


def _shut_audit() -> list[str]:
    return [
        "CREATE POLICY noted ON audit_entry FOR INSERT WITH CHECK (true)",
        f"CREATE POLICY shown ON audit_entry FOR SELECT USING ({ALL} OR {AUDIT})",
        "ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    ]


def _open_audit() -> list[str]:
    return [
        "DROP POLICY IF EXISTS noted ON audit_entry",
        "DROP POLICY IF EXISTS shown ON audit_entry",
        "ALTER TABLE audit_entry DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY",
    ]


def policies() -> dict[str, str]:
    """The rule of each table about people, by its name: true of the rows that are shown."""
    rules = dict(OWN_RULES)
    tables = [mapper.local_table for mapper in Base.registry.mappers]
    found = True
    while found:  # until no table is left that hangs on one with a rule
        found = False
        for table in tables:
            if isinstance(table, Table) and table.name not in rules:
                rule = _hanging_on(table, rules)
                if rule:
                    rules[table.name], found = rule, True
    return rules


def rows_of(actor: Actor) -> Rows:
    """The rows an actor may know of, as far as the database tells them apart."""
    if actor.kind is Kind.SYSTEM:
        return rows.ALL
    places = frozenset(place for each in OPENED_BY for place in actor.where(each))
    return Rows(places=places, who=actor.ref)


def opened_by(about: str) -> frozenset[uuid.UUID]:
    """The referrals that a signed link about a thing opens, each with the one it came from."""
    kind, _colon, key = about.partition(":")
    if kind == "pack":
        return _of_pack(uuid.UUID(key))
    find = _FOUND_BY.get(kind)
    if find is None:
        return frozenset()
    found = select(Referral.id, Referral.parent_id).where(find(uuid.UUID(key)))
    return frozenset(key for pair in db.session.execute(found) for key in pair if key is not None)


def _of_pack(key: uuid.UUID) -> frozenset[uuid.UUID]:
    asked = select(RightsRequest).join(Pack, Pack.request_id == RightsRequest.id)
    found = db.session.scalar(asked.where(Pack.id == key))
    return frozenset({found.id, found.person_id} if found is not None else ())


def _of_service(key: uuid.UUID) -> ColumnElement[bool]:
    return and_(Referral.service_id == key, Referral.parent_id.is_not(None))


def _of_week(key: uuid.UUID) -> ColumnElement[bool]:
    week = select(GroupWeek.organisation_id).where(GroupWeek.id == key)
    return and_(Referral.to_organisation_id.in_(week), Referral.parent_id.is_not(None))


def _of_row(table: type[ClosingMessage | FirstVisit | MeasureAsked | PrivatePage]) -> Find:
    return lambda key: Referral.id.in_(select(table.referral_id).where(table.id == key))


_FOUND_BY: dict[str, Find] = {
    "referral": lambda key: Referral.id == key,
    "calendar": lambda key: Referral.owner_id == key,
    "private": _of_row(PrivatePage),
    "closing": _of_row(ClosingMessage),
    "measure-asked": _of_row(MeasureAsked),
    "visit": _of_row(FirstVisit),
    "group-service": _of_service,
    "group-week": _of_week,
}


def _hanging_on(table: Table, rules: dict[str, str]) -> str:
    """As that row is shown on which this one hangs; of several, the most telling one."""
    hangs = {
        key.column.table.name: column.name
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name in rules and key.column.table.name != table.name
    }
    if not hangs:
        return ""
    on = next((name for name in ("referral", "person") if name in hangs), next(iter(hangs)))
    return f'EXISTS (SELECT 1 FROM "{on}" up WHERE up.id = "{table.name}".{hangs[on]})'
