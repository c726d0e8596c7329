"""Benchmarks: twenty-six ways to ask for referrals that forget to say whose.

Only s2_scoping runs them. Each gives ids, or a count.
"""

import uuid
from collections.abc import Iterable

from sqlalchemy import exists, func, insert, literal, select, text, union_all, update
from sqlalchemy.orm import aliased, joinedload, selectinload

from core.db import db
from core.rows import Rows, showing
from referrals.models import Consent, Person, Referral, Step

TABLES = (select(Referral.id), select(Person.id), select(Step.id), select(Consent.id))

Ids = Iterable[object]


def by_select() -> Ids:
    return [each.id for each in db.session.scalars(select(Referral))]


def by_old_query() -> Ids:
    return [each.id for each in db.session.query(Referral)]


def by_key() -> Ids:
    return [each.id for key in _every_key() if (each := db.session.get(Referral, key))]


def by_key_already_loaded() -> Ids:
    db.session.scalars(select(Referral).from_statement(text("SELECT * FROM referral"))).all()
    return [each.id for key in _every_key() if (each := db.session.get(Referral, key))]


def by_lazy_list() -> Ids:
    people = db.session.scalars(select(Referral)).all()
    return [step.id for each in people for step in each.steps]


def by_joined_list() -> Ids:
    found = select(Referral).options(joinedload(Referral.steps))
    return [step.id for each in db.session.scalars(found).unique() for step in each.steps]


def by_list_apart() -> Ids:
    found = select(Referral).options(selectinload(Referral.consents))
    return [held.id for each in db.session.scalars(found) for held in each.consents]


def by_the_one_it_hangs_on() -> Ids:
    return [step.referral.person_id for step in db.session.scalars(select(Step)) if step.referral]


def by_alias() -> Ids:
    other = aliased(Referral)
    return db.session.scalars(select(other.id)).all()


def by_one_column() -> Ids:
    return db.session.scalars(select(Person.id)).all()


def by_count() -> Ids:
    return [db.session.scalar(select(func.count()).select_from(Referral))]


def by_count_of_a_column() -> Ids:
    return [db.session.scalar(select(func.count(Referral.id)))]


def by_subquery() -> Ids:
    sent = select(Referral.id).where(Referral.parent_id.is_(None))
    return db.session.scalars(select(Step.referral_id).where(Step.referral_id.in_(sent))).all()


def by_exists() -> Ids:
    return db.session.scalars(select(Referral.id).where(Referral.steps.any(Step.number == 1))).all()


def by_exists_apart() -> Ids:
    agreed = exists().where(Consent.referral_id == Referral.id)
    return db.session.scalars(select(Referral.id).where(agreed)).all()


def by_scalar_subquery() -> Ids:
    return [db.session.scalar(select(select(func.count(Referral.id)).scalar_subquery()))]


def by_union() -> Ids:
    sent = select(Referral.id).where(Referral.parent_id.is_(None))
    return db.session.scalars(union_all(sent, select(Referral.id))).all()


def by_common_table() -> Ids:
    found = select(Referral.id.label("id")).cte()
    return db.session.scalars(select(found.c.id)).all()


def by_join() -> Ids:
    return db.session.scalars(select(Person.id).join(Referral).join(Step)).all()


def by_window() -> Ids:
    number = func.row_number().over(order_by=Referral.created_at)
    return db.session.scalars(select(Referral.id).add_columns(number)).all()


def by_table() -> Ids:
    return db.session.scalars(select(Referral.__table__.c.id)).all()


def by_words() -> Ids:
    return db.session.scalars(text("SELECT id FROM referral")).all()


def by_statement_of_words() -> Ids:
    found = select(Person).from_statement(text("SELECT * FROM person"))
    return [each.id for each in db.session.scalars(found)]


def by_connection() -> Ids:
    return db.session.connection().execute(select(Referral.id)).scalars().all()


def by_change_of_many() -> Ids:
    changed = update(Referral).values(next_contact_on=None).returning(Referral.id)
    return db.session.scalars(changed).all()


def by_insert_from() -> Ids:
    copied = select(literal(uuid.uuid4()), Step.referral_id, Step.id).limit(0)
    db.session.execute(insert(Consent).from_select(["id", "referral_id", "by"], copied))
    return db.session.scalars(select(Consent.id)).all()


def _every_key() -> list[uuid.UUID]:
    """The keys somebody might have come by, such as from a link in an old letter."""
    with showing(Rows(everything=True)):
        return list(db.session.scalars(select(Referral.id)))
