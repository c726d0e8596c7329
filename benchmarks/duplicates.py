"""Benchmark of duplicates: precision and recall on pairs labelled by hand, and the time at 50,000.

    python -m benchmarks.duplicates

Each line of data/pairs.csv is what a volunteer might type, and whether it is the listing named or
another one ("=" stands for what that listing says). It is looked for among all listings of the
demo, so one that nobody named and that is shown all the same counts as wrong too. Every other line
of each sort was used to set the points by; the rest was held out.
"""

import csv
import random
import resource
import statistics
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import time as clock_time
from pathlib import Path

import flask_migrate
from sqlalchemy import insert, select

from accounts import Organisation, OrganisationKind
from app import create_app
from benchmarks.places import every_postcode
from core import clock
from core.actors import system
from core.db import db
from core.saving import saving
from core.settings import Settings
from demo import towns
from directory.duplicates import likely, pairs
from directory.facts import ListingFacts, PhoneFacts, PlaceFacts, ScheduleFacts
from directory.keeping import facts_of
from directory.listings import get_service
from directory.models import Location, Phone, Schedule, Service, ServiceAtLocation
from directory.rules import Frequency, Life

PAIRS = Path(__file__).parent / "data" / "pairs.csv"
MANY = 50_000
AT_A_TIME = 5_000
LOOKS = 40
BY = system("benchmark")

Look = Callable[[ListingFacts], set[uuid.UUID]]


@dataclass(frozen=True)
class Labelled:
    """One line: what was typed, the listing it is held against, and whether it is that one."""

    sort: str
    listing: uuid.UUID
    is_same: bool
    typed: ListingFacts


@dataclass
class Score:
    """How often what was shown was right."""

    hits: int = 0
    misses: int = 0
    alarms: int = 0
    strangers: int = 0

    def line(self) -> str:
        """Precision on the pairs, precision among all listings, recall."""
        shown = max(1, self.hits + self.alarms)
        ever_shown = max(1, self.hits + self.alarms + self.strangers)
        same = max(1, self.hits + self.misses)
        return (
            f"precision {self.hits / shown:6.1%}   among all listings {self.hits / ever_shown:6.1%}"
            f"   recall {self.hits / same:6.1%}   ({same} same, {self.alarms} false alarms)"
        )


def main() -> None:
    """Print it all."""
    with a_site():
        ids = load_demo()
        lines = labelled(ids)
        for name, look in (("same name and postcode", exactly), ("ours", ours)):
            print(f"\n{name}, {len(lines)} pairs among {len(ids)} listings")
            for part, chosen in (("tuned on", lines[0::2]), ("held out", lines[1::2])):
                print(f"  {part:9} {measure(chosen, look).line()}")
        by_sort(lines)
        load_many(MANY)
        print_times(lines)


@contextmanager
def a_site() -> Iterator[None]:
    """An empty site over a new database."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        settings = Settings(
            env="test", secret_key="b" * 40, data_dir=data, database_url=f"sqlite:///{data}/k.db"
        )
        with create_app(settings).app_context():
            flask_migrate.upgrade()
            yield
            db.session.remove()
            db.engine.dispose()


def load_demo() -> dict[str, uuid.UUID]:
    """Enter the demo's listings; their ids by their keys."""
    ids: dict[str, uuid.UUID] = {}
    with saving() as work:
        for path in towns.files():
            town = towns.read(path)
            groups = towns.load_groups(town, by=BY)
            ids |= dict(towns.load_listings(town, groups, by=BY))
        work.afterwards.clear()  # nobody searches here
    return ids


def labelled(ids: dict[str, uuid.UUID]) -> list[Labelled]:
    """The pairs labelled by hand."""
    with PAIRS.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [
        Labelled(
            sort=row["sort"],
            listing=ids[row["listing"]],
            is_same=row["same"] == "yes",
            typed=typed_in(row, facts_of(get_service(ids[row["listing"]]))),
        )
        for row in rows
    ]


def typed_in(row: dict[str, str], listed: ListingFacts) -> ListingFacts:
    """The facts that a line stands for."""
    phone = listed.phones[0].number if row["phone"] == "=" else row["phone"]
    return ListingFacts(
        name=row["name"],
        email=listed.email if row["email"] == "=" else row["email"],
        url=listed.url if row["web"] == "=" else row["web"],
        phones=(PhoneFacts(number=phone),) if phone else (),
        places=(PlaceFacts(postcode=row["postcode"]),) if row["postcode"] else (),
        schedules=tuple(weekly(each) for each in row["when"].split(";") if each),
    )


