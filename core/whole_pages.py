"""Ground floor: whole pages, kept in memory for visitors of whom the page knows nothing.

What differs from one visitor to the next is put in as the page is told: the nonce of the policy and
the keys of the form. A page is kept for at most a minute, because what is on today gets over.
"""

import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from flask import current_app, g, request, session
from flask_wtf.csrf import generate_csrf

from core import actors, clock
from core.languages import language
from core.saving import new_key

MOST_KEPT = 128

Key = tuple[Hashable, ...]

# Begun by what it looks for, not by looking back, it runs through a page ten times as fast.
_ONCE = re.compile(r'name="once" value="[0-9a-f]{32}"')


class WholePages:
    """The pages one application has made of late, the ones asked for last kept longest."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, str] = OrderedDict()
        self._guard = threading.Lock()
        # By lot, so that nobody can have it put in by writing it.
        self._mark = secrets.token_hex(8)

    def told(self, key: Key) -> str | None:
        """The page for whoever asks now, if it is kept."""
        with self._guard:
            page = self._kept.get(key)
            if page is None:
                return None
            self._kept.move_to_end(key)
        for name, fresh in _OWN.items():
            mark = self._marked(name)
            if mark in page:
                page = page.replace(mark, fresh())
        return page

    def keep(self, key: Key, page: str) -> None:
        """Keep a page that was just made, without what was this visitor's own in it."""
        page = _ONCE.sub(f'name="once" value="{self._marked("once")}"', page)
        page = page.replace(g.csp_nonce, self._marked("nonce"))
        if made := g.get("csrf_token"):  # a fragment has none
            page = page.replace(made, self._marked("csrf"))
        with self._guard:
            self._kept[key] = page
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)

    def _marked(self, name: str) -> str:
        return f"{self._mark}-{name}"


_OWN: dict[str, Callable[[], str]] = {
    "nonce": lambda: str(g.csp_nonce),
    "csrf": generate_csrf,
    "once": new_key,
}


def whole_pages() -> WholePages:
    """Those of the application that answers."""
    pages: WholePages = current_app.extensions.setdefault("kith.whole_pages", WholePages())
    return pages


def key_of_page(*depends_on: Hashable) -> Key | None:
    """What the page asked for depends on, besides what is said here; None if it is somebody's own.

    It is somebody's own when they are signed in, or when there is something to tell them once.
    """
    if actors.current().is_signed_in or "_flashes" in session:
        return None
    minute = clock.now().replace(second=0, microsecond=0)
    return (request.script_root, request.full_path, language().code, minute, *depends_on)
