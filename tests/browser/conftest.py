"""What the browser tests stand on: the demo served on this machine, and a browser that is watched.

The browser is $CHROMIUM, or `chromium` or `google-chrome` on the path, or Playwright's own. Without
any the tests are skipped; with REQUIRE_BROWSER=1 that is a failure.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, BrowserType, Page

from accounts.web import COOKIE
from tests.browser.live import Live
from tests.browser.watching import DESKTOP, HEIGHT, Watch

HERE = Path(__file__).parent
ON_THE_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
LONGEST_WAIT_MS = 10_000

Browse = Callable[..., BrowserContext]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever stands in this folder needs a browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], browser_type: BrowserType
) -> dict[str, Any]:
    """Which browser, and that it talks to nobody but us."""
    return {
        **browser_type_launch_args,
        "executable_path": _browser(browser_type),
        "args": list(FLAGS),
    }


@pytest.fixture(scope="session")
def demo_site(
    tmp_path_factory: pytest.TempPathFactory,
    browser_type_launch_args: dict[str, Any],
) -> Iterator[Live]:
    """The site, filled once a run."""
    own = tmp_path_factory.getbasetemp()
    is_one_of_several = "PYTEST_XDIST_WORKER" in os.environ
    site = Live(tmp_path_factory.mktemp("live"), own.parent if is_one_of_several else own)
    yield site
    site.stop()


@pytest.fixture
def live(demo_site: Live) -> Live:
    """The site as it was when the demo had just been filled."""
    demo_site.put_back()
    return demo_site


@pytest.fixture
def watch(live: Live) -> Iterator[Watch]:
    """Fails the test for what went wrong on any page, whether the test looked there or not."""
    watch = Watch(live.address)
    yield watch
    assert not watch.troubles, "\n".join(watch.troubles)


@pytest.fixture
def browse(watch: Watch, live: Live, new_context: Browse) -> Browse:
    """Opens a browser of somebody's own: browse(as_="gp"), browse(script=False)."""

    def open_one(as_: str = "", *, script: bool = True, width: int = DESKTOP) -> BrowserContext:
        context = new_context(
            base_url=live.address,
            java_script_enabled=script,
            viewport={"width": width, "height": HEIGHT},
            reduced_motion="reduce",
            service_workers="block",
            locale="en-GB",
            timezone_id="Europe/London",
        )
        context.set_default_timeout(LONGEST_WAIT_MS)
        watch.over(context)
        if as_:
            cookie = {"name": COOKIE, "value": live.session_of(as_), "url": live.address}
            context.add_cookies([cookie])  # type: ignore[list-item]
        return context

    return open_one


@pytest.fixture
def page(browse: Browse) -> Page:
    """A visitor's page, at the width of a desk."""
    return browse().new_page()


def _browser(playwrights: BrowserType) -> str:
    given = os.environ.get("CHROMIUM", "")
    found = [given] if given else [path for name in ON_THE_PATH if (path := shutil.which(name))]
    found += [] if given else [playwrights.executable_path]
    for path in found:
        if Path(path).exists():
            return path
    wanted = f"no browser: {given or 'none of ' + ', '.join(ON_THE_PATH)} is here"
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(wanted)
    pytest.skip(wanted)
