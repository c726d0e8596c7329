"""The clinician's forms: what may be typed, and how; the domain says whether it may be done."""

from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, ValidationError

from core.forms import (
    PARTS,
    Form,
    PartsDateField,
    Required,
    choices_of,
    is_email,
    is_phone,
    is_postcode,
)
from core.languages import _, lazy
from core.saving import new_key
from directory import format_postcode
from referrals.banners import LONGEST, Banner
from referrals.checks import ALREADY, Concern
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


PERSON = ("name", "preferred_name", "nhs_number", "no_number", "postcode", "contact_route", "reach")
"""What a banner can tell, but for the date of birth, which has three boxes."""

ABOUT_THEM = ("note", "communication_needs", "reasons", "why", "heard")
"""What is said of a person besides; it must never stay behind for the next one."""


def filled_in(typed: MultiDict[str, str], banner: Banner) -> MultiDict[str, str]:
    """What was typed, with all that is told of the person put in its place by the banner."""
    filled = typed.copy()
    before = clean_nhs_number(typed.get("nhs_number", ""))
    is_another = bool(before) and before != clean_nhs_number(banner.nhs_number)
    for name in (*PERSON, "banner", *(ABOUT_THEM if is_another else ())):
        filled.poplist(name)
    for part, value in zip(PARTS, banner.born or ("", "", ""), strict=True):
        filled[f"born_on-{part}"] = value
    for name in ("name", "preferred_name", "nhs_number", "postcode"):
        filled[name] = getattr(banner, name)
    for route, reach in (
        (ContactRoute.PHONE, banner.phone),
        (ContactRoute.EMAIL, banner.email),
        (ContactRoute.LETTER, banner.address),
    ):
        if reach and "reach" not in filled:
            filled["contact_route"], filled["reach"] = route.value, reach
    return filled


class ReferForm(Form):
    """Whom, how to reach them, and why; the button that sends it says that they agree."""

    banner = TextAreaField(
        lazy("Paste the patient banner"),
        [at_most(LONGEST)],
        description=lazy("Copy it from EMIS, SystmOne or any list. Or type below."),
    )
    heard = HiddenField(default="")
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

    def somebody(self) -> NewPerson | None:
        """Whom this is about, as far as that can be told before all is filled in."""
        born_on, name = self.born_on.data, _tidy(self.name)
        number, postcode = clean_nhs_number(self.nhs_number.data or ""), self.postcode.data or ""
        if born_on is None or not name or (number and not is_nhs_number(number)):
            return None
        return NewPerson(
            name=name,
            born_on=born_on,
            nhs_number=number or None,
            postcode=format_postcode(postcode) or "",
        )

    def reads_back(self) -> None:
        """Say what is wrong with what was read; what is still to be filled in is not wrong yet."""
        self.validate()
        for field in self:
            if not any(field.raw_data or ()) or field.name in ABOUT_THEM:
                field.errors = []

    def meets(self, concerns: Sequence[Concern], *, sending: bool) -> bool:
        """Whether nothing stands against it that has not been weighed.

        What stops it is shown at the field it is about. The rest is shown once, before it is sent.
        """
        heard = (self.heard.data or "").split()
        stopping = [each for each in concerns if each.stops]
        unheard = [each for each in concerns if not each.stops and each.sort not in heard]
        for each in stopping:
            if each.field and each.sort != ALREADY:  # nothing typed is wrong: they are with us
                self[each.field].errors = [each.words]
            else:
                self.form_errors.append(each.words)
        if sending:
            self.form_errors += [each.words for each in unheard]
        if self.errors:
            self.once.data = new_key()
        return not stopping and not unheard


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


class AddNoteForm(Form):
    """What the link worker should know besides, about somebody who is with them already."""

    note = TextAreaField(
        lazy("Your note"),
        [Required(lazy("Enter your note")), at_most(1000)],
        description=lazy("The link worker reads it. No medical history."),
    )


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
