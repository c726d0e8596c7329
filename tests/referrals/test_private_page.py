"""A page of one's own: nothing without the PIN, few tries, and "stop" stops everything."""

from datetime import UTC, datetime, time, timedelta

import pytest
from flask import Flask

from core import clock, links, outbox
from core.actors import Actor
from core.db import db
from core.errors import Forbidden
from core.links import LinkExpired
from core.outbox import Channel, Letter, State
from core.saving import saving
from referrals.models import ToldBy, Waits
from referrals.pathway import accept, act
from referrals.person import pages, telling
from referrals.person.keys import LASTS, MY_PAGE, page_of
from referrals.pledges import pledge, remind
from referrals.rights.consent import has_withdrawn
from referrals.rules import Action, ContactRoute, Part, Status
from referrals.sight import parts_of
from tests.client import Client
from tests.engines import on_sqlite
from tests.referral_builders import (
    TEST,
    a_clinician,
    a_link_worker,
    a_new_person,
    a_referral,
    a_visit,
    a_wait,
    an_appointment,
    an_onward,
    as_actor,
    owner_of,
)
from tests.referrals.person_builders import (
    PIN,
    PIN_HASH,
    a_private_page,
    a_team_near,
    asked,
    link_behind,
    opened,
    token_in,
)
from tests.referrals.test_two_at_once import at_once


def letters_to(address: str) -> list[Letter]:
    return [letter for letter in outbox.waiting() if letter.to_address == address]


def inside(page: object, key: str) -> Actor:
    found = pages.inside(page, key)  # type: ignore[arg-type]
    assert found is not None
    return found


@on_sqlite
def test_a_forwarded_link_shows_nothing_without_the_pin(app: Flask, client: Client) -> None:
    page, token = a_private_page()
    for path in ("", "/telling", "/correct", "/answer", "/stop"):
        shown = client.get(f"/my/{token}{path}")
        assert shown.status_code == 200
        assert "Rosa" not in shown.text
        assert "Enter your PIN" in shown.text
    assert not pages.inside(page, "made-up")


@on_sqlite
def test_a_scanner_of_mail_that_opens_the_link_changes_nothing(app: Flask, client: Client) -> None:
    page, token = a_private_page()
    before = (page.version, page.wrong_tries, page.referral.status, len(outbox.waiting()))
    for path in ("", "/stop", "/telling", "/correct"):
        client.get(f"/my/{token}{path}")
    db.session.expire_all()
    assert (page.version, page.wrong_tries, page.referral.status, len(outbox.waiting())) == before


@on_sqlite
def test_the_right_pin_opens_it_in_this_browser_only(app: Flask, client: Client) -> None:
    _page, token = a_private_page()
    assert client.fill(f"/my/{token}", {"pin": "40 71"}).status_code == 303
    shown = client.get(f"/my/{token}")
    assert "It is quiet since I stopped work." in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    other = app.test_client()
    assert "Rosa" not in other.get(f"/my/{token}").text
    client.fill_act(f"/my/{token}/close", on=f"/my/{token}")
    assert "Rosa" not in client.get(f"/my/{token}").text


def test_a_pin_is_tried_five_times_then_the_page_shuts_for_a_while(app: Flask) -> None:
    page, token = a_private_page()
    link = link_behind(token)
    for left in (4, 3, 2, 1):
        assert pages.enter(link, "0000") is None
        assert pages.tries_left(page) == left
    assert pages.enter(link, "0000") is None
    assert pages.why_shut(page).startswith("Too many wrong PINs. Wait 15 minutes")
    assert pages.enter(link, PIN) is None, "shut is shut, even to the right one"
    with clock.set_to(clock.now() + timedelta(minutes=16)):
        assert pages.enter(link, PIN) is not None
        assert page.wrong_tries == 0


def test_many_wrong_pins_at_once_are_counted_one_by_one(app: Flask) -> None:
    page, token = a_private_page()
    at_once(app, *[lambda: pages.enter(link_behind(token), "0000")] * 8)
    db.session.expire_all()
    assert page.wrong_tries == pages.TRIES
    assert pages.enter(link_behind(token), PIN) is None


