"""What is kept about people is sealed in the database, each under a key of their own."""

import uuid
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import JSON, LargeBinary, String, Table, Text, event, select, text

from core import keys, sealing
from core.db import db, may_write
from core.saving import saving
from core.sealing import Broken, DataKey, check, data_keys, rotation
from referrals.contacts import log_contact
from referrals.models import ContactMade, Person, Referral, Step
from referrals.people import find_person
from referrals.rules import ContactHow, Status
from tests.builders import in_one_work
from tests.referral_builders import a_clinician, a_new_person, a_practice, a_referral, as_actor

PLAIN = {
    "by": "an actor's reference",
    "by_name": "staff",
    "done_by": "an actor's reference",
    "done_by_name": "staff",
    "answered_by": "an actor's reference",
    "answered_by_name": "staff",
    "ended_by_name": "staff",
    "joined_by_name": "staff",
    "reviewed_by": "an actor's reference",
    "reviewed_by_name": "staff",
    "talked_by": "an actor's reference",
    "ref": "a reference that says nothing",
    "reasons": "codes of a short list, which statistics count",
    "wording": "a fixed sentence with the names of organisations",
    "instrument": "which set of questions",
    "answers": "numbers from 0 to 10, which statistics count",
    "code": "a number in a register, or the code of a list",
    "before": "ids and days only",
    "occasion": "which line of a ledger, by ids",
    "about": "a reference",
    "pin_hash": "a hash",
}


@pytest.mark.asvs("14.2.4")
def test_no_text_about_a_person_is_forgotten() -> None:
    sealed = {(each.table, each.name) for each in sealing.REGISTER}
    ours = [each for each in sealing.REGISTER if each.model.__module__.startswith("referrals")]
    about_people = {each.table for each in ours} | {
        table.name
        for table in db.metadata.tables.values()
        if {"person_id", "referral_id", "visit_id", "step_id"} & {*table.columns.keys()}
    }
    forgotten = [
        f"{table.name}.{column.name}"
        for table in db.metadata.tables.values()
        if table.name in about_people
        for column in table.columns
        if _holds_words(column.type)
        and (table.name, column.name) not in sealed
        and column.name not in PLAIN
        and not column.name.endswith("_index")
    ]
    # None is about a person: codes and places of ours, the hash of a key, who decided.
    assert set(forgotten) <= {"asking.token_hash", "inbound_message.message_id"} | {
        "inbound_message.read_by_name",
        "broken_glass.reviewed_by",
        "broken_glass.reviewed_by_name",
        "earlier.place",
        "review_line.place",
        "review_line.decided_by_name",
        "legal_hold.ended_by",
    }


def _holds_words(kind: object) -> bool:
    if getattr(kind, "enums", None):
        return False
    return isinstance(kind, (String, Text, JSON, LargeBinary))


@pytest.mark.asvs("14.2.4")
def test_what_is_written_about_a_person_cannot_be_read_in_the_database(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS, person=a_new_person(name="Zebedee Quill"))
    with in_one_work():
        log_contact(
            referral,
            ContactHow.PHONE,
            minutes=5,
            note="Is afraid of the stairs",
            next_contact_on=None,
            by=as_actor(referral.owner),
        )
    db.session.rollback()
    everything = " ".join(_raw())
    assert "Zebedee" not in everything
    assert "stairs" not in everything
    assert "1948-03-31" not in everything
    assert referral.person.nhs_number not in everything
    again = db.session.scalars(select(Referral)).all()[0]
    assert again.person.name == "Zebedee Quill"
    assert again.person.born_on == date(1948, 3, 31)
    assert again.contacts[-1].note == "Is afraid of the stairs"


def _raw() -> list[str]:
    found = []
    for table in (Person.__table__, ContactMade.__table__, Step.__table__):
        assert isinstance(table, Table)
        rows = db.session.execute(text(f"SELECT * FROM {table.name}")).all()
        found += [
            bytes(each).decode("latin-1") if isinstance(each, (bytes, memoryview)) else str(each)
            for row in rows
            for each in row
        ]
    return found


