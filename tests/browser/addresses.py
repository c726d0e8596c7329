"""The pages there are, read off the application, each with keys of the demo that make it fullest.

A new page is found the moment it exists; a new sort of key has to be named in KEYS.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import product
from shutil import copyfile

from sqlalchemy import Select, select
from werkzeug.routing import AnyConverter, Rule

from accounts import May, User, actor_for
from accounts.signing_in.resetting import invitation_to
from core import clock
from core.access import door_of
from core.actors import VISITOR, Actor, system
from core.db import db
from core.outbox import Letter
from core.saving import saving
from demo.cast import CAST
from demo.desk import FEED
from directory import Service, editing, taxonomy
from directory.desk import claims, merging, reports, thanks
from directory.desk.batches import new_batch
from directory.desk.bulk import What
from directory.desk.waiting import new_listings
from directory.feeds.importing import carry_on
from directory.feeds.runs import begin, file_of, get_run, latest_runs
from directory.freshness.keeper_links import keeper_link
from directory.listings import listings_for
from directory.models import GroupDraft, Photo
from directory.rules import ImportState
from directory.shortlists import share
from directory.timing.sessions import next_sessions
from referrals import Person, Referral, Status, referrals_for
from referrals.breaking_glass import break_glass
from referrals.measures import LONELINESS
from referrals.measuring import ask
from referrals.models import Emergency, FirstVisit, Goal
from referrals.rights.keeping import waiting_for
from referrals.rights.requests import requests_for
from referrals.rights.reviewing import lay_out
from referrals.rules import Came, ContactRoute, Point
from referrals.slips import hand_over
from tests.browser.live import EMAILS, Live
from tests.joining_builders import EMAIL, a_group_on_its_way, key_in_letter

A_VISITOR = ""
NO_PAGES = "/api/", "/sitemap"
FORM = '<form method="post"'
TOKEN = re.compile(r"/g/([\w-]{43})")
ENOUGH = 4
"""So many pages of one sort are opened to find the fullest; those with most to do come first."""
FULLEST_FIRST = (Status.IN_PROGRESS, Status.SENT, Status.INFO_REQUESTED, Status.ACCEPTED)

Read = Callable[[str], str]
"""Fetches a path, as somebody: the page, or nothing where there is none for them."""


def pages_of(key: str, live: Live, read: Read) -> Iterator[str]:
    """The pages that one of the cast comes to, or a visitor; the fullest of each sort."""
    with live.app.app_context(), clock.set_to(live.now()):
        actor = _actor(key)
        rules = [rule for rule in live.app.url_map.iter_rules() if _reader(live, rule) == key]
        sorts = [list(paths) for rule in rules for paths in _sorts(rule, actor)]
        db.session.rollback()
    for paths in sorts:
        yield from _fullest(paths, read)


def readers(live: Live) -> set[str]:
    """Those of the cast to whom a page falls, and the visitor."""
    with live.app.app_context(), clock.set_to(live.now()):
        found = {_reader(live, rule) for rule in live.app.url_map.iter_rules()}
        db.session.rollback()
    return {key for key in found if key is not None}


def asked_for(live: Live) -> list[str]:
    """Pages that are only there when asked for: what an editor compares, and what a word means."""
    with live.app.app_context(), clock.set_to(live.now()):
        pair, word = merging.pairs(1)[0], taxonomy.foreign_in_use()[0]
        return [
            f"/desk/directory/same?keep={pair.one.id}&other={pair.other.id}",
            f"/desk/directory/word?term={word.id}",
            "/desk/directory/meaning?code=bereavement",
            *(f"/desk/directory?tab={tab}" for tab in ("changes", "duplicates", "old")),
        ]


def keys_of_groups(live: Live) -> list[object]:
    """The keys that groups were sent, the newest first."""
    with live.app.app_context():
        return _group_keys()


def _fullest(paths: Iterable[str], read: Read) -> list[str]:
    """The first page with a form to fill in, or else the longest of the first few."""
    opened: dict[str, int] = {}
    for path in paths:
        page = read(path)
        if FORM in page:
            return [path]
        if page:
            opened[path] = len(page)
        if len(opened) == ENOUGH:
            break
    return sorted(opened, key=lambda path: opened[path])[-1:]


def _actor(key: str) -> Actor:
    user = db.session.scalar(select(User).where(User.email == EMAILS.get(key, "")))
    return actor_for(user) if user else VISITOR


def _reader(live: Live, rule: Rule) -> str | None:
    """The first of the cast who may come in; a visitor where everybody may, or with a link."""
    door = door_of(live.app.view_functions[rule.endpoint])
    if rule.rule.startswith(NO_PAGES) or door is None or "GET" not in (rule.methods or ()):
        return None
    if door.own:
        return "gp"
    if not door.permissions:
        return A_VISITOR
    allowed = (
        member.key
        for member in CAST
        if any(_actor(member.key).may(permission) for permission in door.permissions)
    )
    return next(allowed, None)


def _sorts(rule: Rule, actor: Actor) -> Iterator[Iterator[str]]:
    """The rule's addresses, apart for each word that one of its parts can be."""
    if "filename" in rule.arguments:
        return
    names = sorted(rule.arguments - set(rule.defaults or ()))
    words = [name for name in names if isinstance(rule._converters[name], AnyConverter)]
    keys = [name for name in names if name not in words]
    for chosen in product(*(sorted(rule._converters[name].items) for name in words)):  # type: ignore[attr-defined]
        fixed = dict(zip(words, chosen, strict=True))
        held = product(*(list(KEYS[name](actor)) for name in keys))
        yield (_address(rule, {**fixed, **dict(zip(keys, each, strict=True))}) for each in held)


