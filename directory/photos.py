"""Directory: photos of listings: nothing is kept of a file but its picture, small and made anew.

A program of its own writes a file's picture anew (`directory.picturing`), so neither what the
camera noted (where, when, whose) nor anything hidden in the file gets any further.
"""

import json
import subprocess
import sys
import threading
import uuid
from collections.abc import Sequence

from sqlalchemy import func, select, update

from core import clock
from core.actors import Actor
from core.db import change_rows, db
from core.errors import NotFound, Refused
from directory import picturing
from directory.listings import get_own_listing, may_keep, record_step
from directory.models import GroupDraft, Photo, Service
from directory.picturing import LARGEST_FILE, BadPhoto, Picture
from directory.rules import SHOWN

MOST_PHOTOS = 3
MEDIA_TYPE = "image/webp"
LONGEST_WAIT = 30  # seconds
TOO_MUCH = "That photo takes too much work to read. Make it smaller and try again"

__all__ = ["LARGEST_FILE", "BadPhoto", "Picture"]

ADDED, REMOVED = "given a photo", "rid of a photo"

_one_at_a_time = threading.Lock()
"""In a process: what one photo may use is known, and so what all may."""


def prepare(file: bytes) -> Picture:
    """The picture in a file, upright, small and with nothing else in it. BadPhoto says why not."""
    command = [sys.executable, "-I", picturing.__file__]
    try:
        with _one_at_a_time:
            ran = subprocess.run(  # noqa: S603 - our own file, and nothing of the sender's
                command, input=file, env={}, capture_output=True, timeout=LONGEST_WAIT, check=False
            )
    except subprocess.TimeoutExpired:
        raise BadPhoto(TOO_MUCH) from None
    if ran.returncode == picturing.REFUSED:
        raise BadPhoto(ran.stdout.decode())
    if ran.returncode:
        raise BadPhoto(TOO_MUCH)
    size, _line, content = ran.stdout.partition(b"\n")
    return Picture(content, *json.loads(size))


def add_photo(service: Service, picture: Picture, alt: str, *, by: Actor) -> Photo:
    """Show a photo with a listing."""
    photo = _hang(picture, alt, service_id=_own(service, by).id)
    record_step(service, ADDED, was=service.life, by=by)
    return photo


def add_to_draft(draft: GroupDraft, picture: Picture, alt: str) -> Photo:
    """Keep a photo with a listing that is still being written."""
    return _hang(picture, alt, draft_id=draft.id)


def remove_photo(photo: Photo, service: Service, *, by: Actor) -> None:
    """Take a photo of a listing away for good."""
    db.session.delete(photo)
    record_step(_own(service, by), REMOVED, was=service.life, by=by)


def move_to_listing(draft: GroupDraft, service: Service) -> int:
    """Hand the photos of a draft to the listing it has become; returns how many."""
    moved = update(Photo).where(Photo.draft_id == draft.id)
    return change_rows(moved.values(service_id=service.id, draft_id=None))


def photos_of(service: Service) -> list[Photo]:
    """The photos of a listing in their order, without their contents."""
    found = select(Photo).where(Photo.service_id == service.id)
    return list(db.session.scalars(found.order_by(Photo.position, Photo.made_at)))


def photos_in_draft(draft: GroupDraft) -> list[Photo]:
    """The photos of a listing that is still being written."""
    found = select(Photo).where(Photo.draft_id == draft.id)
    return list(db.session.scalars(found.order_by(Photo.position, Photo.made_at)))


def get_photo(photo_id: uuid.UUID, *, seen_by: Actor) -> Photo:
    """A photo of a listing that is shown, or that the actor keeps; NotFound otherwise."""
    photo = db.session.get(Photo, photo_id)
    service = photo.service if photo else None
    if photo is None or service is None:
        raise NotFound
    if service.life not in SHOWN and not may_keep(seen_by, service.organisation_id):
        raise NotFound
    return photo


def get_own_photo(photo_id: uuid.UUID, *, seen_by: Actor) -> tuple[Photo, Service]:
    """A photo of a listing this actor keeps, and that listing; else NotFound."""
    photo = db.session.get(Photo, photo_id)
    if photo is None or photo.service_id is None:
        raise NotFound
    return photo, get_own_listing(photo.service_id, seen_by=seen_by)


def remove_from_draft(draft: GroupDraft, photo_id: uuid.UUID) -> None:
    """Take a photo of an unsent draft away, or NotFound."""
    db.session.delete(one_of(photos_in_draft(draft), photo_id))


def one_of(photos: Sequence[Photo], photo_id: uuid.UUID) -> Photo:
    """The photo with this id among these, or NotFound."""
    found = next((photo for photo in photos if photo.id == photo_id), None)
    if found is None:
        raise NotFound
    return found


def _own(service: Service, by: Actor) -> Service:
    return get_own_listing(service.id, seen_by=by)


def _hang(picture: Picture, alt: str, **to: uuid.UUID) -> Photo:
    beside = select(func.count(), func.max(Photo.position)).filter_by(**to)
    count, last = db.session.execute(beside.select_from(Photo)).one()
    if count >= MOST_PHOTOS:
        raise Refused(f"There are {MOST_PHOTOS} photos already. Take one away first.")
    photo = Photo(
        position=0 if last is None else last + 1,
        alt=" ".join(alt.split()),
        width=picture.width,
        height=picture.height,
        media_type=MEDIA_TYPE,
        content=picture.content,
        made_at=clock.now(),
        **to,
    )
    db.session.add(photo)
    db.session.flush()
    return photo
