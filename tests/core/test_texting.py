"""Text messages: by GOV.UK Notify, here one of our own; down for a day, nothing is lost."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock, outbox
from core.db import db
from core.outbox import Channel, Draft, Letter, State
from core.saving import saving
from core.settings import BadSettings, Settings
from tests.engines import on_sqlite

KEY = "ours-11111111-2222-4333-8444-555555555555-66666666-7777-4888-8999-000000000000"
TAKEN = {"id": "1", "content": {}, "template": {}, "uri": "", "reference": ""}


@dataclass
class Provider:
    """Takes messages as Notify does, when it is not down."""

    address: str = ""
    down: bool = False
    taken: list[dict[str, object]] = field(default_factory=list)


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not made.down:
                made.taken.append(said)
            self.send_response(503 if made.down else 201)
            self.end_headers()
            self.wfile.write(json.dumps({"errors": []} if made.down else TAKEN).encode())

        def log_message(self, *_said: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answers)
    made.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def send(app: Flask, provider: Provider) -> outbox.Transport:
    settings: Settings = app.extensions["kith.settings"]
    notify = {"notify_key": KEY, "notify_template": "1", "notify_url": provider.address}
    return outbox.transport_of(replace(settings, mail="smtp", **notify))


def write() -> None:
    with saving():
        outbox.put(
            Draft(
                kind="test",
                about="thing:1",
                same_as="one",
                to_address="07700 900123",
                body="There is news.",
                channel=Channel.SMS,
            )
        )


def the_letter() -> Letter:
    db.session.rollback()
    return db.session.scalars(select(Letter)).one()


def test_a_text_message_goes_to_the_provider_with_its_words_alone(
    provider: Provider, send: outbox.Transport
) -> None:
    write()
    assert outbox.send_next(send)
    assert provider.taken == [
        {
            "phone_number": "07700 900123",
            "template_id": "1",
            "personalisation": {"words": "There is news."},
            "reference": str(the_letter().id),
        }
    ]
    assert the_letter().state is State.SENT


@pytest.mark.asvs("16.5.2")
def test_after_a_day_without_the_provider_the_message_goes_once(
    provider: Provider, send: outbox.Transport
) -> None:
    provider.down = True
    began = clock.now()
    with clock.set_to(began):
        write()
    for hour in range(25):
        with clock.set_to(began + timedelta(hours=hour)):
            outbox.send_next(send)
    assert (the_letter().state, the_letter().trouble) == (State.WAITING, "CannotText")
    provider.down = False
    with clock.set_to(began + timedelta(hours=26)):
        assert outbox.send_next(send)
        assert not outbox.send_next(send)
    assert len(provider.taken) == 1


@on_sqlite
def test_without_a_key_a_message_waits_and_says_why(app: Flask) -> None:
    write()
    settings: Settings = app.extensions["kith.settings"]
    assert outbox.send_next(outbox.transport_of(replace(settings, mail="smtp")))
    assert (the_letter().state, the_letter().trouble) == (State.WAITING, "CannotText")


def test_half_of_the_provider_s_settings_is_refused() -> None:
    with pytest.raises(BadSettings, match="both or neither"):
        Settings.from_env({"KITH_ENV": "test", "NOTIFY_KEY": KEY})
