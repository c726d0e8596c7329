"""The link worker's forms: what may be typed, and how; the domain says whether it may be done."""

import re
from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any

from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SearchField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, Optional, ValidationError

from core import clock
from core.forms import Form, NumberRange, PartsDateField, Required, choices_of
from core.languages import _, lazy
from core.templating import day
from referrals.caseload import first_contact_by, working_day
from referrals.rules import DECLINE_WORDS, REASON_WORDS, ContactHow, DeclineReason, Reason

OTHER = "other"
LATER = {"tomorrow": 1, "week": 7, "fortnight": 14, "month": 28}
"""How many days away each quick choice of a next contact is."""

HOW_WORDS = {
    ContactHow.PHONE: "Phone call",
    ContactHow.VISIT: "Visit",
    ContactHow.TEXT: "Text",
    ContactHow.LETTER: "Letter",
    ContactHow.NO_ANSWER: "No answer",
}

WAY_WORDS = {
    "bus": "By bus",
    "walk": "On foot",
    "lift": "Somebody gives them a lift",
    "taxi": "By taxi",
    "with-us": "With their link worker",
    "own": "By themselves, they know the way",
}

TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?", re.IGNORECASE)


def at_most(letters: int) -> Length:
    """A limit, said in plain words."""
    return Length(max=letters, message=lazy("Use %(count)s letters or fewer", count=letters))