def _address(rule: Rule, values: dict[str, object]) -> str:
    built = rule.build(values, append_unknown=False)
    assert built is not None, (rule.rule, values)
    return built[1]


def _referrals(actor: Actor, *, onward: bool) -> list[object]:
    """One for each state that a referral can be in, the ones with most to do first."""
    wanted: Select[tuple[Referral]] = referrals_for(actor).where(
        Referral.parent_id.is_not(None) if onward else Referral.parent_id.is_(None)
    )
    one_each = {it.status: it.id for it in db.session.scalars(wanted.order_by(Referral.sent_at))}
    first = [one_each[status] for status in FULLEST_FIRST if status in one_each]
    return [*first, *(it for it in one_each.values() if it not in first)]


def _visits(actor: Actor) -> list[object]:
    """Visits to come, of the referrals above."""
    planned = select(FirstVisit.id).where(
        FirstVisit.came == Came.PLANNED,
        FirstVisit.referral_id.in_(_referrals(actor, onward=True)),
    )
    return list(db.session.scalars(planned))


def _group_keys() -> list[object]:
    """The keys of the newest letters to groups."""
    letters = db.session.scalars(select(Letter).order_by(Letter.written_at)).all()
    found = [TOKEN.search(letter.body) for letter in letters if "/g/" in letter.body]
    return [each[1] for each in found[::-1] if each][:12]


def _goals(actor: Actor) -> list[object]:
    """A few goals of people whose pages are among those read."""
    people = _referrals(actor, onward=False)
    wanted = select(Goal.id).where(Goal.referral_id.in_(people), Goal.ended_at.is_(None))
    return list(db.session.scalars(wanted.limit(2)))


def _actor_id(key: str) -> object:
    return _actor(key).user_id


def _glass(actor: Actor) -> list[object]:
    """A record opened in an emergency: by this link worker, or, for a lead to judge, by another."""
    far = "lancashire-link-worker"
    whose, by = _actor(far), actor
    if actor.may(May.LEAD_TEAM):
        whose, by = by, whose
    open_ones = referrals_for(whose).where(Referral.status == Status.IN_PROGRESS)
    referral = db.session.scalars(open_ones.where(Referral.parent_id.is_(None))).first()
    assert referral is not None
    with saving():
        why = "The police ask if she is safe tonight."
        return [break_glass(referral, Emergency.DANGER, why, by=by).id]


def _tokens(_actor: Actor) -> list[object]:
    _bring_a_group_on_its_way()
    with saving():
        still_right = keeper_link(_knit_and_natter(), by=system("test")).rpartition("/")[2]
        user = db.session.scalars(select(User).where(User.email == EMAILS["gp"])).one()
        invited = invitation_to(user, by=system("test")).rpartition("/")[2]
    return [key_in_letter(), still_right, invited, _questions(), *_group_keys()]


