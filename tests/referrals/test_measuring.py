"""Measures: published words, honest scores, three ways to answer, and nothing ever made up."""

import re
from datetime import date, timedelta
from pathlib import Path
from statistics import fmean, stdev

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import User
from core import clock, links
from core.db import db
from core.errors import Forbidden, NotFound, Refused
from core.links import LinkExpired
from core.outbox import Letter
from core.saving import saving
from referrals.about import Said, say_anew, set_goal
from referrals.measures import LONELINESS, ONS4
from referrals.measuring import (
    Unavailable,
    ask,
    asked_of,
    choosable,
    course_of,
    get_instrument,
    licensed,
    take_answers,
)
from referrals.measuring.asking import QUESTIONS_LINK
from referrals.measuring.scores import (
    METRIC,
    SCALES,
    Verdict,
    change_index,
    reliable_change,
    score,
)
from referrals.measuring.together import how_they_moved, interval
from referrals.models import FilledIn, Referral
from referrals.outcomes import measures_of, record_measure
from referrals.pathway import act
from referrals.rules import Action, ContactRoute, Point, Status
from tests.client import Client
from tests.referral_builders import (
    a_clinician,
    a_link_worker,
    a_new_person,
    a_referral,
    as_actor,
    owner_of,
)
from tests.referrals.link_desk import fresh, in_parts, referred

LONELY = {"companionship": 3, "left_out": 2, "isolated": 3, "lonely": 4}
PACK = """
[swemwbs]
holder = "Bow link workers"
reference = "REG-1"
expires_on = {until}
copyright = "© the owners of the scale"
intro = "Below are statements."
statements = ["One", "Two", "Three", "Four", "Five", "Six", "Seven"]
choices = ["Never", "Rarely", "Sometimes", "Often", "Always"]
"""


def texted() -> Referral:
    person = a_new_person(phone="07700 900555", contact_route=ContactRoute.TEXT)
    return a_referral(Status.IN_PROGRESS, person=person)


def token_sent() -> str:
    letters = db.session.scalars(select(Letter).where(Letter.kind == "questions")).all()
    found = re.search(r"/questions/([\w-]{43})", letters[-1].body)
    assert found
    return found.group(1)


def licence(tmp_path: Path, until: date) -> None:
    path = tmp_path / "measures.toml"
    path.write_text(PACK.format(until=until.isoformat()), encoding="utf-8")
    licensed.set_up(str(path))


@pytest.fixture(autouse=True)
def no_licence() -> None:
    licensed.set_up("")


def test_the_three_make_a_score_and_the_direct_question_stands_by_itself() -> None:
    assert score(LONELINESS, LONELY) == 8
    assert score(LONELINESS, LONELY | {"lonely": 1}) == 8
    assert score(ONS4, {"happiness": 3}) is None


@pytest.mark.parametrize("missing", ["companionship", "left_out", "isolated"])
def test_a_missing_answer_makes_no_score(missing: str) -> None:
    given = {key: said for key, said in LONELY.items() if key != missing}
    assert score(LONELINESS, given) is None


@pytest.mark.parametrize(("total", "metric"), [(7, 7.0), (8, 9.51), (21, 19.25), (34, 32.55)])
def test_the_wellbeing_scale_is_scored_by_its_owners_table(
    app: Flask, tmp_path: Path, total: int, metric: float
) -> None:
    licence(tmp_path, clock.today())
    scale = licensed.swemwbs()
    assert not isinstance(scale, str)
    answers = dict.fromkeys((each.key for each in scale.questions), 1)
    for key in answers:
        answers[key] += min(4, total - sum(answers.values()))
    assert sum(answers.values()) == total
    assert score(scale, answers) == metric
    assert len(METRIC) == 29
    answers.popitem()
    assert score(scale, answers) is None


