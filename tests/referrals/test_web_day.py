"""The link worker's day on the web: Today, the letter, the calendar, the team, many at once."""

import re
from datetime import UTC, datetime, timedelta

from icalendar import Calendar
from sqlalchemy import event

from accounts import User
from core import clock
from core.db import db
from core.saving import saving
from referrals.day import tasks
from referrals.day.appointments import book
from referrals.day.supervision import put_down
from referrals.models import Appointment, Referral
from referrals.rules import Came, Status
from referrals.visits import record_visit
from tests.client import Client
from tests.engines import on_sqlite
from tests.referral_builders import (
    a_link_worker,
    a_visit,
    an_onward,
    as_actor,
    group_of,
    owner_of,
)
from tests.referrals.link_desk import fresh, in_parts, referred

pytestmark = on_sqlite

A_DAY = timedelta(days=1)


def an_appointment(referral: Referral, *, place_shown: bool = False) -> Appointment:
    with saving():
        return book(
            referral,
            clock.now() + timedelta(minutes=1),
            minutes=45,
            place="The library, Bow Road",
            place_shown=place_shown,
            by=owner_of(referral),
        )


def test_today_shows_who_what_when_and_the_news_at_one_glance(desk: Client, amina: User) -> None:
    referral = referred(amina, name="Pat Uttley")
    with saving():
        referral.next_contact_on = clock.today() - 2 * A_DAY
        tasks.add(referral, "Ring the housing office", clock.today(), by=as_actor(amina))
    visit = a_visit(an_onward(Status.ACCEPTED, parent=referral))
    with saving():
        record_visit(visit, Came.CAME, by=group_of(visit.referral))
    page = desk.get("/today").text
    assert "1 contact (1 late), 1 task, 0 appointments." in page
    assert "2 days late" in page
    assert "Ring the housing office" in page
    assert f"Came to {visit.referral.service.name}" in page  # type: ignore[union-attr]


def test_a_task_is_added_and_ticked_off(desk: Client, amina: User) -> None:
    referral = referred(amina)
    path = f"/caseload/{referral.id}/task"
    today = in_parts("due_on", clock.today())
    assert desk.fill(path, {"words": "", **today}).status_code == 422
    assert desk.fill(path, {"words": "Ring the library", **today}).status_code == 303
    (task,) = tasks.open_about(referral)
    assert desk.fill_act(f"/today/tasks/{task.id}/done", on="/today").status_code == 303
    desk.get("/today")
    assert "Ring the library" not in desk.get(f"/caseload/{referral.id}").text


def test_an_appointment_is_made_and_called_off(desk: Client, amina: User) -> None:
    referral = referred(amina)
    path, when = f"/caseload/{referral.id}/appointment", in_parts("on", clock.today() + A_DAY)
    answers = {"at": "10:30am", "minutes": "45", "place": "The library", **when}
    assert desk.fill(path, answers | {"at": "soon"}).status_code == 422
    assert desk.fill(path, answers).status_code == 303
    page = f"/caseload/{referral.id}"
    assert "10:30am · The library" in desk.get(page).text
    made = db.session.query(Appointment).one()
    desk.fill_act(f"/today/appointments/{made.id}/call-off", on=page)
    assert "10:30am · The library" not in desk.get(page).text


def test_the_calendar_tells_no_name_no_health_and_a_place_only_where_chosen(
    desk: Client, amina: User, client: Client
) -> None:
    hidden, shown = referred(amina, name="Pat Uttley"), referred(amina)
    an_appointment(hidden)
    an_appointment(shown, place_shown=True)
    address = re.search(r"/today/calendar/[\w-]{43}\.ics", desk.fill("/today/calendar", {}).text)
    assert address
    answer = client.get(address[0])
    assert answer.mimetype == "text/calendar"
    events = Calendar.from_ical(answer.data).walk("VEVENT")
    assert {str(event["summary"]) for event in events} == {
        f"Appointment, ref {hidden.ref}",
        f"Appointment, ref {shown.ref}",
    }
    assert [str(event["location"]) for event in events if "location" in event] == [
        "The library, Bow Road"
    ]
    assert not re.search("Pat|Uttley|Mavis|Thistlewood|Lonely", answer.text)
    desk.fill("/today/calendar", {})
    assert client.get(address[0]).status_code == 410


def test_the_letter_is_printed_and_noted_and_then_has_its_time(desk: Client, amina: User) -> None:
    referral = referred(amina, Status.CONTACTING, name="Pat Uttley", preferred_name="Pat")
    page = desk.get(f"/today/letter/{referral.id}").text
    assert "Dear Pat," in page
    assert "Lonely" not in page
    sent = desk.fill_act(f"/caseload/{referral.id}/letter-sent", on=f"/today/letter/{referral.id}")
    assert sent.status_code == 303
    assert "They have until" in desk.get(f"/caseload/{referral.id}").text
    assert fresh(referral).next_contact_on is not None
    assert referral.next_contact_on > clock.today() + 13 * A_DAY


def test_the_page_says_which_try_comes_next_and_when(desk: Client, amina: User) -> None:
    with clock.set_to(datetime(2026, 11, 16, 10, tzinfo=UTC)):
        referral = referred(amina, Status.ACCEPTED)
        desk.as_(amina).fill(
            f"/caseload/{referral.id}/contact",
            {"how": "no-answer", "minutes": "", "note": "", "next": "tomorrow"},
        )
        page = desk.get(f"/caseload/{referral.id}").text
    assert "Try 2 of 3: from Wed 18 Nov, in the afternoon or in the evening." in page