def _questions() -> str:
    """The key to questions that somebody was sent."""
    wanted = (
        select(Referral)
        .join(Person)
        .where(
            Referral.status == Status.IN_PROGRESS,
            Person.contact_route == ContactRoute.TEXT,
            Referral.owner_id.is_not(None),
        )
    )
    referral = db.session.scalars(wanted.order_by(Referral.sent_at)).first()
    assert referral is not None
    assert referral.owner is not None
    with saving():
        asked = ask(referral, LONELINESS, Point.LATER, by=actor_for(referral.owner))
        letter = select(Letter).where(Letter.same_as.startswith(asked.about))
        return db.session.scalars(letter).one().body.partition("/questions/")[2].split()[0]


def _photos(_actor: Actor) -> list[object]:
    _bring_a_group_on_its_way()
    return list(db.session.scalars(select(Photo.id)))


def _bring_a_group_on_its_way() -> None:
    """One draft with every page answered, and photos."""
    if db.session.scalars(select(GroupDraft.id).where(GroupDraft.email == EMAIL)).first() is None:
        with saving():
            a_group_on_its_way(_knit_and_natter(), EMAIL, keeper=system("test"))


def _lines(actor: Actor) -> list[object]:
    with saving():
        lines = [each for request in requests_for(actor) for each in lay_out(request, by=actor)]
    return [each.line.id for each in lines[:2]]


def _slugs(_actor: Actor) -> list[object]:
    return [_knit_and_natter().slug]


def _dates(_actor: Actor) -> list[object]:
    coming = next_sessions(_knit_and_natter(), after=clock.now(), count=1)
    return [each.on for each in coming]


def _codes(_whoever: Actor) -> list[object]:
    with saving():
        slip = hand_over(_knit_and_natter(), by=_actor("gp"))
        return [share([_knit_and_natter().id]).code, slip.code]


def _batches(_actor: Actor) -> list[object]:
    with saving():
        return [new_batch(What.PAUSE, [_knit_and_natter()], by=system("test")).id]


def _waiting(_actor: Actor) -> list[object]:
    """What lies before the editors, one of each sort."""
    waiting = (
        reports.waiting_reports(),
        claims.waiting_claims(),
        editing.waiting_changes(),
        thanks.waiting_thanks(),
    )
    return [new_listings()[0].service_id, *(each[0].id for each in waiting)]


def _runs(_actor: Actor) -> list[object]:
    """An import that waits for its editor, and one that is over."""
    with saving():
        run_id = begin(name=FEED.name, source="A second list", by=system("test"), mine=True).id
        copyfile(FEED, file_of(run_id))
    while get_run(run_id).state is not ImportState.READY:
        for _ in carry_on(run_id):
            pass
    return [each.id for each in latest_runs()]


def _knit_and_natter() -> Service:
    return db.session.scalars(select(Service).where(Service.name == "Knit and natter")).one()


KEYS: dict[str, Callable[[Actor], Iterable[object]]] = {
    "batch_id": _batches,
    "code": _codes,
    "glass_id": _glass,
    "goal_id": _goals,
    "item_id": _waiting,
    "on": _dates,
    "run_id": _runs,
    "referral_id": partial(_referrals, onward=False),
    "onward_id": partial(_referrals, onward=True),
    "photo_id": _photos,
    "service_id": lambda actor: [
        service.id for service in listings_for(actor)[:1] or [_knit_and_natter()]
    ],
    "slug": _slugs,
    "token": _tokens,
    "visit_id": _visits,
    "name": lambda _actor: [],
    "user_id": lambda _actor: [],
    "request_id": lambda actor: [each.id for each in requests_for(actor)],
    "line_id": _lines,
    "person_id": lambda actor: [each.person_id for each in waiting_for(actor)],
    "organisation_id": lambda actor: sorted(actor.where(May.KEEP_USERS)),
    "member_id": lambda _actor: [_actor_id("link-worker"), _actor_id("second-gp")],
}
