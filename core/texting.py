"""Ground floor: text messages, sent by GOV.UK Notify.

Its template is one field, ((words)), so that what a message says is kept with us. Notify learns the
number, and words that say no more than any letter of ours.
"""

from notifications_python_client.errors import APIError
from notifications_python_client.notifications import NotificationsAPIClient

from core.settings import Settings

ANSWERS_WITHIN = 20
"""Seconds."""
NO_SUCH_MESSAGE = 400
"""What Notify answers to a number that is none, or to words it cannot send."""


class CannotText(OSError):
    """The message was not taken; to be tried again, as when the post is down."""


class NotTaken(CannotText):
    """This very message was refused; others may go."""


def send_text(to: str, words: str, reference: str, settings: Settings) -> None:
    """Hand one message to Notify; raises CannotText. The reference is how it is found there."""
    if not settings.notify_key:
        raise CannotText("NOTIFY_KEY is not set")
    client = NotificationsAPIClient(  # type: ignore[no-untyped-call]
        settings.notify_key, base_url=settings.notify_url, timeout=ANSWERS_WITHIN
    )
    try:
        client.send_sms_notification(  # type: ignore[no-untyped-call]
            phone_number=to,
            template_id=settings.notify_template,
            personalisation={"words": words},
            reference=reference,
        )
    except APIError as error:
        # Its message may repeat what was sent.
        trouble = NotTaken if error.status_code == NO_SUCH_MESSAGE else CannotText
        raise trouble(f"Notify answered {error.status_code}") from None
