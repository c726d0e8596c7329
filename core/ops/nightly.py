"""Ground floor: what is watched over while nobody looks, and the letter to whoever runs the site.

The letter names the trouble and the machine's own words for it, never anything about a person.
"""

from datetime import timedelta

from core import ballast, clock, outbox, sealing, work
from core.languages import _
from core.ops import backups, doctor
from core.outbox import Draft
from core.saving import saving
from core.settings import Settings, in_force


def init_app() -> None:
    """Register the watches."""
    work.chore(backups.CHORE, timedelta(days=1), back_up, apart=True)
    work.chore("settle what outlasts", timedelta(hours=1), sealing.settle_doubts)
    work.chore("look at the disk", timedelta(hours=1), look_at_the_disk)


def back_up() -> None:
    """The nightly backup, tried out; if it fails whoever runs the site gets a letter a day."""
    settings = in_force()
    try:
        backups.nightly(settings)
    except Exception as error:
        said = str(error) if isinstance(error, work.Failed) else type(error).__name__
        tell(
            "backup",
            _("The nightly backup failed"),
            _("Tonight’s backup could not be made, or could not be restored when it was tried out.")
            + f"\n\n{said}\n\n"
            + _("Run “flask ops doctor” and then “flask ops backup”."),
            settings,
        )
        raise


def look_at_the_disk() -> None:
    """Write to whoever runs the site while the disk is nearly full, or has been: once a day."""
    settings = in_force()
    ballast.take_in(settings)
    used = doctor.disk_used(settings)
    if used >= doctor.FULL_AT:
        tell(
            "disk",
            _("The disk is filling up"),
            _("The disk is %(percent)s full. Make room, or nobody can save anything soon.")
            % {"percent": f"{used:.0%}"},
            settings,
        )


def tell(kind: str, subject: str, body: str, settings: Settings) -> None:
    """Write one letter a day about one kind of trouble to whoever runs the site."""
    if not settings.operator_email:
        return
    with saving():
        outbox.put(
            Draft(
                kind="operator",
                about=f"site:{kind}",
                same_as=f"operator {kind} {clock.today()}",
                to_address=settings.operator_email,
                subject=f"{settings.site_name}: {subject}",
                body=body,
            )
        )
