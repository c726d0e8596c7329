"""The directory's forms for adding a group: seven pages, one question each.

Their boxes are called as those of the form for a whole listing, so the answers of all pages
together are read as that form is.
"""

from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DecimalField,
    EmailField,
    FieldList,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
    URLField,
)
from wtforms.validators import Length, Optional, ValidationError

from core.forms import Form, NumberRange, Required, choices_of, is_email, is_phone, is_postcode
from core.languages import lazy
from core.saving import new_key
from directory import photos
from directory.cleaning import web_address
from directory.places import find_place
from directory.rules import Attending
from directory.taxonomy import audiences, kinds
from directory.web.choices import ATTENDING
from directory.web.forms import FREE, MOST_TIMES, NOT_KNOWN, PAID, ListingForm, WhenPart

SHORT = Length(max=200, message=lazy("Use 200 letters or fewer"))
LINE = Length(max=500, message=lazy("Use 500 letters or fewer"))
AN_AGE = NumberRange(min=0, max=130, message=lazy("Enter an age in years, like 60"))


class AskForm(Form):
    """Where shall we send the link?"""

    your_name = StringField(
        lazy("Your name"),
        [Required(lazy("Enter your name")), Length(max=120)],
        description=lazy("Only we see it."),
    )
    email = EmailField(
        lazy("Your email address"),
        [Required(lazy("Enter your email address")), is_email],
        description=lazy("We send you a link. You need no password. Only we see it."),
    )


class AboutForm(Form):
    """What is it called, and what do you do?"""

    name = StringField(
        lazy("What is it called?"),
        [Required(lazy("Enter what it is called")), SHORT],
        description=lazy("For example, Knit and natter"),
    )
    group = StringField(
        lazy("Who runs it?"),
        [SHORT],
        description=lazy("The name of your group or club, if it has another one."),
    )
    kind = SelectField(lazy("What sort of thing is it?"))
    summary = StringField(
        lazy("Say in one sentence what it is"),
        [Required(lazy("Say in one sentence what it is")), Length(max=300)],
        description=lazy("People read this first. For example: Bring your knitting, or borrow."),
    )
    description = TextAreaField(
        lazy("What do people do there?"),
        [Required(lazy("Tell people what they would do there")), Length(max=5000)],
        description=lazy("Two to five short sentences, as you would say it to a neighbour."),
    )

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        named = ((each.code, each.name) for each in kinds())
        self.kind.choices = [("", lazy("I am not sure")), *named]


class WhenForm(Form):
    """When is it?"""

    whens = FieldList(FormField(WhenPart), min_entries=1, max_entries=MOST_TIMES)
    when_note = StringField(
        lazy("If it is not at set times, say so here"),
        [LINE],
        description=lazy("For example: We ring to arrange a time that suits you."),
    )

    def make_room(self) -> None:
        """Offer one more time than was filled in."""
        is_full = len(self.whens.entries) >= MOST_TIMES
        if not (is_full or self.whens.entries[-1].form.is_blank):
            self.whens.append_entry()

    def validate_when_note(self, field: StringField) -> None:
        """Times, or a word about them."""
        no_time = all(each.form.is_blank for each in self.whens.entries)
        if no_time and not (field.data or "").strip():
            raise ValidationError(lazy("Choose a day and a time, or say how it is arranged"))


class WhereForm(Form):
    """Where is it?"""

    attending = RadioField(
        lazy("How do people join in?"), choices=choices_of(ATTENDING), default=Attending.VENUE
    )
    place_name = StringField(
        lazy("Name of the place"), [SHORT], description=lazy("For example, St Mary’s church hall")
    )
    address_1 = StringField(lazy("Street"), [SHORT])
    city = StringField(lazy("Town or village"), [SHORT])
    postcode = StringField(lazy("Postcode"), [is_postcode])
    bus = StringField(
        lazy("How do people get there by bus?"),
        [LINE],
        description=lazy("You can leave this empty."),
    )

    def validate_postcode(self, field: StringField) -> None:
        """A place that people go to is on the map."""
        typed = (field.data or "").strip()
        if self.attending.data == Attending.VENUE and not typed:
            raise ValidationError(lazy("Enter the postcode of the place people go to"))
        if typed and not field.errors and find_place(typed) is None:
            raise ValidationError(lazy("We do not know that postcode. Check it and try again"))


