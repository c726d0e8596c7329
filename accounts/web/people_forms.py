"""Accounts on the web: the forms of whoever keeps the people of an organisation."""

from collections.abc import Mapping, Sequence

from wtforms import EmailField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget

from accounts.models import Organisation, User
from accounts.rules import ROLES, Decision, Role
from accounts.staff import roles_to_give
from core.forms import Form, Required, choices_of, is_email
from core.languages import lazy

DECISION_WORDS = {
    Decision.KEEP: lazy("It is right as it is"),
    Decision.CHANGE: lazy("Something has to change"),
    Decision.END: lazy("They have left, or will"),
}


def labels(roles: Sequence[Role]) -> Mapping[Role, str]:
    """What roles are called."""
    return {role: ROLES[role].label for role in roles}


class RolesForm(Form):
    """What somebody does here."""

    roles = SelectMultipleField(
        lazy("What do they do here?"),
        [Required(lazy("Choose at least one"))],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def offer(self, organisation: Organisation) -> None:
        """The roles there are in such an organisation."""
        self.roles.choices = choices_of(labels(roles_to_give(organisation)))

    @property
    def chosen(self) -> list[Role]:
        """The roles that are ticked."""
        return [Role(each) for each in self.roles.data or []]


class InviteForm(RolesForm):
    """Who comes, and what they do."""

    name = StringField(lazy("Full name"), [Required(lazy("Enter their name")), Length(max=120)])
    email = EmailField(
        lazy("Email address"), [Required(lazy("Enter their email address")), is_email]
    )
    job = StringField(lazy("Job title"), [Length(max=120)])


class LeaveForm(Form):
    """Who takes over the people they look after."""

    to = SelectField(
        lazy("Who takes over the people they look after?"), choices=[], validate_choice=False
    )

    def offer(self, takers: Sequence[User]) -> None:
        """The colleagues who can."""
        people = {"": lazy("Choose a colleague"), **{str(it.id): it.name for it in takers}}
        self.to.choices = choices_of(people)


class SignForm(Form):
    """Whether what somebody may do is right."""

    decision = RadioField(
        lazy("Is this right?"),
        [Required(lazy("Choose one"))],
        choices=choices_of(DECISION_WORDS),
    )
