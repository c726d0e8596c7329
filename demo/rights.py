"""The demo's rights: somebody has asked for a copy, and a record whose time is over."""

from collections.abc import Mapping
from datetime import date, timedelta

from accounts import Organisation, actor_for
from core import clock
from core.actors import VISITOR
from demo.person import WORKER, people_of
from demo.story import World, deliver
from referrals.models import AskedHow, Right
from referrals.pathway import act
from referrals.person.asking import Answers, ask_for_help
from referrals.rights.requests import begin, confirm_identity
from referrals.rules import Action, ContactRoute, Reason

OFFICER = "ig-officer"
LONG_AGO = timedelta(days=3 * 365)

NEVER_TAKEN_ON = Answers(
    called="Arthur Peel",
    born_on=date(1939, 2, 17),
    postcode="E3 3BQ",
    reasons=[Reason.LONELY],
    words="I would like somebody to play draughts with.",
    contact_route=ContactRoute.PHONE,
    phone="01632 960 617",
)


def fill(world: World, organisations: Mapping[str, Organisation]) -> None:
    """One request with its identity made sure of, and one record for the officer to look at."""
    team, officer = organisations["bow-link-workers"], actor_for(world.users[OFFICER])
    with clock.set_to(clock.now() - LONG_AGO):
        old = ask_for_help(NEVER_TAKEN_ON, team, by=VISITOR)
        note = "He moved in with his son, in another town."
        act(old, Action.REJECT, note=note, by=actor_for(world.users[WORKER]))
    person = people_of(world.users[WORKER])[1]
    request = begin(
        person.ref,
        person.person.born_on,
        Right.SEE,
        AskedHow.PHONE,
        asked_on=clock.today() - timedelta(days=6),
        by=officer,
    )
    confirm_identity(
        request, "Rang the number that we hold, and asked for the code word.", by=officer
    )
    deliver()
