"""Directory: makes a small plain picture of a file from outside, in a program of its own.

`directory.photos` starts it for each file, with nothing of ours in its memory or surroundings: no
key, no connection, no module of Kith. A decoder that a hostile file takes over can reach nothing,
and may use so much memory and time and no more. A file is told by its own bytes, never by its name.
Its size in pixels is read before any of it is unpacked.
"""

import io
import json
import resource
import sys
from dataclasses import dataclass
from itertools import product

from PIL import Image, ImageOps

LARGEST_FILE = 8 * 1024 * 1024
FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 50_000_000
SMALLEST_SIDE, LONGEST_SIDE = 80, 1200
MOST_BYTES = 150_000
SIDES, QUALITIES = (LONGEST_SIDE, 900, 640), (80, 60, 40)
MOST_SCANS = 60
"""A camera writes some ten. Each is a walk over the whole picture: thousands would take hours."""

MOST_MEMORY = 1 << 30
MOST_SECONDS = 20
REFUSED = 3
"""How the program ends when it says why a file is no photo."""

_SCAN = b"\xff\xda"


class BadPhoto(ValueError):
    """A file we cannot take as a photo; the words say why and what to do."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept and sent."""

    content: bytes
    width: int
    height: int


def picture_in(file: bytes) -> Picture:
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


def _limit() -> None:
    """So much memory and time; no files written, nothing started, no picture of a crash."""
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _answer() -> int:
    """Read a file, say the picture's size in a line and then the picture; or why there is none."""
    _limit()
    out = sys.stdout.buffer
    try:
        picture = picture_in(sys.stdin.buffer.read())
    except BadPhoto as refusal:
        out.write(str(refusal).encode())
        return REFUSED
    out.write(json.dumps([picture.width, picture.height]).encode() + b"\n" + picture.content)
    return 0


if __name__ == "__main__":
    sys.exit(_answer())
