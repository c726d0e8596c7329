"""The clinician's forms: what may be typed, and how; the domain says whether it may be done."""

from typing import Any

from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
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
from core.languages import _, lazy
from directory import format_postcode
from referrals.people import NewPerson, clean_nhs_number, is_nhs_number
from referrals.rules import REASON_WORDS, ContactRoute, Reason

ROUTE_WORDS = {
    ContactRoute.PHONE: "By phone",
    ContactRoute.TEXT: "By text",
    ContactRoute.EMAIL: "By email",
    ContactRoute.LETTER: "By letter",
    ContactRoute.SOMEONE_ELSE: "Through somebody else",
}

KEPT_AS = {
    ContactRoute.PHONE: "phone",
    ContactRoute.TEXT: "phone",
    ContactRoute.EMAIL: "email",
    ContactRoute.LETTER: "address",
    ContactRoute.SOMEONE_ELSE: "contact_note",
}
"""Which fact about the person each way to reach them is."""

MISSING = {
    ContactRoute.PHONE: "Enter the phone number to ring",
    ContactRoute.TEXT: "Enter the mobile number to send texts to",
    ContactRoute.EMAIL: "Enter the email address to write to",
    ContactRoute.LETTER: "Enter the address to write to",
    ContactRoute.SOMEONE_ELSE: "Enter whom to ask for, and how to reach them",
}


def at_most(letters: int) -> Length:
    """A limit, said in plain words."""
    return Length(max=letters, message=lazy("Use %(count)s letters or fewer", count=letters))


def _tidy(field: StringField) -> str:
    return " ".join((field.data or "").split())


class ReferForm(Form):
    """Whom, how to reach them, and why; the button that sends it says that they agree."""

    name = StringField(lazy("Full name"), [Required(lazy("Enter their full name")), at_most(120)])
    preferred_name = StringField(lazy("Likes to be called"), [at_most(60)])
    born_on = PartsDateField(
        lazy("Date of birth"), [Required(lazy("Enter their date of birth"))], must_be_past=True
    )
    nhs_number = StringField(
        lazy("NHS number"), [at_most(40)], description="10 digits. You can paste it with spaces."
    )
    no_number = BooleanField(lazy("No NHS number to hand"))
    postcode = StringField(
        lazy("Postcode"),
        [at_most(10), is_postcode],
        description="Leave empty if they have no home.",
    )
    contact_route = SelectField(
        lazy("How to reach them"),
        [Required(lazy("Choose how the link worker may reach them"))],
        choices=choices_of({"": "Choose one"} | ROUTE_WORDS),
        description=lazy("The one way that suits them."),
    )
    reach = StringField(
        lazy("Number or address for that"),
        [at_most(200)],
        description=lazy("Or whom to ask for, and how."),
    )
    communication_needs = StringField(
        lazy("What helps them to talk with us"),
        [at_most(200)],
        description=lazy("Large print, an Urdu interpreter … You can leave this empty."),
    )
    note = TextAreaField(
        lazy("A note for the link worker"),
        [at_most(500)],
        description=lazy("You can leave this empty. What keeps people safe? No medical history."),
    )
    reasons = SelectMultipleField(
        lazy("Why?"),
        [Required(lazy("Choose at least one reason"))],
        choices=choices_of(REASON_WORDS),
    )

    def validate_nhs_number(self, field: Any) -> None:
        """Ten digits that check, or a tick that there is none to hand."""
        typed = (field.data or "").strip()
        if not typed and not self.no_number.data:
            raise ValidationError(_("Enter their NHS number, or tick that you have none to hand"))
        if typed and not is_nhs_number(typed):
            raise ValidationError(_("Check the NHS number: one of its 10 digits is not right"))

    def validate_reach(self, field: Any) -> None:
        """What the chosen way needs."""
        if self.contact_route.data not in list(ContactRoute):
            return
        route = ContactRoute(self.contact_route.data)
        if not (field.data or "").strip():
            raise ValidationError(MISSING[route])
        if KEPT_AS[route] == "phone":
            is_phone(self, field)
        elif route is ContactRoute.EMAIL:
            is_email(self, field)

    def person(self) -> NewPerson | None:
        """The person, or None while the form is not valid."""
        route, born_on = self.contact_route.data, self.born_on.data
        if not self.validate() or not route or born_on is None:
            return None
        reach = {KEPT_AS[ContactRoute(route)]: _tidy(self.reach)}
        return NewPerson(
            name=_tidy(self.name),
            preferred_name=_tidy(self.preferred_name),
            born_on=born_on,
            nhs_number=clean_nhs_number(self.nhs_number.data or "") or None,
            postcode=format_postcode(self.postcode.data or "") or "",
            contact_route=ContactRoute(route),
            communication_needs=_tidy(self.communication_needs),
            **reach,
        )

    def chosen(self) -> list[Reason]:
        """Why, in the order of the tiles."""
        return [reason for reason in Reason if reason.value in (self.reasons.data or [])]

    def reason_why(self) -> str:
        """Why it is right for somebody who cannot agree; others need none."""
        return ""

    def meets(self, objections: dict[str, str]) -> bool:
        """Whether nothing stands against it; what does is shown at the field it is about."""
        for name, words in objections.items():
            self[name].errors = [words]
        return not objections


class BestInterestsForm(ReferForm):
    """The same for somebody who cannot agree; then it is said why it is right for them."""

    why = TextAreaField(
        lazy("Why is this in their best interests?"),
        [Required(lazy("Say why this is in their best interests")), at_most(500)],
        description=lazy("Say why they cannot agree, and whom you have asked."),
    )

    def reason_why(self) -> str:
        """Why it is right for them."""
        return self.why.data or ""


class AnswerForm(Form):
    """The answer to what the link workers asked."""

    note = TextAreaField(lazy("Your answer"), [Required(lazy("Enter your answer")), at_most(1000)])


class TakeBackForm(Form):
    """Why a referral is taken back."""

    note = TextAreaField(
        lazy("Why do you take it back?"),
        [Required(lazy("Say why you take it back")), at_most(500)],
        description=lazy("The link worker reads this."),
    )


class MistakeForm(Form):
    """Why a referral should never have been made."""

    note = TextAreaField(
        lazy("What was the mistake?"),
        [Required(lazy("Say what the mistake was")), at_most(500)],
        description=lazy("For instance: the wrong person. The link worker reads this."),
    )
