"""To take agreement back: in one work everything that hangs on it ends, and nothing is sent."""

import ast
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import Role
from core import clock, outbox
from core.db import db
from core.errors import NotFound, Refused
from core.links import SignedLink
from core.outbox import Channel, Draft, Letter, State
from core.saving import saving
from referrals.contacts import log_contact
from referrals.fhir.agreements import consent as fhir_consent
from referrals.letters import GROUP_NOT_NEEDED
from referrals.models import Referral, ToldBy
from referrals.pathway import act
from referrals.person import pages, telling
from referrals.person.leave import ASKED_FOR, OWN, THAT_IT_ENDED
from referrals.person.telling import OwnLetter, set_telling
from referrals.pledges import pledge, remind
from referrals.rights.consent import abouts_of, has_withdrawn
from referrals.rules import Action, ContactHow, Status
from referrals.sight import get_referral, minimum_for
from tests.builders import a_user
from tests.engines import on_sqlite
from tests.referral_builders import TEST, a_visit, as_actor, owner_of
from tests.referrals.person_builders import a_private_page, link_behind, opened

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NIGHT = datetime(2026, 11, 24, 23, tzinfo=UTC)


def sends(seen: list[str]) -> None:
    """The worker, until nothing is due: what it sent is told by kind."""
    while outbox.send_next(lambda letter: seen.append(letter.kind)):
        pass


def a_way() -> tuple[Referral, Referral, list[str]]:
    """Somebody with a page, a visit to come and a reminder of it; the tokens of their keys."""
    visit = a_visit()
    onward = visit.referral
    first = onward.parent
    assert first is not None
    with saving():
        set_telling(first.person, told_by=ToldBy.TEXT, by=TEST)
        first.person.phone = "07700 900 222"
        worker = owner_of(first)
        remind(pledge(visit, "I take the bus", by=worker), by=worker)
    _page, token = a_private_page(first)
    return first, onward, [token]


def test_all_that_hangs_on_it_ends_in_the_same_work(app: Flask) -> None:
    with clock.set_to(NOON):
        first, onward, [token] = a_way()
        page = link_behind(token)
        own = pages.page_behind(page)
        by = pages.inside(own, opened(own, token))
        assert by is not None
        waited = {letter.id for letter in outbox.waiting()}
        keys = select(SignedLink).where(SignedLink.about.in_(abouts_of(first)))
        holders = [link.actor for link in db.session.scalars(keys)]
        assert any(minimum_for(onward, holder) for holder in holders)
        with saving():
            pages.stop_sharing(own, by=by)
        assert has_withdrawn(first)
        assert has_withdrawn(onward)
        assert {first.status, onward.status} == {Status.PERSON_DECLINED, Status.WITHDRAWN}
        assert not any(link.works for link in db.session.scalars(keys))
        assert not any(minimum_for(onward, holder) for holder in holders)
        left = {letter.kind for letter in outbox.waiting() if letter.id in waited}
        assert left <= ASKED_FOR
        said = [each for each in outbox.waiting() if each.kind == GROUP_NOT_NEEDED.kind]
        assert len(said) == 1
        assert "stop" not in said[0].body
        assert "consent" not in said[0].body
        assert fhir_consent(first.consents[0])["status"] == "inactive"


def test_what_was_leased_before_they_stopped_is_not_sent_after(app: Flask) -> None:
    seen: list[str] = []
    with clock.set_to(NOON):
        first, _onward, _ = a_way()
        with saving():
            act(first, Action.RECORD_DECLINED, by=owner_of(first))
            for letter in db.session.scalars(select(Letter)):  # as if nobody had cancelled them
                letter.state, letter.next_try_at = State.WAITING, clock.now()
        sends(seen)
    assert set(seen) <= THAT_IT_ENDED | ASKED_FOR
    assert {letter.state for letter in db.session.scalars(select(Letter))} == {
        State.SENT,
        State.CANCELLED,
    }


def test_the_record_is_then_for_whoever_looked_after_them_and_the_lead(app: Flask) -> None:
    with clock.set_to(NOON):
        first, onward, _ = a_way()
        owner = owner_of(first)
        team = first.to_organisation
        colleague = as_actor(a_user(team, Role.LINK_WORKER, "Nadia"))
        lead = as_actor(a_user(team, Role.TEAM_LEAD, "Bea"))
        assert get_referral(first.id, seen_by=colleague)
        with saving():
            act(first, Action.RECORD_DECLINED, by=owner)
        for each in (first, onward):
            assert get_referral(each.id, seen_by=owner)
            assert get_referral(each.id, seen_by=lead)
            with pytest.raises(NotFound):
                get_referral(each.id, seen_by=colleague)


