"""What a group may know of those sent to it: how many, for nobody's eyes but its own."""

from datetime import timedelta

import pytest

from core import clock
from referrals.group_numbers import Numbers, numbers_of
from referrals.rules import Came, Status
from tests.builders import a_user
from tests.client import Client
from tests.engines import on_sqlite
from tests.referral_builders import a_service, a_visit, an_onward


@pytest.mark.usefixtures("app")
def test_people_are_counted_once_and_other_groups_people_never() -> None:
    service = a_service()
    an_onward(service=service)
    a_visit(an_onward(Status.ACCEPTED, service=service), came=Came.CAME)
    a_visit(an_onward(Status.ACCEPTED, service=service), came=Came.DID_NOT_COME)
    a_visit(came=Came.CAME)
    long_ago = clock.now() - timedelta(days=365)
    assert numbers_of(service.id, long_ago) == Numbers(asked=3, came=1)
    assert numbers_of(service.id, clock.now() + timedelta(days=1)) == Numbers(0, 0)


@on_sqlite
def test_a_group_reads_its_own_numbers_on_its_page_and_no_name(client: Client) -> None:
    service = a_service()
    onward = an_onward(service=service)
    name = onward.person.name
    page = client.as_(a_user(service.organisation)).get(f"/my-listings/{service.id}").text
    assert "<b>1</b> people they asked you about" in page
    assert name not in page