def test_reliable_change_follows_the_published_error_and_no_figure_is_invented() -> None:
    scale = SCALES["swemwbs"]
    assert reliable_change(scale, 18.0, 20.8) is Verdict.NO_CLEAR_CHANGE
    assert reliable_change(scale, 18.0, 20.87) is Verdict.BETTER
    assert reliable_change(scale, 20.87, 18.0) is Verdict.WORSE
    assert reliable_change(scale, None, 18.0) is Verdict.NOT_TWICE
    assert change_index(scale, 18.0, 20.87) == pytest.approx(1.97)
    loneliness = SCALES["loneliness"]
    assert reliable_change(loneliness, 9, 3) is Verdict.NO_FIGURE
    assert change_index(loneliness, 9, 3) is None


def test_without_a_licence_the_scale_cannot_be_chosen_and_it_is_said_why(
    app: Flask, tmp_path: Path
) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    for days, why in ((None, "not ours to print"), (-1, "has run out")):
        if days is not None:
            licence(tmp_path, clock.today() + timedelta(days=days))
        with pytest.raises(Refused, match=why):
            get_instrument(referral, "swemwbs")
    licence(tmp_path, clock.today())
    held = get_instrument(referral, "swemwbs")
    assert [each.asks for each in held.questions][:2] == ["One", "Two"]
    assert "REG-1" in held.attribution
    with pytest.raises(NotFound):
        get_instrument(referral, "made-up")


@pytest.mark.parametrize(
    "wrong", ['statements = ["One"]', 'expires_on = "soon"', 'holder = ""', "this is not toml"]
)
def test_a_licence_that_cannot_be_read_stops_the_site_with_a_reason(
    tmp_path: Path, wrong: str
) -> None:
    name = wrong.partition(" =")[0]
    text = re.sub(rf"(?m)^{name} = .*$", wrong, PACK.format(until="2030-01-01"))
    path = tmp_path / "measures.toml"
    path.write_text(text if text != PACK.format(until="2030-01-01") else wrong, encoding="utf-8")
    with pytest.raises(ValueError, match="MEASURES_FILE"):
        licensed.set_up(str(path))


