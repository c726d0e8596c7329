"""The demo's editors have something to do: what visitors said, groups sent, and a feed brought."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from accounts import User, actor_for
from core import clock
from core.actors import VISITOR, Actor
from core.db import db
from core.saving import saving
from demo.keeping import moment
from demo.story import Entry, World, deliver
from demo.towns import facts_in
from directory import counting
from directory.desk import claims, merging, reports, thanks, wishes
from directory.desk.batches import new_batch
from directory.desk.bulk import What, carry_out
from directory.desk.waiting import note
from directory.facts import ListingFacts
from directory.feeds.importing import import_file
from directory.freshness import enquiries
from directory.joining import ask_for_link, send
from directory.keeping import facts_of
from directory.models import GroupDraft
from directory.taxonomy import KINDS

FEED = Path(__file__).parent / "data" / "open-list.json"
PUBLISHER = "Bow and Poplar Open List"
IMPORTED_AGO = 20


def fill(said: Entry, world: World) -> None:
    """Lay before the editors all that the file says was said and sent."""
    for what, do in SAID.items():
        for entry in said[what]:
            with clock.set_to(moment(entry["ago"])):
                do(entry, world)
    _change_many(said["batch"], world)


def _wish(entry: Entry, _world: World) -> None:
    wishes.wish(entry["words"], entry["place"], entry["times"], by=VISITOR)


def _report(entry: Entry, world: World) -> None:
    words = entry["about"], entry["words"], entry.get("email", "")
    reports.report(world.service(entry["listing"]), *words, by=VISITOR)


def _claim(entry: Entry, world: World) -> None:
    words = entry["name"], entry["email"], entry["words"]
    claims.claim(world.service(entry["listing"]), *words, by=VISITOR)


def _thank(entry: Entry, world: World) -> None:
    thanks.thank(world.service(entry["listing"]), entry["words"], by=VISITOR)
    db.session.flush()
    if entry.get("read"):
        [made] = (each for each in thanks.waiting_thanks() if each.words == entry["words"])
        thanks.decide_thanks(made, accept=True, by=_editor(world))


def _note(entry: Entry, world: World) -> None:
    note(world.service(entry["listing"]), entry["words"], by=_editor(world))


def _send(entry: Entry, world: World) -> None:
    """Somebody adds their group, by the link in the letter."""
    ask_for_link(entry["email"], entry["your_name"], by=VISITOR)
    db.session.flush()
    draft = db.session.scalars(select(GroupDraft).where(GroupDraft.email == entry["email"])).one()
    send(draft, _facts(entry, world), entry["group"], by=VISITOR)


def _facts(entry: Entry, world: World) -> ListingFacts:
    """What they wrote; one of them wrote what is listed already."""
    if "like" not in entry:
        return facts_in(dict(entry), {})
    facts = facts_of(world.service(entry["like"]))
    return replace(facts, name=entry["name"], email=entry["email"])


def _change_many(entry: Entry, world: World) -> None:
    """An editor said of many listings at once what kind they are."""
    by = _editor(world)
    with clock.set_to(moment(entry["ago"])):
        db.session.flush()
        chosen = [world.service(key) for key in entry["listings"]]
        carry_out(new_batch(What.KIND, chosen, by=by, to=[[KINDS, entry["kind"]]]), by=by)


def _editor(world: World) -> Actor:
    return actor_for(world.users["editor"])


SAID: dict[str, Callable[[Entry, World], None]] = {
    "wish": _wish,
    "report": _report,
    "claim": _claim,
    "sent": _send,
    "thanks": _thank,
    "note": _note,
}
"""What is done with each part of the file."""


def bring_in_feed(users: Mapping[str, User]) -> int:
    """An editor brought in a feed whose categories nobody has read as ours yet.

    It saves as it goes, as every import does.
    """
    with clock.set_to(moment(IMPORTED_AGO)):
        by = actor_for(users["editor"])
        return import_file(FEED.name, FEED, by=by, source=PUBLISHER).created


def go_round() -> None:
    """What the loop does each day: ask groups in doubt, look for doubles, write counts down."""
    enquiries.go_round()
    merging.look_for_pairs()
    with saving():
        deliver()
    counting.write_down()
