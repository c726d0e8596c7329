"""The demo's record: what is written about some people, their goals, risks, answers and safety."""

import tomllib
from pathlib import Path

from sqlalchemy import select

from accounts import actor_for
from core import clock
from core.actors import Actor
from core.db import db
from demo.keeping import moment
from demo.story import NOT_ANSWERED, Entry, World
from referrals.about import Said, current, end_goal, say_anew, set_goal, state_risks, write
from referrals.about.safety import raise_worry
from referrals.measures import GOALS, LONELINESS, ONS4, Instrument
from referrals.measuring import get_instrument
from referrals.models import FilledIn, GoalEnd, Heading, HelpKind, NeedKind, Referral
from referrals.outcomes import record_measure
from referrals.rules import Point

FILE = Path(__file__).parent / "data" / "record.toml"


def fill(world: World) -> None:
    """Write down all that the file says of each person."""
    for entry in tomllib.loads(FILE.read_text(encoding="utf-8"))["person"]:
        referral = _referral_of(entry["name"])
        by = actor_for(world.users[entry["worker"]])
        if "said" in entry:
            _write(entry, referral, by)
        for goal in entry.get("goals", []):
            _goal(goal, referral, by)
        for told in entry.get("loneliness", []):
            _answers(told, LONELINESS, referral, by)
        for told in entry.get("wellbeing", []):
            _answers(told, ONS4, referral, by)
        for worry in entry.get("safety", []):
            with clock.set_to(moment(worry["ago"])):
                raise_worry(
                    referral,
                    worry["worry"],
                    done=worry["done"],
                    told=worry["told"],
                    by=actor_for(world.users[worry["by"]]),
                )


def _referral_of(name: str) -> Referral:
    found = select(Referral).where(Referral.parent_id.is_(None)).order_by(Referral.sent_at.desc())
    return next(each for each in db.session.scalars(found).all() if each.person.name == name)


def _write(entry: Entry, referral: Referral, by: Actor) -> None:
    with clock.set_to(moment(entry["ago"])):
        write(
            referral,
            _headings(entry["said"]),
            seen=0,
            needs=[NeedKind(need) for need in entry["needs"]],
            helps=[HelpKind(help_) for help_ in entry["helps"]] or None,
            by=by,
        )
        if "risks" in entry:
            visiting = entry.get("visiting", "")
            state_risks(referral, words=entry["risks"], visiting=visiting, by=by)
    if "later" in entry:
        last = current(referral.person)
        with clock.set_to(moment(entry["later"]["ago"])):
            seen = last.number if last else 0
            write(referral, _headings(entry["later"]["said"]), seen=seen, by=by)


def _headings(said: Entry) -> dict[Heading, str]:
    return {Heading(heading): words for heading, words in said.items()}


def _goal(entry: Entry, referral: Referral, by: Actor) -> None:
    with clock.set_to(moment(entry["ago"])):
        goal = set_goal(referral, _said(entry), by=by)
    for point, mark in entry.get("marks", {}).items():
        days = entry["ago"] if point == "before" else 2
        with clock.set_to(moment(days)):
            _mark(referral, goal.id.hex, Point(point), mark, by)
    if "anew" in entry:
        with clock.set_to(moment(entry["anew"]["ago"])):
            say_anew(goal, _said(entry["anew"]), by=by)
    if "ended" in entry:
        with clock.set_to(moment(entry["ended"]["ago"])):
            end_goal(goal, GoalEnd(entry["ended"]["as"]), by=by)


def _mark(referral: Referral, key: str, point: Point, mark: int, by: Actor) -> None:
    """Goals are asked all at once: what was said of the others stays."""
    taken = {each.point: each.answers for each in referral.measures if each.instrument == GOALS}
    record_measure(
        referral,
        point,
        {**taken.get(point, {}), key: mark},
        taken_on=clock.today(),
        instrument=get_instrument(referral, GOALS),
        by=by,
    )


def _said(entry: Entry) -> Said:
    return Said(
        words=entry["words"],
        steps=entry.get("steps", ""),
        importance=entry.get("importance"),
        confidence=entry.get("confidence"),
    )


def _answers(told: Entry, instrument: Instrument, referral: Referral, by: Actor) -> None:
    asked = zip(instrument.questions, told["answers"], strict=True)
    given = {question.key: said for question, said in asked if said != NOT_ANSWERED}
    with clock.set_to(moment(told["ago"])):
        record_measure(
            referral,
            Point(told["point"]),
            given,
            taken_on=clock.today(),
            instrument=instrument,
            filled_in=FilledIn(told["how"]),
            by=by,
        )