def test_a_goal_keeps_its_answers_when_it_is_said_in_other_words(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    by = owner_of(referral)
    assert isinstance(choosable(referral)[2], Unavailable)
    with saving():
        goal = set_goal(referral, Said(words="Go out"), by=by)
    goals = get_instrument(referral, "goals")
    with saving():
        record_measure(
            referral,
            Point.BEFORE,
            {goals.questions[0].key: 2},
            taken_on=clock.today(),
            instrument=goals,
            by=by,
        )
        say_anew(goal, Said(words="Go to the market"), by=by)
    [line] = course_of(referral, get_instrument(referral, "goals")).lines
    assert (line.name, line.marks[0].value) == ("“Go to the market”", 2)


@pytest.mark.asvs("2.2.2")
@pytest.mark.parametrize("answers", [{}, {"happiness": 11}, {"happiness": -1}, {"lonely": 1}])
def test_an_answer_is_one_of_those_on_the_page(app: Flask, answers: dict[str, int]) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    with pytest.raises(Refused), saving():
        record_measure(
            referral, Point.BEFORE, answers, taken_on=clock.today(), by=owner_of(referral)
        )


def test_the_course_counts_what_was_not_answered_and_never_fills_it_in(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    by, today = owner_of(referral), clock.today()
    with saving():
        for point, said in (
            (Point.BEFORE, {"happiness": 3, "anxiety": 7}),
            (Point.AFTER, {"happiness": 4}),
            (Point.LATER, {"happiness": 6}),
        ):
            record_measure(referral, point, said, taken_on=today, by=by)
    course = course_of(referral, ONS4)
    assert [taken.missing for taken in course.taken] == [2, 3, 3]
    happiness, anxiety = course.lines
    assert [mark.value for mark in happiness.marks] == [3, 4, 6]
    assert (happiness.marks[0].low, happiness.marks[0].high) == (2, 4)
    assert happiness.verdict is Verdict.UP_BY_MORE_THAN_A_DAY
    assert anxiety.verdict is Verdict.NOT_TWICE


def test_answers_given_together_and_alone_are_not_compared(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    by, today = owner_of(referral), clock.today()
    with saving():
        for point, said, way in (
            (Point.BEFORE, 2, FilledIn.TOGETHER),
            (Point.AFTER, 9, FilledIn.PAPER),
        ):
            record_measure(
                referral, point, {"happiness": said}, taken_on=today, filled_in=way, by=by
            )
    course = course_of(referral, ONS4)
    assert course.ways_differ
    assert course.lines[0].verdict is Verdict.NOT_TWICE


@pytest.mark.parametrize(("free", "t"), [(9, 2.262157), (29, 2.045230), (99, 1.984217)])
def test_the_interval_is_that_of_student(free: int, t: float) -> None:
    values = [float(number % 7) for number in range(free + 1)]
    low, high = interval(values)
    half = t * stdev(values) / len(values) ** 0.5
    assert (high - low) / 2 == pytest.approx(half, rel=1e-3)
    assert (high + low) / 2 == pytest.approx(fmean(values))


def test_a_team_reads_how_its_people_moved_and_how_many_did_not_answer(
    app: Flask, client: Client
) -> None:
    doctor, today = a_clinician(), clock.today()
    team = doctor.memberships[0].organisation.link_worker_team
    worker = a_link_worker(team)
    with saving():
        for number in range(13):
            referral = a_referral(Status.IN_PROGRESS, referrer=doctor, link_worker=worker)
            for point, said in ((Point.BEFORE, 3), (Point.AFTER, 4 + number % 3)):
                way = FilledIn.PAPER if (number, point) == (0, Point.AFTER) else FilledIn.TOGETHER
                answers = {"happiness": said} if number != 1 else {"anxiety": said}
                record_measure(
                    referral, point, answers, taken_on=today, filled_in=way, by=as_actor(worker)
                )
            act(referral, Action.COMPLETE, by=as_actor(worker))
    closed, moved = how_they_moved(as_actor(worker))
    told = {each.name: each for each in moved}
    happiness, anxiety = told["Happiness yesterday"], told["Anxiety yesterday (lower is better)"]
    assert (closed, happiness.pairs, happiness.missing) == (13, 11, 2)
    assert happiness.mean == round(fmean(1 + number % 3 for number in range(2, 13)), 1)
    assert happiness.low is not None
    assert happiness.high is not None
    assert happiness.low < happiness.mean < happiness.high
    assert happiness.too_few
    assert (anxiety.pairs, anxiety.mean) == (1, None)
    assert how_they_moved(as_actor(a_link_worker()))[0] == 0
    page = client.as_(worker).get("/caseload/wellbeing").text
    assert "11 answered twice, 2 did not" in page
    assert "Too few to tell" in page


def test_the_person_answers_once_on_their_own_phone(app: Flask) -> None:
    referral = texted()
    with saving():
        ask(referral, LONELINESS, Point.BEFORE, by=owner_of(referral))
    link = links.unseal(QUESTIONS_LINK, token_sent())
    with saving():
        take_answers(link, LONELINESS, LONELY)
    [asked] = asked_of(referral)
    assert asked.answered_at is not None
    measure = measures_of(referral, "loneliness")[Point.BEFORE]
    assert (measure.answers, measure.filled_in) == (LONELY, FilledIn.OWN_PHONE)
    with pytest.raises(LinkExpired), saving():
        take_answers(link, LONELINESS, LONELY)


def test_the_message_says_nothing_of_the_person_or_of_the_questions(app: Flask) -> None:
    referral = texted()
    with saving():
        ask(referral, LONELINESS, Point.BEFORE, by=owner_of(referral))
    [letter] = db.session.scalars(select(Letter).where(Letter.kind == "questions")).all()
    for secret in (referral.person.name, referral.person.called, referral.ref, "lonel"):
        assert secret.lower() not in letter.body.lower()


def test_a_new_link_ends_the_old_one(app: Flask) -> None:
    referral = texted()
    with saving():
        ask(referral, ONS4, Point.BEFORE, by=owner_of(referral))
    old = token_sent()
    with saving():
        ask(referral, ONS4, Point.BEFORE, by=owner_of(referral))
    with pytest.raises(LinkExpired):
        links.unseal(QUESTIONS_LINK, old)


def test_only_who_works_with_them_asks_and_only_who_can_be_reached_is_asked(app: Flask) -> None:
    referral = texted()
    with pytest.raises(Forbidden), saving():
        ask(referral, ONS4, Point.BEFORE, by=as_actor(a_link_worker()))
    rung = a_referral(Status.IN_PROGRESS)
    with pytest.raises(Refused, match="text or email"), saving():
        ask(rung, ONS4, Point.BEFORE, by=owner_of(rung))


def own_questions(client: Client, referral: Referral) -> str:
    with saving():
        ask(referral, ONS4, Point.AFTER, by=owner_of(referral))
    return f"/questions/{token_sent()}"


def test_opening_the_link_changes_nothing_and_answering_spends_it(client: Client) -> None:
    referral = texted()
    path = own_questions(client, referral)
    for _look in range(2):
        page = client.get(path)
        assert page.status_code == 200
        assert referral.person.called not in page.text
    assert not measures_of(fresh(referral))
    nothing = client.fill(path, {})
    assert nothing.status_code == 422
    sent = client.send_form(page, path, happiness="7")
    assert sent.headers["Location"] == "/questions/thank-you"
    assert "Thank you" in client.get("/questions/thank-you").text
    again = client.send_form(page, path, happiness="7")  # the button pressed twice
    assert again.headers["Location"] == "/questions/thank-you"
    assert measures_of(fresh(referral))[Point.AFTER].answers == {"happiness": 7}
    used = client.get(path)
    assert used.status_code == 410
    assert "answered them already" in used.text


def test_a_link_closes_with_time_and_when_the_person_says_no(client: Client) -> None:
    referral = texted()
    path = own_questions(client, referral)
    with clock.set_to(clock.now() + timedelta(days=15)):
        assert client.get(path).status_code == 410
    with saving():
        act(referral, Action.RECORD_DECLINED, by=owner_of(referral))
    assert client.get(path).status_code == 410
    assert client.get("/questions/" + "x" * 43).status_code == 404


def test_a_sheet_is_printed_without_a_name_and_written_down_afterwards(
    desk: Client, amina: User
) -> None:
    referral = referred(amina)
    here = f"/caseload/{referral.id}/wellbeing"
    sheet = desk.get(f"{here}/before/sheet?questions=loneliness").text
    assert referral.person.name not in sheet
    assert referral.ref in sheet
    assert "Hardly ever or never" in sheet
    said = {"filled_in": "paper", "isolated": "2", **in_parts("taken_on", clock.today())}
    desk.fill(f"{here}/before?questions=loneliness", said)
    measure = measures_of(fresh(referral), "loneliness")[Point.BEFORE]
    assert (measure.answers, measure.filled_in) == ({"isolated": 2}, FilledIn.PAPER)
    page = desk.get(here).text
    assert "3 of 4 questions not answered" in page
    assert "not ours to print" in page


def test_questions_are_sent_from_the_desk(desk: Client, amina: User) -> None:
    referral = referred(amina, phone="07700 900555", contact_route=ContactRoute.TEXT)
    here = f"/caseload/{referral.id}/wellbeing"
    desk.fill_act(f"{here}/later/send?questions=ons4", on=here)
    assert "not answered" in desk.get(here).text
    assert [asked.point for asked in asked_of(fresh(referral))] == [Point.LATER]
