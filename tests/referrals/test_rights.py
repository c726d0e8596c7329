"""What somebody may ask for: a copy of all of it and of nobody else's; and how long it is kept."""

import io
import json
import zipfile
from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from flask import Flask

from core import clock, outbox
from core.actors import Actor
from core.db import db
from core.errors import Forbidden, NotFound, Refused
from core.links import LinkExpired, find
from core.saving import saving
from core.sealing import REGISTER
from referrals.about import state_risks
from referrals.about.safety import raise_worry
from referrals.contacts import log_contact
from referrals.models import AskedHow, Handing, Referral, Right, RightsRequest, Stage, ToldBy
from referrals.outcomes import record_measure
from referrals.person import pages
from referrals.person.telling import set_telling
from referrals.rights import handing, requests, reviewing
from referrals.rights.gathering import collect, sorts, tables_about_people
from referrals.rights.history import put_right, put_right_of
from referrals.rules import ContactHow, Point, Status
from referrals.sight import parts_of
from tests.builders import an_ig_officer_of
from tests.engines import on_sqlite
from tests.referral_builders import TEST, a_referral, a_visit, an_onward, owner_of
from tests.referrals.person_builders import (
    PIN,
    PIN_HASH,
    a_private_page,
    opened,
)

NOTE = "Canary: her daughter Jane drives her."
WORRY = "Canary: bruises on the arm."


def a_full_record(name: str = "Canary Quill") -> Referral:
    """Somebody with something of every sort."""
    first = a_visit().referral.parent
    assert first is not None
    by = owner_of(first)
    with saving():
        first.person.name, first.person.address = name, f"1 {name} Street"
        set_telling(first.person, told_by=ToldBy.NOTHING, code_word=f"{name} word", by=TEST)
        log_contact(
            first, ContactHow.PHONE, minutes=5, note=f"{name}: {NOTE}", next_contact_on=None, by=by
        )
        raise_worry(first, f"{name}: {WORRY}", by=by)
        state_risks(first, words=f"{name}: stairs", by=by)
    return first


def an_officer(referral: Referral) -> Actor:
    return an_ig_officer_of(referral.to_organisation)


def a_request(first: Referral, officer: Actor) -> RightsRequest:
    with saving():
        return requests.begin(
            first.ref,
            first.person.born_on,
            Right.SEE,
            AskedHow.PHONE,
            asked_on=clock.today(),
            by=officer,
        )


def a_decided(first: Referral, officer: Actor, held: str = "") -> RightsRequest:
    made = a_request(first, officer)
    with saving():
        requests.confirm_identity(made, "Rang the number we hold.", by=officer)
        for each in reviewing.lay_out(made, by=officer):
            verdict = Handing.HOLD_HARM if held and held in each.says else Handing.GIVE
            reviewing.decide(each.line, verdict, "Dr Okafor was asked.", by=officer)
    return made


def test_every_table_about_people_is_known_by_name() -> None:
    """A new table that leads to a person fails here until it is named: none is forgotten."""
    assert tables_about_people() == set(sorts())
    of_nobody = {"asking", "review_line"}
    assert {each.table for each in REGISTER if not each.by.purpose} <= set(sorts()) - of_nobody


def test_a_copy_holds_all_that_is_kept_and_nothing_of_anybody_else(app: Flask) -> None:
    first, other = a_full_record(), a_full_record("Somebody Else")
    officer = an_officer(first)
    made = a_decided(first, officer)
    with saving():
        pack, token = handing.make_ready(made, pin_hash=PIN_HASH, by=officer)
    assert pack.sealed is not None
    assert b"Canary" not in pack.sealed
    link = find(handing.COPY_LINK, token)
    assert link is not None
    plain = handing.fetch(link, PIN)
    assert plain is not None
    archive = zipfile.ZipFile(io.BytesIO(plain))
    page = archive.read("your-record.html").decode()
    data = json.loads(archive.read("your-record.json"))
    said = json.dumps(data, ensure_ascii=False)
    for kept in collect(first.person_id):
        for value in kept.facts.values():
            if isinstance(value, str) and "Canary" in value:
                assert value in said
                assert value.replace("'", "&#39;") in page
    assert said.count("Canary Quill") > 5
    assert "Somebody Else" not in page + said
    assert other.ref not in page + said
    assert {each["kept_as"] for each in data} >= {"person", "safety_note", "audit_entry", "telling"}
    assert pack.sealed is None
    assert made.stage is Stage.DONE
    with pytest.raises(LinkExpired):
        handing.fetch(link, PIN)


