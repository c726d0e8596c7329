"""Listings: who may change them, what each change leaves behind, and what the public sees."""

import uuid
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from core import clock
from core.actors import VISITOR, Actor
from core.audit import AuditEntry
from core.db import db
from core.errors import BadInput, ChangedMeanwhile, Forbidden, NotFound, Refused
from core.saving import saving
from directory.facts import (
    ContactFacts,
    CostFacts,
    LanguageFacts,
    ListingFacts,
    PhoneFacts,
    PlaceFacts,
    ScheduleFacts,
)
from directory.keeping import facts_of
from directory.listings import (
    change_listing,
    draft_listing,
    get_listing,
    get_own_listing,
    get_service,
    history_of,
    listings_for,
    shown_listings,
    step,
)
from directory.models import Accessibility, Location, SearchJob, Service
from directory.rules import SHOWN, Access, Answer, Attending, Frequency, Life, Step
from tests.builders import (
    BOW_HALL,
    BUILDER,
    MONDAY_MORNING,
    a_listing,
    an_editor,
    an_organisation,
    an_organiser_of,
)

EVERYTHING = ListingFacts(
    name="Knit and natter",
    summary="Bring your knitting.",
    description="<p>Tea and <strong>cake</strong>.</p>",
    url="https://bowknitters.example/knit",
    email="knit@bowknitters.example",
    eligibility_description="Anyone over 18.",
    minimum_age=18,
    maximum_age=99,
    application_process="Just come.",
    referral_needed=False,
    attending=Attending.VENUE,
    before_you_come="Ring Sheila.",
    when_you_arrive="Use the side door.",
    afterwards="Stay for tea.",
    meets_at_door=True,
    places_free=6,
    assured_on=date(2026, 11, 1),
    places=(
        replace(BOW_HALL, latitude=51.5294, longitude=-0.0402, bus="The 8 stops outside"),
        PlaceFacts(name="Poplar Library", city="London", latitude=51.51, longitude=-0.01),
    ),
    schedules=(
        ScheduleFacts(freq=Frequency.WEEKLY, byday="TU", opens_at=time(10), closes_at=time(12)),
        ScheduleFacts(freq=Frequency.MONTHLY, byday="1SA", term_time=True, description="Long"),
    ),
    cost_options=(CostFacts(amount=Decimal("1.50"), amount_description="includes tea"),),
    contacts=(ContactFacts(name="Sheila", best_time="weekdays 9am to 1pm"),),
    phones=(PhoneFacts(number="01632 960 102"),),
    languages=(LanguageFacts(code="bn", name="Bengali"), LanguageFacts(code="en", name="English")),
    kinds=("meeting-people", "arts-and-crafts"),
    needs=("lonely", "bereavement"),
    categories=(("Some council", "Hobbies"),),
)


def waiting_to_be_indexed() -> list[uuid.UUID]:
    return list(db.session.scalars(select(SearchJob.service_id)))


def change(service: Service, by: Actor, **changes: object) -> None:
    with saving():
        facts = replace(facts_of(service), **changes)  # type: ignore[arg-type]
        change_listing(service, facts, version=service.version, by=by)


def test_a_listing_keeps_everything_that_was_said_of_it(app: Flask) -> None:
    organisation = an_organisation()
    with saving():
        service = draft_listing(EVERYTHING, organisation, by=BUILDER)
    db.session.expire_all()
    assert facts_of(get_service(service.id)) == EVERYTHING


def test_all_of_it_can_be_changed_and_nothing_of_the_old_is_left(app: Flask) -> None:
    organisation = an_organisation()
    other = ListingFacts(
        name="Sing",
        places=(PlaceFacts(name="Elsewhere", access={Access.BSL: Answer.YES}),),
        languages=(LanguageFacts(code="en", name="English"),),
        kinds=("arts-and-crafts", "music-and-singing"),
        phones=(PhoneFacts(number="01632 960 103"),),
    )
    with saving():
        service = draft_listing(EVERYTHING, organisation, by=BUILDER)
    with saving():
        change_listing(service, other, version=service.version, by=BUILDER)
    db.session.expire_all()
    assert facts_of(get_service(service.id)) == other
    assert db.session.scalar(select(func.count()).select_from(Location)) == 1
    assert db.session.scalar(select(func.count()).select_from(Accessibility)) == 1


