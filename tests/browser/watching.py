"""Watches every page a test opens: nothing may go wrong on it unseen, and everybody can use it."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, WebError

AXE = Axe().axe_script
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

DESKTOP, PHONE, NARROWEST = 1280, 390, 320
HEIGHT = 900

WIDER_THAN_THE_WINDOW = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const wide = [...document.body.querySelectorAll("*")].filter(
    (it) => it.getBoundingClientRect().right > room + 0.5);
  return wide.slice(-5).map((it) => it.outerHTML.slice(0, 160));
}"""


_read: set[tuple[int, int]] = set()

SHAPE = """() => {
  const shape = (it) => {
    const inside = [...it.children].map(shape).filter((one, at, all) => one !== all[at - 1]);
    const says = [...it.attributes].map((one) => /^(class|role|type|aria-)/.test(one.name)
      ? `${one.name}=${one.value}` : one.name);
    return `${it.tagName} ${says.join(" ")}(${inside.join()})`;
  };
  return shape(document.documentElement);
}"""
"""How a page is built: elements and what they are, without words; of rows alike only the first."""


@dataclass
class Watch:
    """What went wrong on the pages of one test."""

    ours: str
    troubles: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch the pages of this context."""
        context.on("request", self._asked)
        context.on("response", self._answered)
        context.on("console", self._said)
        context.on("weberror", self._broke)

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname != "127.0.0.1":
            self.troubles.append(f"asked another machine: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.troubles.append(f"{response.status} at {response.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.troubles.append(message.text)

    def _broke(self, error: WebError) -> None:
        self.troubles.append(f"error in a script: {error.error}")


def read_by_axe(page: Page, *, but: str = "") -> None:
    """No rule of WCAG 2.2 AA that a machine can check is broken, nor any good practice."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    only = {"type": "tag", "values": RULES}
    options: dict[str, Any] = {"runOnly": only, "resultTypes": ["violations"]}
    if but:
        options["rules"] = {but: {"enabled": False}}
    run = "async (options) => (await axe.run(document, options)).violations"
    broken = [
        f"{rule['id']} at {node['target']}: {node['html'][:200]}\n   {node['failureSummary']}"
        for rule in page.evaluate(run, options)
        for node in rule["nodes"][:3]
    ]
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert not broken, f"{page.url} at {width}:\n" + "\n".join(broken)


def read_by_axe_once(page: Page) -> None:
    """The same, unless axe has read a page built like this in this run, at this width."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    built = (width, hash(page.evaluate(SHAPE)))
    if built not in _read:
        read_by_axe(page)
        _read.add(built)


def fits(page: Page) -> None:
    """Nobody has to scroll sideways."""
    wide = page.evaluate(WIDER_THAN_THE_WINDOW)
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert not wide, f"{page.url} is wider than {width}: {wide}"


def widen(page: Page, width: int) -> None:
    """Look at the page through a window of this width."""
    page.set_viewport_size({"width": width, "height": HEIGHT})


def ready(page: Page) -> None:
    """Wait until our script has done its part."""
    page.wait_for_selector("html[data-ready]", state="attached")