def test_after_fifteen_wrong_tries_only_a_new_pin_helps(app: Flask) -> None:
    page, token = a_private_page()
    with saving():
        page.wrong_tries = pages.MOST_TRIES
    with clock.set_to(clock.now() + timedelta(days=1)):
        assert pages.enter(link_behind(token), PIN) is None
        assert "Ask your link worker" in pages.why_shut(page)


def test_a_link_that_has_run_out_or_was_replaced_opens_nothing(app: Flask) -> None:
    page, token = a_private_page()
    with clock.set_to(clock.now() + LASTS), pytest.raises(LinkExpired):
        links.unseal(MY_PAGE, token)
    worker = a_link_worker(page.referral.to_organisation)
    with saving():
        pages.send_page(page.referral, pin_hash=PIN_HASH, by=as_actor(worker))
    with pytest.raises(LinkExpired):
        links.unseal(MY_PAGE, token)


@on_sqlite
def test_a_page_that_has_run_out_says_whom_to_ring(app: Flask, client: Client) -> None:
    page, token = a_private_page()
    with saving():
        links.revoke(page.about, by=TEST)
    answer = client.get(f"/my/{token}")
    assert answer.status_code == 410
    assert "01632 960 111" in answer.text


def test_what_opened_the_page_is_worthless_later_and_for_others(app: Flask) -> None:
    page, token = a_private_page()
    key = opened(page, token)
    other, _ = a_private_page()
    assert pages.inside(page, key) is not None
    assert pages.inside(other, key) is None
    assert parts_of(inside(page, key), other.referral) == frozenset()
    with clock.set_to(clock.now() + timedelta(minutes=31)):
        assert pages.inside(page, key) is None


def test_the_link_alone_is_nothing_to_the_referral(app: Flask) -> None:
    page, token = a_private_page()
    assert parts_of(link_behind(token).actor, page.referral) == frozenset()
    with pytest.raises(Forbidden), saving():
        pages.stop_sharing(page, by=link_behind(token).actor)
    db.session.expire_all()
    assert page.referral.status is Status.SENT


def test_stopping_withdraws_consent_and_nothing_queued_is_sent(app: Flask) -> None:
    person = a_new_person(contact_route=ContactRoute.TEXT, phone="07700 900 222")
    referral = a_referral(Status.IN_PROGRESS, person=person)
    onward = an_onward(Status.ACCEPTED, parent=referral)
    worker = owner_of(referral)
    visit = a_visit(onward, in_days=5)
    hour, place = an_appointment(referral), a_wait(referral)
    with saving():
        remind(pledge(visit, "I walk with Jean.", by=worker), by=worker)
    page, token = a_private_page(referral)
    db.session.expire_all()
    queued = {letter.id for letter in outbox.waiting()}
    key = opened(page, token)
    with saving():
        pages.stop_sharing(page, by=inside(page, key))
    db.session.expire_all()
    assert referral.status is Status.PERSON_DECLINED
    assert onward.status is Status.WITHDRAWN
    assert hour.called_off_at is not None
    assert place.state is Waits.LEFT
    assert all(consent.withdrawn_at for consent in [*referral.consents, *onward.consents])
    about_them = [db.session.get(Letter, letter) for letter in queued]
    for letter in about_them:
        assert letter is not None
        concerns_group_or_person = letter.kind in {"group-asked", "group-visit", "private-page"}
        if concerns_group_or_person or letter.kind == "visit-reminder":
            assert letter.state is State.CANCELLED, letter.kind
    assert letters_to("07700 900 222") == []


def test_who_stopped_is_told_of_nothing_more_and_their_team_and_practice_hear_of_it(
    app: Flask,
) -> None:
    referral = a_referral(Status.IN_PROGRESS, person=a_new_person(contact_route=ContactRoute.TEXT))
    page, token = a_private_page(referral)
    by = inside(page, opened(page, token))
    with saving():
        outbox.cancel(referral.about)
        pages.stop_sharing(page, by=by)
    told = sorted(letter.to_address for letter in outbox.waiting())
    assert referral.owner is not None
    assert referral.referrer is not None
    assert told == sorted([referral.owner.email, referral.referrer.email])


