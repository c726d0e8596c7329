"""Referrals, groups: what the work loop does for them: letters, patience, offers and the sums."""

from datetime import timedelta

from core import work
from referrals.groups.inbox import forget_words, take_one
from referrals.groups.patience import lose_patience
from referrals.groups.value import post_all
from referrals.groups.waiting import offer_places
from referrals.groups.weeks import ask_who_came

EVERY_HOUR = timedelta(hours=1)


def init_app() -> None:
    """Have each of them done in its time; whatever was done already is not done again."""
    work.chore("ask who came", EVERY_HOUR, ask_who_came)
    work.chore("wait for groups", EVERY_HOUR, lose_patience)
    work.chore("offer places", timedelta(minutes=10), offer_places)
    work.chore("add up what groups give", EVERY_HOUR, post_all)
    work.queue("messages from groups", take_one)
    work.chore("forget what groups wrote", timedelta(days=1), forget_words)