class CostForm(Form):
    """What does it cost?"""

    cost = RadioField(
        lazy("Does it cost anything?"),
        [Required(lazy("Choose one. “Ring to ask” is a good answer too"))],
        choices=choices_of(
            {
                FREE: lazy("It is free"),
                PAID: lazy("It costs something"),
                NOT_KNOWN: lazy("Ring to ask"),
            }
        ),
    )
    amount = DecimalField(
        lazy("How much"),
        [Optional(), NumberRange(min=0, max=1000, message=lazy("Enter a sum up to £1,000"))],
        description=lazy("Only if it costs something. For example, 2.50"),
    )
    cost_note = StringField(
        lazy("A word about the cost"), [SHORT], description=lazy("For example, tea is included")
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """A price is asked for once somebody says that there is one: an empty box is not wrong."""
        is_right = super().validate(extra_validators)
        if self.cost.data == PAID and not self.amount.data and not self.amount.errors:
            self.amount.errors = [lazy("Enter how much it costs, like 2.50")]
            self.once.data = new_key()
            return False
        return is_right


class WhoForm(Form):
    """Who is it for?"""

    eligibility_description = TextAreaField(
        lazy("Who is it for, in your own words?"),
        [Required(lazy("Say who it is for. “Everybody” is a good answer")), Length(max=1000)],
        description=lazy("For example: Anybody over 60 who lives in Bow."),
    )
    audiences = SelectMultipleField(
        lazy("Is it meant for some people most of all?"),
        description=lazy("Leave them all empty if it is for everybody."),
    )
    minimum_age = IntegerField(
        lazy("Youngest age"),
        [Optional(), AN_AGE],
        description=lazy("Leave the ages empty if any age is welcome."),
    )
    maximum_age = IntegerField(lazy("Oldest age"), [Optional(), AN_AGE])

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.audiences.choices = [(each.code, each.name) for each in audiences()]

    def validate_maximum_age(self, field: IntegerField) -> None:
        """The oldest is not younger than the youngest."""
        youngest = self.minimum_age.data
        if field.data is not None and youngest is not None and field.data < youngest:
            raise ValidationError(lazy("The oldest age must be above the youngest age"))


class ArriveForm(Form):
    """What happens when somebody arrives, and can everybody get in?"""

    before_you_come = TextAreaField(
        lazy("Before they come"),
        [Length(max=500)],
        description=lazy("Do people need to book or ring first?"),
    )
    when_you_arrive = TextAreaField(
        lazy("When they arrive"),
        [
            Required(lazy("Say what happens when somebody comes for the first time")),
            Length(max=500),
        ],
        description=lazy("Which door? Who says hello? What happens first?"),
    )
    meets_at_door = BooleanField(lazy("Somebody meets new people at the door"))
    access = ListingForm.access


class ContactForm(Form):
    """How do people get in touch?"""

    contact_name = StringField(
        lazy("Who to ask for"),
        [Length(max=120)],
        description=lazy("A first name is enough. Everybody sees it, so ask them first."),
    )
    phone = TelField(
        lazy("Phone number"), [is_phone], description=lazy("Everybody sees it and can ring.")
    )
    best_time = StringField(lazy("Best time to ring"), [SHORT])
    email = EmailField(
        lazy("Email address"),
        [is_email],
        description=lazy("Everybody sees it. We also write here to ask if all is still right."),
    )
    url = URLField(lazy("Web page"), [Length(max=2000)])

    def validate_phone(self, field: TelField) -> None:
        """Somebody must be able to get in touch."""
        if not (field.data or "").strip() and not (self.email.data or "").strip():
            raise ValidationError(lazy("Enter a phone number or an email address"))

    def validate_url(self, field: URLField) -> None:
        """An address that a browser can be sent to."""
        if field.data and field.data.strip():
            try:
                web_address(field.data)
            except ValueError:
                raise ValidationError(
                    lazy("Enter a web address, like https://www.example.org")
                ) from None


class NotTheseForm(Form):
    """It is none of those listings: the button is the answer."""


class SendForm(Form):
    """Everything is right: send it."""

    declared = BooleanField(
        lazy("This is true as far as I know, and I may send it for the group"),
        [Required(lazy("Tick the box to say that it is true and that you may send it"))],
    )


class PhotoForm(Form):
    """A photo, and what is on it."""

    photo = FileField(
        lazy("Choose a photo"),
        [FileRequired(lazy("Choose a photo"))],
        description=lazy("A JPEG, PNG or WebP of up to 8 MB."),
    )
    alt = StringField(
        lazy("What can be seen on it?"),
        [Required(lazy("Say what can be seen on the photo")), SHORT],
        description=lazy(
            "For people who cannot see it. For example: Six people knitting round a table."
        ),
    )
    picture: photos.Picture | None = None

    def validate_photo(self, field: FileField) -> None:
        """A file we can make a picture of."""
        try:
            self.picture = photos.prepare(field.data.read(photos.LARGEST_FILE + 1))
        except photos.BadPhoto as trouble:
            raise ValidationError(str(trouble)) from None


FORMS: dict[str, type[Form]] = {
    "about": AboutForm,
    "when": WhenForm,
    "where": WhereForm,
    "cost": CostForm,
    "who": WhoForm,
    "arrive": ArriveForm,
    "contact": ContactForm,
}