def test_stopping_after_the_end_still_withdraws_what_was_agreed(app: Flask) -> None:
    referral = a_referral(Status.FAILED, person=a_new_person(contact_route=ContactRoute.TEXT))
    page, token = a_private_page(referral)
    by = inside(page, opened(page, token))
    with saving():
        pages.stop_sharing(page, by=by)
    assert has_withdrawn(referral)
    assert referral.status is Status.FAILED


def test_accepting_tells_the_person_that_there_is_news_and_no_more(app: Flask) -> None:
    team = a_team_near()
    referral = asked(team)
    with saving():
        pages.make_page(referral, pin_hash=PIN_HASH, by=TEST)
    with saving():
        accept(referral, by=as_actor(a_link_worker(team)), next_contact_on=clock.today())
    (text,) = letters_to("07700 900 111")
    assert text.channel is Channel.SMS
    assert text.body.startswith("kingfisher. There is news on your own page.")
    assert not {"Rosa", "lonely", team.name} & set(text.body.split())


def test_a_question_to_who_asked_themselves_is_answered_on_their_page(app: Flask) -> None:
    team = a_team_near()
    page, token = a_private_page(asked(team))
    with saving():
        act(page.referral, Action.ASK, by=as_actor(a_link_worker(team)), note="Mornings?")
    by = inside(page, opened(page, token))
    assert parts_of(by, page.referral) == {Part.REFERRER, Part.RESIDENT}
    with saving():
        act(page.referral, Action.ANSWER, by=by, note="Afternoons, please.")
    assert page.referral.status is Status.OPENED


def test_a_referral_by_a_practice_is_not_the_persons_to_answer(app: Flask) -> None:
    page, token = a_private_page(
        a_referral(Status.SENT, person=a_new_person(contact_route=ContactRoute.TEXT))
    )
    assert parts_of(inside(page, opened(page, token)), page.referral) == {Part.RESIDENT}


def test_only_their_own_team_sends_somebody_their_page(app: Flask) -> None:
    referral = asked()
    for stranger in (a_link_worker(), a_clinician()):
        with pytest.raises(Forbidden), saving():
            pages.send_page(referral, pin_hash=PIN_HASH, by=as_actor(stranger))
    assert page_of(referral) is None


@pytest.mark.parametrize(
    ("now", "sent"),
    [
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 3, 29, 9, 0, tzinfo=UTC)),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 10, 0, tzinfo=UTC)),
        (datetime(2026, 10, 24, 20, 30, tzinfo=UTC), datetime(2026, 10, 25, 10, 0, tzinfo=UTC)),
        (datetime(2026, 11, 3, 11, 0, tzinfo=UTC), datetime(2026, 11, 3, 11, 0, tzinfo=UTC)),
        (datetime(2026, 11, 3, 20, 0, tzinfo=UTC), datetime(2026, 11, 4, 10, 0, tzinfo=UTC)),
    ],
    ids=["clocks-forward", "clocks-back", "evening-before", "in-the-day", "evening"],
)
@on_sqlite
def test_nobody_is_written_to_before_ten_by_the_clock_on_the_wall(
    app: Flask, now: datetime, sent: datetime
) -> None:
    referral = asked()
    with clock.set_to(now):
        assert telling.safe_moment(referral.person, clock.now()) == sent


@on_sqlite
def test_a_reminder_waits_for_the_hour_that_is_safe_though_the_clocks_change(app: Flask) -> None:
    person = a_new_person(contact_route=ContactRoute.TEXT, phone="07700 900 222")
    with clock.set_to(datetime(2026, 10, 20, 12, tzinfo=UTC)):
        visit = a_visit(
            an_onward(Status.ACCEPTED, parent=a_referral(Status.IN_PROGRESS, person=person)),
            in_days=6,
        )
        worker = owner_of(visit.referral.parent or visit.referral)
        who = visit.referral.person
        with saving():
            telling.set_telling(
                who, told_by=ToldBy.TEXT, not_before=time(14), code_word="heron", by=worker
            )
            moment = remind(pledge(visit, "I walk with Jean.", by=worker), by=worker)
        assert moment == datetime(2026, 10, 25, 14, tzinfo=UTC), "winter time since that night"
        (reminder,) = letters_to("07700 900 222")
        assert reminder.next_try_at == moment
        assert reminder.body.startswith("heron. ")