def test_a_step_is_taken_back_from_the_persons_page(desk: Client, amina: User) -> None:
    referral = referred(amina)
    desk.fill(f"/caseload/{referral.id}/finish", {"note": ""})
    assert "Nobody has been told of your last step yet" in desk.get(f"/caseload/{referral.id}").text
    assert "Take it back" in desk.get("/today").text
    undone = desk.fill_act(f"/today/take-back/{referral.id}", on=f"/caseload/{referral.id}")
    assert undone.status_code == 303
    assert fresh(referral).status is Status.IN_PROGRESS
    assert "Taken back: Finished" in desk.get(f"/caseload/{referral.id}").text


def test_the_team_page_shows_the_queue_and_one_press_takes_from_it(
    desk: Client, amina: User
) -> None:
    referral = referred(amina, Status.SENT, name="Pat Uttley")
    page = desk.get("/team").text
    assert "Pat Uttley" in page
    assert "Who has how much" in page
    assert desk.fill_act(f"/team/claim/{referral.id}", on="/team").status_code == 303
    assert fresh(referral).owner_id == amina.id


def test_somebody_is_given_to_a_colleague_and_put_down_to_talk_over(
    desk: Client, amina: User
) -> None:
    referral = referred(amina)
    ben = a_link_worker(amina.memberships[0].organisation)
    path = f"/caseload/{referral.id}"
    assert desk.fill(f"{path}/hand-over", {"to": ""}).status_code == 422
    assert desk.fill(f"{path}/discuss", {"why": "I worry about her."}).status_code == 303
    assert "I worry about her." in desk.get("/team").text
    assert desk.fill(f"{path}/hand-over", {"to": str(ben.id)}).status_code == 303
    assert fresh(referral).owner_id == ben.id


def test_cover_is_planned_seen_and_ended(desk: Client, amina: User) -> None:
    ben = a_link_worker(amina.memberships[0].organisation)
    answers = {
        "away": str(ben.id),
        "covering": str(amina.id),
        **in_parts("from_on", clock.today()),
        **in_parts("until_on", clock.today() + 5 * A_DAY),
    }
    wrong = answers | {"covering": str(ben.id)}
    assert desk.fill("/team/cover", wrong).status_code == 422
    assert desk.fill("/team/cover", answers).status_code == 303
    assert f"You look after the people of {ben.name}" in desk.get("/today").text
    ended = re.search(r"/team/cover/[\w-]+/end", desk.get("/team").text)
    assert ended
    desk.fill_act(ended[0], on="/team")
    assert "Nobody is away." in desk.get("/team").text


def test_many_are_changed_after_a_look_and_put_back(desk: Client, amina: User) -> None:
    people = [referred(amina), referred(amina)]
    who = [str(each.id) for each in people]
    before = [each.next_contact_on for each in people]
    day = clock.today() + 20 * A_DAY
    ticked = desk.fill_form("/caseload", "/team/many", who=who)
    assert "2 people are ticked" in ticked.text
    answers = {"who": who, "kind": "next-contact"}
    assert desk.send_form(ticked, "/team/many/preview", **answers).status_code == 422
    look = desk.send_form(ticked, "/team/many/preview", **answers, **in_parts("on", day))
    assert "It is done for 2 people" in look.text
    assert fresh(people[0]).next_contact_on == before[0]
    assert desk.send_form(look, "/team/many/do", who=who).status_code == 303
    assert {fresh(each).next_contact_on for each in people} == {day}
    undo = re.search(r"/today/put-back/[\w-]+", desk.get("/today").text)
    assert undo
    desk.fill_act(undo[0], on="/today")
    assert [fresh(each).next_contact_on for each in people] == before


def test_a_stranger_finds_none_of_it(client: Client, amina: User) -> None:
    referral = referred(amina)
    with saving():
        put_down(referral, "I worry.", by=as_actor(amina))
        task = tasks.add(referral, "Ring", clock.today(), by=as_actor(amina))
    client.as_(a_link_worker())
    for path in ("task", "appointment", "hand-over", "discuss"):
        assert client.get(f"/caseload/{referral.id}/{path}").status_code == 404
    assert client.get(f"/today/letter/{referral.id}").status_code == 404
    assert client.fill_act(f"/today/tasks/{task.id}/done", on="/today").status_code == 404
    assert client.fill_act(f"/team/claim/{referral.id}", on="/today").status_code == 404
    assert "I worry." not in client.get("/team").text


def test_a_longer_day_asks_the_database_no_more_often(desk: Client, amina: User) -> None:
    def cost(path: str) -> int:
        asked: list[object] = []

        def note(*facts: object) -> None:
            asked.append(facts)

        event.listen(db.engine, "before_cursor_execute", note)
        desk.get(path)
        event.remove(db.engine, "before_cursor_execute", note)
        return len(asked)

    def add(number: int) -> None:
        for _ in range(number):
            referral = referred(amina)
            with saving():
                referral.next_contact_on = clock.today()
                tasks.add(referral, "Ring", clock.today(), by=as_actor(amina))
                put_down(referral, "I worry.", by=as_actor(amina))
            an_appointment(referral)
            visit = a_visit(an_onward(Status.ACCEPTED, parent=referral))
            with saving():
                record_visit(visit, Came.CAME, by=group_of(visit.referral))

    add(2)
    few = {path: cost(path) for path in ("/today", "/team", "/caseload")}
    add(3)
    assert {path: cost(path) for path in few} == few
