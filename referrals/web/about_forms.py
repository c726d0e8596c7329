"""The link worker's desk: the forms of the record; each heading is a box that may stay empty."""

from wtforms import HiddenField, RadioField, SelectMultipleField, TextAreaField
from wtforms.validators import Length, Optional, ValidationError

from core.forms import Form, NumberRange, Required, choices_of
from core.languages import _, lazy
from referrals.about.life import LONGEST, LONGEST_HELP
from referrals.models import Heading
from referrals.web.about_words import (
    HEADING_WORDS,
    HELP_WORDS,
    HINTS,
    LIFE,
    NEED_WORDS,
    OWN_WORDS,
)
from referrals.web.linkworker_forms import WholeNumberField

LONG = Length(max=LONGEST, message=lazy("Use 1,000 letters or fewer"))
SHORT = Length(max=LONGEST_HELP, message=lazy("Use 200 letters or fewer"))
ONE_TO_TEN = NumberRange(1, 10, message=lazy("Enter a number from 1 to 10"))


class RecordForm(Form):
    """One part of the record. `seen`: the version that was read."""

    seen = HiddenField()
    headings: tuple[Heading, ...] = ()

    @property
    def said(self) -> dict[Heading, str]:
        """What stands under each heading of this page."""
        return {heading: self[heading.value].data or "" for heading in self.headings}

    @property
    def version(self) -> int:
        """The number of the version that was read."""
        seen = self.seen.data or ""
        return int(seen) if seen.isdecimal() else 0


class WordsForm(RecordForm):
    """In their own words."""

    headings = OWN_WORDS


class LifeForm(RecordForm):
    """What they need, what they have, what they live with."""

    needs = SelectMultipleField(lazy("What do they need?"), choices=choices_of(NEED_WORDS))
    headings = LIFE


class HelpsForm(RecordForm):
    """What helps them to understand and be understood."""

    helps = SelectMultipleField(lazy("What helps?"), choices=choices_of(HELP_WORDS))
    headings = (Heading.UNDERSTANDING,)


for _form in (WordsForm, LifeForm, HelpsForm):
    for _heading in _form.headings:
        _longest = SHORT if _heading is Heading.UNDERSTANDING else LONG
        _box = TextAreaField(
            HEADING_WORDS[_heading], [_longest], description=HINTS.get(_heading, "")
        )
        setattr(_form, _heading.value, _box)


class GoalForm(Form):
    """A goal, and how it stands with them."""

    words = TextAreaField(
        lazy("What do they want for themselves?"),
        [
            Required(lazy("Write the goal down in their own words")),
            Length(max=300, message=lazy("Use 300 letters or fewer")),
        ],
        description=lazy("In their own words. Such as: I want to hear a voice every day."),
    )
    steps = TextAreaField(
        lazy("What will be done, by whom, by when?"),
        [LONG],
        description=lazy("The first small step is enough."),
    )
    importance = WholeNumberField(
        lazy("How much does it matter, from 1 to 10?"), [Optional(), ONE_TO_TEN]
    )
    confidence = WholeNumberField(
        lazy("How sure are they that they can, from 1 to 10?"), [Optional(), ONE_TO_TEN]
    )


class RiskForm(Form):
    """Which risks are known, or that none are."""

    known = RadioField(
        lazy("Are there any risks to this person, or to others?"),
        [Required(lazy("Say if there are risks, or none that are known"))],
        choices=choices_of(
            {"none": lazy("No known risks"), "some": lazy("Yes, and I write them down")}
        ),
    )
    words = TextAreaField(
        lazy("What are they?"),
        [LONG],
        description=lazy(
            "Falls, fits, allergies, moods, people who visit. What to do, and whom to ring. "
            "A worry about abuse belongs with the safety notes."
        ),
    )
    visiting = TextAreaField(
        lazy("What must whoever goes there know?"),
        [LONG],
        description=lazy("Dogs, stairs, go in twos. Leave it empty for nothing."),
    )

    @property
    def none_known(self) -> bool:
        """Whether it was said that no risks are known."""
        return bool(self.known.data == "none")

    @property
    def risks(self) -> str:
        """The risks, when there are any."""
        return "" if self.none_known else self.words.data or ""

    def validate_words(self, field: TextAreaField) -> None:
        """Whoever says that there are risks says which."""
        if self.known.data == "some" and not (field.data or "").strip():
            raise ValidationError(_("Say which risks there are"))
