"""Feeds at an address: fetched page by page; those that lie, hang or lead elsewhere are stopped."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from core.actors import system
from core.db import db
from directory.feeds import fetching, following, importing, limits
from directory.feeds.fetching import Client, check_address, is_public
from directory.feeds.following import fetch
from directory.feeds.limits import Limits
from directory.feeds.proposals import Unreadable
from directory.models import Service

NEXT_DOOR = Limits(private_addresses=True, most_seconds=20)

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def served(answer: Answer) -> Iterator[str]:
    """A machine next door that answers so."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                answer(self)
            except OSError:
                return  # whoever asked has hung up

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def say(handler: BaseHTTPRequestHandler, body: Any) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def services(*ids: int) -> list[dict[str, Any]]:
    return [{"id": f"s{own}", "name": f"Choir {own}", "contacts": []} for own in ids]


def pages(*contents: list[dict[str, Any]], total: int | None = None, **more: Any) -> Answer:
    """A feed of these pages, which says that it has so many."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        number = int(handler.path.partition("page=")[2] or 1)
        held = contents[number - 1] if number <= len(contents) else []
        page = {"page_number": number, "contents": held, **more}
        say(handler, page if total == 0 else {**page, "total_pages": total or len(contents)})

    return answer


def fetched(url: str, path: Path, most: Limits = NEXT_DOOR) -> list[str]:
    for _ in fetch(url, path, most):
        pass
    text = path.read_text(encoding="utf-8")
    return [json.loads(line)["id"] for line in text.splitlines()]


def why(url: str, path: Path, most: Limits = NEXT_DOOR) -> str:
    with pytest.raises(Unreadable) as refused:
        fetched(url, path, most)
    return refused.value.reason


def test_every_page_of_a_feed_is_fetched(tmp_path: Path) -> None:
    with served(pages(services(1, 2), services(3, 4), services(5))) as url:
        found = fetched(f"{url}/services?text=choir", tmp_path / "feed")
    assert found == ["s1", "s2", "s3", "s4", "s5"]


def test_what_a_list_gives_in_brief_is_asked_for_whole(tmp_path: Path) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/v3":
            say(handler, {"version": "HSDS-UK-3.0", "profile": "x", "openapi_url": "y"})
        elif "/services/" in handler.path:
            say(handler, {"id": "s1", "name": "Choir", "phones": [{"number": "01632 960 102"}]})
        else:
            say(handler, {"total_pages": 1, "contents": [{"id": "s1", "name": "Choir"}]})

    with served(answer) as url:
        assert fetched(f"{url}/v3", tmp_path / "feed") == ["s1"]
    assert "01632 960 102" in (tmp_path / "feed").read_text()


def test_a_file_at_an_address_is_kept_as_it_is(tmp_path: Path) -> None:
    with served(lambda handler: say(handler, b"id,name\n1,Choir\n")) as url:
        for _ in fetch(f"{url}/clubs.csv", tmp_path / "feed", NEXT_DOOR):
            pass
    assert (tmp_path / "feed").read_bytes() == b"id,name\n1,Choir\n"


LIES: dict[str, tuple[Answer, str]] = {
    "more pages than there are": (pages(services(1), total=5), "page 2 is empty"),
    "the same page for ever": (pages(*[services(1)] * 9), "goes in circles"),
    "a page that says what others said": (
        pages(services(1), services(2), services(1, 2)),
        "goes in circles",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_feed_that_lies_about_its_pages_is_stopped(tmp_path: Path, lie: str) -> None:
    answer, reason = LIES[lie]
    with served(answer) as url:
        assert reason in why(f"{url}/services", tmp_path / "feed")


def test_a_feed_without_end_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        number = int(handler.path.partition("page=")[2] or 1)
        say(handler, {"contents": services(number), "last_page": False})

    monkeypatch.setattr(following, "MOST_PAGES", 20)
    with served(answer) as url:
        assert "more than 20 pages" in why(f"{url}/services", tmp_path / "feed")
        most = Limits(private_addresses=True, most_rows=10)
        assert "more than 10 services" in why(f"{url}/services", tmp_path / "feed", most)


def test_a_feed_that_repeats_ids_is_read_once_each(tmp_path: Path) -> None:
    with served(pages(services(1, 2), services(2, 3))) as url:
        assert fetched(f"{url}/services", tmp_path / "feed") == ["s1", "s2", "s2", "s3"]


@pytest.mark.asvs("15.2.2")
def test_what_is_larger_than_allowed_is_stopped(tmp_path: Path) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b" " * 65_536)

    with served(answer) as url:
        most = Limits(private_addresses=True, most_bytes=2 * limits.MEGABYTE)
        assert "larger than 2 MB" in why(url, tmp_path / "feed", most)


def drip(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(40):
        time.sleep(0.05)
        handler.wfile.write(b"X")


def hang(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(2)
    del handler


@pytest.mark.asvs("15.2.2", "16.5.2")
@pytest.mark.parametrize("answer", [drip, hang])
def test_what_hangs_or_drips_is_given_up(tmp_path: Path, answer: Answer) -> None:
    with served(answer) as url:
        started = time.monotonic()
        most = Limits(private_addresses=True, most_seconds=1)
        assert "too long" in why(url, tmp_path / "feed", most)
        assert time.monotonic() - started < 3


def test_what_stops_half_way_is_not_taken_for_the_whole(tmp_path: Path) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "5000")
        handler.end_headers()
        handler.wfile.write(b"[]")

    with served(answer) as url:
        assert "stopped before all" in why(url, tmp_path / "feed")


@pytest.mark.parametrize(
    ("status", "reason"), [(404, "answers 404"), (500, "answers 500"), (302, "where to")]
)
def test_what_answers_otherwise_is_told_of(tmp_path: Path, status: int, reason: str) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.end_headers()

    with served(answer) as url:
        assert reason in why(url, tmp_path / "feed")


@pytest.mark.asvs("15.3.2")
def test_what_sends_us_round_in_circles_is_given_up(tmp_path: Path) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", "/again")
        handler.end_headers()

    with served(answer) as url:
        assert "more than 5 times" in why(url, tmp_path / "feed")


@pytest.mark.asvs("1.3.6")
@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "not an address",
    ],
)
def test_an_address_only_we_can_reach_is_no_public_one(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_an_address_everybody_can_reach_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://feeds.example/x",
        "file:///etc/passwd",
        "//feeds.example/x",
        "https://",
        "https://user:secret@feeds.example/",
        "https://feeds.example:99999/",
        "https://feeds.example/a b",
        "https://feeds.example/\r\nHost: other",
        "https://feeds.example/" + "x" * 3_000,
    ],
)
def test_what_is_no_address_of_a_feed_is_not_asked(url: str) -> None:
    with pytest.raises(Unreadable):
        check_address(url)


@pytest.mark.asvs("1.3.6")
def test_a_name_that_means_a_private_address_is_not_connected_to() -> None:
    asked = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["1.1.1.1", "10.0.0.1"]

    with pytest.raises(Unreadable) as refused:
        Client(Limits(), resolve=resolve).read("https://feeds.example/services")
    assert "public internet" in refused.value.reason
    assert asked == [("feeds.example", 443)]


@pytest.mark.asvs("1.3.6", "15.3.2")
def test_being_sent_on_to_a_private_address_is_refused() -> None:
    """The first address passes as public here; the second is looked at as strictly as the first."""
    names = {"feeds.example": "127.0.0.1", "inside.example": "127.0.0.2"}

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", "http://inside.example/")
        handler.end_headers()

    with pytest.MonkeyPatch.context() as patched, served(answer) as url:
        patched.setattr(fetching, "is_public", lambda address: address == "127.0.0.1")
        client = Client(Limits(), resolve=lambda host, _port: [names[host]])
        with pytest.raises(Unreadable) as refused:
            client.read(url.replace("127.0.0.1", "feeds.example"))
    assert "public internet" in refused.value.reason


@pytest.mark.asvs("1.3.6")
def test_the_address_that_was_checked_is_the_one_connected_to() -> None:
    """A name that means something else the second time gains nothing: it is not asked again."""
    asked = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with served(lambda handler: say(handler, handler.headers["Host"].encode())) as url:
        there = url.replace("127.0.0.1", "feeds.example")
        said = Client(NEXT_DOOR, resolve=resolve).read(there)
    assert said.decode() == there.removeprefix("http://")
    assert asked == ["feeds.example"]


@pytest.mark.asvs("1.3.6")
def test_a_deployment_cannot_be_set_to_ask_private_addresses() -> None:
    with pytest.raises(Unreadable):
        Client(limits.present()).read("http://127.0.0.1:9/")
    assert not limits.present().private_addresses


def test_a_machine_that_is_not_there_is_told_of() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    with pytest.raises(Unreadable) as refused:
        Client(NEXT_DOOR).read(f"http://127.0.0.1:{port}/")
    assert "cannot be reached" in refused.value.reason


def test_a_live_feed_comes_in_and_one_that_lies_does_not(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "present", lambda: NEXT_DOOR)
    with served(pages(services(1, 2), services(3))) as url:
        told = importing.import_feed(f"{url}/services", by=system("import"), source="bow")
    assert told.created == 3
    with served(pages(services(4), total=3)) as url, pytest.raises(Unreadable):
        importing.import_feed(f"{url}/services", by=system("import"), source="bow")
    names = set(db.session.scalars(select(Service.name)))
    assert names == {"Choir 1", "Choir 2", "Choir 3"}
