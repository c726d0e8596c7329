"""Everybody can read every page: with axe at the width of a desk and of a small phone."""

from functools import partial

import pytest
from playwright.sync_api import APIRequestContext, Page

from tests.browser.addresses import A_VISITOR, asked_for, pages_of, readers
from tests.browser.conftest import Browse
from tests.browser.live import Live
from tests.browser.watching import DESKTOP, NARROWEST, PHONE, fits, read_by_axe, widen

SEARCHES = (
    "/activities?q=knit&near=E3+3BQ&within=3",
    "/activities?near=E3+3BQ&within=3&view=map",
    "/activities?near=E3+3BQ&within=3&view=when",
    "/activities?q=knit&near=E3+3BQ&within=3&cost=free&day=SU",
    "/whats-on?near=E3+3BQ",
    "/activities/books-and-biscuits-london",
    "/activities/limehouse-cut-stroll-london",
    "/activities?q=xyzzy",
    "/activities?near=nowhere+at+all",
    "/what-is-not-there",
)

_stood_out: set[str] = set()
"""Sorts of pages whose colours were read on a phone."""

COMES_TO = {
    A_VISITOR: {"/", "/activities", "/sign-in", "/dev/letters", "/about"},
    "gp": {"/refer", "/my-referrals", "/what-happened"},
    "link-worker": {"/caseload", "/team", "/today"},
    "organiser": {"/my-listings"},
    "editor": {"/desk/directory", "/desk/directory/wishes", "/imports"},
    "team-lead": {"/emergency/reviews"},
    "team-admin": {"/people"},
    "ig-officer": {"/audit", "/rights"},
}
"""Some that must be among those found, so that nothing is passed because nothing was looked at."""


def test_nobody_is_left_out_whose_pages_nobody_else_reads(live: Live) -> None:
    assert readers(live) <= set(COMES_TO)


@pytest.mark.parametrize("key", COMES_TO, ids=lambda key: key or "visitor")
def test_everybody_can_read_every_page(browse: Browse, live: Live, key: str) -> None:
    context = browse(as_=key)
    page = context.new_page()
    paths = list(pages_of(key, live, lambda path: read(context.request, path)))
    assert set(paths) >= COMES_TO[key]
    troubles = [trouble for path in paths for trouble in troubles_of(page, path)]
    assert not troubles, "\n\n".join(troubles)


def test_everybody_can_read_what_a_search_finds(page: Page) -> None:
    troubles = [trouble for path in SEARCHES for trouble in troubles_of(page, path)]
    assert not troubles, "\n\n".join(troubles)


def test_editors_can_read_what_they_ask_for(browse: Browse, live: Live) -> None:
    page = browse(as_="editor").new_page()
    troubles = [trouble for path in asked_for(live) for trouble in troubles_of(page, path)]
    assert not troubles, "\n\n".join(troubles)


def troubles_of(page: Page, path: str) -> list[str]:
    """What keeps people from reading a page, at every width; no script of ours asks how wide.

    How colours stand out takes axe half its time: on a phone it is read once a sort of page.
    """
    found = []
    sort = path.partition("?")[0].split("/")[1] + path.partition("view=")[2]
    on_a_phone = partial(read_by_axe, but="color-contrast" if sort in _stood_out else "")
    widen(page, DESKTOP)
    page.goto(path)
    for width, look in (
        (DESKTOP, (fits, read_by_axe)),
        (PHONE, (fits,)),
        (NARROWEST, (fits, on_a_phone)),
    ):
        widen(page, width)
        for check in look:
            try:
                check(page)
            except AssertionError as trouble:
                found.append(str(trouble))
    _stood_out.add(sort)
    return found


def read(request: APIRequestContext, path: str) -> str:
    """The page, or nothing when it is none: a file, a way on to somewhere else, a shut door."""
    answer = request.get(path, max_redirects=0)
    is_page = answer.status == 200 and "text/html" in answer.headers.get("content-type", "")
    return answer.text() if is_page else ""
