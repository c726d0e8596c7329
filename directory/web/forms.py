"""The directory's forms: a listing as its keeper fills it in, one part at a time or all at once."""

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
from wtforms.validators import Length, Optional, ValidationError

from core.forms import (
    ClockField,
    Form,
    NumberRange,
    PartsDateField,
    Required,
    choices_of,
    is_email,
    is_phone,
    is_postcode,
)
from core.languages import _, lazy
from core.saving import new_key
from directory.places import find_place
from directory.rules import ACCESS_WORDS, Answer, Attending
from directory.taxonomy import audiences, kinds, languages
from directory.web.choices import ATTENDING, DAYS

MOST_TIMES = 6
MOST_MORE = 6

WEEKLY, FORTNIGHTLY, ONCE, KEEP = "weekly", "fortnightly", "once", "keep"
HOW_OFTEN = {
    WEEKLY: lazy("Every week"),
    FORTNIGHTLY: lazy("Every other week"),
    "1": lazy("The first one of the month"),
    "2": lazy("The second one of the month"),
    "3": lazy("The third one of the month"),
    "4": lazy("The fourth one of the month"),
    "-1": lazy("The last one of the month"),
    ONCE: lazy("Once, on one date"),
    KEEP: lazy("As it is now"),
}
FREE, PAID, NOT_KNOWN = "free", "paid", "unknown"
ANSWERS = {
    Answer.YES: lazy("Yes"),
    Answer.NO: lazy("No"),
    Answer.UNKNOWN: lazy("Not known"),
}


class WhenPart(PartOfForm):
    """One of the times a listing is on."""

    often = SelectField(lazy("How often"), choices=choices_of(HOW_OFTEN), default=WEEKLY)
    days = SelectMultipleField(lazy("Which days"), choices=choices_of(DAYS))
    starts_on = PartsDateField(lazy("Date of the next one"))
    opens_at = ClockField(lazy("Starts at"), [Optional()], description=lazy("For example, 10am"))
    closes_at = ClockField(lazy("Ends at"), [Optional()])
    until = PartsDateField(lazy("Last date"), description=lazy("Leave empty if it goes on and on."))
    term_time = BooleanField(lazy("Only in school term time"))

    @property
    def is_blank(self) -> bool:
        """Whether nothing was said here, as in the spare one at the end."""
        said = self.days.data or self.opens_at.data or self.closes_at.data or self.starts_on.data
        return not said and self.often.data != KEEP

    def validate_days(self, field: SelectMultipleField) -> None:
        """Which days, unless it is a date that counts or nothing was said at all."""
        if not (field.data or self.is_blank or self.often.data in {ONCE, KEEP}):
            raise ValidationError(_("Choose at least one day"))

    def validate_starts_on(self, field: PartsDateField) -> None:
        """A date, where the days alone do not tell which week is meant."""
        if self.often.data in {ONCE, FORTNIGHTLY} and not (field.data or self.is_blank):
            raise ValidationError(_("Enter the date of the next one, so that we know which week"))

    def validate_closes_at(self, field: ClockField) -> None:
        """Nothing ends before it begins."""
        if field.data and self.opens_at.data and field.data <= self.opens_at.data:
            raise ValidationError(_("It must end after it starts"))

    def validate_until(self, field: PartsDateField) -> None:
        """The last date is not before the next one."""
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError(_("The last date must not be before the next one"))


def _longest(count: int) -> Length:
    return Length(max=count, message=lazy("Use %(max)d letters or fewer"))


def _an_age() -> list[Any]:
    return [Optional(), NumberRange(min=0, max=130, message=lazy("Enter an age"))]


def _a_sum() -> list[Any]:
    return [
        Optional(),
        NumberRange(min=0, max=1000, message=lazy("Enter a sum up to £1,000")),
    ]


