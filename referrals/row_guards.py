"""Referrals: which rows about people the database shows to whom, as rules that it keeps itself.

A referral is shown to the organisations it goes from and to, and to the practice whose referral led
on to it; a person to their practice and to whoever is shown a referral of theirs; all that hangs on
a referral or a person as that is shown. Every table that refers to a referral or a person gets its
rule by itself, so that a new one cannot be forgotten. PostgreSQL has them as policies, SQLite as
views (`core.row_views`); the few things that the two say in other words are `Words`.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, and_, select

from accounts import May
from core import guards, row_views, rows
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


@dataclass(frozen=True, slots=True)
class Words:
    """How one engine says what rules are made of."""

    among_places: str
    among_things: str
    some_place: str
    first_is_shown: str
    kind_meant: str
    key_meant: str
    who: str


ALL = "(SELECT kith_sees_all())"
POSTGRESQL = Words(
    among_places="= ANY ((SELECT kith_places())::uuid[])",
    among_things="= ANY ((SELECT kith_things())::uuid[])",
    some_place="cardinality((SELECT kith_places())::uuid[]) > 0",
    first_is_shown="kith_sees_first(parent_id)",
    kind_meant="split_part(about, ':', 1)",
    key_meant="split_part(about, ':', 2)::uuid",
    who="current_setting('kith.who', true)",
)
SQLITE = Words(
    among_places=f"IN {row_views.PLACES}",
    among_things=f"IN {row_views.THINGS}",
    some_place="kith_places() <> '[]'",
    first_is_shown=(
        "EXISTS (SELECT 1 FROM main.referral r WHERE r.id = referral.parent_id AND ("
        f"r.from_organisation_id IN {row_views.PLACES} OR r.to_organisation_id IN "
        f"{row_views.PLACES} OR r.id IN {row_views.THINGS}))"
    ),
    kind_meant="substr(about, 1, instr(about, ':') - 1)",
    key_meant="replace(substr(about, instr(about, ':') + 1), '-', '')",
    who="kith_who()",
)


def _own_rules(words: Words) -> dict[str, str]:
    """The rules of tables that do not just hang on another."""
    place, thing = words.among_places, words.among_things
    # For a table that speaks of a person without a key to the row, which may be gone one day.
    about_one_shown = (
        "EXISTS (SELECT 1 FROM person p WHERE p.id = "
        f"CASE WHEN {words.kind_meant} = 'person' THEN {words.key_meant} END)"
    )
    return {
        "referral": (
            f"from_organisation_id {place} OR to_organisation_id {place} "
            f"OR id {thing} OR (parent_id IS NOT NULL AND {words.first_is_shown})"
        ),
        "person": (
            f"practice_id {place} OR id {thing} "
            "OR EXISTS (SELECT 1 FROM referral r WHERE r.person_id = person.id)"
        ),
        "asking": (
            f"id {thing} OR EXISTS (SELECT 1 FROM referral r WHERE r.id = asking.referral_id)"
        ),
        "broken_glass": (
            f"by = {words.who} "
            "OR EXISTS (SELECT 1 FROM referral r WHERE r.id = broken_glass.referral_id)"
        ),
        "disposal": f"team_id {place}",
        "kept_on": about_one_shown,
        "legal_hold": f"team_id {place} OR {about_one_shown}",
        "rights_request": f"team_id {place} OR id {thing} OR {about_one_shown}",
        "many_changed": f"by = {words.who}",
        "inbound_message": (
            f"{words.some_place} AND (organisation_id IS NULL "
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


def _rule_of_audit(words: Words) -> str:
    """An entry is shown to who did it, and as that is shown which it is about; all else to nobody
    who may not know of people. (All visitors have one name: none is shown what another did.)
    """
    kinds = " ".join(
        f"WHEN '{kind}' THEN EXISTS (SELECT 1 FROM {table} t WHERE t.id = {words.key_meant})"
        for kind, table in SPOKEN_OF.items()
    )
    return (
        f"(replace(by, ':', '') <> by AND by = {words.who}) "
        f"OR CASE {words.kind_meant} {kinds} ELSE {words.some_place} END"
    )


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
    """Have the rules hung: as policies with the other guards of PostgreSQL, as views of SQLite."""
    rows.shown_by(rows_of, opened_by)
    row_views.show_through(
        rules_of_tables(SQLITE), added_to={"audit_entry": _rule_of_audit(SQLITE)}
    )
    rules = rules_of_tables(POSTGRESQL)
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
    shown = f"{ALL} OR {_rule_of_audit(POSTGRESQL)}"
    return [
        "CREATE POLICY noted ON audit_entry FOR INSERT WITH CHECK (true)",
        f"CREATE POLICY shown ON audit_entry FOR SELECT USING ({shown})",
        "ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    ]


def _open_audit() -> list[str]:
    return [
        "DROP POLICY IF EXISTS noted ON audit_entry",
        "DROP POLICY IF EXISTS shown ON audit_entry",
        "ALTER TABLE audit_entry DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY",
    ]


def rules_of_tables(words: Words = POSTGRESQL) -> dict[str, str]:
    """The rule of each table about people, by its name: true of the rows that are shown."""
    rules = _own_rules(words)
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
