"""What every answer carries in production, and what production does not have at all."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts import User
from accounts.web import COOKIE
from core.db import db
from tests.client import Client

ANSWERS = (
    "/",
    "/activities",
    "/sign-in",
    "/desk",
    "/healthz",
    "/sw.js",
    "/manifest.webmanifest",
    "/api/oruk/services",
    "/no-such-page",
    "/caseload/no-such-record",
    "/static/js/kith.js",
    "/.well-known/security.txt",
)
"""A page, one that asks to sign in, a redirect, JSON, open data, two errors, files."""

TEXT = ("text/", "application/json", "application/xml", "application/manifest+json")


@pytest.mark.asvs("3.4.1", "3.4.4", "3.4.5")
@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_insists_on_https_and_tells_other_sites_nothing(
    visitor: Client, path: str
) -> None:
    headers = visitor.get(path).headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] in {"same-origin", "no-referrer"}


@pytest.mark.asvs("3.2.1", "3.4.3", "3.4.6", "3.7.1")
@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_says_what_a_browser_may_load_and_who_may_frame_it(
    visitor: Client, path: str
) -> None:
    policy = policy_of(visitor, path)
    assert policy["default-src"] == policy["object-src"] == policy["base-uri"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["form-action"] == ["'self'"]
    assert "'unsafe-inline'" not in str(policy)
    assert "'unsafe-eval'" not in str(policy)
    nonce = policy["script-src"][0]
    assert nonce.startswith("'nonce-")
    assert policy_of(visitor, path)["script-src"][0] != nonce, "a nonce used twice is none"


def policy_of(visitor: Client, path: str) -> dict[str, list[str]]:
    said = visitor.get(path).headers["Content-Security-Policy"]
    parts = (part.split() for part in said.split(";"))
    return {name: sources for name, *sources in parts}


@pytest.mark.asvs("4.1.1")
@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_says_what_it_is_and_how_its_letters_are_written(
    visitor: Client, path: str
) -> None:
    answer = visitor.get(path)
    said = answer.headers["Content-Type"]
    if said.startswith(TEXT) and "json" not in said:
        assert answer.mimetype_params["charset"].lower() == "utf-8"
    if answer.data.lstrip().startswith(b"<!"):
        assert answer.mimetype == "text/html"
    if answer.data.lstrip().startswith((b"{", b"[")) and "script" not in said:
        assert "json" in answer.mimetype
    answer.data.decode("utf-8")


@pytest.mark.asvs("3.4.2")
@pytest.mark.parametrize("path", ["/", "/sign-in", "/desk", "/caseload", "/audit", "/sw.js"])
def test_no_page_for_people_may_be_read_by_another_site(visitor: Client, path: str) -> None:
    answer = visitor.get(path, headers={"Origin": "https://elsewhere.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.asvs("3.3.1", "3.3.2", "3.3.3", "3.3.4")
def test_cookies_are_for_this_host_alone_and_out_of_reach_of_scripts(visitor: Client) -> None:
    given = [
        *visitor.get("/sign-in").headers.getlist("Set-Cookie"),
        *visitor.fill_act("/language/cy", on="/").headers.getlist("Set-Cookie"),
        *visitor.fill_act("/sign-out", on="/").headers.getlist("Set-Cookie"),
    ]
    assert len({cookie.partition("=")[0] for cookie in given}) >= 3
    for cookie in given:
        name, *attributes = [part.strip() for part in cookie.split(";")]
        assert name.startswith("__Host-"), cookie
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes), cookie
        assert not any(each.startswith("Domain") for each in attributes), cookie


@pytest.mark.asvs("3.3.4")
def test_the_key_of_a_session_stands_in_no_page(visitor: Client) -> None:
    visitor.set_cookie(f"__Host-{COOKIE}", "a-key-of-a-session", domain="kith.example")
    for path in ("/", "/sign-in", "/desk", "/no-such-page"):
        assert "a-key-of-a-session" not in visitor.get(path).text


@pytest.mark.asvs("14.3.1")
def test_signing_out_has_the_browser_forget_what_it_kept(visitor: Client) -> None:
    answer = visitor.fill_act("/sign-out", on="/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'


@pytest.mark.asvs("13.4.2")
def test_production_runs_without_debugging(in_production: Flask) -> None:
    assert not in_production.debug
    assert not in_production.testing
    assert not in_production.config["PROPAGATE_EXCEPTIONS"]


@pytest.mark.asvs("13.4.4")
@pytest.mark.parametrize("path", ["/", "/static/js/kith.js", "/api/oruk/services", "/none"])
def test_nothing_answers_to_trace(visitor: Client, path: str) -> None:
    visitor.is_strict = False
    answer = visitor.open(path, method="TRACE", headers={"X-Told": "canary"})
    assert answer.status_code in {404, 405}
    assert "canary" not in answer.text


@pytest.mark.asvs("5.3.2", "13.4.1", "13.4.3")
@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static/js/",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2f.git/config",
        "/.git/config",
        "/.git/HEAD",
        "/.env",
        "/instance/kith.db",
        "/kith.db",
        "/keys/root_key.json",
    ],
)
def test_folders_and_files_that_are_not_for_the_web_are_not_there(
    visitor: Client, path: str
) -> None:
    visitor.is_strict = False
    assert visitor.get(path).status_code == 404


@pytest.mark.asvs("13.4.5", "15.2.3")
def test_what_the_demo_shows_is_not_there_in_production(
    in_production: Flask, visitor: Client
) -> None:
    assert visitor.get("/dev/letters").status_code == 404
    assert not [rule.rule for rule in in_production.url_map.iter_rules() if "/dev/" in rule.rule]
    assert visitor.get("/metrics").status_code == 404, "figures are for a port of their own"


@pytest.mark.asvs("16.5.1", "16.5.3")
def test_what_goes_wrong_unforeseen_is_told_without_its_insides(
    in_production: Flask, visitor: Client
) -> None:
    view = in_production.view_functions["health.healthz"]

    def broken() -> str:
        raise RuntimeError("SELECT secret FROM canary")

    setattr(broken, "_kith_door", getattr(view, "_kith_door"))  # noqa: B009, B010
    in_production.view_functions["health.healthz"] = broken
    try:
        answer = visitor.get("/healthz")
    finally:
        in_production.view_functions["health.healthz"] = view
    assert answer.status_code == 500
    assert "canary" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.asvs("6.3.2")
def test_a_new_database_knows_nobody(in_production: Flask) -> None:
    assert db.session.scalar(select(func.count()).select_from(User)) == 0
