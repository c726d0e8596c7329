"""Reading sheets: what people save from a spreadsheet, however they save it."""

import contextlib
import io
from datetime import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.feeds import sheets
from directory.feeds.proposals import (
    CategoryProposal,
    CostProposal,
    LocationProposal,
    OrganisationProposal,
    PhoneProposal,
    Problem,
    Proposal,
    ScheduleProposal,
    Unreadable,
)
from directory.rules import Frequency

HEADER = ",".join(sheets.COLUMNS)
WHOLE_ROW = (
    'g1,Allotment mornings,Dig In,"Dig, plant and talk.",BB11 1AA,https://digin.example,'
    "hello@digin.example,01632 960222,Gardening; Outdoors,Mondays and Thursdays,10am,12.30,"
    '£1.50,"The Shed, Canal Street, Burnley BB11 1AA",Burnley,53.789,-2.248,18,,Adults,'
    "Weds 12-2pm"
)


def read(text: str | bytes) -> list[Proposal | Problem]:
    data = text if isinstance(text, bytes) else text.encode()
    return [each for _, each in sheets.read(io.BytesIO(data))]


def the_one(text: str | bytes) -> Proposal:
    [found] = read(text)
    assert isinstance(found, Proposal)
    return found


def test_a_row_with_every_column_is_read_whole() -> None:
    assert the_one(f"{HEADER}\n{WHOLE_ROW}\n") == Proposal(
        source_id="g1",
        name="Allotment mornings",
        description="<p>Dig, plant and talk.</p>",
        summary="Dig, plant and talk.",
        url="https://digin.example",
        email="hello@digin.example",
        minimum_age=18,
        eligibility="Adults",
        organisation=OrganisationProposal("dig in", "Dig In"),
        locations=(
            LocationProposal(
                "g1#1",
                address_1="The Shed, Canal Street, Burnley",
                city="Burnley",
                postcode="BB11 1AA",
                latitude=53.789,
                longitude=-2.248,
            ),
        ),
        schedules=(
            ScheduleProposal(
                ("MO", "TH"), Frequency.WEEKLY, opens_at=time(10), closes_at=time(12, 30)
            ),
            ScheduleProposal(description="Weds 12-2pm"),
        ),
        costs=(CostProposal(amount=Decimal("1.50"), amount_description="£1.50"),),
        phones=(PhoneProposal("01632 960222"),),
        categories=(CategoryProposal("Gardening"), CategoryProposal("Outdoors")),
    )


def test_an_id_and_a_name_are_enough() -> None:
    assert the_one("id,name\n1,Choir\n") == Proposal(source_id="1", name="Choir")


@pytest.mark.parametrize(
    "sheet",
    [
        "Name ,ID\nChoir,1\n",
        "\ufeffid,name\r\n1,Choir\r\n",
        "id;name;E-mail\n1;Choir;\n",
        "id\tname\tOpens at\n1\tChoir\t\n",
        '"id","name","colour"\n"1","Choir","blue"\n',
        "\n\nid,name,cost\n\n1,Choir\n,,\n",
        "id,name,,\n1,Choir,,\n",
        "id,name\r1,Choir\r",
        "id,name,name\n1,Choir,Second\n",
    ],
    ids=[
        "case, order and spaces",
        "byte-order mark",
        "semicolons",
        "tabs",
        "quotation marks and an unknown column",
        "blank and short rows",
        "columns without a name",
        "old Macintosh lines",
        "one heading twice",
    ],
)
def test_a_sheet_is_read_however_it_was_saved(sheet: str) -> None:
    assert the_one(sheet) == Proposal(source_id="1", name="Choir")


def test_what_a_spreadsheet_calls_unicode_text_is_read() -> None:
    assert the_one("id\tname\n1\tCôr Caffi\n".encode("utf-16")).name == "Côr Caffi"


def test_windows_text_is_read_with_a_note() -> None:
    note, found = read("id,name\n1,Caf\u00e9 \u2018Pip\u2019\n".encode("cp1252"))
    assert isinstance(found, Proposal)
    assert found.name == "Café ‘Pip’"
    assert isinstance(note, Problem)
    assert (note.place, note.fatal) == ("the file", False)


def test_a_bad_row_is_reported_by_its_number_and_the_others_are_read() -> None:
    found = read("\nid,name\n1,Choir\n,Nameless\n3,\n\n5,Band, brass\n1,Other\n7,Drums\n")
    assert [each.name for each in found if isinstance(each, Proposal)] == ["Choir", "Drums"]
    assert [str(each) for each in found if isinstance(each, Problem)] == [
        "row 4, id: is blank",
        "row 5 (id 3), name: is blank",
        "row 7: has 3 cells under 2 headings: is a comma out of place?",
        "row 8 (id 1), id: is already the id of row 3 (id 1), which says something else",
    ]
    assert all(each.fatal for each in found if isinstance(each, Problem))


def test_a_quotation_mark_that_is_never_closed_does_not_swallow_rows_in_silence() -> None:
    with pytest.raises(Unreadable) as refused:
        read('id,name\n1,Choir\n2,"Band\n3,Drums\n')
    assert "middle of a row" in refused.value.reason