class PlacePart(PartOfForm):
    """A further place where it is held."""

    name = StringField(lazy("Place"), [_longest(200)])
    address_1 = StringField(lazy("Street"), [_longest(200)])
    city = StringField(lazy("Town"), [_longest(200)])
    postcode = StringField(lazy("Postcode"), [is_postcode])

    def validate_postcode(self, field: StringField) -> None:
        """A postcode we can put on the map."""
        if field.data and not field.errors and find_place(field.data) is None:
            raise ValidationError(_("We do not know that postcode. Check it and try again"))


class PricePart(PartOfForm):
    """A further price, and who pays it."""

    option = StringField(
        lazy("Who pays this"), [_longest(200)], description=lazy("For example, under 18s")
    )
    amount = DecimalField(lazy("How much"), _a_sum(), description=lazy("0 if it is free"))
    amount_description = StringField(lazy("A word about it"), [_longest(200)])


class PhonePart(PartOfForm):
    """A further number."""

    number = TelField(lazy("Phone number"), [is_phone])
    description = StringField(
        lazy("What it is for"), [_longest(200)], description=lazy("For example, evenings")
    )


class ContactPart(PartOfForm):
    """Somebody else to ask for."""

    name = StringField(lazy("Who to ask for"), [_longest(120)])
    best_time = StringField(lazy("Best time to ring"), [_longest(200)])


def _more(part: type[PartOfForm]) -> Field:
    return FieldList(FormField(part), max_entries=MOST_MORE)


def _access_part() -> type[PartOfForm]:
    """One question each, so that not known can be said and is never taken for no."""
    questions = {
        str(feature): RadioField(lazy(words), choices=choices_of(ANSWERS), default=Answer.UNKNOWN)
        for feature, words in ACCESS_WORDS.items()
    }
    return type("AccessPart", (PartOfForm,), questions)


class Edits(Form):
    """A part of what people read, as it was in one version of the listing."""

    version = HiddenField()


class AboutEdits(Edits):
    """What it is."""

    name = StringField(
        lazy("Name"), [Required(lazy("Enter the name of the activity")), _longest(200)]
    )
    kind = SelectField(lazy("Kind of thing"))
    summary = StringField(
        lazy("In one sentence"),
        [Required(lazy("Say in one sentence what it is")), _longest(300)],
        description=lazy(
            "People read this first. For example: Bring your knitting, or borrow needles."
        ),
    )
    description = TextAreaField(
        lazy("What it is like"),
        [Length(max=5000)],
        description=lazy("Two to five plain sentences."),
    )

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        named = ((each.code, each.name) for each in kinds())
        self.kind.choices = [("", lazy("Not one of these")), *named]


class ArriveEdits(Edits):
    """What happens."""

    before_you_come = TextAreaField(
        lazy("Before you come"),
        [Length(max=500)],
        description=lazy("Do people need to book or ring first?"),
    )
    when_you_arrive = TextAreaField(
        lazy("When you arrive"),
        [Length(max=500)],
        description=lazy("Which door? Who says hello?"),
    )
    afterwards = TextAreaField(lazy("Afterwards"), [Length(max=500)])
    meets_at_door = BooleanField(lazy("Somebody meets new people at the door"))


class WhenEdits(Edits):
    """When it is on."""

    whens = FieldList(FormField(WhenPart), max_entries=MOST_TIMES)


class WhereEdits(Edits):
    """Where it is, and how to get there."""

    attending = SelectField(lazy("How people join in"), choices=choices_of(ATTENDING))
    place_name = StringField(
        lazy("Place"), [_longest(200)], description=lazy("For example, St Mary’s church hall")
    )
    address_1 = StringField(lazy("Street"), [_longest(200)])
    city = StringField(lazy("Town"), [_longest(200)])
    postcode = StringField(lazy("Postcode"), [is_postcode])
    bus = StringField(lazy("By bus"), [_longest(500)])
    walk = StringField(lazy("On foot"), [_longest(500)])
    park = StringField(lazy("Parking"), [_longest(500)])
    lift = StringField(lazy("If people need a lift"), [_longest(500)])
    more_places = _more(PlacePart)

    def validate_postcode(self, field: StringField) -> None:
        """A place that people go to is on the map."""
        if field.data and not field.errors and find_place(field.data) is None:
            raise ValidationError(_("We do not know that postcode. Check it and try again"))
        if self.attending.data == Attending.VENUE and not (field.data or self.city.data):
            raise ValidationError(_("Enter the postcode of the place people go to"))


