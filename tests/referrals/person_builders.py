"""What tests of people who ask for themselves have in common."""

from datetime import date
from typing import Any

from accounts import Organisation, hash_password
from core import outbox
from core.actors import VISITOR, system
from core.db import db
from core.links import SignedLink, find
from core.outbox import Letter
from referrals.models import PrivatePage, Referral
from referrals.person import pages
from referrals.person.areas import look_after
from referrals.person.asking import Answers, ask_for_help
from referrals.person.keys import MY_PAGE
from referrals.person.telling import send_key
from referrals.rules import ContactRoute, Reason
from tests.builders import in_one_work
from tests.referral_builders import a_team

TEST = system("test")
PIN = "4071"
PIN_HASH = hash_password(PIN)


def a_team_near(*begins: str, name: str = "") -> Organisation:
    """A team that looks after these postcodes."""
    with in_one_work():
        team = a_team(name)
        look_after(team, begins or ("E3",), by=TEST)
    return team


def answers(**changes: Any) -> Answers:
    """What somebody says who asks for help from a phone."""
    said: dict[str, Any] = {
        "called": "Rosa Quill",
        "born_on": date(1961, 5, 4),
        "postcode": "E3 3BQ",
        "reasons": [Reason.LONELY],
        "words": "It is quiet since I stopped work.",
        "contact_route": ContactRoute.TEXT,
        "phone": "07700 900 111",
        "code_word": "kingfisher",
    }
    return Answers(**(said | changes))


def asked(team: Organisation | None = None, **changes: Any) -> Referral:
    """Somebody who has asked for help themselves."""
    with in_one_work():
        return ask_for_help(answers(**changes), team or a_team(), by=VISITOR)


def a_private_page(referral: Referral | None = None) -> tuple[PrivatePage, str]:
    """A page of somebody's own, and the token of the link they were sent."""
    with in_one_work():
        page = pages.make_page(referral or asked(), pin_hash=PIN_HASH, by=TEST)
        send_key(page, occasion=f"test:{page.id}", by=TEST)
    return page, token_in(*(each for each in outbox.waiting() if str(page.id) in each.same_as))


def token_in(letter: Letter) -> str:
    """The key in a message."""
    return letter.body.partition("/my/")[2].split()[0]


def link_behind(token: str) -> SignedLink:
    link = find(MY_PAGE, token)
    assert link is not None
    return link


def opened(page: PrivatePage, token: str, pin: str = PIN) -> str:
    """Type the PIN; the key for the browser."""
    db.session.rollback()
    key = pages.enter(link_behind(token), pin)
    assert key is not None
    return key
