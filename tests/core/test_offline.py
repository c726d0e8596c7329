"""Public pages travel compressed and may be kept on a phone; pages about people do neither."""

import gzip
import json
from collections.abc import Callable

import brotli
import pytest

from tests.builders import a_listing, a_user, an_organisation
from tests.client import Client
from tests.engines import on_sqlite

pytestmark = on_sqlite

UNDO: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "br": brotli.decompress}


@pytest.mark.parametrize("encoding", UNDO)
def test_a_public_page_travels_compressed(client: Client, encoding: str) -> None:
    path = f"/activities/{a_listing().slug}"
    client.is_strict = False
    plain, small = client.get(path), client.get(path, headers={"Accept-Encoding": encoding})

    assert small.headers["Content-Encoding"] == encoding
    assert "Accept-Encoding" in small.headers["Vary"]
    assert len(small.data) < len(plain.data) / 2
    assert b"<h1" in UNDO[encoding](small.data)


@pytest.mark.asvs("14.3.2")
def test_a_page_behind_a_sign_in_is_never_compressed(client: Client) -> None:
    client.as_(a_user(an_organisation())).is_strict = False
    page = client.get("/my-listings", headers={"Accept-Encoding": "gzip, br"})

    assert page.headers["Cache-Control"] == "no-store"
    assert "Content-Encoding" not in page.headers


@pytest.mark.asvs("14.3.3")
def test_the_worker_keeps_nothing_that_may_not_be_stored(client: Client) -> None:
    script = client.get("/sw.js")

    assert script.mimetype == "text/javascript"
    assert "no-store" in script.text
    assert '["/offline"]' in script.text


def test_a_phone_can_put_the_site_among_its_programs(client: Client) -> None:
    manifest = json.loads(client.get("/manifest.webmanifest").data)

    assert manifest["start_url"] == "/"
    icon = client.get(manifest["icons"][0]["src"])
    assert icon.status_code == 200
    icon.close()


def test_without_a_signal_there_is_still_a_page(client: Client) -> None:
    assert "No signal" in client.get("/offline").text


def test_what_a_map_is_drawn_from_travels_compressed(client: Client) -> None:
    for number in range(12):
        a_listing(f"Walk {number}")
    points = client.get("/activities.geojson?near=E3+3BQ", headers={"Accept-Encoding": "br"})

    assert points.headers["Content-Encoding"] == "br"
