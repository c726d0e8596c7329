"""Directory: what must never be among its rows, or between them and the index."""

from collections.abc import Iterable

from sqlalchemy import func, select

from core.db import db
from core.ops import Where, cross_check
from directory import search
from directory.models import Photo


def init_app() -> None:
    """Register them."""
    cross_check("a photo that is no picture", photos_of_nothing)
    cross_check("a listing the index has otherwise", listings_otherwise, where=Where.SITE)


def photos_of_nothing() -> Iterable[str]:
    """Photos without a picture in them, or of no size."""
    empty = (func.length(Photo.content) == 0) | (Photo.width < 1) | (Photo.height < 1)
    return (f"photo:{each}" for each in db.session.scalars(select(Photo.id).where(empty)))


def listings_otherwise() -> Iterable[str]:
    """How many listings the index has not as they are; they are indexed anew by the loop."""
    count = search.compare()
    return [str(count)] if count else []
