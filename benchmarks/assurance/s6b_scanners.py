"""Benchmarks: S6, two scanners that others use, on the whole site, signed in as each role.

    python -m benchmarks.assurance.s6b_scanners [--full]

wapiti crawls from the home page and the desk, and attacks each form and address it finds; sqlmap
does the same for words of SQL alone. Both are programs of their own (Debian: `wapiti`, `sqlmap`)
and no part of Kith: without them nothing is measured, and a line says so. Their modules that would
speak to servers of their makers are left out. Counted are findings of medium weight and more, and
answers of 500 and more. Two holes on purpose, one for each scanner, are the control. Each scanner
has some seconds a role; a site is never scanned to its end.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

from flask import Flask, request
from sqlalchemy import text

import app as kith
from accounts.signing_in import start
from accounts.web import COOKIE
from benchmarks.assurance.goals import at_least, control, exactly, is_full
from benchmarks.assurance.surgery import BY, HERE, Surgery
from core.access import open_to_all
from core.db import db
from core.saving import saving
from tests.house.world import build

SLOW = LONG_ONLY = True

SECONDS = 300 if is_full() else 25
MODULES = "backup,crlf,csrf,exec,file,permanentxss,redirect,sql,xss"
CRAWL = ("--crawl=2", "--forms", "--crawl-exclude", "sign-out")
MEDIUM = 2
XSS, SQL = "/hole-of-words", "/hole-of-sql"
FOUND = ("identified the following injection point", "resumed the following injection point")


def main() -> None:
    """Print the figures of the scanners."""
    missing = [name for name in ("wapiti", "sqlmap") if shutil.which(name) is None]
    if missing:
        print(f"# skipped: {' and '.join(missing)} not found on this machine", flush=True)
        return
    folder = Path(tempfile.mkdtemp(prefix="kith-scanners-"))
    log = folder / "answers.txt"
    os.environ["GUNICORN_CMD_ARGS"] = (
        f"--access-logfile {log} --access-logformat '%(s)s %(m)s %(U)s'"
    )
    try:
        with Surgery("sqlite", clinicians=0) as surgery:
            cookies = _everybody(surgery)
            surgery.serve(factory="benchmarks.assurance.s6b_scanners:with_holes")
            _scan_all(f"http://127.0.0.1:{surgery.port}", cookies, folder, log)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def with_holes() -> Flask:
    """The application with two pages more that should never be: the controls."""
    app = kith.create_app()
    for path, view in ((XSS, _words), (SQL, _sql)):
        app.add_url_rule(path, path, open_to_all("a control of the scanners")(view))
    return app


def _words() -> str:
    return f"<!doctype html><title>Hole</title><p>{request.args.get('q', '')}</p>"


def _sql() -> str:
    asked = "SELECT name FROM organisation WHERE 1 = " + request.args.get("id", "1")
    return f"<!doctype html><title>Hole</title><p>{len(db.session.execute(text(asked)).all())}</p>"


def _everybody(surgery: Surgery) -> dict[str, str]:
    """A session of somebody of each role, and of nobody."""
    with surgery.app.app_context():
        users = build()["own"].users
        cookies = {"nobody": ""}
        for role, user in users.items():
            with saving():
                cookies[str(role)] = f"{COOKIE}={start(user, by=BY, device='scanner')}"
        db.session.remove()
        db.engine.dispose()
    return cookies


def _scan_all(site: str, cookies: dict[str, str], folder: Path, log: Path) -> None:
    found, injected = Counter[str](), 0
    for role, cookie in cookies.items():
        found += _wapiti(site, cookie, folder, "/", "/desk")
        injected += _sqlmap(f"{site}/", cookie, folder, *CRAWL)
        print(f"# {role}: {dict(found)}, {injected} places for SQL", flush=True)
    statuses = Counter(line.partition(" ")[0] for line in log.read_text().splitlines())
    broken = sum(count for status, count in statuses.items() if status >= "500")
    print(f"# answers: {dict(statuses)}", flush=True)
    at_least(
        "S6d",
        f"requests of scanners, as {len(cookies)} kinds of visitor",
        sum(statuses.values()),
        1_000,
    )
    exactly("S6e", "findings of wapiti, medium and above", sum(found.values()))
    exactly("S6f", "places where sqlmap gets words of SQL in", injected)
    exactly("S6g", "answers of 500 and more to scanners", broken)
    hole = _wapiti(site, "", folder, f"{XSS}?q=a")
    control("S6h", "wapiti finds a hole made on purpose", sum(hole.values()))
    control("S6i", "so does sqlmap", _sqlmap(f"{site}{SQL}?id=1", "", folder))


def _wapiti(site: str, cookie: str, folder: Path, *paths: str) -> Counter[str]:
    report = folder / "wapiti.json"
    report.unlink(missing_ok=True)
    begins = [word for path in paths for word in ("--start", site + path)]
    _run(
        *("wapiti", "--url", site + paths[0], *begins, "--module", MODULES),
        *("--flush-session", "--store-session", str(folder), "--store-config", str(folder)),
        *("--format", "json", "--output", str(report), "--no-bugreport", "--verbose", "0"),
        *("--max-scan-time", str(SECONDS), "--max-attack-time", str(SECONDS / 5)),
        *("--timeout", "10"),
        *(("--header", f"Cookie: {cookie}") if cookie else ()),
    )
    if not report.exists():
        return Counter()
    told = json.loads(report.read_text(encoding="utf-8"))["vulnerabilities"]
    heavy = Counter[str]()
    for kind, found in told.items():
        for each in found:
            if each["level"] >= MEDIUM:
                print(f"# {kind}: {each['method']} {each['path']} {each['info']}", flush=True)
                heavy[kind] += 1
    return heavy


def _sqlmap(address: str, cookie: str, folder: Path, *more: str) -> int:
    said = _run(
        *("sqlmap", "--url", address, "--batch", "--flush-session", "--technique", "BEU"),
        *("--output-dir", str(folder / "sqlmap"), "--disable-coloring", "--level", "1"),
        *("--threads", "2", *more),
        *(("--cookie", cookie) if cookie else ()),
    )
    return sum(said.count(each) for each in FOUND)


def _run(*command: str) -> str:
    """What a scanner says until it is done or its time is up."""
    with tempfile.TemporaryFile("w+") as out:
        scanner = subprocess.Popen(
            command, cwd=HERE, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
        )
        try:
            scanner.wait(2 * SECONDS + 30)
        except subprocess.TimeoutExpired:
            scanner.kill()
            scanner.wait()
        out.seek(0)
        return out.read()


if __name__ == "__main__":
    main()