def test_to_take_it_back_brings_everything_back(app: Flask) -> None:
    from referrals.pathway import take_back

    with clock.set_to(NOON):
        first, onward, _ = a_way()
        owner = owner_of(first)
        waited = {letter.id for letter in outbox.waiting()}
        with saving():
            act(first, Action.RECORD_DECLINED, by=owner)
        with saving():
            take_back(first, by=owner)
        assert not has_withdrawn(onward)
        assert waited <= {letter.id for letter in outbox.waiting()}


def a_letter(kind: str, person: str, about: str, **said: object) -> Draft:
    made: dict[str, object] = {
        "channel": Channel.SMS,
        "to_address": "07700 900 222",
        "for_whom": person,
    }
    made |= said
    return Draft(kind=kind, about=about, same_as=f"{kind}:{said}", body="News.", **made)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", sorted(OWN))
@on_sqlite
def test_no_letter_goes_a_way_or_at_an_hour_that_is_not_safe(app: Flask, kind: str) -> None:
    seen: list[str] = []
    with clock.set_to(NIGHT):
        first, _onward, _ = a_way()
        about, whom = first.about, first.person.about
        with saving():
            for letter in outbox.waiting():
                letter.state = State.CANCELLED
            first.person.email = "rosa@people.example"
            set_telling(
                first.person, told_by=ToldBy.TEXT, not_before=time(14), code_word="heron", by=TEST
            )
        for wrong in (
            {"channel": Channel.EMAIL, "to_address": "rosa@people.example"},
            {"to_address": "07700 900 999"},
            {"for_whom": ""},
        ):
            with pytest.raises(Refused), saving():
                outbox.put(a_letter(kind, whom, about, **wrong))
        with saving():
            outbox.put(a_letter(kind, whom, about))
        (written,) = outbox.waiting()
        assert written.body == "heron. News."
        sends(seen)
    with clock.set_to(datetime(2026, 11, 25, 13, 30, tzinfo=UTC)):
        sends(seen)
    assert not seen
    with clock.set_to(datetime(2026, 11, 25, 14, 30, tzinfo=UTC)):
        with saving():
            set_telling(first.person, told_by=ToldBy.NOTHING, by=TEST)
        sends(seen)
    assert not seen
    assert {letter.state for letter in db.session.scalars(select(Letter))} == {State.CANCELLED}


def test_every_letter_of_this_room_is_known_to_be_to_the_person_or_not() -> None:
    """A kind of letter to the person that is not in the list would go at any hour."""
    for path in Path("referrals").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(call, ast.Call) and ast.unparse(call.func).endswith("Draft")):
                continue
            said = {each.arg: ast.unparse(each.value) for each in call.keywords}
            if "person" in said.get("to_address", "") or "for_whom" in said:
                assert said["kind"].startswith("OwnLetter."), path
    assert set(OwnLetter) == OWN


@on_sqlite
def test_whoever_wants_nothing_by_post_is_sent_none_and_waits_for_none(app: Flask) -> None:
    first, _onward, _ = a_way()
    with saving():
        set_telling(first.person, told_by=ToldBy.NOTHING, post=False, by=TEST)
    with pytest.raises(Refused, match="post"), saving():
        log_contact(
            first,
            ContactHow.LETTER,
            minutes=0,
            note="",
            next_contact_on=None,
            by=owner_of(first),
        )
    assert "Send nothing by post." in telling.words_of_safety(first)


@on_sqlite
def test_whoever_wants_no_questions_is_sent_none_though_news_still_goes(app: Flask) -> None:
    first, _onward, _ = a_way()
    with saving():
        set_telling(first.person, told_by=ToldBy.TEXT, questions=False, by=TEST)
    whom = first.person.about
    with pytest.raises(Refused), saving():
        outbox.put(a_letter(OwnLetter.QUESTIONS, whom, first.about))
    with saving():
        outbox.put(a_letter(OwnLetter.NEWS, whom, first.about))
