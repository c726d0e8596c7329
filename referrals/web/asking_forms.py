"""Asking for help: what may be typed on each page, and how; one question a page, few pages."""

from datetime import time
from typing import Any

from wtforms import (
    BooleanField,
    EmailField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import Length, ValidationError

from core.forms import (
    Form,
    PartsDateField,
    Required,
    choices_of,
    is_email,
    is_phone,
    is_postcode,
)
from core.languages import lazy
from directory import find_place
from referrals.person.pages import bare, objection_to_pin
from referrals.rules import ContactRoute, Reason


def _longest(count: int) -> Length:
    return Length(max=count, message=lazy("Use %(count)s letters or fewer", count=count))


WHY_WORDS = {
    Reason.LONELY: lazy("Feeling lonely, or seeing few people"),
    Reason.LOW_MOOD: lazy("Low mood or worry"),
    Reason.LONG_TERM_ILLNESS: lazy("Pain or a long illness"),
    Reason.MONEY_HOUSING: lazy("Money, benefits or a home"),
    Reason.CARING: lazy("Looking after somebody"),
    Reason.BEREAVEMENT: lazy("Somebody has died"),
    Reason.MEMORY: lazy("Memory"),
    Reason.OTHER: lazy("Something else"),
}

ROUTE_WORDS = {
    ContactRoute.PHONE: lazy("Phone call"),
    ContactRoute.TEXT: lazy("Text message"),
    ContactRoute.EMAIL: lazy("Email"),
}

VOICEMAIL_WORDS = {
    "no": lazy("No, say nothing to a machine"),
    "yes": lazy("Yes, you can leave a message"),
}

NOT_BEFORE_WORDS = {
    time(10).isoformat("minutes"): lazy("From 10 in the morning"),
    time(12).isoformat("minutes"): lazy("From midday"),
    time(14).isoformat("minutes"): lazy("From 2 in the afternoon"),
    time(17).isoformat("minutes"): lazy("From 5 in the afternoon"),
}

FRIEND_WORDS = {
    "relative": lazy("I am a relative"),
    "friend": lazy("I am a friend"),
    "neighbour": lazy("I am a neighbour"),
    "carer": lazy("I look after them"),
    "other": lazy("Something else"),
}

PIN_WORDS = {
    "digits": lazy("Enter 4 to 8 numbers, with no letters"),
    "easy": lazy("That PIN is easy to guess. Choose another"),
}


class WhereForm(Form):
    """Where do you live?"""

    postcode = StringField(
        lazy("Postcode"), [Required(lazy("Enter a postcode, like E3 3BQ")), is_postcode]
    )

    def validate_postcode(self, field: Any) -> None:
        """A postcode that there is."""
        if field.data and find_place(field.data) is None:
            raise ValidationError(lazy("We do not know that postcode. Check it and try again"))


class WhyForm(Form):
    """What would you like help with?"""

    reasons = SelectMultipleField(
        lazy("Tick all that fit"),
        [Required(lazy("Tick at least one. “Something else” is a good answer too"))],
        choices=choices_of(WHY_WORDS),
    )
    words = TextAreaField(
        lazy("Anything you want to say about it"),
        [_longest(500)],
        description=lazy("You can leave this empty."),
    )


class FriendForm(Form):
    """Who are you, and did they say yes?"""

    name = StringField(lazy("Your name"), [Required(lazy("Enter your name")), _longest(120)])
    is_their = SelectField(lazy("What are you to them?"), choices=choices_of(FRIEND_WORDS))
    phone = TelField(
        lazy("Your phone number"),
        [is_phone],
        description=lazy("Only if we may ring you. You can leave this empty."),
    )
    said_yes = BooleanField(
        lazy("They know that I am asking, and said yes"),
        [Required(lazy("Ask them first. Tick the box when they have said yes"))],
    )


class WhoForm(Form):
    """What is your name?"""

    called = StringField(
        lazy("Name, or what to be called"),
        [Required(lazy("Enter a name. A first name is enough")), _longest(60)],
    )
    born_on = PartsDateField(
        lazy("Date of birth"),
        [Required(lazy("Enter a date of birth, like 31 3 1980"))],
        description=lazy("So that we do not mix you up with somebody else. Like 31 3 1980."),
        must_be_past=True,
    )


class ReachForm(Form):
    """How may we reach you?"""

    contact_route = RadioField(
        lazy("Choose one"),
        [Required(lazy("Choose how we may get in touch"))],
        choices=choices_of(ROUTE_WORDS),
    )
    phone = TelField(lazy("Phone number"), [is_phone], description=lazy("For calls and texts."))
    email = EmailField(lazy("Email address"), [is_email], description=lazy("Only for emails."))
    communication_needs = StringField(
        lazy("Is there anything that helps you to talk or read?"),
        [_longest(200)],
        description=lazy("For example, large print or an interpreter. You can leave this empty."),
    )

    def validate_contact_route(self, field: Any) -> None:
        """What they chose needs its number or address."""
        is_email_chosen = field.data == ContactRoute.EMAIL
        if is_email_chosen and not (self.email.data or "").strip():
            raise ValidationError(lazy("Enter your email address below"))
        if field.data and not is_email_chosen and not (self.phone.data or "").strip():
            raise ValidationError(lazy("Enter your phone number below"))


class SafeForm(Form):
    """When is it safe to get in touch?"""

    voicemail = RadioField(
        lazy("May we leave a voice message?"), choices=choices_of(VOICEMAIL_WORDS), default="no"
    )
    not_before = SelectField(
        lazy("When in the day may we ring or write?"), choices=choices_of(NOT_BEFORE_WORDS)
    )
    code_word = StringField(
        lazy("A code word"),
        [_longest(30)],
        description=lazy(
            "We say it first, so that you know it is us. For example, kingfisher. "
            "You can leave this empty."
        ),
    )


class PinForm(Form):
    """Choose a PIN."""

    pin = PasswordField(
        lazy("PIN"),
        [Required(lazy("Enter 4 to 8 numbers"))],
        description=lazy("4 to 8 numbers that you can remember. Not your bank’s."),
    )

    def validate_pin(self, field: Any) -> None:
        """Numbers that are not the first anybody would try."""
        wrong = objection_to_pin(bare(field.data or ""))
        if wrong:
            raise ValidationError(PIN_WORDS[wrong])


class AgreeForm(Form):
    """It is right, and may be sent."""

    agreed = BooleanField(
        lazy("I agree to this"), [Required(lazy("Tick the box to say that you agree"))]
    )


FORMS: dict[str, type[Form]] = {
    "why": WhyForm,
    "friend": FriendForm,
    "who": WhoForm,
    "reach": ReachForm,
    "safe": SafeForm,
    "pin": PinForm,
}
"""The questions after the first, in the order they are asked."""
