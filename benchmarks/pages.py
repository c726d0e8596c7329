"""What a page costs an old phone: bytes over the wire, requests, and Lighthouse's four marks.

    make run                                  # in another window
    python -m benchmarks.pages [ADDRESS]

Bytes are counted by the browser's own network log, with an empty cache, as Chromium asks for them.
Lighthouse (`npx lighthouse@12`, on a phone profile with a slow network) is run where npx is; set
LIGHTHOUSE to another command, or to nothing to leave it out. The alternative measured beside ours
is the same page uncompressed.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

BROWSER = shutil.which("chromium") or shutil.which("google-chrome") or ""
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
PAGES = {
    "home": ("/", 45),
    "search": ("/activities?near=E3+3BQ", 45),
    "when": ("/activities?near=E3+3BQ&view=when", 45),
    "map": ("/activities?near=E3+3BQ&view=map", 120),
}
WANTED = 98


def main(address: str) -> int:
    """Print a line a page; returns how many goals were missed."""
    missed = 0
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=BROWSER or None, args=FLAGS)
        for name, path, most in [*_fixed(), _detail(browser, address)]:
            small, requests = _bytes(browser, address + path, "gzip, deflate, br")
            plain, _ = _bytes(browser, address + path, "identity")
            ok = small <= most * 1000
            missed += not ok
            row = {
                "page": name,
                "kB": round(small / 1000, 1),
                "most_kB": most,
                "requests": requests,
                "uncompressed_kB": round(plain / 1000, 1),
                "ratio": round(plain / small, 1),
                "goal": "ok" if ok else "short",
            }
            marks = _lighthouse(address + path)
            if marks:
                short = min(marks.values()) < WANTED
                missed += short
                row |= {"lighthouse": marks, "lighthouse_goal": "short" if short else "ok"}
            print(json.dumps(row))
        browser.close()
    return missed


def _fixed() -> list[tuple[str, str, int]]:
    return [(name, path, most) for name, (path, most) in PAGES.items()]


def _detail(browser: Browser, address: str) -> tuple[str, str, int]:
    page = browser.new_page()
    page.goto(address + PAGES["search"][0])
    href = page.locator(".k-card__title a").first.get_attribute("href") or "/"
    page.close()
    return "detail", href, 45


def _bytes(browser: Browser, url: str, encoding: str) -> tuple[int, int]:
    """What came over the wire in all, and in how many answers."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        service_workers="block",
        extra_http_headers={"Accept-Encoding": encoding},
    )
    page = context.new_page()
    log = context.new_cdp_session(page)
    log.send("Network.enable")
    sizes: list[float] = []
    log.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(url, wait_until="networkidle")
    context.close()
    return int(sum(sizes)), len(sizes)


def _lighthouse(url: str) -> dict[str, int]:
    command = os.environ.get("LIGHTHOUSE", "npx --yes lighthouse@12" if shutil.which("npx") else "")
    if not command:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        subprocess.run(
            [
                *shlex.split(command),
                url,
                "--quiet",
                "--output=json",
                f"--output-path={out}",
                f"--chrome-flags={' '.join(FLAGS)}",
            ],
            check=True,
            capture_output=True,
            env={**os.environ, "CHROME_PATH": BROWSER},
        )
        found: dict[str, Any] = json.loads(out.read_text())
    return {name: round(each["score"] * 100) for name, each in found["categories"].items()}


if __name__ == "__main__":
    raise SystemExit(main((sys.argv[1:] or ["http://127.0.0.1:8000"])[0].rstrip("/")))
