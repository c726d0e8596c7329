"""Measures on the web: the forms, made of the questions they ask; any question may be left out."""

from typing import Any

from wtforms import RadioField, SelectField
from wtforms.validators import Optional, ValidationError

from core import clock
from core.forms import Form, PartsDateField, Required, choices_of
from core.languages import _, lazy
from referrals.measures import Instrument, Question
from referrals.models import FilledIn

FILLED_IN_WORDS = {
    FilledIn.TOGETHER: lazy("Together: I read the questions out"),
    FilledIn.PAPER: lazy("They filled in the paper sheet by themselves"),
}
WAY_WORDS = {
    FilledIn.TOGETHER: lazy("Asked together"),
    FilledIn.PAPER: lazy("On paper, by themselves"),
    FilledIn.OWN_PHONE: lazy("By themselves, on their own phone"),
}


class AnswersForm(Form):
    """The questions of one instrument, as they are published."""

    instrument: Instrument

    @property
    def answers(self) -> dict[str, int]:
        """What was answered; what was not is not there."""
        given = {question.key: self[question.key].data for question in self.instrument.questions}
        return {key: int(answer) for key, answer in given.items() if answer}

    def validate(self, extra_validators: Any = None) -> bool:
        """At least one answer: nobody has to answer them all."""
        if not super().validate(extra_validators):
            return False
        if not self.answers:
            self.form_errors.append(_("Choose at least one answer"))
        return bool(self.answers)


class WrittenDownForm(AnswersForm):
    """The same, written down by a link worker: when it was, and how."""

    taken_on = PartsDateField(
        lazy("When did they answer?"), [Required(lazy("Enter the day they answered"))]
    )
    filled_in = SelectField(
        lazy("How did they answer?"),
        [Required(lazy("Say how they answered"))],
        choices=choices_of(FILLED_IN_WORDS),
    )

    def validate_taken_on(self, field: Any) -> None:
        """Not before it has happened."""
        if field.data and field.data > clock.today():
            raise ValidationError(_("The day they answered must be today or in the past"))


def own_form(instrument: Instrument) -> AnswersForm:
    """The form on the person's own phone."""
    form: AnswersForm = _made(AnswersForm, instrument)()
    return form


def written_down_form(instrument: Instrument, **now: Any) -> WrittenDownForm:
    """The form at the link worker's desk, filled in with what is known."""
    form: WrittenDownForm = _made(WrittenDownForm, instrument)(data=now)
    return form


def _made(kind: type[AnswersForm], instrument: Instrument) -> Any:
    boxes = {question.key: _box(question) for question in instrument.questions}
    return type(kind.__name__, (kind,), {"instrument": instrument, **boxes})


def _box(question: Question) -> RadioField:
    numbers = {str(number): str(number) for number in range(question.least, question.most + 1)}
    words = {str(number): said for number, said in question.choices}
    ends = f"0 is {question.low}, 10 is {question.high}" if question.low else ""
    return RadioField(
        question.asks, [Optional()], choices=choices_of(words or numbers), description=ends
    )
