"""Directory: keeps people without an account from sending us more than a person would.

Nothing is kept that could tell later who it was: `who` comes in as a hash keyed anew every day.
"""

from datetime import timedelta

from sqlalchemy import delete, func, select

from core import clock
from core.db import change_rows, db
from core.errors import BadInput
from core.languages import _
from directory.models import Sending

WINDOW = timedelta(hours=1)
MOST_AN_HOUR = 12


def note_sending(who: str) -> None:
    """Count that this visitor sends something; BadInput when it is more than a person would."""
    lately = Sending.who == who, Sending.at > clock.now() - WINDOW
    sent = db.session.scalar(select(func.count()).select_from(Sending).where(*lately)) or 0
    if sent >= MOST_AN_HOUR:
        raise BadInput(_("You have sent us a lot in a short while. Wait an hour, or call us."), 429)
    db.session.add(Sending(who=who, at=clock.now()))


def forget_sendings() -> int:
    """Drop the counts that matter no longer; returns how many."""
    return change_rows(delete(Sending).where(Sending.at < clock.now() - WINDOW))
