"""Benchmarks: files and inputs made to break whoever reads them; the same ones at every run."""

import io
import json
import random
import zipfile
from collections.abc import Iterator
from typing import Any

WALKS = [
    {
        "id": str(number),
        "name": f"Walk {number}",
        "organisation": "Ramblers, “and” friends",
        "description": "Friendly; é, 漢字",
        "postcode": "E3 3BQ",
    }
    for number in range(6)
]
KINDS = ("csv", "json", "zip", "xlsx", "picture")
HURTS = ("flip", "cut", "twice", "noise", "nothing", "high")


def files(count: int) -> Iterator[tuple[str, bytes]]:
    """So many files: the worst ones first, then good ones that were damaged."""
    worst = [*_worst()]
    yield from worst[:count]
    drawn = random.Random(42)
    whole = {kind: _whole(kind) for kind in KINDS}
    for number in range(max(count - len(worst), 0)):
        kind = KINDS[number % len(KINDS)]
        yield kind, _hurt(whole[kind], drawn)


def _whole(kind: str) -> bytes:
    sheet = "\r\n".join(
        [",".join(WALKS[0]), *(",".join(f'"{each}"' for each in row.values()) for row in WALKS)]
    ).encode()
    if kind == "csv":
        return sheet
    if kind == "json":
        return json.dumps(WALKS).encode()
    if kind == "picture":
        return _picture()
    inside = "services.csv" if kind == "zip" else "xl/worksheets/sheet1.xml"
    return _zipped({inside: sheet})


def _picture() -> bytes:
    from PIL import Image

    held = io.BytesIO()
    Image.effect_noise((200, 150), 60).save(held, "JPEG")
    return held.getvalue()


def _zipped(said: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in said.items():
            archive.writestr(name, data)
    return held.getvalue()


def _hurt(good: bytes, drawn: random.Random) -> bytes:
    held, how = bytearray(good), drawn.choice(HURTS)
    for _ in range(drawn.randint(1, 20)):
        at = drawn.randrange(max(len(held), 1))
        if how == "cut":
            return bytes(held[:at])
        if how == "twice":
            held[at:at] = held[at : at + drawn.randint(1, 200)]
        elif how == "noise":
            held[at:at] = drawn.randbytes(8)
        else:
            held[at] = {"flip": held[at] ^ (1 << drawn.randrange(8)), "high": 0xFF}.get(how, 0)
    return bytes(held)


def _worst() -> Iterator[tuple[str, bytes]]:
    sheet = _whole("csv")
    yield from (
        ("csv", b""),
        ("csv", b"\xef\xbb\xbf"),
        ("csv", sheet.decode().encode("utf-16")),
        ("csv", sheet.replace(b"\n", b"\r")),
        ("csv", b"a" * 3_000_000),
        ("csv", b'id,name\n1,"' + b"x" * 3_000_000),
        ("csv", b",".join([b"c"] * 100_000)),
        ("csv", b"id,name\n" + b'1,=HYPERLINK("http://x")\n' * 500),
        ("csv", b"id,name\n" + b"\n" * 1_000_000),
        ("csv", b"\0" * 100_000),
        ("csv", b'"' * 500_001),
        ("json", b"[" * 200_000),
        ("json", b"9" * 100_000),
        ("json", b'{"a":' * 50_000),
        ("json", b'[{"id":"1","name":"\\ud800"}]'),
        ("json", b"[1e999]"),
        ("json", b"[NaN]"),
        ("json", b"null"),
        ("json", b"{}"),
        ("json", b'[{"name":null}]'),
        ("zip", _zipped({"a": b"x" * 10})),
        ("zip", _zipped({"services.csv": b"0" * 60_000_000})),
        ("zip", _zipped({"../../etc/evil.csv": sheet})),
        ("zip", _zipped({f"{number}.csv": b"" for number in range(3_000)})),
        ("zip", _zipped({"services.csv": _zipped({"services.csv": sheet})})),
        ("zip", b"PK\x03\x04" + random.Random(1).randbytes(500)),
        ("xlsx", _zipped({"xl/worksheets/sheet1.xml": b"<row/>" * 5_000_000})),
        ("picture", b"\xff\xd8\xff\xe0" + b"\xff\xda" * 5_000),
        ("picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff\x08\x06\0\0\0"),
        ("picture", b"GIF89a" + b"\0" * 100),
    )


VALUES: tuple[Any, ...] = (
    "", " ", "\x00", "\ud800", "null", "-1", "0", "1e999", "NaN", "9" * 30, "9" * 400,
    str(2**31), str(2**63), "-5", "abc", "0000-00-00", "2026-02-30", "9999-12-31", "24:61",
    "'; DROP TABLE person; --", "' OR 1=1 --", "<script>alert(1)</script>", "{{7*7}}", "${7*7}",
    "../../../../etc/passwd", "%00", "%c0%ae%c0%ae", "\r\nX-Evil: 1", "=1+1", "x" * 60_000,
    "é漢字\u202e", "http://169.254.169.254/", "javascript:alert(1)",
)  # fmt: skip
BODIES: tuple[tuple[str, bytes], ...] = (
    ("application/json", b"[" * 50_000),
    ("application/json", b'{"a": 1e999}'),
    ("application/json", b"null"),
    ("application/json", b'{"id": ' + b"9" * 5_000 + b"}"),
    ("application/json", b"\xff\xfe"),
    ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 5_000)),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n"),
    ("text/plain", b"\x00" * 1_000),
)
assert len(VALUES) + len(BODIES) == 41
