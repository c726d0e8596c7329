"""Photos: small, upright, with nothing in them but the picture; shown only where they may be."""

import io
import struct
import uuid
import zlib
from pathlib import Path

import pytest
from flask import Flask
from PIL import ExifTags, Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from core.actors import VISITOR, Actor
from core.db import db
from core.errors import NotFound, Refused
from core.saving import saving
from directory import picturing
from directory.listings import get_service, history_of
from directory.models import Photo, Service
from directory.photos import (
    add_photo,
    get_own_photo,
    get_photo,
    photos_of,
    prepare,
    remove_photo,
)
from directory.picturing import (
    LARGEST_FILE,
    LONGEST_SIDE,
    MOST_BYTES,
    MOST_SCANS,
    BadPhoto,
    picture_in,
)
from directory.rules import Life
from tests.builders import a_listing, a_user, an_organisation, an_organiser_of
from tests.client import Client
from tests.engines import on_sqlite
from tests.page import hidden_fields

CANARY = b"51.5287 somebody's own camera"
PAGE = "/my-listings/{}/photos"


def a_file(kind: str = "JPEG", size: tuple[int, int] = (400, 300), **noted: object) -> bytes:
    """An image file, its left half red and its right half blue."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    image.save(out, kind, **noted)
    return out.getvalue()


def a_tagged_file(orientation: int = 1) -> bytes:
    """A JPEG in which a camera wrote where it was, whose it is, and how it was held."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Artist] = CANARY.decode()
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef] = "N"
    place[ExifTags.GPS.GPSLatitude] = (51.0, 31.0, 43.3)
    place[ExifTags.GPS.GPSLongitudeRef] = "W"
    place[ExifTags.GPS.GPSLongitude] = (0.0, 1.0, 12.0)
    return a_file(exif=exif, comment=CANARY)