def test_what_is_restricted_or_names_somebody_is_not_given_unread(app: Flask) -> None:
    first = a_full_record()
    officer = an_officer(first)
    made = a_request(first, officer)
    with pytest.raises(Refused), saving():
        handing.make_ready(made, pin_hash=PIN_HASH, by=officer)
    with saving():
        requests.confirm_identity(made, "Rang the number we hold.", by=officer)
    with pytest.raises(Refused, match="to be decided"), saving():
        handing.make_ready(made, pin_hash=PIN_HASH, by=officer)
    with saving():
        lines = reviewing.lay_out(made, by=officer)
    said = " ".join(each.says for each in lines)
    assert "bruises" in said
    assert "daughter Jane" in said
    restricted = next(each.line for each in lines if "bruises" in each.says)
    with pytest.raises(Refused, match="Say why"), saving():
        reviewing.decide(restricted, Handing.GIVE, "", by=officer)


def test_what_is_held_back_says_so_and_is_not_there(app: Flask) -> None:
    first = a_full_record()
    officer = an_officer(first)
    made = a_decided(first, officer, held="bruises")
    with saving():
        _pack, token = handing.make_ready(made, pin_hash=PIN_HASH, by=officer)
    link = find(handing.COPY_LINK, token)
    assert link is not None
    assert handing.fetch(link, "0000") is None
    plain = handing.fetch(link, PIN)
    assert plain is not None
    page = zipfile.ZipFile(io.BytesIO(plain)).read("your-record.html").decode()
    assert "bruises" not in page
    assert "Held back: it could do serious harm" in page


@on_sqlite
def test_a_copy_nobody_fetches_is_gone_after_its_week(app: Flask) -> None:
    first = a_full_record()
    officer = an_officer(first)
    made = a_decided(first, officer)
    with saving():
        pack, token = handing.make_ready(made, pin_hash=PIN_HASH, by=officer)
    with clock.set_to(clock.now() + timedelta(days=8)):
        assert handing.empty_old() == 1
        link = find(handing.COPY_LINK, token)
        assert link is not None
        with pytest.raises(LinkExpired):
            handing.fetch(link, PIN)
    db.session.refresh(pack)
    assert pack.sealed is None


@on_sqlite
def test_the_clock_runs_one_calendar_month_from_the_day_they_asked(app: Flask) -> None:
    first = a_full_record()
    officer = an_officer(first)
    with saving():
        made = requests.begin(
            first.ref,
            first.person.born_on,
            Right.SEE,
            AskedHow.LETTER,
            asked_on=clock.today() - timedelta(days=3),
            by=officer,
        )
    assert made.due_on == clock.today() - timedelta(days=3) + relativedelta(months=1)
    with pytest.raises(Refused, match="nobody"), saving():
        requests.find_by_ref(first.ref, date(1901, 1, 1), by=officer)
    elsewhere = an_officer(a_referral(status=Status.ACCEPTED))
    with pytest.raises(NotFound):
        requests.get_request(made.id, seen_by=elsewhere)
    with pytest.raises(Refused, match="nobody"):
        requests.find_by_ref(first.ref, first.person.born_on, by=elsewhere)


def test_somebody_stops_with_one_group_and_all_else_goes_on(app: Flask) -> None:
    first = an_onward(status=Status.ACCEPTED).parent
    assert first is not None
    with saving():
        first.person.phone = "07700 900 222"
        set_telling(first.person, told_by=ToldBy.TEXT, by=TEST)
    page, token = a_private_page(first)
    by = pages.inside(page, opened(page, token))
    assert by is not None
    (onward,) = first.onward
    with saving():
        pages.stop_sharing_with(page, onward.id, by=by)
    assert onward.status is Status.PERSON_DECLINED
    assert first.status is Status.IN_PROGRESS
    told = [letter for letter in outbox.waiting() if letter.kind == "group-not-needed"]
    assert len(told) == 1
    assert [letter for letter in outbox.waiting() if letter.kind == "news-for-link-worker"]


def test_what_is_put_right_keeps_what_it_was_and_who_did_it(app: Flask) -> None:
    first = a_full_record()
    person, worker = first.person, owner_of(first)
    with saving():
        put_right(
            first,
            {"name": "Canary Quill", "phone": "07700 900 333", "address": "2 New Street"},
            why="She moved.",
            parts=parts_of(worker, first),
            by=worker,
        )
        set_telling(person, told_by=ToldBy.TEXT, code_word="wren", by=worker)
        for marks in (3, 8):
            record_measure(
                first, Point.BEFORE, {"anxiety": marks}, taken_on=clock.today(), by=worker
            )
    was = {each.word: (each.was, each.by_name) for each in put_right_of(person)}
    assert was["Address"] == ("1 Canary Quill Street", worker.name)
    assert was["Code word"] == ("Canary Quill word", worker.name)
    assert was["Answers"] == ("anxiety: 3", worker.name)
    assert "Name" not in was
    with pytest.raises(Forbidden), saving():
        put_right(first, {"name": "X"}, why="", parts=frozenset(), by=TEST)
