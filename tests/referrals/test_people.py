"""People: NHS numbers, and a practice knowing somebody again."""

from datetime import date

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.db import db
from core.errors import Refused
from core.saving import saving
from referrals.models import Person
from referrals.people import clean_nhs_number, enter_person, is_nhs_number, way_to_reach
from referrals.rules import ContactRoute
from tests.referral_builders import TEST, a_new_person, a_practice


@pytest.mark.parametrize("text", ["943 476 5919", "9476719931", "943-476-5919", " 9434765919\t"])
def test_numbers_published_as_examples_are_taken_as_people_type_them(text: str) -> None:
    assert is_nhs_number(text)


@pytest.mark.asvs("2.2.1")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "9876544321",
        "0000000000",
        "9999999999",
        "943476591",
        "94347659199",
        "943476591X",
        "٩٤٣٤٧٦٥٩١٩",
        "²434765919",
        "943.476.5919",
    ],
)
def test_what_is_not_an_nhs_number_is_not_taken_for_one(text: str) -> None:
    assert not is_nhs_number(text)


@given(st.integers(min_value=0, max_value=999_999_999))
def test_at_most_one_check_digit_fits_and_ten_fits_none(first_nine: int) -> None:
    nine = f"{first_nine:09}"
    fits = [digit for digit in range(10) if is_nhs_number(f"{nine}{digit}")]
    total = sum((10 - place) * int(digit) for place, digit in enumerate(nine))
    remainder = (11 - total % 11) % 11
    alike = len(set(f"{nine}{remainder}")) == 1
    assert fits == ([] if remainder == 10 or alike else [remainder])


@given(st.text(max_size=30))
def test_no_text_breaks_the_check(text: str) -> None:
    if is_nhs_number(text):
        assert len(clean_nhs_number(text)) == 10


def test_a_practice_knows_somebody_again_and_keeps_the_newest_details(app: Flask) -> None:
    first = a_new_person()
    with saving():
        practice = a_practice()
        before = enter_person(first, practice, by=TEST)
    spaced = f"{first.nhs_number[:3]} {first.nhs_number[3:6]} {first.nhs_number[6:]}"
    with saving():
        again = a_new_person(nhs_number=spaced, phone="01632 960 777")
        after = enter_person(again, practice, by=TEST)
    assert after.id == before.id
    assert (after.phone, after.nhs_number) == ("01632 960 777", first.nhs_number)


def test_two_practices_keep_two_records_of_one_person(app: Flask) -> None:
    person = a_new_person()
    with saving():
        ids = {enter_person(person, a_practice(), by=TEST).id for _ in range(2)}
    assert len(ids) == 2


def test_somebody_without_a_number_is_known_by_name_and_birthday(app: Flask) -> None:
    with saving():
        practice = a_practice()
        first = enter_person(a_new_person(nhs_number=None), practice, by=TEST)
        again = enter_person(
            a_new_person(nhs_number="", name="mavis THISTLEWOOD"), practice, by=TEST
        )
        other = enter_person(
            a_new_person(nhs_number=None, born_on=date(1950, 1, 1)), practice, by=TEST
        )
    assert first.id == again.id != other.id
    assert db.session.scalar(select(func.count()).select_from(Person)) == 2


@pytest.mark.asvs("2.2.3")
def test_a_number_typed_for_the_wrong_person_is_caught_by_the_birthday(app: Flask) -> None:
    person = a_new_person()
    with saving():
        practice = a_practice()
        enter_person(person, practice, by=TEST)
    wrong = a_new_person(nhs_number=person.nhs_number, born_on=date(1990, 5, 5))
    with pytest.raises(Refused, match="another date of birth"), saving():
        enter_person(wrong, practice, by=TEST)


def test_a_number_with_a_wrong_digit_is_refused(app: Flask) -> None:
    with pytest.raises(Refused, match="not an NHS number"), saving():
        enter_person(a_new_person(nhs_number="9876544321"), a_practice(), by=TEST)


@pytest.mark.asvs("2.2.3")
@pytest.mark.parametrize("route", ContactRoute)
def test_the_agreed_way_to_reach_somebody_must_be_there(app: Flask, route: ContactRoute) -> None:
    nothing = a_new_person(contact_route=route, phone="", email="", address="", postcode="")
    with pytest.raises(Refused), saving():
        enter_person(nothing, a_practice(), by=TEST)


def test_only_the_agreed_way_is_told(app: Flask) -> None:
    person = a_new_person(email="mavis@home.example", contact_route=ContactRoute.EMAIL)
    assert way_to_reach(person) == "mavis@home.example"
    assert way_to_reach(a_new_person(contact_route=ContactRoute.LETTER)) == "12 Canary Lane, E3 3BQ"
