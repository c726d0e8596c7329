"""Referrals: a note from the practice about somebody who is with the link workers already."""

from core import audit, clock, outbox
from core.actors import Actor, system
from core.db import db, hold
from core.errors import Forbidden, Refused
from referrals import letters
from referrals.day import tasks
from referrals.models import AddedNote, Referral
from referrals.rules import NOT_YOURS, OPEN, Part
from referrals.sight import parts_of

TO_READ = "Read the note from the practice"


def add_note(referral: Referral, words: str, *, by: Actor) -> AddedNote:
    """Give the link worker a note, put it on their list, and write to them that there is news."""
    hold(referral)
    if referral.is_onward or Part.REFERRER not in parts_of(by, referral):
        raise Forbidden(NOT_YOURS.reason)
    if referral.status not in OPEN:
        raise Refused("This referral has ended. Refer them again if they would like help.")
    if not words.strip():
        raise Refused("Enter your note.")
    note = AddedNote(words=words.strip(), by=by.ref, by_name=by.name, at=clock.now())
    referral.added_notes.append(note)
    db.session.flush()
    audit.record(by, "note added by the practice", about=referral.about)
    tasks.add(referral, TO_READ, clock.today(), by=system("note from the practice"))
    occasion = f"added-note:{note.id}"
    draft = letters.to_team(letters.FOR_LINK_WORKER, referral, occasion=occasion, by=by)
    if draft is not None:
        outbox.put(draft)
    return note
