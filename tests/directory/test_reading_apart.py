"""A file from outside is read by a process of its own, with limits; killed, it is only refused."""

import multiprocessing
from pathlib import Path

import pytest

from directory.feeds import apart
from directory.feeds.apart import reading_apart
from directory.feeds.limits import MEGABYTE, Limits
from directory.feeds.proposals import Unreadable
from directory.feeds.reading import reading

SHEET = "id,name,organisation,postcode\n" + "".join(
    f"{number},Walk {number},Ramblers,E3 3BQ\n" for number in range(250)
)


def test_what_is_read_apart_is_what_is_read_here(tmp_path: Path) -> None:
    path = tmp_path / "clubs.csv"
    path.write_text(SHEET)
    with path.open("rb") as file, reading("clubs.csv", file, Limits()) as here:
        wanted = (here.total, list(here.items))
    with reading_apart("clubs.csv", path, Limits()) as there:
        assert (there.total, list(there.items)) == wanted


def grab(answers: object) -> None:
    apart._limit(Limits(most_memory=64 * MEGABYTE))
    try:
        bytearray(512 * MEGABYTE)
    except MemoryError:
        answers.send("refused")  # type: ignore[attr-defined]


def test_the_child_gets_no_more_memory_than_a_file_may_take() -> None:
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=grab, args=(theirs,))
    child.start()
    child.join()
    assert ours.poll(1)
    assert ours.recv() == "refused"


def test_a_file_that_never_comes_to_anything_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "clubs.csv"
    path.write_text(SHEET * 40)
    hasty = Limits(most_silence=0)
    with pytest.raises(Unreadable, match="time"), reading_apart("clubs.csv", path, hasty) as feed:
        list(feed.items)


def test_why_a_file_is_no_such_file_is_told_as_ever(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<html></html>")
    with pytest.raises(Unreadable, match="web page"), reading_apart("page.html", path, Limits()):
        pass
