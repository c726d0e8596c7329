"""The patient banner: read whichever way it was copied, and never guessed at."""

import pytest

from referrals.banners import LONGEST, read

EMIS = (
    "Active \tGREENWOOD, Joan (Mrs) \tBorn  31-Mar-1948 (78y) \tGender  Female \t"
    "NHS No.  999 000 0018 \tUsual GP  NAIR, Priya (Dr)\n"
    "Address 12 Canary Lane, Bow, London, E3 3BQ   Home 01632 960 204   Mobile 07700 900 123"
)
SYSTMONE = (
    "Mrs Joan Greenwood 31 Mar 1948 (78 y) F NHS: 999 000 0018\n"
    "12 Canary Lane, Bow, London E3 3BQ\n"
    "Home: 01632 960 204 Mob: 07700 900123"
)
LINES = (
    "Mrs Joan Greenwood\n31 Mar 1948 (78 y 7 m)\n999 000 0018\n"
    "12 Canary Lane, Bow, London E3 3BQ\n01632 960 204"
)
LIST = (
    "Name: Joan Greenwood\nDOB: 31/03/1948\nNHS number: 9990000018\n"
    "Address: 12 Canary Lane\nBow\nLondon\nE3 3BQ\nTel: 01632 960 204\nSex: F\n"
    "Next of kin: Ravi Greenwood 07700 900 321"
)
ONE_LINE = (
    "GREENWOOD Joan (Mrs) Born 31-Mar-1948 (78y) Gender Female NHS No. 999-000-0018 "
    "Address 12 Canary Lane, Bow, London E3 3BQ Phone 01632 960 204"
)


@pytest.mark.parametrize("pasted", [EMIS, SYSTMONE, LINES, LIST, ONE_LINE])
def test_one_patient_is_the_same_from_every_system(pasted: str) -> None:
    found = read(pasted)
    assert found.name == "Joan Greenwood"
    assert found.born in {("31", "Mar", "1948"), ("31", "3", "1948")}
    assert found.nhs_number == "9990000018"
    assert found.phone == "01632 960 204"
    assert (found.address, found.postcode) == ("12 Canary Lane, Bow, London", "E3 3BQ")
    assert found.unread == ()


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("GREENWOOD, Joan Mary (Mrs)", "Joan Mary Greenwood"),
        ("Greenwood, Joan", "Joan Greenwood"),
        ("Mr John de Souza", "John de Souza"),
        ("DE SOUZA John (Mr)", "John De Souza"),
        ("O'BRIEN-SMITH, Siân (Ms)", "Siân O'Brien-Smith"),
        ("MCTAVISH, Iona (Dr)", "Iona McTavish"),
        ("McTAVISH, Iona (Dr)", "Iona McTavish"),
        ("Surname: GREENWOOD\nForenames: Joan Mary\nTitle: Mrs", "Joan Mary Greenwood"),
        ("Patient: Miss Ada  Lovelace", "Ada Lovelace"),
        ("hello there", ""),
        ("12 Canary Lane", ""),
    ],
)
def test_names_are_read_in_the_order_people_say_them(written: str, name: str) -> None:
    assert read(f"{written}\nBorn 31-Mar-1948").name == name


@pytest.mark.parametrize(
    ("written", "born"),
    [
        ("31-Mar-1948", ("31", "Mar", "1948")),
        ("31 March 1948", ("31", "March", "1948")),
        ("1st Mar 1948", ("1", "Mar", "1948")),
        ("04.06.1969", ("4", "6", "1969")),
        ("1948-03-31", ("31", "3", "1948")),
        ("31 Feb 1948", ("31", "Feb", "1948")),  # no such day: the form says so
        ("31/03/48", None),  # which century is not ours to guess
    ],
)
def test_dates_are_read_as_they_stand(written: str, born: tuple[str, str, str] | None) -> None:
    assert read(f"Date of birth: {written}").born == born


def test_a_number_with_a_wrong_digit_is_handed_on_to_be_put_right() -> None:
    assert read("NHS No. 999 000 0019 Born 31-Mar-1948").nhs_number == "9990000019"
    assert read("NHS No. 999 000 001 Born 31-Mar-1948").nhs_number == "999 000 001"


def test_of_two_patients_at_once_neither_number_is_taken() -> None:
    found = read(f"{EMIS}\nNHS No. 999 000 0026")
    assert found.nhs_number == ""
    assert "their NHS number" in found.unread


def test_the_doctor_and_the_family_are_not_the_patient() -> None:
    found = read(
        "Usual GP NAIR, Priya (Dr)\nGREENWOOD, Joan (Mrs)\nNext of kin: Ravi 07700 900 321"
    )
    assert (found.name, found.phone) == ("Joan Greenwood", "")


@pytest.mark.parametrize("pasted", ["", " \n\t", "hello", "see attached", "x" * (LONGEST * 3)])
def test_what_is_no_banner_tells_nothing(pasted: str) -> None:
    assert read(pasted).is_empty
