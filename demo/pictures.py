"""The demo's photos are drawings, made when it is filled, and their words say so."""

import io
import math
import random
from collections.abc import Callable

from PIL import Image, ImageDraw

from directory.picturing import Picture, picture_in

SIZE = WIDTH, HEIGHT = 960, 640
CREAM, GREEN, BROWN = "#f6efe2", "#3f6b4a", "#6b4a35"
WOOLS = "#b3402e", "#d19a2a", "#2e5d86", "#7d3f63", "#4f7a5b"

Draw = ImageDraw.ImageDraw


def drawn(what: str) -> Picture:
    """A drawing of this, as a photo is kept."""
    # The same lines are drawn by lot at every filling.
    image = Image.new("RGB", SIZE, CREAM)
    DRAWINGS[what](ImageDraw.Draw(image), random.Random(what))  # noqa: S311
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return picture_in(file.getvalue())


def _wool(draw: Draw, lot: random.Random) -> None:
    draw.rectangle((0, 470, WIDTH, HEIGHT), "#e3d3b8")
    for number, colour in enumerate(WOOLS):
        x, y, size = 130 + 175 * number, 430 - 60 * (number % 2), 105 + lot.randint(-15, 20)
        draw.ellipse((x - size, y - size, x + size, y + size), colour)
        for turn in range(6):
            half = size * (0.9 - turn * 0.14)
            box = (x - half, y - size * 0.8, x + half, y + size * 0.8)
            draw.arc(box, 200 + lot.randint(0, 40), 340, CREAM, width=4)


def _plot(draw: Draw, lot: random.Random) -> None:
    draw.rectangle((0, 0, WIDTH, 250), "#f3d9b0")
    draw.ellipse((640, 110, 800, 270), "#d9822b")
    draw.rectangle((0, 250, WIDTH, HEIGHT), BROWN)
    for row in range(6):
        y, step = 300 + row * 62, 48 + row * 14
        for x in range(step // 2, WIDTH, step):
            leaf = 10 + row * 4 + lot.randint(0, 6)
            draw.ellipse((x - leaf, y - leaf, x, y + leaf // 2), GREEN)
            draw.ellipse((x, y - leaf, x + leaf, y + leaf // 2), "#568a5f")


def _kettle(draw: Draw, _lot: random.Random) -> None:
    draw.rectangle((0, 0, WIDTH, HEIGHT), "#e3d3b8")
    for number, colour in enumerate(WOOLS[:4]):
        angle = math.pi / 4 + number * math.pi / 2
        x, y = WIDTH / 2 + 250 * math.cos(angle), HEIGHT / 2 + 165 * math.sin(angle)
        for size, paint in ((118, CREAM), (86, colour), (70, BROWN)):
            draw.ellipse((x - size, y - size, x + size, y + size), paint)


DRAWINGS: dict[str, Callable[[Draw, random.Random], None]] = {
    "wool": _wool,
    "plot": _plot,
    "kettle": _kettle,
}
