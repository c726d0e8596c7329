"""The link worker's desk: the forms of a first visit and of what somebody means to do."""

from typing import Any

from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import ValidationError

from core.forms import Form, Required
from core.languages import _, lazy
from referrals.pledges import CAN_BE_FOUND_BY
from referrals.web.linkworker_forms import VisitForm, at_most

OWN_WORDS = lazy("What do they mean to do, in their own words? (you can leave this empty)")
LIKE_THIS = lazy(
    "Like this: On Tuesday at 10, after I drop Ella at school, I will walk to the hall with Jean."
)
WITNESS = lazy("Who else knows of this plan? (you can leave this empty)")
NO_NUMBERS = lazy("A first name, or who they are: my neighbour. No number or address.")
REMINDER = lazy("Send them a reminder the day before, at 10 in the morning")


def names_only(_form: object, field: Any) -> None:
    """No number and no address of a witness, who has agreed to nothing."""
    if CAN_BE_FOUND_BY.search(field.data or ""):
        raise ValidationError(_("Write a name or who they are, with no number or address"))


class FirstVisitForm(VisitForm):
    """The whole plan for a first visit, on one page."""

    going_with = StringField(
        lazy("Who goes with them? (you can leave this empty)"),
        [at_most(120)],
        description=lazy("A friend, a child, a carer, or you"),
    )
    worry = TextAreaField(
        lazy("What worries them about going? (you can leave this empty)"),
        [at_most(300)],
        description=lazy("Only your team reads this. The group does not."),
    )
    pledge = TextAreaField(OWN_WORDS, [at_most(300)], description=LIKE_THIS)
    witness = StringField(WITNESS, [at_most(80), names_only], description=NO_NUMBERS)
    remind = BooleanField(REMINDER)


class PledgeForm(Form):
    """What somebody means to do, written down later than the plan."""

    pledge = TextAreaField(
        lazy("What do they mean to do, in their own words?"),
        [Required(lazy("Write what they mean to do")), at_most(300)],
        description=LIKE_THIS,
    )
    witness = StringField(WITNESS, [at_most(80), names_only], description=NO_NUMBERS)
    remind = BooleanField(REMINDER)