def test_a_draft_is_nobodys_but_its_keepers(app: Flask) -> None:
    organisation = an_organisation()
    keeper = an_organiser_of(organisation)
    stranger = an_organiser_of(an_organisation("Poplar Rowers"))
    draft = a_listing(organisation=organisation, life=Life.DRAFT)
    with pytest.raises(NotFound):
        get_listing(draft.slug)
    with pytest.raises(NotFound):
        get_own_listing(draft.id, seen_by=stranger)
    assert get_own_listing(draft.id, seen_by=keeper) is draft


@pytest.mark.parametrize("life", Life)
def test_the_public_sees_listings_that_are_shown_and_no_others(app: Flask, life: Life) -> None:
    service = a_listing(life=life)
    assert shown_listings([service.id]) == ([service] if life in SHOWN else [])
    if life in SHOWN:
        assert get_listing(service.slug) is service
    else:
        with pytest.raises(NotFound):
            get_listing(service.slug)


def test_listings_come_in_the_order_asked_for(app: Flask) -> None:
    first, second, third = a_listing("A"), a_listing("B"), a_listing("C")
    assert shown_listings([third.id, first.id, second.id]) == [third, first, second]


def test_an_organiser_sees_the_listings_of_their_group_and_an_editor_all(app: Flask) -> None:
    organisation = an_organisation()
    draft = a_listing("Draft", organisation=organisation, life=Life.DRAFT)
    live = a_listing("Live", organisation=organisation)
    other = a_listing("Other")
    assert listings_for(an_organiser_of(organisation)) == [draft, live]
    assert listings_for(an_editor()) == [draft, live, other]
    assert listings_for(VISITOR) == []


def test_somebody_from_another_group_can_change_nothing(app: Flask) -> None:
    service = a_listing()
    stranger = an_organiser_of(an_organisation("Poplar Rowers"))
    with pytest.raises(Forbidden), saving():
        step(service, Step.PAUSE, by=stranger)
    with pytest.raises(Forbidden):
        change(service, stranger, name="Mine now")
    with pytest.raises(Forbidden), saving():
        draft_listing(EVERYTHING, service.organisation, by=stranger)
    assert get_service(service.id).name == "Knit and natter"


def test_an_organiser_publishes_pauses_and_resumes(app: Flask) -> None:
    organisation = an_organisation()
    keeper = an_organiser_of(organisation, "Sheila Dunn")
    service = a_listing(organisation=organisation, life=Life.DRAFT)
    for minute, what in enumerate((Step.PUBLISH, Step.PAUSE, Step.RESUME), start=1):
        with clock.set_to(clock.now() + timedelta(minutes=minute)), saving():
            step(service, what, by=keeper)
    told = [(note.what, note.was, note.now, note.by_name) for note in history_of(service)]
    assert told == [
        ("resumed", Life.PAUSED, Life.LIVE, "Sheila Dunn"),
        ("paused", Life.LIVE, Life.PAUSED, "Sheila Dunn"),
        ("published", Life.DRAFT, Life.LIVE, "Sheila Dunn"),
        ("drafted", None, Life.DRAFT, "test"),
    ]


def test_what_cannot_be_done_now_is_refused_in_plain_words(app: Flask) -> None:
    service = a_listing(life=Life.RETIRED)
    with pytest.raises(Refused) as refusal, saving():
        step(service, Step.PAUSE, by=BUILDER)
    assert refusal.value.reason == "This activity is retired, so it cannot be paused."


def test_checking_a_listing_makes_it_fresh_today(app: Flask) -> None:
    service = a_listing(assured_on=date(2025, 1, 1), life=Life.NEEDS_CHECKING)
    with clock.set_to(MONDAY_MORNING), saving():
        step(service, Step.CHECK, by=BUILDER)
    assert (service.life, service.assured_on) == (Life.LIVE, date(2026, 11, 23))


