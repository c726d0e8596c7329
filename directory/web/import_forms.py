"""The forms of bringing listings in: the file or address, and what the columns of a sheet are."""

from flask_wtf.file import FileField
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from core.forms import Form, choices_of
from core.languages import _, lazy
from directory.feeds.fetching import check_address
from directory.feeds.proposals import Unreadable
from directory.feeds.reading import Look
from directory.feeds.sheets import COLUMNS

LABELS = {
    "id": lazy("Its number or code there"),
    "name": lazy("Name of the activity"),
    "organisation": lazy("Group that runs it"),
    "description": lazy("What it is like"),
    "postcode": lazy("Postcode"),
    "url": lazy("Web page"),
    "email": lazy("Email address"),
    "phone": lazy("Phone number"),
    "category": lazy("Kind of thing"),
    "day": lazy("Days of the week"),
    "opens_at": lazy("Starts at"),
    "closes_at": lazy("Ends at"),
    "cost": lazy("Cost"),
    "address": lazy("Address"),
    "town": lazy("Town"),
    "latitude": lazy("Latitude"),
    "longitude": lazy("Longitude"),
    "minimum_age": lazy("Youngest age"),
    "maximum_age": lazy("Oldest age"),
    "who_for": lazy("Who it is for"),
    "opening_hours": lazy("When, in words"),
}
NOWHERE = ""


class ImportForm(Form):
    """Where the listings are, and who publishes them."""

    source = StringField(
        lazy("Who publishes these?"),
        [
            InputRequired(lazy("Say who publishes these, such as “Bow council”.")),
            Length(max=120, message=lazy("Keep this to 120 letters.")),
        ],
        description=lazy("Use the same name each time. Then we know what came before."),
    )
    file = FileField(
        lazy("A file"),
        description=lazy("Open Referral UK (JSON), a data package (zip) or a sheet (CSV)."),
    )
    url = StringField(
        lazy("Or the address of a feed"),
        [Length(max=2_000, message=lazy("This address is too long."))],
        description=lazy("It begins with https://"),
    )

    def validate_url(self, field: StringField) -> None:
        """An address that could be asked, or a file; not both and not neither."""
        url = (field.data or "").strip()
        if self.file.data and url:
            raise ValidationError(_("Choose a file or give an address, not both."))
        if not self.file.data and not url:
            raise ValidationError(_("Choose a file, or give the address of a feed."))
        if url:
            try:
                check_address(url)
            except Unreadable:
                reason = _("Give an address that begins with https://, without a password in it.")
                raise ValidationError(reason) from None


class ColumnsForm(Form):
    """Which column of a sheet each of ours is. Its fields are made by `columns_form`."""

    @property
    def chosen(self) -> dict[str, int]:
        """The columns somebody has chosen, by our names for them."""
        said = {name: self[name].data for name in COLUMNS}
        return {name: int(value) for name, value in said.items() if value != NOWHERE}


def columns_form(look: Look) -> ColumnsForm:
    """The form for one sheet, filled in as far as its headings say."""
    columns = {NOWHERE: _("It is not in this sheet")}
    for at, heading in enumerate(look.headings):
        sample = next(filter(None, look.samples[at]), "")
        words = heading.strip()[:60] or _("Column %(number)s", number=at + 1)
        columns[str(at)] = f"{words}: {sample[:40]}" if sample else words
    choices = choices_of(columns)
    fields = {
        name: SelectField(
            LABELS[name],
            [InputRequired(_("Say which column holds the name."))] if name == "name" else [],
            choices=choices,
            default=str(look.guess[name]) if name in look.guess else NOWHERE,
        )
        for name in COLUMNS
    }
    made: ColumnsForm = type("ColumnsOfThisSheet", (ColumnsForm,), fields)()
    return made