@on_sqlite
def test_they_change_how_they_are_told_and_the_pin(app: Flask, client: Client) -> None:
    page, token = a_private_page()
    client.fill(f"/my/{token}", {"pin": PIN})
    said = {
        "told_by": "nothing",
        "voicemail": "yes",
        "not_before": "17:00",
        "code_word": "heron",
        "pin": "1111",
    }
    assert client.fill(f"/my/{token}/telling", said).status_code == 422, "too easy"
    assert client.fill(f"/my/{token}/telling", {**said, "pin": "8264"}).status_code == 303
    db.session.expire_all()
    kept = page.referral.person.telling
    assert kept is not None
    assert (kept.told_by, kept.not_before, kept.code_word) == (ToldBy.NOTHING, time(17), "heron")
    assert pages.enter(link_behind(token), PIN) is None
    assert pages.enter(link_behind(token), "8264") is not None


@on_sqlite
def test_they_see_who_looked_and_ask_for_something_to_be_put_right(
    app: Flask, client: Client
) -> None:
    team = a_team_near()
    worker = a_link_worker(team)
    page, token = a_private_page(asked(team))
    desk = app.test_client()
    assert isinstance(desk, Client)
    desk.as_(worker).get(f"/caseload/{page.referral.id}")
    client.fill(f"/my/{token}", {"pin": PIN})
    shown = client.get(f"/my/{token}").text
    assert worker.name in shown
    client.fill(f"/my/{token}/correct", {"words": "I was born in 1962."})
    seen = desk.get(f"/caseload/{page.referral.id}").text
    assert "I was born in 1962." in seen
    assert "They ask you to put something right" in seen


@on_sqlite
def test_they_stop_on_their_page(app: Flask, client: Client) -> None:
    page, token = a_private_page()
    client.fill(f"/my/{token}", {"pin": PIN})
    assert client.fill(f"/my/{token}/stop", {}).status_code == 422
    assert client.fill(f"/my/{token}/stop", {"sure": "y"}).status_code == 303
    assert "You have stopped this" in client.get(f"/my/{token}").text
    db.session.expire_all()
    assert page.referral.status is Status.PERSON_DECLINED


@on_sqlite
def test_the_link_worker_sends_the_link_and_reads_the_pin_once(app: Flask, client: Client) -> None:
    person = a_new_person(contact_route=ContactRoute.TEXT, phone="07700 900 222")
    referral = a_referral(Status.IN_PROGRESS, person=person)
    assert referral.owner is not None
    desk = client.as_(referral.owner)
    path = f"/caseload/{referral.id}/own-page"
    shown = desk.fill(path, {}).text
    pin = shown.partition('<p class="k-code">')[2].partition("<")[0]
    assert pin not in desk.get(path).text
    (text,) = letters_to("07700 900 222")
    assert pin not in text.body
    page = page_of(referral)
    assert page is not None
    assert pages.enter(link_behind(token_in(text)), pin) is not None


@on_sqlite
def test_who_chose_neither_text_nor_email_is_read_to(app: Flask, client: Client) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    assert referral.owner is not None
    shown = client.as_(referral.owner).get(f"/caseload/{referral.id}/own-page").text
    assert "Read it to them" in shown


@on_sqlite
def test_the_link_worker_writes_down_how_somebody_wishes_to_be_told(
    app: Flask, client: Client
) -> None:
    referral = a_referral(Status.IN_PROGRESS, person=a_new_person(phone="07700 900 222"))
    assert referral.owner is not None
    desk, path = client.as_(referral.owner), f"/caseload/{referral.id}/telling"
    said = {"told_by": "text", "voicemail": "no", "not_before": "12:00", "code_word": "heron"}
    assert desk.fill(path, said).status_code == 303
    shown = desk.get(f"/caseload/{referral.id}").text
    assert "Leave no voicemail. Not before midday. Say their word first" in shown
    assert desk.fill(path, {**said, "told_by": "email"}).status_code == 409, "no address is known"