def test_a_change_leaves_history_audit_and_search_work_in_one_commit(app: Flask) -> None:
    organisation = an_organisation()
    keeper = an_organiser_of(organisation, "Sheila Dunn")
    service = a_listing(organisation=organisation)
    with saving():
        facts = replace(facts_of(service), summary="Now with biscuits.")
        change_listing(service, facts, version=service.version, by=keeper)
        assert waiting_to_be_indexed() == [service.id]
    assert service.summary == "Now with biscuits."
    latest = history_of(service)[0]
    assert (latest.what, latest.by, latest.by_name) == ("changed", keeper.ref, "Sheila Dunn")
    entry = select(AuditEntry).where(AuditEntry.action == "listing changed")
    assert db.session.scalars(entry).one().about == f"service:{service.id}"


def test_saving_what_is_already_so_leaves_no_trace(app: Flask) -> None:
    service = a_listing(description="Tea & cake.\n\nAll welcome.")
    version = service.version
    with saving():
        assert change_listing(service, facts_of(service), version=version, by=BUILDER) is None
        assert waiting_to_be_indexed() == []
    assert service.version == version
    assert [note.what for note in history_of(service)].count("changed") == 0


def test_of_two_people_at_the_same_listing_the_second_is_told(app: Flask) -> None:
    service = a_listing()
    seen = service.version
    change(service, BUILDER, schedules=())
    with pytest.raises(ChangedMeanwhile), saving():
        change_listing(service, replace(facts_of(service), name="Mine"), version=seen, by=BUILDER)
    assert get_service(service.id).name == "Knit and natter"


def test_words_from_people_are_made_safe(app: Flask) -> None:
    service = a_listing(
        "Knit <b>and</b> natter",
        description="<script>alert(1)</script><p onclick=x()>Tea</p>",
        summary="Tea\n &amp; cake",
    )
    assert service.name == "Knit and natter"
    assert service.description == "<p>Tea</p>"
    assert service.summary == "Tea & cake"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://", "not a web address"])
def test_a_web_address_that_is_none_is_refused(app: Flask, url: str) -> None:
    with pytest.raises(BadInput):
        a_listing(url=url)


def test_a_postcode_puts_a_listing_on_the_map(app: Flask) -> None:
    service = a_listing(places=(PlaceFacts(postcode="e33bq"),))
    location = service.location
    assert location is not None
    assert location.postcode == "E3 3BQ"
    assert (location.latitude, location.longitude) == pytest.approx((51.52, -0.02), abs=0.02)


def test_a_new_postcode_moves_it(app: Flask) -> None:
    service = a_listing(places=(PlaceFacts(postcode="E3 3BQ"),))
    [place] = facts_of(service).places
    change(service, BUILDER, places=(replace(place, postcode="PR1 2HE"),))
    location = service.location
    assert location is not None
    assert location.latitude == pytest.approx(53.76, abs=0.02)


def test_a_place_nobody_knows_is_kept_but_not_on_the_map(app: Flask) -> None:
    service = a_listing(places=(PlaceFacts(name="The hut", postcode="ZZ99 9ZZ"),))
    location = service.location
    assert location is not None
    assert (location.name, location.latitude) == ("The hut", None)


def test_addresses_are_readable_and_each_is_its_own(app: Flask) -> None:
    names = ["Knit & natter", "Knit & natter", "Knit-natter", "Côr y Cwm", "★"]
    slugs = [a_listing(name).slug for name in names]
    assert slugs == [
        "knit-natter-london",
        "knit-natter-london-2",
        "knit-natter-london-3",
        "cor-y-cwm-london",
        "london",
    ]


def test_a_listing_keeps_its_address_when_its_name_changes(app: Flask) -> None:
    service = a_listing()
    slug = service.slug
    change(service, BUILDER, name="Something else")
    assert service.slug == slug