@pytest.mark.asvs("11.3.3")
def test_a_value_moved_to_another_row_or_column_does_not_open(app: Flask) -> None:
    one = a_referral(Status.SENT, person=a_new_person(name="One Person")).person
    other = a_referral(Status.SENT, person=a_new_person(name="Other Person")).person
    taken, theirs = one._name, other.id
    db.session.rollback()
    with may_write():
        db.session.execute(Person.__table__.update().where(Person.id == theirs).values(name=taken))
        db.session.execute(Person.__table__.update().where(Person.id == one.id).values(phone=taken))
        db.session.commit()
    one_id = one.id
    db.session.expunge_all()
    for person, fact in ((theirs, "name"), (one_id, "phone")):
        with pytest.raises(Broken):
            getattr(db.session.get_one(Person, person), fact)
    with may_write():  # what reads every letter afterwards wants to read every name
        db.session.rollback()
        db.session.execute(Person.__table__.update().values(name=b"", phone=b""))
        db.session.commit()


def test_people_are_found_again_by_number_or_by_name_and_birthday(app: Flask) -> None:
    practice = a_practice()
    clinician = a_clinician(practice)
    numbered, named = a_new_person(), a_new_person(nhs_number=None, name="Ada Lovell")
    first = a_referral(Status.SENT, person=numbered, referrer=clinician).person
    second = a_referral(Status.SENT, person=named, referrer=clinician).person
    assert find_person(numbered, practice) is first
    assert find_person(a_new_person(nhs_number=None, name="ADA lovell"), practice) is second
    assert find_person(a_new_person(), practice) is None
    assert find_person(numbered, a_practice()) is None


def test_a_list_of_people_asks_once_for_their_keys(app: Flask) -> None:
    for number in range(5):
        a_referral(Status.SENT, person=a_new_person(name=f"Person {number}"))
    db.session.expire_all()
    db.session.rollback()
    asked: list[str] = []

    def listen(_c: object, _cur: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    people = db.session.scalars(select(Person)).all()
    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        assert len({person.name for person in people}) == 5
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)
    assert len(asked) == 1


@pytest.mark.asvs("11.2.2", "13.3.1")
def test_a_new_root_and_new_data_keys_leave_everything_readable(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "LOOK_AGAIN_SECONDS", 0.0)
    referral = a_referral(Status.SENT, person=a_new_person(name="Zebedee Quill"), note="Alone")
    before, wrapped = referral.person._name, db.session.scalars(select(DataKey.wrapped)).all()
    db.session.rollback()
    assert rotation.new_root() == len(wrapped) == 2
    assert set(db.session.scalars(select(DataKey.root_id))) == {keys.ring().newest().id}
    assert referral.person._name == before
    db.session.rollback()
    assert rotation.new_data_keys(grace_seconds=0) == len(wrapped)
    db.session.rollback()
    assert referral.person._name != before
    assert (referral.person.name, referral.note) == ("Zebedee Quill", "Alone")
    assert len(rotation.unused_roots()) >= 1


def test_nothing_can_be_written_about_somebody_whose_key_is_destroyed(app: Flask) -> None:
    referral = a_referral(Status.SENT)
    referral_id, person_id = referral.id, referral.person_id
    db.session.expunge_all()
    with pytest.raises(Broken, match="erased"), saving():
        data_keys.destroy(db.session(), person_id)
        again = db.session.get_one(Referral, referral_id)
        with pytest.raises(Broken, match="gone"):
            _ = again.person.name
        again.note = ""
        again.steps.append(
            Step(number=9, action="open", was="sent", now="sent", by="-", by_name="-", note="More")
        )


def test_another_databases_key_is_refused_in_words(app: Flask, tmp_path: object) -> None:
    with may_write(), db.engine.begin() as connection:
        connection.execute(check.KeyCheck.__table__.delete())
    assert check.key_fits()
    assert check.key_fits()
    right = app.extensions[keys.EXTENSION]
    other = keys.path_for(app.extensions["kith.settings"]).with_name(f"{uuid.uuid4().hex}.json")
    keys.make_file(other)
    app.extensions[keys.EXTENSION] = keys.KeyRing(other)
    try:
        with pytest.raises(keys.KeyTrouble, match="not the one that this database"):
            check.key_fits()
    finally:
        app.extensions[keys.EXTENSION] = right
        other.unlink()
