"""Ground floor: public pages travel compressed, for old phones; pages about people never are.

A page whose length shows what is in it can be guessed at from its length (the BREACH attack), so
whatever may not be stored is sent as it is.
"""

from flask import Flask, Response
from flask_compress import Compress

ALGORITHMS = ["br", "gzip"]
TOO_SMALL = 500
"""Bytes under which compressing saves no packet."""

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
        COMPRESS_MIMETYPES=KINDS,
        COMPRESS_MIN_SIZE=TOO_SMALL,
    )
    compress = Compress(app)

    def smaller(response: Response) -> Response:
        if "no-store" in response.headers.get("Cache-Control", ""):
            return response
        held = response.response
        made: Response = compress.after_request(response)
        if made.response is not held and hasattr(held, "close"):
            made.call_on_close(held.close)  # a file that is sent in pieces
        return made

    app.after_request(smaller)
