"""Directory: photos of listings: nothing is kept of a file but its picture, small and made anew.

A file is told by its own bytes, never by its name. Its size in pixels is read before any of it is
unpacked, and its picture is written anew, so neither what the camera noted (where, when, whose) nor
anything hidden in the file gets any further.
"""

import io
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from PIL import Image, ImageOps
from sqlalchemy import func, select, update

from core import clock
from core.actors import Actor
from core.db import change_rows, db
from core.errors import NotFound, Refused
from directory.listings import get_own_listing, may_keep, record_step
from directory.models import GroupDraft, Photo, Service
from directory.rules import SHOWN

MOST_PHOTOS = 3
LARGEST_FILE = 8 * 1024 * 1024
FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 50_000_000
SMALLEST_SIDE, LONGEST_SIDE = 80, 1200
MOST_BYTES = 150_000
SIDES, QUALITIES = (LONGEST_SIDE, 900, 640), (80, 60, 40)
MEDIA_TYPE = "image/webp"
MOST_SCANS = 60
"""A camera writes some ten. Each is a walk over the whole picture: thousands would take hours."""

ADDED, REMOVED = "given a photo", "rid of a photo"

_SCAN = b"\xff\xda"


class BadPhoto(ValueError):
    """A file we cannot take as a photo; the words say why and what to do."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept and sent."""

    content: bytes
    width: int
    height: int


def prepare(file: bytes) -> Picture:
    """The picture in a file, upright, small and with nothing else in it. BadPhoto says why not."""
    if not file:
        raise BadPhoto("Choose a photo. The file you chose is empty")
    if len(file) > LARGEST_FILE:
        raise BadPhoto("The photo must be smaller than 8 MB")
    image = _opened(file)
    try:
        image.draft("RGB", (2 * LONGEST_SIDE, 2 * LONGEST_SIDE))
        image.load()
    except Exception as trouble:
        # Decoders meet broken files with every sort of error; all of them mean the same to people.
        raise BadPhoto("That photo is damaged. Try another one") from trouble
    return _packed(_plain(_upright(image)))


def _opened(file: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(file), formats=FORMATS)
        width, height = image.size
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as trouble:
        raise BadPhoto("That photo has too many pixels. Make it smaller and try again") from trouble
    except Exception as trouble:
        raise BadPhoto("That is not a photo we can read. Use a JPEG, PNG or WebP") from trouble
    if width * height > MOST_PIXELS:
        raise BadPhoto("That photo has too many pixels. Make it smaller and try again")
    if min(width, height) < SMALLEST_SIDE or max(width, height) > 8 * min(width, height):
        raise BadPhoto("That photo is too small or too narrow. Try another one")
    if image.format == "JPEG" and file.count(_SCAN) > MOST_SCANS:
        raise BadPhoto("That is not a photo we can read. Save it again as a plain JPEG")
    return image


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # what the camera noted is damaged; the picture itself is not
        return image


def _plain(image: Image.Image) -> Image.Image:
    """The colours alone, on white where the picture is clear."""
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    see_through = image.mode in {"LA", "PA", "RGBA"} or "transparency" in image.info
    coloured = image.convert("RGBA" if see_through else "RGB")
    plain = Image.new("RGB", image.size, "white")
    plain.paste(coloured, mask=coloured.getchannel("A") if see_through else None)
    return plain


def _packed(plain: Image.Image) -> Picture:
    """As large and as fine as fits: few pictures are so busy that they need to be made smaller."""
    for side, quality in product(SIDES, QUALITIES):
        plain.thumbnail((side, side))
        packed = io.BytesIO()
        plain.save(packed, "WEBP", quality=quality, method=4)
        if packed.tell() <= MOST_BYTES:
            break
    return Picture(packed.getvalue(), *plain.size)


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