def test_a_cell_longer_than_any_cell_is_refused() -> None:
    with pytest.raises(Unreadable) as refused:
        read("id,name,description\n1,Choir," + "la " * 4_000_000 + "\n")
    assert "longer than" in refused.value.reason


def test_a_bad_detail_is_left_out_and_noted() -> None:
    row = "1,Choir,nobody,the moon,never,half past,2pm,Warm Hall"
    found, *notes = read(f"id,name,email,postcode,phone,opens_at,closes_at,url\n{row}\n")
    assert found == Proposal("1", "Choir", schedules=(ScheduleProposal(closes_at=time(14)),))
    assert {note.field for note in notes if isinstance(note, Problem) and not note.fatal} == {
        "email",
        "postcode",
        "phone",
        "opens_at",
        "url",
    }


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("Monday", ("MO",)),
        ("tues & fri", ("TU", "FR")),
        ("WE,MO", ("MO", "WE")),
        ("Monday to Friday", ("MO", "TU", "WE", "TH", "FR")),
        ("Fri - Mon", ("MO", "FR", "SA", "SU")),
        ("weekdays", ("MO", "TU", "WE", "TH", "FR")),
        ("Every day", ("MO", "TU", "WE", "TH", "FR", "SA", "SU")),
        ("First Tuesday of the month", ("1TU",)),
        ("1st and 3rd Wednesday", ("1WE", "3WE")),
        ("last Friday of each month", ("-1FR",)),
    ],
)
def test_days_are_read_as_people_write_them(words: str, days: tuple[str, ...]) -> None:
    [schedule] = the_one(f'id,name,day\n1,Choir,"{words}"\n').schedules
    assert schedule.byday == days
    assert schedule.freq is (Frequency.MONTHLY if len(days[0]) > 2 else Frequency.WEEKLY)


@pytest.mark.parametrize(
    "words", ["Alternate Tuesdays", "Tuesday of the month", "to Friday", "TBC"]
)
def test_days_we_cannot_be_sure_of_are_kept_as_words(words: str) -> None:
    found, note = read(f"id,name,day\n1,Choir,{words}\n")
    assert isinstance(found, Proposal)
    assert found.schedules == (ScheduleProposal(description=words),)
    assert isinstance(note, Problem)
    assert (note.field, note.fatal) == ("day", False)


@pytest.mark.parametrize(
    ("words", "opens"),
    [
        ("14:00", time(14)),
        ("09:30:00", time(9, 30)),
        ("9.30", time(9, 30)),
        ("2pm", time(14)),
        ("2.15 p.m.", time(14, 15)),
        ("12am", time(0)),
        ("noon", time(12)),
        ("1830", time(18, 30)),
    ],
)
def test_times_are_read_as_people_write_them(words: str, opens: time) -> None:
    [schedule] = the_one(f"id,name,opens_at\n1,Choir,{words}\n").schedules
    assert schedule.opens_at == opens


@pytest.mark.parametrize(
    ("words", "amount"),
    [
        ("Free", "0"),
        ("free of charge.", "0"),
        ("3", "3"),
        ("£3.50 per session", "3.50"),
        ("50p", "0.50"),
        ("£2-5", None),
        ("Members £3, others £5", None),
        ("£1,200", None),
        ("Donation", None),
    ],
)
def test_a_cost_is_a_sum_only_when_it_names_one(words: str, amount: str | None) -> None:
    [cost] = the_one(f'id,name,cost\n1,Choir,"{words}"\n').costs
    assert cost.amount_description == words
    assert cost.amount == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"name,when\nChoir,Monday\n", "no column called id"),
        (b"1,Choir\n", "no column called id or name"),
        (b"id,name\n1,Ch\x00ir\n", "not text"),
        (b"id,name\n1,\x81\n", "not text"),
        (b"\xff\xfei", "not text"),
        (b'"id,name\n1,Choir\n', "first row cannot be read"),
    ],
)
def test_a_sheet_that_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        list(sheets.read(io.BytesIO(data)))
    assert reason in refused.value.reason


@given(st.binary(max_size=200), st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes, headed: bool) -> None:
    with contextlib.suppress(Unreadable):
        whole = HEADER.encode() + b"\n" + data if headed else data
        list(sheets.read(io.BytesIO(whole)))


@given(st.lists(st.text(max_size=12), min_size=len(sheets.COLUMNS), max_size=len(sheets.COLUMNS)))
@settings(max_examples=150, deadline=None)
def test_a_row_of_anything_is_one_proposal_or_one_problem(cells: list[str]) -> None:
    cells = [cell.replace("\0", "") for cell in cells]
    row = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    found = read(f"{HEADER}\n{row}\n")
    kept = [each for each in found if isinstance(each, Proposal)]
    refused = [each for each in found if isinstance(each, Problem) and each.fatal]
    assert len(kept) + len(refused) == any(cell.strip() for cell in cells)
