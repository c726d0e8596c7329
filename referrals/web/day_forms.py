"""Referrals on the web: the forms of a link worker's day, and of a team's."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional, ValidationError

from accounts import User
from core import clock
from core.forms import Form, NumberRange, PartsDateField, Required, choices_of
from core.languages import _, lazy
from referrals.models import ManyKind
from referrals.web.linkworker_forms import TimeField, WholeNumberField, at_most

MANY_WORDS = {
    ManyKind.NEXT_CONTACT: lazy("Plan the next contact"),
    ManyKind.HAND_OVER: lazy("Give them to a colleague"),
    ManyKind.ADD_TASK: lazy("Add a task for each"),
}


class PressForm(Form):
    """A button alone."""


class TaskForm(Form):
    """What is to be done, and by when."""

    words = StringField(
        lazy("What is to be done?"), [Required(lazy("Say what is to be done")), at_most(200)]
    )
    due_on = PartsDateField(
        lazy("By which day?"), [Required(lazy("Enter the day"))], must_be_coming=True
    )


class AppointmentForm(Form):
    """When, for how long, and where."""

    on = PartsDateField(lazy("Which day?"), [Required(lazy("Enter the day"))], must_be_coming=True)
    at = TimeField(lazy("What time?"), [Required(lazy("Enter a time, like 10:30am")), at_most(12)])
    minutes = WholeNumberField(
        lazy("How many minutes?"),
        [Optional(), NumberRange(5, 480, message=lazy("Minutes must be between 5 and 480"))],
        default=45,
    )
    place = StringField(lazy("Where? (you can leave this empty)"), [at_most(200)])
    place_shown = BooleanField(lazy("Show the place in my calendar"))

    @property
    def starts_at(self) -> datetime | None:
        """The moment, by the clock on the wall."""
        if self.on.data is None or self.at.at is None:
            return None
        return datetime.combine(self.on.data, self.at.at, tzinfo=clock.LONDON)


class ColleagueForm(Form):
    """Whom to give somebody to."""

    to = SelectField(lazy("Who looks after them from now on?"), validate_choice=False)

    def offer(self, people: Sequence[User]) -> None:
        """The colleagues there are."""
        self.to.choices = choices_of(
            {"": _("Choose")} | {str(each.id): each.name for each in people}
        )

    def validate_to(self, field: Any) -> None:
        """One of them."""
        if not field.data or field.data not in values_of(field):
            raise ValidationError(_("Choose who looks after them"))

    def chosen(self, people: Sequence[User]) -> User:
        """The colleague chosen."""
        return next(each for each in people if str(each.id) == self.to.data)


class DiscussForm(Form):
    """What to talk over."""

    why = TextAreaField(
        lazy("What do you want to talk about?"),
        [Required(lazy("Say what you want to talk about")), at_most(1000)],
    )


class CoverForm(Form):
    """Who is away, who looks after their people, and from when until when."""

    away = SelectField(lazy("Who is away?"), validate_choice=False)
    covering = SelectField(lazy("Who looks after their people?"), validate_choice=False)
    from_on = PartsDateField(lazy("First day"), [Required(lazy("Enter the first day"))])
    until_on = PartsDateField(
        lazy("Last day"), [Required(lazy("Enter the last day"))], must_be_coming=True
    )

    def offer(self, people: Sequence[User]) -> None:
        """Those of the team."""
        choices = to_choose(people)
        self.away.choices = self.covering.choices = choices

    def validate_away(self, field: Any) -> None:
        """One of the team."""
        if not field.data or field.data not in values_of(field):
            raise ValidationError(_("Choose who is away"))

    def validate_covering(self, field: Any) -> None:
        """Somebody else of the team."""
        if not field.data or field.data not in values_of(field):
            raise ValidationError(_("Choose who looks after their people"))
        if field.data == self.away.data:
            raise ValidationError(_("Choose somebody else than the one who is away"))

    def validate_until_on(self, field: Any) -> None:
        """Not before the first day."""
        if field.data and self.from_on.data and field.data < self.from_on.data:
            raise ValidationError(_("The last day must not be before the first"))


class ManyForm(Form):
    """One change for everybody who is ticked."""

    kind = RadioField(
        lazy("What do you want to do?"),
        [Required(lazy("Choose what to do"))],
        choices=choices_of(MANY_WORDS),
        validate_choice=False,
    )
    on = PartsDateField(
        lazy("Which day?"),
        must_be_coming=True,
        description=lazy("The day of the next contact, or by which the task is to be done"),
    )
    to = SelectField(lazy("Which colleague?"), validate_choice=False)
    words = StringField(lazy("Which task?"), [at_most(200)])

    def offer(self, people: Sequence[User]) -> None:
        """The colleagues there are."""
        self.to.choices = choices_of(
            {"": _("Choose")} | {str(each.id): each.name for each in people}
        )

    def validate_kind(self, field: Any) -> None:
        """One of the list."""
        if field.data and field.data not in set(ManyKind):
            raise ValidationError(_("Choose what to do"))

    def validate_on(self, field: Any) -> None:
        """Needed for a contact and for a task."""
        needs = {ManyKind.NEXT_CONTACT, ManyKind.ADD_TASK}
        if self.kind.data in needs and not field.data and not field.errors:
            raise ValidationError(_("Enter the day"))

    def validate_to(self, field: Any) -> None:
        """Needed to give them to a colleague."""
        known = values_of(field) - {""}
        if self.kind.data == ManyKind.HAND_OVER and field.data not in known:
            raise ValidationError(_("Choose a colleague"))

    def validate_words(self, field: Any) -> None:
        """Needed for a task."""
        if self.kind.data == ManyKind.ADD_TASK and not (field.data or "").strip():
            raise ValidationError(_("Say what is to be done"))


def to_choose(people: Sequence[User]) -> list[Any]:
    """The colleagues there are, and nobody chosen yet."""
    return choices_of({"": _("Choose")} | {str(each.id): each.name for each in people})


def values_of(field: Any) -> set[str]:
    """What may be chosen."""
    return {choice[0] for choice in field.iter_choices()}


def ids_in(values: Sequence[str]) -> list[uuid.UUID]:
    """The people ticked; what is no id is passed over."""
    found = []
    for value in values:
        try:
            found.append(uuid.UUID(value))
        except ValueError:
            continue
    return found
