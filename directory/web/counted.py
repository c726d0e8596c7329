"""What visitors do and do not find is counted here, unless they or their browser mind.

Nothing is kept of who it was: no cookie, no address, no time but the day.
"""

import re
import uuid
from collections.abc import Iterable

from flask import Flask, Response, request

from core import actors
from directory import counting
from directory.desk import unmet
from directory.search import Query

_PROGRAM = re.compile(
    r"bot|crawl|spider|slurp|preview|scan|monitor|check|headless|facebookexternal|"
    r"python|curl|wget|okhttp|java/|go-http|axios|lighthouse",
    re.IGNORECASE,
)


def init_app(app: Flask) -> None:
    """Write the counts down now and then, when an answer has been sent."""

    def write_later(response: Response) -> Response:
        if not app.testing and (counting.is_due() or unmet.is_due()):
            response.call_on_close(write)
        return response

    def write() -> None:
        with app.app_context():
            counting.write_down()
            unmet.write_down()

    app.after_request(write_later)


def counted(service_ids: Iterable[uuid.UUID], what: str) -> None:
    """Count an act with these listings, if it is a visitor's who does not mind."""
    if not actors.current().is_signed_in and _is_a_visit():
        counting.count(service_ids, what)


def counted_in_vain(query: Query) -> None:
    """Count a search that found nothing, if it is a visitor's who does not mind."""
    if not actors.current().is_signed_in and _is_a_visit():
        unmet.found_nothing(query)


def _is_a_visit() -> bool:
    said = request.headers
    would_rather_not = said.get("DNT") == "1" or said.get("Sec-GPC") == "1"
    ahead_of_time = "prefetch" in said.get("Sec-Purpose", said.get("Purpose", ""))
    called = request.user_agent.string
    is_browser = called.startswith(("Mozilla/", "Opera/")) and not _PROGRAM.search(called)
    return is_browser and request.method != "HEAD" and not (would_rather_not or ahead_of_time)
