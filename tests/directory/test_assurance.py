"""Assurances: facts with dates that say who has seen them, and name nobody who did not agree."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from core import clock
from core.errors import Forbidden, NotFound, Refused
from core.saving import saving
from directory import assurance
from directory.assurance import Said
from directory.rules import AssuranceKind
from tests.builders import BUILDER, MONDAY_MORNING, an_editor, an_organisation, an_organiser_of

INSURANCE, LEAD = AssuranceKind.INSURANCE, AssuranceKind.SAFEGUARDING_LEAD
MARCH = date(2027, 3, 31)


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with clock.set_to(MONDAY_MORNING):
        yield


@pytest.mark.usefixtures("app")
def test_what_a_group_says_is_shown_as_what_it_says_until_we_have_seen_it() -> None:
    group = an_organisation()
    sheila, ed = an_organiser_of(group), an_editor()
    with saving():
        assurance.say(group, INSURANCE, Said(words="£5 million", expires_on=MARCH), by=sheila)
    [fact] = assurance.facts_for_everybody(group.id)
    assert fact.label == "Public liability insurance"
    assert fact.notes == ("£5 million", "until Wednesday 31 March 2027", "the group says so")
    with saving():
        assurance.mark_seen(group.id, INSURANCE, by=ed)
    [fact] = assurance.facts_for_everybody(group.id)
    assert fact.notes[-1] == "we have seen it on Monday 23 November 2026"


@pytest.mark.usefixtures("app")
def test_another_paper_has_not_been_seen() -> None:
    group = an_organisation()
    with saving():
        assurance.say(group, INSURANCE, Said(expires_on=MARCH), by=BUILDER)
        assurance.mark_seen(group.id, INSURANCE, by=BUILDER)
    with saving():
        assurance.say(group, INSURANCE, Said(expires_on=MARCH), by=BUILDER)
    assert assurance.said_by(group.id)[INSURANCE].seen_on is not None
    with saving():
        assurance.say(group, INSURANCE, Said(expires_on=MARCH + timedelta(days=365)), by=BUILDER)
    assert assurance.said_by(group.id)[INSURANCE].seen_on is None


@pytest.mark.usefixtures("app")
def test_what_has_run_out_says_so() -> None:
    group = an_organisation()
    with saving():
        assurance.say(group, INSURANCE, Said(expires_on=MARCH), by=BUILDER)
    assert not assurance.facts_for_everybody(group.id)[0].has_run_out
    with clock.set_to(MONDAY_MORNING + timedelta(days=200)):
        [fact] = assurance.facts_for_everybody(group.id)
        assert fact.has_run_out
        assert "ran out on Wednesday 31 March 2027" in fact.notes


@pytest.mark.usefixtures("app")
def test_a_safeguarding_lead_is_named_only_if_they_agreed() -> None:
    group = an_organisation()
    with saving():
        assurance.say(group, LEAD, Said(words="Joan Ayers"), by=BUILDER)
    assert "Joan Ayers" not in assurance.facts_for_everybody(group.id)[0].notes
    with saving():
        assurance.say(group, LEAD, Said(words="Joan Ayers", may_be_named=True), by=BUILDER)
    assert "Joan Ayers" in assurance.facts_for_everybody(group.id)[0].notes


@pytest.mark.usefixtures("app")
def test_only_its_keepers_speak_for_a_group_and_only_editors_have_seen_it() -> None:
    group = an_organisation()
    sheila, stranger = an_organiser_of(group), an_organiser_of(an_organisation("Rowers"))
    with pytest.raises(Forbidden), saving():
        assurance.say(group, INSURANCE, Said(), by=stranger)
    with saving():
        assurance.say(group, INSURANCE, Said(), by=sheila)
    with pytest.raises(Forbidden), saving():
        assurance.mark_seen(group.id, INSURANCE, by=sheila)
    with pytest.raises(Forbidden), saving():
        assurance.unsay(group, INSURANCE, by=stranger)
    with saving():
        assurance.unsay(group, INSURANCE, by=sheila)
    with pytest.raises(NotFound), saving():
        assurance.mark_seen(group.id, INSURANCE, by=BUILDER)
    assert assurance.facts_for_everybody(group.id) == []


@pytest.mark.usefixtures("app")
def test_dates_that_cannot_be_are_refused() -> None:
    group = an_organisation()
    tomorrow = clock.today() + timedelta(days=1)
    with pytest.raises(Refused, match="future"), saving():
        assurance.say(group, INSURANCE, Said(dated_on=tomorrow), by=BUILDER)
    early = Said(dated_on=clock.today(), expires_on=clock.today() - timedelta(days=1))
    with pytest.raises(Refused, match="before its own date"), saving():
        assurance.say(group, INSURANCE, early, by=BUILDER)
    with saving():
        assurance.say(group, INSURANCE, Said(), by=BUILDER)
    with pytest.raises(Refused, match="still to come"), saving():
        assurance.mark_seen(group.id, INSURANCE, tomorrow, by=BUILDER)