class AccessEdits(Edits):
    """Access and comfort."""

    access = FormField(_access_part())


class CostEdits(Edits):
    """What it costs, and how much room there is."""

    cost = RadioField(
        lazy("What does it cost?"),
        choices=choices_of(
            {
                FREE: lazy("It is free"),
                PAID: lazy("It costs something"),
                NOT_KNOWN: lazy("Ring to ask"),
            }
        ),
        default=NOT_KNOWN,
    )
    amount = DecimalField(lazy("How much"), _a_sum())
    cost_note = StringField(
        lazy("A word about the cost"),
        [_longest(200)],
        description=lazy("For example, tea is included"),
    )
    more_prices = _more(PricePart)
    places_free = IntegerField(
        lazy("Places left"),
        [
            Optional(),
            NumberRange(min=0, max=9999, message=lazy("Enter a number, 0 if it is full")),
        ],
        description=lazy("Leave empty if there is always room."),
    )
    new_people_per_week = IntegerField(
        lazy("New people you can take in a week"),
        [Optional(), NumberRange(min=0, max=999, message=lazy("Enter a number"))],
        description=lazy("Leave empty if there is no limit. Everybody sees it."),
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """A price is asked for once somebody says that there is one: an empty box is not wrong."""
        is_right: bool = super().validate(extra_validators)
        if self.cost.data == PAID and not self.amount.data and not self.amount.errors:
            self.amount.errors = [_("Enter how much it costs, like 2.50")]
            self.once.data = new_key()
            return False
        return is_right


class WhoEdits(Edits):
    """Who it is for."""

    eligibility_description = TextAreaField(lazy("Who it is for"), [Length(max=1000)])
    audiences = SelectMultipleField(
        lazy("Meant for some people most of all"),
        description=lazy("Leave them all empty if it is for everybody."),
    )
    minimum_age = IntegerField(lazy("Youngest age"), _an_age())
    maximum_age = IntegerField(lazy("Oldest age"), _an_age())
    languages = SelectMultipleField(lazy("Languages spoken"))

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.audiences.choices = [(each.code, each.name) for each in audiences()]
        self.languages.choices = [*languages().items()]

    def validate_maximum_age(self, field: IntegerField) -> None:
        """The oldest is not younger than the youngest."""
        youngest = self.minimum_age.data
        if field.data is not None and youngest is not None and field.data < youngest:
            raise ValidationError(_("The oldest age must be above the youngest age"))


class ContactEdits(Edits):
    """Who to ask."""

    contact_name = StringField(
        lazy("Who to ask for"),
        [_longest(120)],
        description=lazy("A first name is enough. Everybody sees it."),
    )
    best_time = StringField(lazy("Best time to ring"), [_longest(200)])
    phone = TelField(lazy("Phone number"), [is_phone])
    email = EmailField(lazy("Email address"), [is_email])
    url = URLField(lazy("Web page"), [_longest(2000)])
    more_phones = _more(PhonePart)
    more_contacts = _more(ContactPart)


class ListingForm(
    AboutEdits,
    ArriveEdits,
    WhenEdits,
    WhereEdits,
    CostEdits,
    WhoEdits,
    ContactEdits,
    AccessEdits,
):
    """All that people read about an activity."""


PARTS: dict[str, type[Edits]] = {
    "about": AboutEdits,
    "arrive": ArriveEdits,
    "when": WhenEdits,
    "where": WhereEdits,
    "cost": CostEdits,
    "who": WhoEdits,
    "contact": ContactEdits,
    "access": AccessEdits,
}
