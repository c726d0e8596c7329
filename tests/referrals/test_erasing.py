"""To forget somebody: their key goes, and every trace that has their words; counts stay."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from core import links, sealing
from core.actors import system
from core.db import db
from core.errors import Forbidden, Refused
from core.links import SignedLink
from core.outbox import Letter
from core.saving import saving
from core.sealing import DataKey
from referrals.erasing import DELETED, erase
from referrals.models import Person, Referral
from referrals.people import find_person
from referrals.rules import Status
from tests.client import Client
from tests.referral_builders import a_new_person, a_referral, as_actor

BY = system("retention")

KEPT = {
    "attendance",
    "broken_glass",
    "consent",
    "contact_made",
    "first_visit",
    "group_nudge",
    "measure",
    "owner_change",
    "referral",
    "step",
}


def test_every_table_about_a_person_is_deleted_or_kept_without_words() -> None:
    hang = {
        table.name
        for table in db.metadata.tables.values()
        if {"person_id", "referral_id", "visit_id", "step_id"} & {*table.columns.keys()}
    }
    gone = {model.__tablename__ for model in DELETED}
    assert hang == gone | KEPT
    assert not gone & KEPT


def test_nothing_of_somebody_who_was_forgotten_can_be_read(client: Client) -> None:
    new = a_new_person(name="Zebedee Quill", email="zebedee@people.example")
    referral = a_referral(Status.CLOSED_COMPLETED, person=new, note="Keeps bees")
    person, practice, owner = referral.person, referral.person.practice, referral.owner
    taken, steps = person._name, len(referral.steps)
    with saving():
        links.make("any", about=referral.about, for_whom="-", lasts=timedelta(days=1), by=BY)
        erase(person, by=BY, why="retention")
    assert client.as_(owner).get(f"/caseload/{referral.id}").status_code == 404
    assert not db.session.scalar(select(func.count()).select_from(DataKey))
    assert find_person(new, practice) is None
    for traces in (SignedLink, Letter):
        assert not db.session.scalars(select(traces)).all()
    db.session.expunge_all()
    again = db.session.scalars(select(Referral)).one()
    assert (again.note, again.person.name, len(again.steps)) == ("", "", steps)
    name = next(each for each in sealing.of_model(Person) if each.name == "name")
    with pytest.raises(sealing.Broken):
        name.open(again.person, taken)


def test_who_is_still_being_helped_is_not_forgotten(app: Flask) -> None:
    person = a_referral(Status.IN_PROGRESS).person
    with pytest.raises(Refused, match="still being helped"), saving():
        erase(person, by=BY, why="asked")


def test_a_link_worker_cannot_have_anybody_forgotten(app: Flask) -> None:
    referral = a_referral(Status.CLOSED_COMPLETED)
    with pytest.raises(Forbidden), saving():
        erase(referral.person, by=as_actor(referral.owner), why="asked")