def noise(side: int) -> bytes:
    """A picture that packs as badly as any."""
    out = io.BytesIO()
    Image.effect_noise((side, side), 90).convert("RGB").save(out, "PNG")
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def a_png_of(width: int, height: int) -> bytes:
    """A few bytes that say they are so many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def test_where_a_photo_was_taken_and_by_whom_is_not_kept() -> None:
    tagged = a_tagged_file()
    assert opened(tagged).getexif().get_ifd(ExifTags.IFD.GPSInfo)
    assert CANARY in tagged
    content = picture_in(tagged).content
    kept = opened(content)
    assert not dict(kept.getexif())
    assert not {"exif", "xmp", "icc_profile", "comment"} & set(kept.info)
    assert CANARY not in content


def test_a_photo_taken_sideways_stands_upright() -> None:
    picture = picture_in(a_tagged_file(orientation=6))
    assert (picture.width, picture.height) == (300, 400)
    red, _, blue = opened(picture.content).convert("RGB").getpixel((150, 20))  # type: ignore[misc]
    assert red > blue


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_photos_of_each_sort_become_small_ones_of_one_sort(kind: str) -> None:
    picture = picture_in(a_file(kind, (3000, 2000)))
    kept = opened(picture.content)
    assert kept.format == "WEBP"
    assert kept.size == (picture.width, picture.height) == (LONGEST_SIDE, 800)
    assert len(picture.content) <= MOST_BYTES


def test_a_small_photo_is_not_blown_up_and_a_busy_one_still_packs_small() -> None:
    assert picture_in(a_file(size=(200, 150))).width == 200
    assert len(picture_in(noise(700)).content) <= MOST_BYTES * 1.2


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_photos_in_any_sort_of_colour_can_be_read(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (120, 100)).save(out, "JPEG" if mode == "CMYK" else "PNG")
    assert opened(picture_in(out.getvalue()).content).mode == "RGB"


@pytest.mark.asvs("5.2.2", "5.3.1")
def test_what_hides_in_or_behind_a_photo_is_left_behind() -> None:
    hidden = b"<script>alert(1)</script>PK\x03\x04"
    content = picture_in(a_file(comment=hidden) + hidden).content
    assert b"script" not in content
    assert b"PK\x03\x04" not in content


HOSTILE = {
    "nothing": b"",
    "words": b"Dear all, here is our photo",
    "a page": b"<html><script>alert(1)</script></html>",
    "a drawing with script": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "a picture that is a script": b"GIF89a/*" + b"\0" * 40 + b"*/=1;alert(1)",
    "a sort we do not take": a_file("TIFF"),
    "half a photo": a_file(size=(900, 900))[:2000],
    "half a PNG": a_file("PNG", (900, 900))[:600],
    "half a WebP": noise(200)[:900],
    "a few bytes of a photo": a_file()[:30],
    "one that says it is vast": a_png_of(60_000, 60_000),
    "one that says it is large": a_png_of(9_000, 9_000),
    "one with less in it than it says": a_png_of(5_000, 5_000),
    "a walk over the picture without end": a_file() + b"\xff\xda" * (MOST_SCANS + 1),
    "a dot": a_file(size=(10, 10)),
    "a thread": a_file(size=(3000, 90)),
    "a very long file": a_file() + b"\0" * LARGEST_FILE,
}


@pytest.mark.asvs("1.3.4", "5.2.2")
@pytest.mark.parametrize("what", HOSTILE)
def test_a_file_that_is_no_good_photo_is_refused_in_plain_words(what: str) -> None:
    with pytest.raises(BadPhoto) as trouble:
        picture_in(HOSTILE[what])
    assert "photo" in str(trouble.value)


@pytest.mark.asvs("5.2.1", "5.2.2")
def test_a_file_is_read_by_a_program_of_its_own_with_limits(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(BadPhoto, match="not a photo"):
        prepare(b"words")
    plain = Path(picturing.__file__).read_text()
    for harm in (
        "pass",
        "bytearray(2 << 30)",
        f"__import__('pathlib').Path('{tmp_path}/harm').write_text('x')",
    ):
        taken_over = tmp_path / "taken_over.py"
        taken_over.write_text(plain.replace("    out = sys", f"    {harm}\n    out = sys"))
        monkeypatch.setattr(picturing, "__file__", str(taken_over))
        if harm == "pass":
            assert prepare(a_file()) == picture_in(a_file())
            continue
        with pytest.raises(BadPhoto, match="too much work"):
            prepare(a_file())


def a_photo(service: Service, by: Actor, alt: str = "Six people knitting") -> uuid.UUID:
    with saving():
        return add_photo(get_service(service.id), picture_in(a_file()), alt, by=by).id


def test_a_photo_is_kept_in_order_and_written_in_the_history(app: Flask) -> None:
    group = an_organisation()
    service, sheila = a_listing(organisation=group), an_organiser_of(group)
    first, second = a_photo(service, sheila), a_photo(service, sheila, "The  blue door ")
    service = get_service(service.id)
    assert [photo.id for photo in photos_of(service)] == [first, second]
    assert photos_of(service)[1].alt == "The blue door"
    assert history_of(service)[0].by_name == "Sheila Dunn"
    assert "photo" in history_of(service)[0].what


def test_three_photos_are_as_many_as_fit(app: Flask) -> None:
    group = an_organisation()
    service, sheila = a_listing(organisation=group), an_organiser_of(group)
    for _ in range(3):
        a_photo(service, sheila)
    with pytest.raises(Refused):
        a_photo(service, sheila)
    assert len(photos_of(get_service(service.id))) == 3


def test_a_removed_photo_is_gone_from_the_database(app: Flask) -> None:
    group = an_organisation()
    service, sheila = a_listing(organisation=group), an_organiser_of(group)
    photo_id = a_photo(service, sheila)
    with saving():
        remove_photo(*get_own_photo(photo_id, seen_by=sheila), by=sheila)
    assert db.session.scalars(select(Photo)).all() == []
    assert "photo" in history_of(get_service(service.id))[0].what


def test_photos_of_a_draft_are_seen_by_its_keepers_and_by_nobody_else(app: Flask) -> None:
    group = an_organisation()
    service, sheila = a_listing(organisation=group, life=Life.DRAFT), an_organiser_of(group)
    stranger = an_organiser_of(an_organisation("Another group"), "Sam Pike")
    photo_id = a_photo(service, sheila)
    assert get_photo(photo_id, seen_by=sheila).id == photo_id
    for nobody in (VISITOR, stranger):
        with pytest.raises(NotFound):
            get_photo(photo_id, seen_by=nobody)
    with pytest.raises(NotFound):
        a_photo(service, stranger)
    with pytest.raises(NotFound):
        get_own_photo(photo_id, seen_by=stranger)


@pytest.mark.asvs("3.2.1", "5.3.1")
@on_sqlite
def test_a_photo_is_served_as_what_it_is_and_may_be_kept_for_ever(
    app: Flask, client: Client
) -> None:
    group = an_organisation()
    service, sheila = a_listing(organisation=group), an_organiser_of(group)
    hidden = a_listing("Not yet", organisation=group, life=Life.DRAFT)
    answer = client.get(f"/photos/{a_photo(service, sheila)}")
    assert answer.status_code == 200
    assert answer.mimetype == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert opened(answer.data).size == (400, 300)
    assert client.get(f"/photos/{a_photo(hidden, sheila)}").status_code == 404
    assert client.get(f"/photos/{uuid.uuid4()}").status_code == 404


def send(client: Client, path: str, file: bytes, alt: str = "The hall") -> TestResponse:
    """Open a page, choose a file and send it."""
    hidden = hidden_fields(client.get(path).text)
    return post_file(client, path, file, {**hidden, "alt": alt})


def post_file(client: Client, path: str, file: bytes, fields: dict[str, str]) -> TestResponse:
    # Encoded here: the test client would leave its temporary file open.
    form = {**fields, "photo": FileStorage(io.BytesIO(file), "../../etc/holiday.jpg")}
    boundary, body = encode_multipart(form)
    return client.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}")


@on_sqlite
def test_a_keeper_adds_a_photo_and_takes_it_away(app: Flask, client: Client) -> None:
    group = an_organisation()
    service = a_listing(organisation=group)
    client.as_(a_user(group))
    path = PAGE.format(service.id)
    assert send(client, path, a_tagged_file()).status_code == 303
    [photo] = photos_of(get_service(service.id))
    page = client.get(path)
    assert f"/photos/{photo.id}" in page.text
    assert 'alt="The hall"' in page.text
    gone = client.fill_act(f"/my-listings/photos/{photo.id}/remove", on=path)
    assert gone.status_code == 303
    assert photos_of(get_service(service.id)) == []


@on_sqlite
@pytest.mark.parametrize("what", ["words", "half a photo", "one that says it is vast"])
def test_a_bad_file_is_told_at_its_box_and_the_words_stay(
    app: Flask, client: Client, what: str
) -> None:
    group = an_organisation()
    service = a_listing(organisation=group)
    client.as_(a_user(group))
    answer = send(client, PAGE.format(service.id), HOSTILE[what], "Our blue door")
    assert answer.status_code == 422
    assert 'id="photo-error"' in answer.text
    assert "Our blue door" in answer.text


@on_sqlite
def test_words_for_those_who_cannot_see_it_are_asked_for(app: Flask, client: Client) -> None:
    group = an_organisation()
    service = a_listing(organisation=group)
    client.as_(a_user(group))
    answer = send(client, PAGE.format(service.id), a_file(), "  ")
    assert answer.status_code == 422
    assert "Say what can be seen on the photo" in answer.text


@pytest.mark.asvs("5.2.1")
@on_sqlite
def test_only_pages_for_photos_take_large_files(app: Flask, client: Client) -> None:
    group = an_organisation()
    service = a_listing(organisation=group)
    client.as_(a_user(group))
    large = a_file() + b"\0" * 5_000_000
    assert send(client, PAGE.format(service.id), large).status_code == 303
    assert post_file(client, "/sign-in", large, {}).status_code == 413
