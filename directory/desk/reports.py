"""Directory: somebody says that a listing is wrong; an editor looks, and they can be told."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import selectinload

from core import audit, clock, outbox, site
from core.actors import Actor
from core.db import change_rows, db
from core.errors import BadInput, NotFound
from core.languages import _, in_english, lazy
from directory.desk.deciding import settle, verdict
from directory.models import Report, Service
from directory.rules import Aspect, Decision

STOPPED, OTHER = "stopped", "other"

ABOUT_WORDS = {
    Aspect.TIME: lazy("The day or the time"),
    Aspect.PLACE: lazy("The place or the address"),
    Aspect.PRICE: lazy("What it costs"),
    Aspect.CONTACT: lazy("The phone number, email or website"),
    Aspect.WHO_FOR: lazy("Who it is for"),
    Aspect.ACCESS: lazy("What it says about access"),
    Aspect.ABOUT: lazy("What it says about itself"),
    STOPPED: lazy("It has stopped"),
    OTHER: lazy("Something else"),
}
"""What can be wrong with a listing, in the words of whoever noticed."""

MOST_WAITING = 25
"""So many unanswered reports of one listing tell an editor all there is to tell."""

FORGOTTEN_AFTER = timedelta(days=90)
LETTER = "report-answered"
LETTER_FORGOTTEN_AFTER = timedelta(days=7)


def report(service: Service, about: str, words: str, email: str = "", *, by: Actor) -> None:
    """Put before the editors that something in a listing is wrong."""
    if about not in ABOUT_WORDS:
        raise BadInput(_("Choose what is wrong."))
    waiting = select(func.count()).select_from(Report).where(_is_waiting(), _is_of(service))
    if (db.session.scalar(waiting) or 0) >= MOST_WAITING:
        return
    made = Report(
        service_id=service.id,
        about=about,
        words=words.strip(),
        email=email.strip(),
        made_at=clock.now(),
    )
    db.session.add(made)
    audit.record(by, "listing reported", about=f"service:{service.id}", aspect=about)


def waiting_reports() -> list[Report]:
    """The reports nobody has answered, the oldest first."""
    found = select(Report).where(_is_waiting()).order_by(Report.made_at, Report.id)
    return list(db.session.scalars(found.options(selectinload(Report.service))))


def get_report(report_id: uuid.UUID) -> Report:
    """The report, or NotFound."""
    found = db.session.get(Report, report_id)
    if found is None:
        raise NotFound
    return found


def doubted(service_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, frozenset[Aspect]]:
    """What of these listings somebody has said is wrong, and no editor has answered yet.

    That it has stopped, or something else, puts the time and the contact in doubt: one call tells.
    """
    found = select(Report.service_id, Report.about).where(
        _is_waiting(), Report.service_id.in_(service_ids)
    )
    said: dict[uuid.UUID, set[Aspect]] = {}
    for service_id, about in db.session.execute(found):
        aspects = {Aspect.TIME, Aspect.CONTACT} if about in {STOPPED, OTHER} else {Aspect(about)}
        said.setdefault(service_id, set()).update(aspects)
    return {service_id: frozenset(aspects) for service_id, aspects in said.items()}


def reported_ids() -> Select[uuid.UUID]:
    """The listings somebody says are wrong, as a query."""
    return select(Report.service_id).where(_is_waiting())


def answer_report(report: Report, answer: str, *, accept: bool, by: Actor) -> None:
    """Close a report: put right, or found to be right. Who left an e-mail is told, then forgotten.

    What is wrong is put right in the listing itself, before this.
    """
    too_late = _("Somebody has answered this already.")
    settle(report, verdict(accept=accept), by=by, too_late=too_late)
    report.answer = answer.strip()
    if report.email:
        outbox.put(_letter(report))
        report.email = ""
    audit.record(
        by,
        "report answered",
        about=f"service:{report.service_id}",
        report=str(report.id),
        decision=report.decision,
    )


def forget_reporters() -> int:
    """Forget the addresses we have no more use for; returns how many."""
    late = Report.email != "", Report.made_at < clock.now() - FORGOTTEN_AFTER
    unanswered = change_rows(update(Report).where(*late).values(email=""))
    sent = outbox.forget_addresses(LETTER, sent_before=clock.now() - LETTER_FORGOTTEN_AFTER)
    return unanswered + sent


def _is_waiting() -> ColumnElement[bool]:
    return Report.decision == Decision.WAITING


def _is_of(service: Service) -> ColumnElement[bool]:
    return Report.service_id == service.id


@in_english()
def _letter(report: Report) -> outbox.Draft:
    name = report.service.name
    told = _("You told us that something was wrong with %(name)s. Thank you.", name=name)
    done = _("We have put it right.")
    if report.decision is Decision.REFUSED:
        done = _("We have looked, and left it as it is.")
    url = site.address(f"/activities/{report.service.slug}")
    forgotten = _("This is our only letter about it, and we now forget your email address.")
    body = [f"{told} {done}", report.answer, url, forgotten, site.name()]
    return outbox.Draft(
        kind=LETTER,
        about=f"report:{report.id}",
        same_as=f"report-answered:{report.id}",
        to_address=report.email,
        subject=_("What became of what you told us"),
        body="\n\n".join(filter(None, body)) + "\n",
    )
