"""The message at the end: nobody reads it before the person has, nor more than they let go."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.db import db
from core.errors import ChangedMeanwhile, Forbidden, Refused
from core.links import SignedLink
from core.outbox import Letter
from core.saving import saving
from referrals.closing import allow, draft, for_referrer, message_of, send_to_person, text_of
from referrals.models import ClosingMessage, Limit, ReadHow, Referral
from referrals.rules import ContactRoute, Status
from tests.client import Client
from tests.engines import on_sqlite
from tests.referral_builders import (
    a_clinician,
    a_link_worker,
    a_new_person,
    a_practice_admin,
    a_referral,
    as_actor,
    owner_of,
)

WORDS = {"outcome": "Sings on Tuesdays.", "risks": "Lives alone now.", "plan": "Check the tablets."}
CODES = re.compile(r"[\w ]+\(SNOMED CT \d+\)\n\d{1,2} \w+ \d{4}\. Ref SP-\w{5}\.")


def an_ended(route: ContactRoute = ContactRoute.EMAIL) -> Referral:
    person = a_new_person(contact_route=route, email="mavis@home.example")
    return a_referral(Status.CLOSED_COMPLETED, person=person)


def a_message(referral: Referral, **words: str) -> ClosingMessage:
    with saving():
        return draft(referral, by=owner_of(referral), **(WORDS | words))


def news() -> list[Letter]:
    about = Letter.same_as.startswith("closing:")
    return list(db.session.scalars(select(Letter).where(about, Letter.kind != "closing-message")))


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("limit", Limit)
def test_the_referrer_reads_only_what_the_person_lets_go(limit: Limit) -> None:
    referral = an_ended()
    message, gp = a_message(referral), as_actor(referral.referrer)
    assert for_referrer(referral, gp) == ""
    with saving():
        allow(message, limit, version=message.version, by=owner_of(referral))
    said = for_referrer(referral, gp)
    assert said == text_of(message, limit)
    assert all((words in said) is (limit is Limit.SUMMARY) for words in WORDS.values())
    assert bool(CODES.search(said)) is (limit is not Limit.NOTHING)
    assert len(news()) == (limit is not Limit.NOTHING)
    assert message.read_how is ReadHow.TOGETHER


@on_sqlite
@pytest.mark.usefixtures("app")
@given(st.text(min_size=1).filter(str.strip), st.text(), st.text())
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_codes_only_never_hold_anybodys_own_words(outcome: str, risks: str, plan: str) -> None:
    referral = db.session.scalar(select(Referral).limit(1)) or an_ended()
    message = a_message(referral, outcome=outcome, risks=risks, plan=plan)
    assert CODES.fullmatch(text_of(message, Limit.CODES))
    assert text_of(message, Limit.NOTHING) == ""


@pytest.mark.usefixtures("app")
def test_the_code_stands_once_in_the_message_and_what_is_asked_stands_first() -> None:
    referral = an_ended()
    lines = text_of(a_message(referral, plan=""), Limit.SUMMARY).splitlines()
    assert "\n".join(lines).count("SNOMED CT") == 1
    assert lines[2] == "Plan and requested actions: None."


@pytest.mark.usefixtures("app")
def test_the_answer_is_given_once_and_of_the_words_that_were_seen() -> None:
    referral = an_ended()
    message, worker = a_message(referral), owner_of(referral)
    seen = message.version
    a_message(referral, outcome="Something else.")
    with pytest.raises(ChangedMeanwhile), saving():
        allow(message, Limit.SUMMARY, version=seen, by=worker)
    with saving():
        allow(message, Limit.NOTHING, version=message.version, by=worker)
    with pytest.raises(Refused), saving():
        allow(message, Limit.SUMMARY, version=message.version, by=worker)
    with pytest.raises(Refused):
        a_message(referral)


@pytest.mark.usefixtures("app")
def test_only_the_team_writes_it_and_only_when_it_has_ended() -> None:
    referral, still_open = an_ended(), a_referral(Status.IN_PROGRESS)
    for by in (as_actor(referral.referrer), as_actor(a_link_worker())):
        with pytest.raises(Forbidden), saving():
            draft(referral, by=by, **WORDS)
    with pytest.raises(Refused):
        a_message(still_open)


@pytest.mark.usefixtures("app")
def test_a_key_to_one_message_answers_no_other_and_an_old_key_ends() -> None:
    referral, another = an_ended(), an_ended(ContactRoute.TEXT)
    message, other = a_message(referral), a_message(another)
    for _ in range(2):
        with saving():
            send_to_person(message, by=owner_of(referral))
    keys = select(SignedLink).where(SignedLink.about == message.about)
    old, new = sorted(db.session.scalars(keys), key=lambda each: each.revoked_at is None)
    for key, of in ((old, message), (new, other)):
        with pytest.raises(Forbidden), saving():
            allow(of, Limit.SUMMARY, version=of.version, by=key.actor)
    with saving():
        allow(message, Limit.CODES, version=message.version, by=new.actor)
    assert message.read_how is ReadHow.LINK


@pytest.mark.usefixtures("app")
def test_a_practice_administrator_reads_none_of_it() -> None:
    referral = an_ended()
    message = a_message(referral)
    with saving():
        allow(message, Limit.SUMMARY, version=message.version, by=owner_of(referral))
    admin = as_actor(a_practice_admin(referral.from_organisation))
    assert for_referrer(referral, admin) == ""
    assert for_referrer(referral, as_actor(a_clinician())) == ""


@on_sqlite
def test_link_worker_writes_the_person_limits_and_the_clinician_copies(client: Client) -> None:
    referral = an_ended()
    page = f"/caseload/{referral.id}/closing-message"
    assert referral.owner
    client.as_(referral.owner)
    assert "Write the message at the end" in client.get(f"/caseload/{referral.id}").text
    assert client.fill(page, {"outcome": ""}).status_code == 422
    assert client.fill(page, WORDS).status_code == 303
    assert client.fill_form(f"{page}/read", f"{page}/send").status_code == 303
    letter = db.session.scalars(select(Letter).where(Letter.kind == "closing-message")).one()
    assert letter.to_address == "mavis@home.example"
    assert not [word for word in WORDS.values() if word in letter.body]
    own = letter.body.split()[-1].partition("/closing/")[2]
    client.delete_cookie("kith_session")
    assert WORDS["outcome"] in client.get(f"/closing/{own}").text
    assert message_of(referral).allowed is None, "a look is not an answer"  # type: ignore[union-attr]
    assert client.fill(f"/closing/{own}", {"allowed": "codes"}).status_code == 303
    assert client.get("/closing/made-up").status_code == 404
    text = client.as_(referral.referrer).get(f"/my-referrals/{referral.id}").text
    assert "1362721000000106" in text
    assert WORDS["outcome"] not in text
