"""The forms of the editors' desk."""

from typing import Any

from wtforms import RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from core.forms import Form, Required, choices_of
from core.languages import _, lazy
from directory.desk.bulk import CHOOSABLE, WHAT_WORDS, What
from directory.taxonomy import AUDIENCES, KINDS, NEEDS, audiences, kinds, needs

ACCEPT, REFUSE = "accept", "refuse"
WHICH = {"ticked": lazy("Those I have ticked"), "all": lazy("All that were found")}


class YesOrNoForm(Form):
    """Yes or no, by two buttons."""

    answer = SelectField(choices=choices_of({ACCEPT: ACCEPT, REFUSE: REFUSE}))


class DecideForm(YesOrNoForm):
    """Yes or no with a word to whoever asked. A no needs its reason."""

    words = TextAreaField(
        lazy("A word to whoever asked"),
        [Length(max=500, message=lazy("Use 500 letters or fewer"))],
        description=lazy("They read it in our letter. If you say no, say why."),
    )

    def validate_words(self, field: Any) -> None:
        """Nobody is refused without a reason."""
        if self.answer.data == REFUSE and not (field.data or "").strip():
            raise ValidationError(_("Say why, so that they know"))


class NoteForm(Form):
    """A line for the next editor."""

    words = StringField(
        lazy("Note"),
        [
            Required(lazy("Write a note")),
            Length(max=500, message=lazy("Use 500 letters or fewer")),
        ],
    )


class ManyForm(Form):
    """What to do with many listings: those that are ticked, or all that were found."""

    which = RadioField(
        lazy("With which?"),
        [Required(lazy("Choose which"))],
        choices=choices_of(WHICH),
        default="ticked",
    )
    what = RadioField(
        lazy("What shall be done?"),
        [Required(lazy("Choose what shall be done"))],
        choices=choices_of({each: WHAT_WORDS[each] for each in CHOOSABLE}),
    )
    kind = SelectField(lazy("Which kind, if you say what kind they are"), validate_choice=False)
    subject = StringField(
        lazy("Subject, if you write to them"),
        [Length(max=120, message=lazy("Use 120 letters or fewer"))],
    )
    words = TextAreaField(
        lazy("Your letter"),
        [Length(max=3000, message=lazy("Use 3,000 letters or fewer"))],
        description=lazy("We add which listings it is about, and why they get it."),
    )

    def __init__(self, **rest: Any) -> None:
        super().__init__(**rest)
        self.kind.choices = choices_of({term.code: term.name for term in kinds()})

    def validate_kind(self, field: Any) -> None:
        """A kind of ours, where one is asked for."""
        known = {term.code for term in kinds()}
        if self.what.data == What.KIND and field.data not in known:
            raise ValidationError(_("Choose a kind"))

    def validate_subject(self, field: Any) -> None:
        """A letter has a subject."""
        if self.what.data == What.EMAIL and not (field.data or "").strip():
            raise ValidationError(_("Enter a subject for your letter"))

    def validate_words(self, field: Any) -> None:
        """A letter says something."""
        if self.what.data == What.EMAIL and not (field.data or "").strip():
            raise ValidationError(_("Write your letter"))


class WordsForm(Form):
    """Which of our own words somebody else's category means."""

    kinds = SelectMultipleField(lazy("What kind of thing"))
    needs = SelectMultipleField(lazy("What it helps with"))
    audiences = SelectMultipleField(lazy("Who it is for"))

    def __init__(self, **rest: Any) -> None:
        super().__init__(**rest)
        for name, terms in ((KINDS, kinds()), (NEEDS, needs()), (AUDIENCES, audiences())):
            self[name].choices = choices_of({term.code: term.name for term in terms})

    @property
    def meant(self) -> list[list[str]]:
        """The chosen words, as (list, code)."""
        return [
            [name, code] for name in (KINDS, NEEDS, AUDIENCES) for code in self[name].data or []
        ]