def weekly(words: str) -> ScheduleFacts:
    """A weekly time, given as "TU 10:00"."""
    day, _, hour = words.partition(" ")
    return ScheduleFacts(freq=Frequency.WEEKLY, byday=day, opens_at=clock_time.fromisoformat(hour))


def ours(typed: ListingFacts) -> set[uuid.UUID]:
    """What we show."""
    return {each.service_id for each in likely(typed)}


def exactly(typed: ListingFacts) -> set[uuid.UUID]:
    """What a plain question to the database would show."""
    postcodes = [place.postcode for place in typed.places]
    same = select(Service.id).join(Service.places).join(ServiceAtLocation.location)
    same = same.where(Service.name.ilike(typed.name), Location.postcode.in_(postcodes))
    return set(db.session.scalars(same))


def measure(lines: Sequence[Labelled], look: Look) -> Score:
    """How right it is to show what this looks up."""
    score = Score()
    for line in lines:
        shown = look(line.typed)
        if line.is_same:
            score.hits += line.listing in shown
            score.misses += line.listing not in shown
        else:
            score.alarms += line.listing in shown
        score.strangers += len(shown - {line.listing})
    return score


def by_sort(lines: Sequence[Labelled]) -> None:
    """What goes wrong, by the sort of pair; the tuned half line by line."""
    wrong: Counter[str] = Counter()
    for line in lines:
        wrong[line.sort] += (line.listing in ours(line.typed)) is not line.is_same
    print("\nwrong, by sort of pair")
    for sort, count in Counter(line.sort for line in lines).items():
        print(f"  {sort:13} {wrong[sort]:3} of {count}")


def load_many(count: int) -> None:
    """Enter so many invented listings beside those of the demo, straight into the tables."""
    chance = random.Random(4)
    postcodes = chance.sample(every_postcode(), 12_000)
    known = list(db.session.scalars(select(Service.name)))
    words = sorted({word for name in known for word in name.split()})
    with saving():
        group = Organisation(name="Many", kind=OrganisationKind.GROUP, created_at=clock.now())
        db.session.add(group)
        db.session.flush()
        for start in range(0, count, AT_A_TIME):
            _enter(range(start, min(start + AT_A_TIME, count)), chance, postcodes, words, group.id)


def _enter(
    numbers: range,
    chance: random.Random,
    postcodes: Sequence[tuple[str, float, float, str]],
    words: Sequence[str],
    group_id: uuid.UUID,
) -> None:
    rows: dict[type, list[dict[str, object]]] = {
        Location: [], Service: [], ServiceAtLocation: [], Phone: [], Schedule: []
    }  # fmt: skip
    for number in numbers:
        service, location = uuid.uuid4(), uuid.uuid4()
        postcode, latitude, longitude, _ = chance.choice(postcodes)
        rows[Location].append(
            {"id": location, "postcode": f"{postcode[:-3]} {postcode[-3:]}",
             "latitude": latitude, "longitude": longitude}
        )  # fmt: skip
        rows[Service].append(
            {"id": service, "slug": f"many-{number}", "organisation_id": group_id,
             "name": " ".join(chance.sample(words, 3)), "life": Life.LIVE, "version": 1,
             "created_at": clock.now(), "last_modified": clock.now()}
        )  # fmt: skip
        rows[ServiceAtLocation].append({"service_id": service, "location_id": location})
        rows[Phone].append({"service_id": service, "number": f"07700 {number:06}"})
        hour = clock_time(chance.randrange(9, 20))
        rows[Schedule].append(
            {"service_id": service, "freq": Frequency.WEEKLY, "byday": "TU", "opens_at": hour}
        )
    for model, entries in rows.items():
        db.session.execute(insert(model), entries)


def print_times(lines: Sequence[Labelled]) -> None:
    """How much work one look is among many listings, and one walk over all pairs."""
    took = []
    for line in random.Random(5).sample(list(lines), LOOKS):
        begun = time.process_time()
        ours(replace(line.typed))
        took.append(1000 * (time.process_time() - begun))
    took.sort()
    print(f"\none look among {MANY:,} more: median {statistics.median(took):.0f} ms, "
          f"slowest of {LOOKS} {took[-1]:.0f} ms")  # fmt: skip
    begun = time.process_time()
    found = pairs(100)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"all pairs: {time.process_time() - begun:.1f} s, {len(found)} shown, {memory} MB at most"
    )


if __name__ == "__main__":
    main()
