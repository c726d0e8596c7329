"""The forms of people's own pages, and of how they are told of things."""

from datetime import time
from typing import Any

from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from core.forms import Form, Required, choices_of
from core.languages import lazy
from referrals.models import Telling, ToldBy
from referrals.person import pages
from referrals.web.asking_forms import NOT_BEFORE_WORDS, PIN_WORDS, VOICEMAIL_WORDS

TOLD_BY_WORDS = {
    ToldBy.TEXT: lazy("By text message"),
    ToldBy.EMAIL: lazy("By email"),
    ToldBy.NOTHING: lazy("Not at all. I look here, or talk to my link worker"),
}


THEIR_WORDS = {
    ToldBy.TEXT: lazy("By text message"),
    ToldBy.EMAIL: lazy("By email"),
    ToldBy.NOTHING: lazy("Not at all"),
}


POST_WORDS = {
    "yes": lazy("Yes"),
    "no": lazy("No. Somebody else may open them"),
}


YES_OR_NO = {"yes": lazy("Yes"), "no": lazy("No")}


def as_typed(kept: Telling | None) -> dict[str, Any]:
    """What is kept, as the form shows it."""
    return {
        "told_by": kept.told_by if kept else ToldBy.NOTHING,
        "voicemail": "yes" if kept and kept.voicemail else "no",
        "post": "yes" if kept is None or kept.post else "no",
        "questions": "yes" if kept is None or kept.questions else "no",
        "counted": "yes" if kept is None or kept.counted else "no",
        "not_before": f"{kept.not_before:%H:%M}" if kept else None,
        "code_word": kept.code_word if kept else "",
    }


class EnterForm(Form):
    """The PIN."""

    pin = PasswordField(lazy("Your PIN"), [Required(lazy("Enter your PIN")), Length(max=20)])


class HowToTellForm(Form):
    """What is asked of everybody about how to be told of news."""

    voicemail = RadioField(
        lazy("May we leave a voice message?"), choices=choices_of(VOICEMAIL_WORDS), default="no"
    )
    post = RadioField(
        lazy("May we send letters by post?"), choices=choices_of(POST_WORDS), default="no"
    )
    questions = RadioField(
        lazy("May we send questions about how it goes?"),
        choices=choices_of(YES_OR_NO),
        default="no",
    )
    counted = RadioField(
        lazy("May we count the answers, without the name, to show what helps?"),
        choices=choices_of(YES_OR_NO),
        default="no",
    )
    not_before = SelectField(
        lazy("When in the day may we ring or write?"), choices=choices_of(NOT_BEFORE_WORDS)
    )

    @property
    def said(self) -> dict[str, Any]:
        """What was chosen, as the domain takes it."""
        form: Any = self  # the other fields are of the forms below, each in its own words
        return {
            "told_by": ToldBy(form.told_by.data),
            "voicemail": form.voicemail.data == "yes",
            "post": form.post.data == "yes",
            "questions": form.questions.data == "yes",
            "counted": form.counted.data == "yes",
            "not_before": time.fromisoformat(form.not_before.data),
            "code_word": form.code_word.data or "",
        }


class TellingForm(HowToTellForm):
    """How to be told of news."""

    told_by = RadioField(
        lazy("How do you want to hear that there is news?"),
        [Required(lazy("Choose one"))],
        choices=choices_of(TOLD_BY_WORDS),
    )
    code_word = StringField(
        lazy("A code word"),
        [Length(max=30, message=lazy("Use 30 letters or fewer"))],
        description=lazy("We say it first, so that you know it is us."),
    )
    pin = PasswordField(
        lazy("A new PIN"),
        [Length(max=20)],
        description=lazy("Only if you want another one. Leave it empty to keep the one you have."),
    )

    def validate_pin(self, field: Any) -> None:
        """Numbers that are not the first anybody would try."""
        typed = pages.bare(field.data or "")
        wrong = pages.objection_to_pin(typed) if typed else ""
        if wrong:
            raise ValidationError(PIN_WORDS[wrong])


class CorrectForm(Form):
    """Something is wrong."""

    words = TextAreaField(
        lazy("What is wrong, or what is missing?"),
        [
            Required(lazy("Tell us what is wrong, so that we can put it right")),
            Length(max=1000, message=lazy("Use 1,000 letters or fewer")),
        ],
    )


class AnswerForm(Form):
    """An answer to a question."""

    words = TextAreaField(
        lazy("Your answer"),
        [
            Required(lazy("Enter your answer")),
            Length(max=1000, message=lazy("Use 1,000 letters or fewer")),
        ],
    )


class StopForm(Form):
    """They are sure."""

    sure = BooleanField(
        lazy("Yes, stop it"), [Required(lazy("Tick the box to say that you want to stop"))]
    )


class SendForm(Form):
    """The button is the answer."""


class TheirTellingForm(HowToTellForm):
    """How somebody wishes to be told, written down by their link worker."""

    told_by = RadioField(
        lazy("How do they want to hear that there is news?"),
        [Required(lazy("Choose one"))],
        choices=choices_of(THEIR_WORDS),
    )
    code_word = StringField(
        lazy("A code word"),
        [Length(max=30, message=lazy("Use 30 letters or fewer"))],
        description=lazy("Say it first when you ring, so that they know it is you."),
    )
