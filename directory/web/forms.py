"""The directory's forms: the shape of a listing as its keeper fills it in."""

import re
from datetime import time
from typing import Any

from wtforms import (
    BooleanField,
    DecimalField,
    EmailField,
    Field,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
    URLField,
)
from wtforms import Form as PartOfForm
from wtforms.validators import Length, NumberRange, Optional, ValidationError
from wtforms.widgets import TextInput

from core.forms import (
    Form,
    PartsDateField,
    Required,
    choices_of,
    is_email,
    is_phone,
    is_postcode,
)
from core.templating import on_the_clock
from directory.places import find_place
from directory.rules import ACCESS_WORDS, Answer, Attending
from directory.taxonomy import kinds
from directory.web.choices import ATTENDING, DAYS

MOST_TIMES = 6

WEEKLY, FORTNIGHTLY, ONCE, KEEP = "weekly", "fortnightly", "once", "keep"
HOW_OFTEN = {
    WEEKLY: "Every week",
    FORTNIGHTLY: "Every other week",
    "1": "The first one of the month",
    "2": "The second one of the month",
    "3": "The third one of the month",
    "4": "The fourth one of the month",
    "-1": "The last one of the month",
    ONCE: "Once, on one date",
    KEEP: "As it is now",
}
FREE, PAID, NOT_KNOWN = "free", "paid", "unknown"
ANSWERS = {Answer.YES: "Yes", Answer.NO: "No", Answer.UNKNOWN: "Not known"}

_CLOCK = re.compile(r"([0-9]{1,2})(?:[:.]?([0-9]{2}))?\s*([ap])?\.?m?\.?", re.IGNORECASE)
NOT_A_TIME = "Enter a time, like 10am or 2:30pm"


class ClockField(Field):
    """A time as people write it: 10am, 2:30pm, 14.30."""

    widget = TextInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return on_the_clock(self.data) if self.data else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = str(valuelist[0]).strip() if valuelist else ""
        self.data = _clock(typed) if typed else None


class WhenPart(PartOfForm):
    """One of the times a listing is on."""

    often = SelectField("How often", choices=HOW_OFTEN, default=WEEKLY)
    days = SelectMultipleField("Which days", choices=DAYS)
    starts_on = PartsDateField("Date of the next one")
    opens_at = ClockField("Starts at", [Optional()], description="For example, 10am")
    closes_at = ClockField("Ends at", [Optional()])
    term_time = BooleanField("Only in school term time")

    @property
    def is_blank(self) -> bool:
        """Whether nothing was said here, as in the spare one at the end."""
        said = self.days.data or self.opens_at.data or self.closes_at.data or self.starts_on.data
        return not said and self.often.data != KEEP

    def validate_days(self, field: SelectMultipleField) -> None:
        """Which days, unless it is a date that counts or nothing was said at all."""
        if not (field.data or self.is_blank or self.often.data in {ONCE, KEEP}):
            raise ValidationError("Choose at least one day")

    def validate_starts_on(self, field: PartsDateField) -> None:
        """A date, where the days alone do not tell which week is meant."""
        if self.often.data in {ONCE, FORTNIGHTLY} and not (field.data or self.is_blank):
            raise ValidationError("Enter the date of the next one, so that we know which week")

    def validate_closes_at(self, field: ClockField) -> None:
        """Nothing ends before it begins."""
        if field.data and self.opens_at.data and field.data <= self.opens_at.data:
            raise ValidationError("It must end after it starts")


def _longest(count: int) -> Length:
    return Length(max=count, message=f"Use {count} letters or fewer")


def _access_part() -> type[PartOfForm]:
    """One question each, so that not known can be said and is never taken for no."""
    questions = {
        str(feature): RadioField(words, choices=choices_of(ANSWERS), default=Answer.UNKNOWN)
        for feature, words in ACCESS_WORDS.items()
    }
    return type("AccessPart", (PartOfForm,), questions)


