"""The directory's forms of a group's own tools: notices, and how it keeps people safe."""

from datetime import date
from typing import Any

from wtforms import BooleanField, FormField, RadioField, StringField
from wtforms import Form as PartOfForm
from wtforms.validators import Length, ValidationError

from core.forms import Form, PartsDateField, Required
from core.languages import _, lazy
from core.templating import day_long
from directory.assurance import LABELS, LONGEST
from directory.rules import AssuranceKind

WORDS = Length(max=200, message=lazy("Use 200 letters or fewer"))
ANOTHER = "another"
MOST_CHOICES = 8


class CancelForm(Form):
    """Which session is off."""

    on = RadioField(lazy("Which session?"), [Required(lazy("Choose the session that is off"))])
    other = PartsDateField(lazy("Another date"), must_be_coming=True)
    words = StringField(
        lazy("Why, or what to do instead"),
        [WORDS],
        description=lazy("Everybody sees it. You can leave it empty."),
    )

    def offer(self, coming: list[date]) -> None:
        """Let somebody choose among the next sessions, or name another day."""
        days = [(each.isoformat(), day_long(each)) for each in coming[:MOST_CHOICES]]
        self.on.choices = [*days, (ANOTHER, _("Another date"))]

    @property
    def day(self) -> date:
        """The day that was chosen."""
        if self.on.data == ANOTHER and self.other.data:
            return self.other.data
        return date.fromisoformat(self.on.data)

    def validate_other(self, field: PartsDateField) -> None:
        """A date, if it is none of those."""
        if self.on.data == ANOTHER and not field.data and not field.process_errors:
            raise ValidationError(_("Enter the date of the session that is off"))


class DaysOffForm(Form):
    """From when to when nothing is on."""

    first_on = PartsDateField(
        lazy("First day off"), [Required(lazy("Enter the first day off"))], must_be_coming=True
    )
    last_on = PartsDateField(
        lazy("Last day off"), [Required(lazy("Enter the last day off"))], must_be_coming=True
    )
    words = StringField(
        lazy("Why"), [WORDS], description=lazy("Everybody sees it. For example: Christmas.")
    )

    def validate_last_on(self, field: PartsDateField) -> None:
        """Not before the first."""
        if field.data and self.first_on.data and field.data < self.first_on.data:
            raise ValidationError(_("The last day must not be before the first"))


class NewsForm(Form):
    """Something everybody should read for a while."""

    words = StringField(
        lazy("Your news"),
        [Required(lazy("Write your news")), WORDS],
        description=lazy("For example: This Friday we meet at the library."),
    )
    until = PartsDateField(
        lazy("Show it until"),
        [Required(lazy("Enter the last day it should be shown"))],
        must_be_coming=True,
    )


class AssurancePart(PartOfForm):
    """What is said of one kind."""

    has = BooleanField(lazy("Yes, we have this"))
    words = StringField(lazy("A few words"), [Length(max=LONGEST)])
    dated_on = PartsDateField(lazy("Date on the paper"))
    expires_on = PartsDateField(lazy("Runs out on"))
    may_be_named = BooleanField(lazy("They agreed that everybody may read their name"))

    def validate_expires_on(self, field: PartsDateField) -> None:
        """Nothing runs out before its own date."""
        if field.data and self.dated_on.data and field.data < self.dated_on.data:
            raise ValidationError(_("It cannot run out before its own date"))


def box_of(kind: AssuranceKind) -> str:
    """What the part about one kind is called in the form."""
    return kind.value.replace("-", "_")


class _AnyAssurance(Form):
    """How the group keeps people safe."""

    def part(self, kind: AssuranceKind) -> Any:
        """The part about one kind."""
        return self[box_of(kind)].form


SafetyForm: Any = type(
    "SafetyForm",
    (_AnyAssurance,),
    {box_of(kind): FormField(AssurancePart, label=label) for kind, label in LABELS.items()},
)
