"""Directory: reads files of Open Referral UK 1.0 and 3.0, whatever wraps the services in them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from directory.cleaning import one_line
from directory.feeds.json_stream import services
from directory.feeds.oruk_service import service
from directory.feeds.proposals import Placed, Problem, once_each
from directory.feeds.records import Record, Rejected


def read(file: BinaryIO) -> Iterator[Placed]:
    """Each service of an Open Referral UK file, or why it is left out, or Unreadable."""
    file.seek(0)
    return read_records(services(file))


def read_records(found: Iterable[object]) -> Iterator[Placed]:
    """Each service among these records, once, or why it is left out."""
    return once_each(_each(found))


def _each(found: Iterable[object]) -> Iterator[Placed]:
    for number, raw in enumerate(found, start=1):
        place = f"record {number}"
        if not isinstance(raw, Mapping):
            yield place, Problem(place, None, "is not an object")
            continue
        if isinstance(raw.get("id"), str) and one_line(raw["id"]):
            place += f" (id {one_line(raw['id'])[:80]})"
        record = Record(place, raw)
        try:
            yield place, service(record)
        except Rejected as refusal:
            yield place, Problem(place, refusal.field, refusal.reason)
        else:
            yield from ((place, note) for note in record.notes)
