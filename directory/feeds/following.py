"""Directory: fetches a feed, page after page where it has pages, into one file to be read.

A feed that lies about its pages is not half believed: it is stopped, and we say what it did.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from directory.feeds.fetching import Client
from directory.feeds.limits import MEGABYTE, Limits
from directory.feeds.proposals import Unreadable

MOST_PAGES = 10_000
LARGEST_PAGE = 20 * MEGABYTE

_WRAPPERS = ("contents", "content", "items", "results", "services", "data")
_TOTALS = ("total_pages", "totalPages")
_LASTS = ("last_page", "last")
_PAGING = {*_TOTALS, *_LASTS, "page_number", "number", "first_page", "first"}
_CHILDREN = {
    "service_at_locations",
    "locations",
    "schedules",
    "regular_schedules",
    "contacts",
    "phones",
    "cost_options",
    "eligibilitys",
    "attributes",
    "service_taxonomys",
}


def fetch(url: str, path: Path, limits: Limits, client: Client | None = None) -> Iterator[int]:
    """Put what lies at an address into a file; tells how many services there are so far."""
    client = client or Client(limits)
    yield 0
    with path.open("wb") as file:
        for block in client.get(url):
            file.write(block)
            yield 0
    page = _page(path)
    if page is not None and "openapi_url" in page and _services(page) is None:
        url = url.rstrip("/") + "/services"
        page = json_page(client.read(url))
    if page is not None and page.keys() & _PAGING and _services(page) is not None:
        yield from _follow(url, page, path, limits, client)


def json_page(body: bytes) -> dict[str, Any]:
    """A page of a feed, or Unreadable."""
    try:
        page = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("one of its pages is not JSON") from None
    if not isinstance(page, dict):
        raise Unreadable("one of its pages is not a page of services")
    return page


def _page(path: Path) -> dict[str, Any] | None:
    """What was fetched, if it is one page of a feed."""
    if path.stat().st_size > LARGEST_PAGE:
        return None
    try:
        page = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return None  # whoever reads the file will say what is wrong with it
    return page if isinstance(page, dict) else None


def _services(page: Mapping[str, Any]) -> list[Any] | None:
    return next((found for key in _WRAPPERS if isinstance(found := page.get(key), list)), None)


def _follow(
    url: str, page: dict[str, Any], path: Path, limits: Limits, client: Client
) -> Iterator[int]:
    """Write every service of every page on a line of its own."""
    seen: set[str] = set()
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for number in range(1, MOST_PAGES + 1):
            if number > 1:
                page = json_page(client.read(_numbered(url, number)))
            found = _services(page) or []
            _check(page, number, found, seen)
            for each in found:
                whole = _whole(url, each, client)
                file.write(json.dumps(whole) + "\n")
                count += 1
            if count > limits.most_rows:
                raise Unreadable(f"there are more than {limits.most_rows:,} services in it")
            yield count
            if _is_last(page, number, found):
                return
    raise Unreadable(f"it has more than {MOST_PAGES:,} pages")


def _check(page: Mapping[str, Any], number: int, found: list[Any], seen: set[str]) -> None:
    """Stop at a page that cannot be what it says it is."""
    total = _total(page)
    if not found and total is not None and number <= total and number > 1:
        raise Unreadable(f"it says that it has {total} pages, but page {number} is empty")
    ids = {str(each.get("id")) for each in found if isinstance(each, Mapping)}
    if ids and ids <= seen:
        raise Unreadable(f"page {number} says again what earlier pages said: it goes in circles")
    seen |= ids


def _is_last(page: Mapping[str, Any], number: int, found: list[Any]) -> bool:
    if not found:
        return True
    total = _total(page)
    if total is not None:
        return number >= total
    last = next((page[key] for key in _LASTS if key in page), None)
    return last is not False


def _total(page: Mapping[str, Any]) -> int | None:
    said = next((page[key] for key in _TOTALS if key in page), None)
    return said if isinstance(said, int) and not isinstance(said, bool) else None


def _numbered(url: str, number: int) -> str:
    parts = urlsplit(url)
    asked = [(name, value) for name, value in parse_qsl(parts.query) if name != "page"]
    return urlunsplit(parts._replace(query=urlencode([*asked, ("page", str(number))])))


def _whole(url: str, said: Any, client: Client) -> Any:
    """The service itself, where its list gives it only in brief."""
    if not isinstance(said, Mapping) or said.keys() & _CHILDREN or "id" not in said:
        return said
    parts = urlsplit(url)
    if not parts.path.rstrip("/").endswith("/services"):
        return said
    path = f"{parts.path.rstrip('/')}/{quote(str(said['id']), safe='')}"
    return json_page(client.read(urlunsplit(parts._replace(path=path, query=""))))
