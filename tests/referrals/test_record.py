"""The words for the patient's record: the code goes there once, whoever presses and how often."""

import re
import uuid
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.actors import Actor
from core.db import db
from core.errors import Forbidden, Refused
from core.saving import saving
from referrals.models import RecordEntry, Referral
from referrals.record import CODE, record_text, take, taken
from referrals.rules import Status
from tests.client import Client
from tests.engines import on_sqlite
from tests.referral_builders import a_clinician, a_link_worker, a_referral, as_actor
from tests.referrals.test_two_at_once import at_once

RECORD = re.compile(r'<textarea[^>]* id="record"[^>]*>\n?(.*?)</textarea>', re.DOTALL)


def test_two_who_take_the_code_at_once_take_it_once(app: Flask) -> None:
    referral = a_referral()
    doctors = [referral.referrer, a_clinician(referral.from_organisation)]
    acts = [partial(_take, referral.id, as_actor(doctor)) for doctor in doctors * 2]
    ends = at_once(app, *acts)
    assert "done" in ends
    assert set(ends) <= {"done", "ChangedMeanwhile"}
    assert db.session.scalar(select(func.count()).select_from(RecordEntry)) == 1


def test_taking_it_again_gives_the_first_note_back(app: Flask) -> None:
    referral = a_referral()
    with saving():
        first = take(referral, by=as_actor(referral.referrer))
    with saving():
        again = take(referral, by=as_actor(a_clinician(referral.from_organisation)))
    assert again.id == first.id
    assert again.by_name == referral.referrer.name
    assert first.words.count(CODE.code) == 1


def test_each_episode_has_its_own_code(app: Flask) -> None:
    first = a_referral(Status.CLOSED_NO_CONTACT)
    with saving():
        take(first, by=as_actor(first.referrer))
    second = a_referral(referrer=first.referrer)
    assert taken(second) is None


def test_a_mistake_is_not_coded(app: Flask) -> None:
    referral = a_referral(Status.ENTERED_IN_ERROR)
    with pytest.raises(Refused), saving():
        take(referral, by=as_actor(referral.referrer))


def test_only_who_referred_takes_it(app: Flask) -> None:
    referral = a_referral()
    with pytest.raises(Forbidden), saving():
        take(referral, by=as_actor(a_link_worker(referral.to_organisation)))


@on_sqlite
def test_the_page_gives_the_code_until_it_is_taken(client: Client) -> None:
    referral = a_referral()
    path = f"/refer/sent/{referral.id}"
    client.as_(referral.referrer)
    page = client.get(path)
    assert CODE.code in words_in(page.text)
    for _again in range(2):
        assert client.send_form(page, f"{path}/copied").location == path
    client.as_(a_clinician(referral.from_organisation))
    later = client.get(path).text
    assert CODE.code not in later
    assert f"{referral.referrer.name} copied this into the record" in later
    assert words_in(later) == record_text(referral, with_code=False)
    client.as_(a_clinician())
    assert client.send_form(page, f"{path}/copied").status_code in {400, 404}


@on_sqlite
def test_what_is_given_to_the_person_says_nothing_about_them(client: Client) -> None:
    referral = a_referral()
    client.as_(referral.referrer)
    page = client.get(f"/refer/sent/{referral.id}").text
    sms = re.search(r'href="(sms:[^"]+)"', page)
    assert sms
    sheet = client.get(f"/refer/sent/{referral.id}/leaflet").text
    for given in (sms[1], sheet):
        for fact in (referral.person.name, referral.person.phone, "Lonely", "lonely"):
            assert fact not in given
    assert referral.to_organisation.name in sheet


def words_in(page: str) -> str:
    found = RECORD.search(page)
    assert found
    return found[1]


def _take(referral_id: uuid.UUID, by: Actor) -> None:
    with saving():
        take(db.session.get_one(Referral, referral_id), by=by)
