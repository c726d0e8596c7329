"""What lies around Kith as we run it: the proxy, its headers, what stands in addresses and logs."""

import json
import logging
import re
from pathlib import Path

import pytest
from flask import Flask, request
from gunicorn.config import Config
from gunicorn.http.errors import ParseException
from gunicorn.http.parser import RequestParser

from app import create_app
from core import logs
from core.settings import Settings
from tests.house.test_stairs import ROOT, files

NGINX = (ROOT / "deploy" / "nginx" / "kith.conf").read_text(encoding="utf-8")


def said(name: str) -> list[str]:
    """What nginx is told under this name, wherever it is told."""
    return re.findall(rf"^\s*{name}\s+([^;]+);", NGINX, re.MULTILINE)


@pytest.mark.asvs("12.1.1", "12.1.2")
def test_the_proxy_speaks_new_tls_with_sound_ciphers_only() -> None:
    assert said("ssl_protocols") == ["TLSv1.2 TLSv1.3"]
    [ciphers] = said("ssl_ciphers")
    assert all(re.match(r"ECDHE-.*(GCM|POLY1305)", each) for each in ciphers.split(":"))
    assert said("ssl_session_tickets") == ["off"]


@pytest.mark.asvs("4.1.2", "12.2.1", "12.2.2")
def test_without_tls_people_are_led_to_it_and_programs_refused() -> None:
    plain = NGINX.partition("listen 443")[0].partition("listen 80")[2]
    assert "proxy_pass" not in plain
    assert "location ~ ^/(api|inbound)/ { return 403; }" in plain
    assert "location / { return 301 https://$host$request_uri; }" in plain
    assert said("ssl_certificate") == ["/etc/letsencrypt/live/kith.example/fullchain.pem"]
    assert any("Strict-Transport-Security" in each for each in said("add_header"))


@pytest.mark.asvs("4.1.3", "15.3.4")
@pytest.mark.parametrize(
    ("proxies", "came_from"), [(0, "127.0.0.1"), (1, "203.0.113.7")], ids=["alone", "behind one"]
)
def test_nobody_says_themselves_where_they_come_from(
    tmp_path: Path, proxies: int, came_from: str
) -> None:
    """Without a proxy its header is nobody's word; behind one only what the proxy put last."""
    assert "X-Forwarded-For $remote_addr" in said("proxy_set_header"), "set, never added to"
    app = create_app(Settings.from_env({"DATA_DIR": str(tmp_path), "PROXIES": str(proxies)}))
    told: list[str] = []

    @app.before_request
    def _look() -> None:
        told.append(str(request.remote_addr))

    app.test_client().get(
        "/manifest.webmanifest",
        headers={"X-Forwarded-For": "198.51.100.66, 203.0.113.7", "X-Real-IP": "198.51.100.66"},
    )
    assert told == [came_from]


@pytest.mark.asvs("4.2.1")
@pytest.mark.parametrize(
    "lines",
    [
        "Content-Length: 4\r\nTransfer-Encoding: chunked",
        "Content-Length: 4\r\nContent-Length: 5",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding : chunked",
        "Content-Length: +4",
    ],
)
def test_a_request_whose_end_is_in_doubt_is_not_read(lines: str) -> None:
    raw = (
        f"POST / HTTP/1.1\r\nHost: kith.example\r\n{lines}\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n"
    )
    parser = RequestParser(Config(), iter([raw.encode()]), ("127.0.0.1", 1))
    with pytest.raises((ParseException, NotImplementedError)):
        next(parser)


@pytest.mark.asvs("14.2.1")
def test_what_is_private_stands_in_no_address(in_production: Flask) -> None:
    """Ids, codes and, in letters alone, keys to one page. What is typed about people is posted."""
    private = re.compile(
        r"nhs|birth|born|phone|postcode|email|password|api.?key|session.?(key|token)|secret"
    )
    named = {name for rule in in_production.url_map.iter_rules() for name in rule.arguments}
    assert not [name for name in named if private.search(name)]
    asking = re.compile(r"<form\b[^>]*method=\"get\"[^>]*>.*?</form>", re.DOTALL)
    for template in files(".html"):
        if template.relative_to(ROOT).parts[1] in {"referrals", "accounts"}:
            for form in asking.findall(template.read_text(encoding="utf-8")):
                assert "k-choose" in form, f"{template.name}: it looks for activities"
    for query in ("token", "key", "access_token"):
        answer = in_production.test_client().get(f"/api/fhir/r4/Task?{query}=anything")
        assert answer.status_code == 401, "a key counts only as a header"


@pytest.mark.asvs("16.4.1")
def test_nothing_that_is_logged_can_begin_a_line_of_its_own() -> None:
    hostile = 'x\n{"level": "error", "said": "forged"}\r\n\x1b[2J'
    for handler in (logs.AsJson(), logs.Plain()):
        record = logging.LogRecord("core.web", logging.INFO, "x", 1, "said %s", (hostile,), None)
        line = handler.format(record)
        assert len(line.splitlines()) == 1, handler
        assert "\x1b" not in line
    assert json.loads(logs.AsJson().format(record))["level"] == "info"