class WholeNumberField(IntegerField):
    """A whole number; what is none is refused in plain words."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(
                _("%(name)s must be a number, like 15", name=self.label.text)
            ) from None


class TimeField(StringField):
    """A time of day as people write it: 10am, 10:30, 2.15pm. `at` is what it means."""

    at: time | None = None

    def pre_validate(self, form: object) -> None:  # noqa: ARG002 - WTForms hands it
        """Read what was typed."""
        typed = (self.data or "").strip()
        self.at = _time(typed)
        if typed and self.at is None:
            raise ValidationError(_("Enter a time, like 10:30am"))


class FindForm(Form):
    """Whom are you looking for? Sent by POST, so that no name is ever part of an address."""

    name = SearchField(lazy("Find a person"), [at_most(120)])


class AcceptForm(Form):
    """When will the first contact be?"""

    next_contact_on = PartsDateField(
        lazy("When will you first get in touch?"),
        [Required(lazy("Enter the day you will first get in touch"))],
        must_be_coming=True,
    )


class AskForm(Form):
    """A question for whoever referred."""

    note = TextAreaField(
        lazy("Your question"), [Required(lazy("Write your question")), at_most(1000)]
    )


class NotAcceptForm(Form):
    """Why the team does not take somebody on."""

    reason = RadioField(lazy("Why not?"), [Required(lazy("Choose why not"))], validate_choice=False)
    note = TextAreaField(lazy("What could they do instead? (if you can say)"), [at_most(1000)])

    def __init__(self, *args: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.reason.choices = [
            (reason, words)
            for reason, words in DECLINE_WORDS.items()
            if reason is not DeclineReason.NOT_RUNNING  # a team is there all the year
        ]

    def validate_reason(self, field: Any) -> None:
        """One of the list."""
        if field.data and field.data not in set(DeclineReason):
            raise ValidationError(_("Choose why not"))


class GroupSaidNoForm(Form):
    """What a group said by telephone."""

    reason = RadioField(
        lazy("What did they say?"),
        [Required(lazy("Choose what they said"))],
        choices=choices_of(DECLINE_WORDS),
        validate_choice=False,
    )
    note = TextAreaField(lazy("Anything to add? (you can leave this empty)"), [at_most(1000)])

    def validate_reason(self, field: Any) -> None:
        """One of the list."""
        if field.data and field.data not in set(DeclineReason):
            raise ValidationError(_("Choose what they said"))


class WhyForm(Form):
    """A reason that must be given."""

    note = TextAreaField(lazy("Why?"), [Required(lazy("Say why")), at_most(1000)])


class NoteForm(Form):
    """A note that may be left empty."""

    note = TextAreaField(lazy("Anything to add? (you can leave this empty)"), [at_most(1000)])


class ContactForm(Form):
    """A contact made or tried, and when the next will be."""

    how = RadioField(
        lazy("How were you in touch?"),
        [Required(lazy("Choose how you were in touch"))],
        choices=choices_of(HOW_WORDS),
        validate_choice=False,
    )
    minutes = WholeNumberField(
        lazy("Minutes"),
        [Optional(), NumberRange(0, 600, message=lazy("Minutes must be between 0 and 600"))],
        default=15,
    )
    note = TextAreaField(lazy("Note"), [at_most(2000)])
    next = SelectField(lazy("Next contact"), default="week", validate_choice=False)
    next_on = PartsDateField(lazy("Another day"), must_be_coming=True)

    def __init__(self, *args: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.next.choices = [
            ("tomorrow", f"Next working day ({day(_in(1))})"),
            ("week", f"In 1 week ({day(_in(7))})"),
            ("fortnight", f"In 2 weeks ({day(_in(14))})"),
            ("month", f"In 4 weeks ({day(_in(28))})"),
            (OTHER, "Another day, below"),
            ("none", "None planned"),
        ]

    def validate_how(self, field: Any) -> None:
        """One of the list."""
        if field.data and field.data not in set(ContactHow):
            raise ValidationError(_("Choose how you were in touch"))

    def validate_next(self, field: Any) -> None:
        """One of the list."""
        if field.data not in {OTHER, "none", *LATER}:
            raise ValidationError(_("Choose when you will next be in touch"))

    def validate_next_on(self, field: Any) -> None:
        """Another day needs its date."""
        if self.next.data == OTHER and not field.data and not field.errors:
            raise ValidationError(_("Enter the day you will next be in touch"))

    @property
    def next_contact_on(self) -> date | None:
        """The day chosen; a day that was typed counts whatever stands in the list."""
        if self.next_on.data:
            return self.next_on.data
        return _in(LATER[self.next.data]) if self.next.data in LATER else None


class LookForm(Form):
    """What to look for near the person."""

    q = SearchField(lazy("What are you looking for?"), [at_most(120)])


class ReferOnForm(Form):
    """What a group is told."""

    reason = RadioField(lazy("Which reason may they read now?"), validate_choice=False)
    note = TextAreaField(
        lazy("What should they know once they have said yes? (you can leave this empty)"),
        [at_most(500)],
        description=lazy("They read this only after they say yes. Leave out health and money."),
    )
    high_support = BooleanField(lazy("They need a lot of support from the group"))
    or_another = BooleanField(
        lazy("They agree that we ask another group like it, if this one says no")
    )

    def offer(self, reasons: Sequence[str]) -> None:
        """The reasons given by the referrer, of which the group reads one."""
        self.reason.choices = [(each, REASON_WORDS[Reason(each)]) for each in reasons]
        if self.reason.data not in reasons:
            self.reason.data = reasons[0]


class VisitForm(Form):
    """The plan for a first visit."""

    session = RadioField(
        lazy("Which session?"),
        [Required(lazy("Choose a session, or another day"))],
        validate_choice=False,
    )
    other_on = PartsDateField(lazy("Another day"), must_be_coming=True)
    other_at = TimeField(lazy("What time?"), [at_most(12)])
    way = RadioField(
        lazy("How do they get there?"),
        [Required(lazy("Choose how they get there"))],
        choices=WAY_WORDS,
        validate_choice=False,
    )
    way_note = StringField(
        lazy("More about the way (you can leave this empty)"),
        [at_most(120)],
        description=lazy("Which bus, where it stops, who drives"),
    )
    met_by = StringField(
        lazy("Who meets them at the door?"),
        [Required(lazy("Say who meets them, or nobody")), at_most(200)],
    )
    cost = StringField(lazy("What does it cost?"), [at_most(120)])
    bring = StringField(lazy("What should they bring? (you can leave this empty)"), [at_most(200)])

    def validate_way(self, field: Any) -> None:
        """One of the list."""
        if field.data and field.data not in WAY_WORDS:
            raise ValidationError(_("Choose how they get there"))

    def validate_session(self, field: Any) -> None:
        """One of those shown."""
        if field.data and field.data not in {value for value, _words in field.choices}:
            raise ValidationError(_("Choose a session, or another day"))

    def validate_other_on(self, field: Any) -> None:
        """Another day needs its date."""
        if self.session.data == OTHER and not field.data and not field.errors:
            raise ValidationError(_("Enter the day of the visit"))

    @property
    def when(self) -> tuple[date, time | None]:
        """The day and the time, if it is known."""
        if self.session.data == OTHER and self.other_on.data:
            return self.other_on.data, self.other_at.at
        on, _, at = self.session.data.partition(" ")
        return date.fromisoformat(on), time.fromisoformat(at) if at else None

    @property
    def getting_there(self) -> str:
        """The way, with what was added to it."""
        way = WAY_WORDS[self.way.data]
        added = (self.way_note.data or "").strip()
        return f"{way}: {added}" if added else way


def accept_form() -> AcceptForm:
    """The form with the day proposed."""
    return AcceptForm(data={"next_contact_on": first_contact_by(clock.today())})


def _in(days: int) -> date:
    return working_day(clock.today() + timedelta(days=days))


def _time(typed: str) -> time | None:
    found = TIME.fullmatch(typed)
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    half = (found[3] or "").lower()
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + 12 if half == "pm" else (hour % 12 if half == "am" else hour)
    return time(hour, minute) if hour < 24 and minute < 60 else None
