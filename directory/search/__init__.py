"""Directory: finding listings; nobody else knows that there is an index."""

from core import clock
from core.db import db
from directory.models import SearchJob, Service


def mark(service: Service) -> None:
    """Note, in the transaction of the change itself, that this listing is to be indexed anew."""
    db.session.add(SearchJob(service_id=service.id, at=clock.now()))
