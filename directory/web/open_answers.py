"""How open data answers: to any page on any site, without cookies, and only if it has changed."""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import Flask, Response, request, stream_with_context

FRESH_SECONDS = 60
OPEN = ("/api/oruk/", "/data/")


class _Stream(Response):
    """An answer that nobody may gather up to measure it: its length would be the whole file's."""

    implicit_sequence_conversion = False


def init_app(app: Flask) -> None:
    """Let scripts of other sites read whatever stands under the open addresses, errors too."""
    app.after_request(_open)


def answer_json(said: Any, *, changed: datetime | None = None) -> Response:
    """A record or a page of a list, or 304 when the asker has this very one."""
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    response = Response(body, mimetype="application/json")
    return _kept(response, hashlib.sha256(body).hexdigest()[:32], changed)


def answer_stream(
    chunks: Iterator[bytes],
    kind: str,
    *,
    state: tuple[object, ...],
    changed: datetime | None,
    file: str = "",
) -> Response:
    """A long file sent as it is made, or 304 when nothing has changed since the asker's copy."""
    response = _Stream(stream_with_context(chunks), mimetype=kind)
    if file:
        response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    told = repr((state, request.full_path)).encode("utf-8", "replace")
    return _kept(response, hashlib.sha256(told).hexdigest()[:32], changed)


def _kept(response: Response, tag: str, changed: datetime | None) -> Response:
    """Weak tags: what is compressed on its way is the same answer, not the same bytes."""
    response.set_etag(tag, weak=True)
    if changed is not None:
        response.last_modified = changed
    response.headers["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    response.make_conditional(request)
    return response


def _open(response: Response) -> Response:
    if not request.path.startswith(OPEN):
        return response
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "ETag, Link"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = "*"
        response.headers["Access-Control-Max-Age"] = "86400"
    if response.status_code == 405:
        response.headers["Allow"] = "GET, HEAD, OPTIONS"
    return response
