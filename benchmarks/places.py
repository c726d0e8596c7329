"""Benchmark of places: time, memory and exactness of ours beside SQLite and a dict of a CSV.

    python -m benchmarks.places

All are measured in this run, on the same postcodes, each in a process of its own.
"""

import csv
import json
import random
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from geopy.distance import geodesic, great_circle

from directory import atlas, places

LOOKS = 20_000
SAMPLE = Path(__file__).parent.parent / "tests" / "directory" / "postcodes_sample.csv"

Finder = Callable[[str], object]


def ours(_: Path) -> Finder:
    """Our packed file."""
    places.load_places()
    return places.find_place


def sqlite(folder: Path) -> Finder:
    """An indexed SQLite file, which nothing need be loaded from."""
    connection = sqlite3.connect(folder / "postcodes.db")
    query = "SELECT lat, lon, district FROM postcode WHERE name = ?"
    return lambda text: connection.execute(query, (text.replace(" ", "").upper(),)).fetchone()


def dictionary(folder: Path) -> Finder:
    """A dict read from a CSV."""
    with (folder / "postcodes.csv").open(newline="") as file:
        table = {name: (float(lat), float(lon), code) for name, lat, lon, code in csv.reader(file)}
    return lambda text: table.get(text.replace(" ", "").upper())


WAYS = {"ours": ours, "sqlite": sqlite, "dict": dictionary}


def every_postcode() -> list[tuple[str, float, float, str]]:
    """All that the packed file holds, spelled out."""
    book = atlas.atlas()
    outcodes = list(book.outcodes)
    letters = atlas.UNIT_LETTERS
    rows = []
    for row, code in enumerate(book.codes.tolist()):
        outcode, within = divmod(code, atlas.IN_AN_OUTCODE)
        sector, unit = divmod(within, atlas.IN_A_SECTOR)
        name = f"{outcodes[outcode]}{sector}{letters[unit // 20]}{letters[unit % 20]}"
        rows.append((name, book.lats[row] / 1e4, book.lons[row] / 1e4, book.district_at(row)[0]))
    return rows


def write_rivals(folder: Path) -> None:
    """The same postcodes as a CSV and as a SQLite file."""
    rows = every_postcode()
    with (folder / "postcodes.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    with sqlite3.connect(folder / "postcodes.db") as connection:
        connection.execute(
            "CREATE TABLE postcode (name TEXT PRIMARY KEY, lat, lon, district) WITHOUT ROWID"
        )
        connection.executemany("INSERT INTO postcode VALUES (?, ?, ?, ?)", rows)
    picked = random.Random(7).sample(rows, LOOKS)
    (folder / "looks.json").write_text(
        json.dumps([f"{row[0][:-3]} {row[0][-3:]}" for row in picked])
    )


def resident() -> float:
    """Megabytes this process has in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def measure(way: str, folder: Path) -> dict[str, float]:
    """Load time, memory and look-up times of one way, in this process."""
    looks = json.loads((folder / "looks.json").read_text())
    before = resident()
    start = time.perf_counter()
    find = WAYS[way](folder)
    load = time.perf_counter() - start
    times = []
    for text in looks:
        start = time.perf_counter()
        assert find(text) is not None
        times.append(time.perf_counter() - start)
    times.sort()
    return {
        "load_ms": load * 1e3,
        "median_us": statistics.median(times) * 1e6,
        "p99_us": times[len(times) * 99 // 100] * 1e6,
        "memory_mb": resident() - before,
    }


def compare(folder: Path) -> None:
    """Each way in a process of its own, side by side."""
    write_rivals(folder)
    on_disk = {
        "ours": atlas.PACKED,
        "sqlite": folder / "postcodes.db",
        "dict": folder / "postcodes.csv",
    }
    results: dict[str, dict[str, float]] = {}
    for way in WAYS:
        command = [sys.executable, "-m", "benchmarks.places", way, str(folder)]
        results[way] = json.loads(subprocess.check_output(command))
        results[way]["disk_mb"] = on_disk[way].stat().st_size / 1e6
    print(f"{LOOKS:,} postcodes of {len(atlas.atlas().codes):,}; ratio = other / ours")
    print(
        f"{'':12}" + "".join(f"{way:>12}" for way in WAYS) + f"{'sqlite/ours':>14}{'dict/ours':>12}"
    )
    for what in results["ours"]:
        values = [results[way][what] for way in WAYS]
        ratios = [value / values[0] for value in values[1:]]
        print(f"{what:12}" + "".join(f"{value:12.2f}" for value in values), end="")
        print(f"{ratios[0]:14.2f}{ratios[1]:12.2f}")


def exactness() -> None:
    """How far our points are from the source's."""
    with SAMPLE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    metres = []
    for row in rows:
        place = places.find_place(row["postcode"])
        assert place is not None
        there = int(row["lat_e4"]) / 1e4, int(row["lon_e4"]) / 1e4
        metres.append(geodesic((place.latitude, place.longitude), there).meters)
    print(
        f"\nexactness: {len(rows)} sampled postcodes, furthest from the source {max(metres):.3f} m"
    )


def distances() -> None:
    """Our two ways to measure miles beside geopy's true ellipsoid."""
    book = atlas.atlas()
    pick = np.random.default_rng(7).integers(0, len(book.codes), 2_000)
    points = np.column_stack((book.lats[pick], book.lons[pick])) / 1e4
    home = (51.5286, -0.0152)
    timings = {}
    for name, measure_one in (("geodesic", geodesic), ("great_circle", great_circle)):
        start = time.perf_counter()
        timings[name] = np.array([measure_one(home, tuple(point)).miles for point in points])
        print(f"{name}: {(time.perf_counter() - start) / len(points) * 1e6:.2f} µs a pair")
    lats, lons = book.lats / 1e4, book.lons / 1e4
    start = time.perf_counter()
    places.miles_from(*home, lats, lons)
    print(
        f"miles_from: {(time.perf_counter() - start) / len(lats) * 1e9:.0f} ns a pair, all at once"
    )
    error = np.abs(timings["great_circle"] / timings["geodesic"] - 1).max()
    print(f"great_circle is at most {error:.2%} off the ellipsoid here")


def names() -> None:
    """Look-ups and suggestions by name."""
    for what, find, texts in (
        ("find_place", places.find_place, ["Bow", "Haywards Heath, West Sussex", "bromley by bow"]),
        ("places_named", places.places_named, ["Bow", "hay", "Horsham", "a"]),
    ):
        for text in texts:
            start = time.perf_counter()
            for _ in range(100):
                find(text)
            print(f"{what}({text!r}): {(time.perf_counter() - start) * 1e4:.1f} µs")


def main() -> None:
    """Compare, or measure the one way named on the command line."""
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
        return
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(folder))
    exactness()
    distances()
    names()


if __name__ == "__main__":
    main()
