"""Directory search: work on the index behind the backs of those who search, one piece at a time."""

import logging
import threading
import time
from collections.abc import Callable

REST_AFTER_FAILURE = 30.0

log = logging.getLogger(__name__)


class Behind:
    """What is done in the background; in the foreground where nothing may disturb the next."""

    def __init__(self, *, in_background: bool) -> None:
        self._in_background = in_background
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._failed_at = -REST_AFTER_FAILURE

    def later(self, work: Callable[[], None]) -> None:
        """Have this done, without waiting for it; unless it is being done, or has just failed."""
        if self.rests():
            return
        if not self._in_background:
            self.quietly(work)
            return
        with self._guard:
            if self._thread is None or not self._thread.is_alive():
                # Not a daemon: a command that ends right after an import leaves a whole index.
                self._thread = threading.Thread(
                    target=self.quietly, args=(work,), name="search index"
                )
                self._thread.start()

    def quietly(self, work: Callable[[], None]) -> None:
        """Do it; if that fails, rest."""
        try:
            work()
        except Exception:  # a full disk must not stop the searching; the database answers
            self._failed_at = time.monotonic()
            log.exception("the search index could not be brought up to date")

    def rests(self) -> bool:
        """Whether something failed a moment ago."""
        return time.monotonic() - self._failed_at < REST_AFTER_FAILURE

    def settle(self) -> None:
        """Wait for what is going on."""
        if self._thread is not None:
            self._thread.join()