class ListingForm(Form):
    """What people read about an activity."""

    version = HiddenField()

    name = StringField("Name", [Required("Enter the name of the activity"), _longest(200)])
    kind = SelectField("Kind of thing")
    summary = StringField(
        "In one sentence",
        [Required("Say in one sentence what it is"), _longest(300)],
        description="People read this first. For example: Bring your knitting, or borrow needles.",
    )
    description = TextAreaField(
        "What it is like", [Length(max=5000)], description="Two to five plain sentences."
    )
    before_you_come = TextAreaField(
        "Before you come", [Length(max=500)], description="Do people need to book or ring first?"
    )
    when_you_arrive = TextAreaField(
        "When you arrive", [Length(max=500)], description="Which door? Who says hello?"
    )
    afterwards = TextAreaField("Afterwards", [Length(max=500)])
    meets_at_door = BooleanField("Somebody meets new people at the door")

    whens = FieldList(FormField(WhenPart), max_entries=MOST_TIMES)

    attending = SelectField("How people join in", choices=choices_of(ATTENDING))
    place_name = StringField(
        "Place", [_longest(200)], description="For example, St Mary’s church hall"
    )
    address_1 = StringField("Street", [_longest(200)])
    city = StringField("Town", [_longest(200)])
    postcode = StringField("Postcode", [is_postcode])
    bus = StringField("By bus", [_longest(500)])
    walk = StringField("On foot", [_longest(500)])
    park = StringField("Parking", [_longest(500)])
    lift = StringField("If people need a lift", [_longest(500)])

    cost = RadioField(
        "What does it cost?",
        choices={FREE: "It is free", PAID: "It costs something", NOT_KNOWN: "Ring to ask"},
        default=NOT_KNOWN,
    )
    amount = DecimalField(
        "How much", [Optional(), NumberRange(min=0, max=1000, message="Enter a sum up to £1,000")]
    )
    cost_note = StringField(
        "A word about the cost", [_longest(200)], description="For example, tea is included"
    )
    places_free = IntegerField(
        "Places left",
        [Optional(), NumberRange(min=0, max=9999, message="Enter a number, 0 if it is full")],
        description="Leave empty if there is always room.",
    )

    eligibility_description = TextAreaField("Who it is for", [Length(max=1000)])
    minimum_age = IntegerField(
        "Youngest age", [Optional(), NumberRange(min=0, max=130, message="Enter an age")]
    )
    maximum_age = IntegerField(
        "Oldest age", [Optional(), NumberRange(min=0, max=130, message="Enter an age")]
    )

    contact_name = StringField(
        "Who to ask for", [_longest(120)], description="A first name is enough. Everybody sees it."
    )
    best_time = StringField("Best time to ring", [_longest(200)])
    phone = TelField("Phone number", [is_phone])
    email = EmailField("Email address", [is_email])
    url = URLField("Web page", [_longest(2000)])

    access = FormField(_access_part())

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        named = ((each.code, each.name) for each in kinds())
        self.kind.choices = [("", "Not one of these"), *named]

    def validate(self, extra_validators: Any = None) -> bool:
        """A price is asked for once somebody says that there is one: an empty box is not wrong."""
        is_right: bool = super().validate(extra_validators)
        if self.cost.data == PAID and not self.amount.data and not self.amount.errors:
            self.amount.errors = ["Enter how much it costs, like 2.50"]
            return False
        return is_right

    def validate_postcode(self, field: StringField) -> None:
        """A place that people go to is on the map."""
        if field.data and not field.errors and find_place(field.data) is None:
            raise ValidationError("We do not know that postcode. Check it and try again")
        if self.attending.data == Attending.VENUE and not (field.data or self.city.data):
            raise ValidationError("Enter the postcode of the place people go to")

    def validate_maximum_age(self, field: IntegerField) -> None:
        """The oldest is not younger than the youngest."""
        youngest = self.minimum_age.data
        if field.data is not None and youngest is not None and field.data < youngest:
            raise ValidationError("The oldest age must be above the youngest age")


def _clock(typed: str) -> time:
    found = _CLOCK.fullmatch(typed)
    if typed.casefold() in {"midday", "noon"}:
        return time(12)
    if found is None:
        raise ValueError(NOT_A_TIME)
    hour, minute = int(found[1]), int(found[2] or 0)
    half = (found[3] or "").lower()
    if hour > 23 or minute > 59 or (half and not 1 <= hour <= 12):
        raise ValueError(NOT_A_TIME)
    if not half and 1 <= hour <= 6:
        raise ValueError("Say if that is in the morning or the afternoon, like 2pm")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute)
