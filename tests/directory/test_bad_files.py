"""Files cut short, garbled or hostile: refused at once, with the reason, and nothing comes in."""

import io
import json
import time
import zipfile
from collections.abc import Callable
from functools import cache

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.actors import system
from core.db import db
from directory.feeds.importing import import_file
from directory.feeds.limits import Limits
from directory.feeds.proposals import Proposal, Unreadable
from directory.feeds.reading import reading
from directory.models import Service

LIMITS = Limits()
SERVICES = b"id,name,status\n1,Choir,active\n"


def read(data: bytes, limits: Limits = LIMITS) -> list[object]:
    with reading("a file", io.BytesIO(data), limits) as feed:
        return [item for _, item in feed.items]


def zipped(**files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "."), data)
    return held.getvalue()


def named(name: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("services.csv", SERVICES)
        archive.writestr(name, b"x")
    return held.getvalue()


def with_a_password() -> bytes:
    data = bytearray(zipped(services__csv=SERVICES))
    data[6] |= 1  # of the file itself
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and of the list of files
    return bytes(data)


def that_lies_about_its_size() -> bytes:
    data = bytearray(zipped(services__csv=SERVICES + b"9,Band,active\n" * 5_000))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (50).to_bytes(4, "little")
    return bytes(data)


def deep_json() -> bytes:
    return b'[{"id": "1", "name": "x", "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]"


def garbled(data: bytes) -> bytes:
    return data.replace(b"Choir", "Café".encode("utf-16-le"))


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a sheet of a million rows": (lambda: b"id,name\n" + b"1,x\n" * 1_000_000, "more than 200,000"),
    "a million services": (lambda: b"[" + b"{}," * 1_000_000 + b"{}]", "more than 200,000"),
    "a cell of 10 MB": (lambda: b"id,name\n1," + b"x" * 10_000_000, "longer than"),
    "a word of 10 MB": (lambda: b'[{"id": "' + b"x" * 10_000_000 + b'"}]', "longer than"),
    "deep JSON": (deep_json, "nested too deeply"),
    "deep objects": (lambda: b'{"a":' * 100_000, "nested too deeply"),
    "not a number": (lambda: b'[{"id": "1", "name": "x", "minimum_age": NaN}]', "NaN"),
    "a huge number": (lambda: b'[{"id": "1", "a": ' + b"9" * 10_000 + b"}]", "too long"),
    "JSON cut short": (lambda: b'[{"id": "1", "name": "Choir"}, {"id"', "ends too soon"),
    "JSON lines cut short": (lambda: b'{"id": "1", "name": "C"}\n{"id": "2"', "ends too soon"),
    "JSON with more behind it": (lambda: b'[{"id": "1", "name": "Choir"}] x', "something is wrong"),
    "a sheet cut short": (lambda: b'id,name\n1,Choir\n2,"Ba', "middle of a row"),
    "a sheet with nothing bytes": (lambda: b"id,name\n1,Ch\0oir\n", "not text"),
    "UTF-16 nobody says is": (lambda: garbled(b"id,name\n1,Choir\n"), "not text"),
    "an archive that unfolds": (lambda: zipped(services__csv=b" " * 90_000_000), "unfold"),
    "a file outside the archive": (lambda: named("../../etc/x.csv"), "outside"),
    "an absolute path in it": (lambda: named("/etc/x.csv"), "outside"),
    "a Windows path in it": (lambda: named("a\\..\\x.csv"), "outside"),
    "two files of one name": (lambda: named("other/services.csv"), "two files of one name"),
    "an archive with a password": (with_a_password, "password"),
    "an archive that lies": (that_lies_about_its_size, "damaged"),
    "an archive cut short": (lambda: zipped(services__csv=SERVICES)[:-30], "damaged"),
    "an archive of something else": (lambda: zipped(readme__txt=b"hello"), "services.csv"),
    "a spreadsheet": (
        lambda: named("[Content_Types].xml").replace(b"services", b"workbook"),
        "CSV",
    ),
    "very many files": (
        lambda: zipped(**{f"f{number}__csv": b"" for number in range(300)}),
        "more than 200 files",
    ),
}


@cache
def made(name: str) -> bytes:
    return HOSTILE[name][0]()


@pytest.mark.asvs("5.2.2", "15.2.2")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_the_reason_in_under_a_second(name: str) -> None:
    data = made(name)
    started = time.process_time()
    with pytest.raises(Unreadable) as refused:
        read(data)
    assert time.process_time() - started < 1
    assert HOSTILE[name][1] in refused.value.reason


@pytest.mark.parametrize("name", ["JSON cut short", "an archive that unfolds", "a cell of 10 MB"])
def test_nothing_of_a_hostile_file_comes_in(app: Flask, name: str) -> None:
    with pytest.raises(Unreadable):
        import_file("a file", made(name), by=system("import"), source="bow")
    assert db.session.scalar(select(func.count()).select_from(Service)) == 0


@pytest.mark.asvs("5.2.1")
def test_a_file_larger_than_allowed_is_not_opened() -> None:
    with pytest.raises(Unreadable) as refused:
        read(SERVICES * 100_000, Limits(most_bytes=1024 * 1024))
    assert "larger than 1 MB" in refused.value.reason


@pytest.mark.asvs("5.2.3")
def test_an_archive_of_more_than_is_allowed_is_not_unpacked() -> None:
    sheet = SERVICES + b"".join(b"%d,Band %d,active\n" % (n, n * n) for n in range(2, 200_000))
    with pytest.raises(Unreadable) as refused:
        read(zipped(services__csv=sheet), Limits(most_bytes=2 * 1024 * 1024))
    assert "larger than 2 MB" in refused.value.reason


def test_lines_of_json_are_services_each() -> None:
    lines = [{"id": str(number), "name": f"Choir {number}"} for number in range(3)]
    data = "\n".join(map(json.dumps, lines)).encode()
    found = [each.name for each in read(data) if isinstance(each, Proposal)]
    assert found == ["Choir 0", "Choir 1", "Choir 2"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("wrap", ['{{"total_pages": 1, "contents": {}}}', "{}"])
def test_a_file_longer_than_one_reading_is_read_whole(encoding: str, wrap: str) -> None:
    many = [{"id": str(n), "name": f"Côr {n}", "description": "é" * 300} for n in range(2_000)]
    text = wrap.format(json.dumps(many, ensure_ascii=False))
    found = [each for each in read(text.encode(encoding)) if isinstance(each, Proposal)]
    assert [each.name for each in found] == [each["name"] for each in many]


def test_a_fault_far_into_a_file_is_found_where_it_is() -> None:
    many = ",\n".join(json.dumps({"id": str(n), "name": "x" * 200}) for n in range(5_000))
    with pytest.raises(Unreadable) as refused:
        read(f"[{many},\n{{'id': 1}}]".encode())
    assert "line 5001, column 2" in refused.value.reason
