"""Referrals on the web: about whom a page was made, for the note that is kept of each page."""

from flask import has_request_context
from sqlalchemy import event

from core import audit
from referrals.models import Person


@event.listens_for(Person, "load")
def _read(person: Person, _context: object) -> None:
    if has_request_context():
        audit.read(f"person:{person.id}")
