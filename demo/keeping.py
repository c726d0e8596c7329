"""The demo's groups keep their listings: notices, changes, what they say of safety, drawings."""

import random
import tomllib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from accounts import Organisation, actor_for
from core import clock
from core.actors import Actor
from core.db import db
from demo.pictures import drawn
from demo.story import Entry, World
from demo.towns import keeper
from directory import Service, counting, next_sessions
from directory.assurance import Said, mark_seen, say
from directory.editing import propose_change
from directory.facts import ListingFacts, PhoneFacts
from directory.keeping import facts_of
from directory.notices import cancel_session, pause_between, say_full, say_news
from directory.photos import add_photo
from directory.rules import AssuranceKind
from directory.shortlists import share

FILE = Path(__file__).parent / "data" / "directory.toml"

A_DAY = timedelta(days=1)
NEXT_WEEK = timedelta(days=4)
NEWS_FOR = timedelta(days=12)
COUNTED = timedelta(days=35)
SAFE_GROUPS = 40

OFTEN = {
    counting.SEEN: (2, 14),
    counting.SHORTLISTED: (0, 3),
    counting.CALENDAR: (-2, 2),
    counting.LEAFLET: (-3, 1),
}
"""From and to how often a day something is done with a listing; below nought is not at all."""

PAPERS = {
    AssuranceKind.INSURANCE: ("Cover of £5 million", 300, 365),
    AssuranceKind.DBS: ("Everybody who is alone with people", 500, 1095),
    AssuranceKind.SAFEGUARDING_LEAD: ("", 0, 0),
    AssuranceKind.SAFEGUARDING_TRAINING: ("Two of us did the half-day course", 600, 1095),
    AssuranceKind.FIRST_AID: ("At every session", 700, 1095),
    AssuranceKind.FOOD_HYGIENE: ("Level 2 in the kitchen", 400, 1095),
}
"""What groups say of each: the words, how many days old the paper is at most, how long it holds."""


def read() -> Entry:
    """What the file of groups, visitors and editors says."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def keep_listings(said: Entry, world: World) -> None:
    """Let the groups do all that the file says they did."""
    for entry in said["notice"]:
        _put_up(entry, world.service(entry["listing"]))
    for entry in said["change"]:
        _ask_for_change(entry, world)
    for entry in said["photo"]:
        service = world.service(entry["listing"])
        add_photo(service, drawn(entry["draws"]), entry["alt"], by=_group(service))


def _put_up(entry: Entry, service: Service) -> None:
    by, words, today = _group(service), entry.get("words", ""), clock.today()
    if entry["kind"] == "cancelled":
        [session] = next_sessions(service, after=clock.now() + NEXT_WEEK, count=1)
        cancel_session(service, session.on, words, by=by)
    elif entry["kind"] == "christmas":
        pause_between(service, *christmas(today), words, by=by)
    elif entry["kind"] == "full":
        say_full(service, by=by)
    else:
        say_news(service, words, today + NEWS_FOR, by=by)


def christmas(today: date) -> tuple[date, date]:
    """The first and the last day off at the coming Christmas, or at the one that is on."""
    year = today.year if today > date(today.year, 1, 3) else today.year - 1
    return date(year, 12, 21), date(year + 1, 1, 3)


def _ask_for_change(entry: Entry, world: World) -> None:
    """A group wants something changed that an editor must look at first."""
    service = world.service(entry["listing"])
    by = actor_for(world.users[entry["by"]]) if "by" in entry else _group(service)
    with clock.set_to(clock.now() - entry["ago"] * A_DAY):
        propose_change(service, _changed(facts_of(service), entry), version=service.version, by=by)
        db.session.flush()


def _changed(facts: ListingFacts, entry: Entry) -> ListingFacts:
    if "phone" in entry:
        facts = replace(facts, phones=(PhoneFacts(number=entry["phone"]),))
    return replace(facts, **entry.get("facts", {}))


def say_how_safe(groups: Iterable[Organisation], *, editor: Actor) -> None:
    """Many groups say how they keep people safe; an editor has seen some of the papers."""
    for number, group in enumerate(list(groups)[:SAFE_GROUPS]):
        lot = random.Random(group.name)  # noqa: S311 - the same at every load
        kinds = lot.sample(list(PAPERS), k=2 + number % 3)
        for kind in kinds:
            words, oldest, holds = PAPERS[kind]
            say(group, kind, _paper(words, oldest, holds, lot), by=keeper(group))
        if number % 2:
            db.session.flush()
            seen_on = clock.today() - lot.randint(5, 90) * A_DAY
            mark_seen(group.id, kinds[0], seen_on, by=editor)


def _paper(words: str, oldest: int, holds: int, lot: random.Random) -> Said:
    if not oldest:
        return Said(words)
    dated_on = clock.today() - lot.randint(20, oldest) * A_DAY
    return Said(words, dated_on, dated_on + holds * A_DAY)


def count_visits(service_ids: Iterable[uuid.UUID]) -> None:
    """Some weeks of visits to these listings; written down once the rest is saved."""
    lot = random.Random("visits")  # noqa: S311 - the same at every load
    now = clock.now()
    for service_id in service_ids:
        for ago in range(COUNTED.days):
            with clock.set_to(now - ago * A_DAY):
                for what, (least, most) in OFTEN.items():
                    for _ in range(lot.randint(least, most)):
                        counting.count([service_id], what)


def share_a_list(keys: Iterable[str], services: Mapping[str, uuid.UUID]) -> None:
    """Somebody put their shortlist under a short address."""
    share(services[key] for key in keys)


def moment(ago: int) -> datetime:
    """So many days ago, at this hour."""
    return clock.now() - ago * A_DAY


def _group(service: Service) -> Actor:
    return keeper(service.organisation)
