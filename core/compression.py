"""Ground floor: public pages travel compressed, for old phones; pages about people never are.

A page whose length shows what is in it can be guessed at from its length (the BREACH attack), so
whatever may not be stored is sent as it is. What never changes (scripts, styles, drawings) is made
as small as it gets, once in each process.
"""

from functools import lru_cache

import brotli  # type: ignore[import-untyped]
from flask import Flask, Response, request
from flask_compress import Compress

ALGORITHMS = ["br", "gzip"]
TOO_SMALL = 500
"""Bytes under which compressing saves no packet."""

PAGE_LEVEL, SMALLEST = 5, 11
"""Of brotli's levels: a page in two milliseconds, or a tenth smaller in a tenth of a second."""

MOST_KEPT = 64

KINDS = [
    "text/html",
    "text/css",
    "text/csv",
    "text/plain",
    "text/calendar",
    "text/javascript",
    "application/json",
    "application/geo+json",
    "application/x-ndjson",
    "application/ld+json",
    "application/atom+xml",
    "application/opensearchdescription+xml",
    "application/xml",
    "application/manifest+json",
    "image/svg+xml",
]


def init_app(app: Flask) -> None:
    """Compress last of all. Call it before anything else hangs its work after a request."""
    app.config.update(
        COMPRESS_REGISTER=False,
        COMPRESS_ALGORITHM=ALGORITHMS,
        COMPRESS_ALGORITHM_STREAMING=["br"],
        COMPRESS_BR_LEVEL=PAGE_LEVEL,
        COMPRESS_MIMETYPES=KINDS,
        COMPRESS_MIN_SIZE=TOO_SMALL,
    )
    compress = Compress(app)

    def smaller(response: Response) -> Response:
        if "no-store" in response.headers.get("Cache-Control", ""):
            return response
        if _never_changes(response):
            return _smallest(response)
        held = response.response
        made: Response = compress.after_request(response)
        if made.response is not held and hasattr(held, "close"):
            made.call_on_close(held.close)  # a file that is sent in pieces
        return made

    app.after_request(smaller)


def _never_changes(response: Response) -> bool:
    return (
        "immutable" in response.headers.get("Cache-Control", "")
        and response.status_code == 200
        and response.mimetype in KINDS
        and "br" in {each for each, _ in request.accept_encodings}
    )


def _smallest(response: Response) -> Response:
    held = response.response
    response.direct_passthrough = False
    response.set_data(_squeezed(response.get_data()))
    if hasattr(held, "close"):
        held.close()
    response.headers["Content-Encoding"] = "br"
    response.headers["Vary"] = "Accept-Encoding"
    tag, is_weak = response.get_etag()
    if tag and not is_weak:
        response.set_etag(f"{tag}:br")
    response.make_conditional(request)
    return response


@lru_cache(maxsize=MOST_KEPT)
def _squeezed(data: bytes) -> bytes:
    made: bytes = brotli.compress(data, quality=SMALLEST)
    return made
