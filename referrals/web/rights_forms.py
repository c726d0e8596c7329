"""The forms of people's rights: what they ask for, and what an officer decides."""

from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.validators import Length

from core.forms import (
    Form,
    PartsDateField,
    Required,
    choices_of,
    is_email,
    is_phone,
    is_postcode,
)
from core.languages import lazy
from referrals.models import AskedHow, Handing, Right, Stage

RIGHT_WORDS = {
    Right.SEE: lazy("To see what is kept about them"),
    Right.FORGET: lazy("To have it forgotten"),
}
OWN_RIGHT_WORDS = {
    Right.SEE: lazy("Show me all you keep about me"),
    Right.FORGET: lazy("Forget me"),
}
HOW_WORDS = {
    AskedHow.PHONE: lazy("By telephone"),
    AskedHow.LETTER: lazy("By letter"),
    AskedHow.EMAIL: lazy("By email"),
    AskedHow.IN_PERSON: lazy("In person"),
}
STAGE_WORDS = {
    Stage.ASKED: lazy("Make sure who asks"),
    Stage.CHECKED: lazy("To be looked at"),
    Stage.READY: lazy("Ready to be fetched"),
    Stage.DONE: lazy("Done"),
    Stage.CLOSED: lazy("Ended"),
}
VERDICT_WORDS = {
    Handing.GIVE: lazy("Give it"),
    Handing.HOLD_HARM: lazy("Hold it back: it could do serious harm to somebody"),
    Handing.HOLD_OTHER: lazy("Hold it back: it is about somebody else"),
}

WHY = [Required(lazy("Say why")), Length(max=300, message=lazy("Use 300 letters or fewer"))]


class _Found(Form):
    """Whom it is about: both are given by whoever asks, and neither is looked up."""

    ref = StringField(
        lazy("Reference of their referral"),
        [Required(lazy("Enter the reference")), Length(max=12)],
        description=lazy("Like SP-7K2QX. It stands on every letter and page about it."),
    )
    born_on = PartsDateField(
        lazy("Their date of birth"), [Required(lazy("Enter the date of birth"))]
    )


class BeginForm(_Found):
    """Somebody has asked."""

    right = RadioField(
        lazy("What do they ask?"), [Required(lazy("Choose one"))], choices=choices_of(RIGHT_WORDS)
    )
    how = RadioField(
        lazy("How did they ask?"), [Required(lazy("Choose one"))], choices=choices_of(HOW_WORDS)
    )
    asked_on = PartsDateField(
        lazy("When did they ask?"), [Required(lazy("Enter the day they asked"))]
    )


class HoldForm(_Found):
    """A court, an inquiry or a complaint needs a record."""

    why = TextAreaField(lazy("Why must it be kept?"), WHY)


class IdentityForm(Form):
    """Who asks was made sure of."""

    how = StringField(
        lazy("How did you make sure who asks?"),
        [Required(lazy("Say how you made sure")), Length(max=200)],
        description=lazy(
            "For example: rang the number we hold; saw a passport; holds a lasting power of "
            "attorney, seen."
        ),
    )


class LineForm(Form):
    """One line, given or held back."""

    verdict = RadioField(
        lazy("What becomes of it?"),
        [Required(lazy("Choose one"))],
        choices=choices_of(VERDICT_WORDS),
    )
    reason = TextAreaField(
        lazy("Why, and whom did you ask?"),
        [Length(max=1000, message=lazy("Use 1,000 letters or fewer"))],
    )


class WhyForm(Form):
    """A reason, told or kept."""

    why = TextAreaField(lazy("Why?"), WHY)


class LetGoForm(WhyForm):
    """A record destroyed: there is no way back."""

    sure = BooleanField(
        lazy("I have looked: nothing of it is needed any more"),
        [Required(lazy("Tick the box to say that you have looked"))],
    )


class KeepOnForm(Form):
    """Kept for longer."""

    until = PartsDateField(
        lazy("Until when?"), [Required(lazy("Enter the day"))], must_be_coming=True
    )
    why = TextAreaField(lazy("Why?"), WHY)


class PressForm(Form):
    """The button is the answer."""


class OwnRightForm(Form):
    """What somebody asks from their own page."""

    right = RadioField(
        lazy("What would you like?"),
        [Required(lazy("Choose one"))],
        choices=choices_of(OWN_RIGHT_WORDS),
    )


class PutRightForm(Form):
    """Who somebody is and how they are reached, put right."""

    name = StringField(lazy("Full name"), [Required(lazy("Enter their name")), Length(max=120)])
    preferred_name = StringField(lazy("What to call them"), [Length(max=60)])
    born_on = PartsDateField(lazy("Date of birth"), [Required(lazy("Enter the date of birth"))])
    phone = StringField(lazy("Telephone"), [Length(max=40), is_phone])
    email = StringField(lazy("Email"), [Length(max=254), is_email])
    address = StringField(lazy("Address"), [Length(max=300)])
    postcode = StringField(lazy("Postcode"), [Length(max=8), is_postcode])
    communication_needs = StringField(
        lazy("What helps them to understand and be understood"), [Length(max=200)]
    )
    why = StringField(
        lazy("Why is it changed?"),
        [Required(lazy("Say why")), Length(max=300)],
        description=lazy("They read this on their own page."),
    )


class CopyForm(Form):
    """The PIN of a copy."""

    pin = StringField(
        lazy("The PIN we told you"), [Required(lazy("Enter the PIN")), Length(max=20)]
    )
