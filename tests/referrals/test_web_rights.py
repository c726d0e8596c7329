"""The pages of rights: the person asks, the officer looks, and a copy is opened once."""

import re

import pytest
from flask import Flask

from accounts import Role
from core import clock, outbox
from core.db import db
from core.saving import saving
from referrals.models import ToldBy
from referrals.person.telling import set_telling
from tests.builders import a_user
from tests.client import Client
from tests.engines import on_sqlite
from tests.referral_builders import TEST
from tests.referrals.person_builders import PIN, a_private_page
from tests.referrals.test_rights import a_full_record


@on_sqlite
def test_from_asking_on_ones_own_page_to_the_copy_in_hand(app: Flask, client: Client) -> None:
    first = a_full_record()
    team = first.to_organisation
    with saving():
        first.person.phone = "07700 900 222"
        set_telling(first.person, told_by=ToldBy.TEXT, by=TEST)
    _page, token = a_private_page(first)
    client.fill(f"/my/{token}", {"pin": PIN})
    page = client.get(f"/my/{token}/rights")
    assert "costs nothing" in page.text
    assert client.fill(f"/my/{token}/rights", {"right": "see"}).status_code == 303
    assert "You get an answer by" in client.get(f"/my/{token}/rights").text

    client.as_(a_user(team, Role.IG_OFFICER, "Sunita Mistry"))
    desk = client.get("/rights").text
    assert first.ref in desk
    assert "Canary" not in desk
    (request_id,) = re.findall(r'href="/rights/([0-9a-f-]{36})"', desk)
    one = client.get(f"/rights/{request_id}").text
    lines = re.findall(rf"/rights/{request_id}/lines/([0-9a-f-]{{36}})", one)
    assert lines
    for line in lines:
        assert client.get(f"/rights/{request_id}/lines/{line}").status_code == 200
        said = {"verdict": "give", "reason": "Dr Okafor was asked."}
        assert client.fill(f"/rights/{request_id}/lines/{line}", said).status_code == 303
    made = client.fill_form(f"/rights/{request_id}", f"/rights/{request_id}/copy")
    (pin,) = re.findall(r'k-code">(\d+)<', made.text)
    letter = next(each for each in outbox.waiting() if each.kind == "own-copy")
    key = letter.body.partition("/copy/")[2].split()[0]

    assert client.get(f"/copy/{key}").status_code == 200
    assert client.fill(f"/copy/{key}", {"pin": "00000"}).status_code == 422
    zipped = client.fill(f"/copy/{key}", {"pin": pin})
    assert zipped.headers["Content-Type"] == "application/zip"
    assert zipped.data.startswith(b"PK")
    assert client.get(f"/copy/{key}").status_code == 410


@on_sqlite
def test_an_officer_writes_down_what_was_asked_by_telephone(app: Flask, client: Client) -> None:
    first = a_full_record()
    client.as_(a_user(first.to_organisation, Role.IG_OFFICER, "Sunita Mistry"))
    born, today = first.person.born_on, clock.today()
    said = {
        "ref": first.ref,
        "born_on-day": born.day,
        "born_on-month": born.month,
        "born_on-year": born.year,
        "right": "see",
        "how": "phone",
        "asked_on-day": today.day,
        "asked_on-month": today.month,
        "asked_on-year": today.year,
    }
    begun = client.fill("/rights/begin", said)
    assert begun.status_code == 303, begun.text
    where = begun.headers["Location"]
    assert "Canary" not in client.get(where).text
    assert client.fill_form(where, f"{where}/identity", how="").status_code == 422
    assert client.fill_form(where, f"{where}/identity", how="Saw a passport.").status_code == 303
    assert "Canary" in client.get(where).text
    assert client.fill(f"{where}/close", {"why": "They changed it."}).status_code == 303
    hold = {key: said[key] for key in said if key.startswith(("ref", "born"))}
    assert client.fill("/rights/hold", hold | {"why": "A claim."}).status_code == 303
    assert "A claim." in client.get("/rights").text
    for path in ("begin", "hold"):
        assert client.get(f"/rights/{path}").status_code == 200


@on_sqlite
@pytest.mark.parametrize("role", [Role.LINK_WORKER, Role.TEAM_LEAD, Role.ORG_ADMIN])
def test_nobody_else_of_the_team_has_this_desk(app: Flask, client: Client, role: Role) -> None:
    first = a_full_record()
    client.as_(a_user(first.to_organisation, role, "Somebody"))
    db.session.rollback()
    assert client.get("/rights").status_code == 404


@on_sqlite
def test_the_link_worker_puts_right_what_is_wrong_and_the_person_sees_it(
    app: Flask, client: Client
) -> None:
    first = a_full_record()
    assert first.owner is not None
    client.as_(first.owner)
    path = f"/caseload/{first.id}/put-right"
    born = first.person.born_on
    said = {"name": "Rosa Quill", "address": "3 Far Lane", "why": "She moved."}
    said |= {f"born_on-{part}": getattr(born, part) for part in ("day", "month", "year")}
    assert client.fill(path, said | {"why": ""}).status_code == 422
    assert client.fill(path, said).status_code == 303
    assert "1 Canary Quill Street" in client.get(path).text
    with saving():
        first.person.phone = "07700 900 222"
        set_telling(first.person, told_by=ToldBy.TEXT, by=TEST)
    _page, token = a_private_page(first)
    client.fill(f"/my/{token}", {"pin": PIN})
    assert "1 Canary Quill Street" in client.get(f"/my/{token}/rights").text
