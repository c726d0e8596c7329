"""What stands in somebody's way: noted, matched with help, and kept from everybody else."""

import pytest
from flask import Flask

from accounts import User
from core.errors import Forbidden, Refused
from core.saving import saving
from directory.facts import ListingFacts, PlaceFacts
from directory.listings import draft_listing, step
from directory.rules import Step
from referrals.barriers import barriers_of, help_near, note_barriers, offer_help
from referrals.models import BarrierKind, Helped, Referral
from referrals.rules import Status
from tests.builders import BUILDER, an_organisation
from tests.client import Client
from tests.engines import on_sqlite
from tests.referral_builders import (
    a_link_worker,
    a_new_person,
    a_referral,
    as_actor,
    owner_of,
)
from tests.referrals.link_desk import fresh, referred


def noted(*kinds: BarrierKind) -> Referral:
    referral = a_referral(Status.IN_PROGRESS, person=a_new_person(postcode="E3 3BQ"))
    with saving():
        note_barriers(referral, kinds, by=owner_of(referral))
    return referral


def listed(name: str, kind: str, postcode: str = "E3 4LH") -> None:
    with saving():
        place = PlaceFacts(name="The hall", postcode=postcode)
        facts = ListingFacts(name=name, kinds=(kind,), places=(place,))
        service = draft_listing(facts, an_organisation(f"{name} group"), by=BUILDER)
        step(service, Step.PUBLISH, by=BUILDER)


def test_help_that_was_offered_stays_when_the_list_changes(app: Flask) -> None:
    referral = noted(BarrierKind.COST, BarrierKind.TRANSPORT)
    first, second = barriers_of(referral)
    assert (first.kind, second.kind) == (BarrierKind.TRANSPORT, BarrierKind.COST)
    with saving():
        by = owner_of(referral)
        offer_help(first, "Mo drives her", Helped.TAKEN_UP, by=by)
        note_barriers(referral, [BarrierKind.TRANSPORT, BarrierKind.BUDDY], by=by)
    kept, new = barriers_of(referral)
    assert (kept.help_offered, kept.helped) == ("Mo drives her", Helped.TAKEN_UP)
    assert (new.kind, new.helped) == (BarrierKind.BUDDY, Helped.NOT_YET)


def test_what_helps_near_home_is_shown_and_nothing_else(app: Flask) -> None:
    listed("Bow community bus", "getting-about")
    listed("Burnley community bus", "getting-about", "BB11 2DL")
    listed("Bow singers", "music-and-singing")
    travel, nobody = barriers_of(noted(BarrierKind.TRANSPORT, BarrierKind.BUDDY))
    assert [each.name for each in help_near(travel)] == ["Bow community bus"]
    assert help_near(nobody) == []


def test_help_is_said_in_words_and_only_while_the_referral_is_open(app: Flask) -> None:
    [barrier] = barriers_of(noted(BarrierKind.COST))
    with pytest.raises(Refused, match="what help"), saving():
        offer_help(barrier, " ", Helped.OFFERED, by=owner_of(barrier.referral))
    closed = a_referral(Status.CLOSED_COMPLETED)
    with pytest.raises(Refused, match="open"), saving():
        note_barriers(closed, [BarrierKind.COST], by=owner_of(closed))


def test_neither_the_practice_nor_another_team_writes_here(app: Flask) -> None:
    referral = noted(BarrierKind.COST)
    for user in (referral.referrer, a_link_worker()):
        with pytest.raises(Forbidden), saving():
            note_barriers(referral, [], by=as_actor(user))


@on_sqlite
def test_one_page_holds_what_is_in_the_way_and_what_helps(desk: Client, amina: User) -> None:
    referral = referred(amina, postcode="E3 3BQ")
    path = f"/caseload/{referral.id}/in-the-way"
    assert path in desk.get(f"/caseload/{referral.id}").text
    assert desk.fill(path, {"kinds": ["transport", "confidence"]}).status_code == 303
    assert "Getting there" in desk.get(path).text
    helped = {"help_offered": "Mo drives her", "helped": "offered"}
    assert desk.fill_act(f"{path}/transport", on=path, **helped).location == path
    [travel, _courage] = barriers_of(fresh(referral))
    assert (travel.help_offered, travel.helped) == ("Mo drives her", Helped.OFFERED)
    assert "Mo drives her" in desk.get(f"/caseload/{referral.id}").text
    assert desk.fill_act(f"{path}/cost", on=path, **helped).status_code == 404
