"""Ground floor: the base of every form, and the fields that every British form needs."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import NumberRange as AnyNumberRange
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import TextInput

from core import clock
from core.languages import _, in_english, lazy
from core.saving import new_key
from core.templating import on_the_clock

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
PARTS = ("day", "month", "year")
_PART_WORDS = {"day": lazy("day"), "month": lazy("month"), "year": lazy("year")}
PHONE = re.compile(r"\+?[0-9 ()-]{7,20}")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
LARGEST_NUMBER = 10**15
CLOCK = re.compile(r"([0-9]{1,2})(?:[:.]?([0-9]{2}))?\s*([ap])?\.?m?\.?", re.IGNORECASE)
POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}")


class Form(FlaskForm):  # type: ignore[misc]
    """A form that guards against forgery and against being sent twice."""

    once = HiddenField(default=new_key)

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether it can be taken. What goes back to be put right is a new form: a new key."""
        is_good = bool(super().validate(extra_validators))
        if not is_good:
            self.once.data = new_key()
        return is_good

    @property
    def status(self) -> int:
        """The status to answer with: 422 when there is something to put right."""
        return 422 if self.errors else 200


class PartsDateField(Field):
    """A date in three boxes, `<name>-day`, `-month` and `-year`; months may be words.

    Never a date picker: people know their birthday by heart and type it.
    """

    def __init__(
        self,
        label: str = "",
        validators: list[Any] | None = None,
        *,
        must_be_past: bool = False,
        must_be_coming: bool = False,
        **rest: Any,
    ) -> None:
        super().__init__(label, validators, **rest)
        self.parts: dict[str, str] = dict.fromkeys(PARTS, "")
        self.bad: set[str] = set()
        self.must_be_past = must_be_past
        self.must_be_coming = must_be_coming

    def process(
        self, formdata: Any, data: Any = None, extra_filters: Sequence[Any] | None = None
    ) -> None:
        self.process_errors: list[str] = []
        self.raw_data: list[str] = []
        self.data: date | None = data or None
        if self.data:
            self.parts = {part: str(getattr(self.data, part)) for part in PARTS}
        if formdata is None or not any(f"{self.name}-{part}" in formdata for part in PARTS):
            return
        self.parts = {part: formdata.get(f"{self.name}-{part}", "").strip() for part in PARTS}
        self.raw_data = [text for text in self.parts.values() if text]
        self.data = None
        try:
            self.data = self._read() if self.raw_data else None
        except ValueError as error:
            self.process_errors.append(str(error))

    def _read(self) -> date:
        name = self.label.text
        missing = [part for part in PARTS if not self.parts[part]]
        if missing:
            self.bad = set(missing)
            parts = _(" and ").join(str(_PART_WORDS[part]) for part in missing)
            raise ValueError(_("%(name)s must include a %(parts)s", name=name, parts=parts))
        found = self._real_date()
        if found is None or found.year < 1900:
            self.bad = {"year"} if found else set(PARTS)
            if found:
                raise ValueError(_("%(name)s: the year must be 1900 or later", name=name))
            raise ValueError(_("%(name)s must be a real date", name=name))
        if self.must_be_past and found >= clock.today():
            self.bad = {"year"}
            raise ValueError(_("%(name)s must be in the past", name=name))
        if self.must_be_coming and found < clock.today():
            self.bad = {"day"}
            raise ValueError(_("%(name)s must be today or later", name=name))
        return found

    def _real_date(self) -> date | None:
        day, month, year = (self.parts[part] for part in PARTS)
        if month[:3].lower() in MONTHS:
            month = str(MONTHS.index(month[:3].lower()) + 1)
        typed = (day, month, year)
        if not all(text.isascii() and text.isdigit() and len(text) <= 4 for text in typed):
            return None
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            return None


class ClockField(Field):
    """A time as people write it: 10am, 2:30pm, 14.30."""

    widget = TextInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        with in_english():  # as it can be read back
            return on_the_clock(self.data) if self.data else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = str(valuelist[0]).strip() if valuelist else ""
        self.data = _clock(typed) if typed else None


class NumberRange(AnyNumberRange):
    """A number from here to there. One of hundreds of digits is refused, where others break."""

    def __call__(self, form: Any, field: Any) -> None:
        if isinstance(field.data, int) and abs(field.data) > LARGEST_NUMBER:
            field.data = None
            raise ValidationError(self.message or _("Enter a number"))
        super().__call__(form, field)


class Required:
    """The field must be filled in; the message says with what."""

    field_flags: Mapping[str, Any] = {}

    def __init__(self, message: str) -> None:
        self.message = message

    def __call__(self, form: object, field: Any) -> None:
        empty = not field.data or (isinstance(field.data, str) and not field.data.strip())
        if empty and not field.process_errors:
            field.errors[:] = []  # "not a valid choice" says less than our own words
            raise StopValidation(self.message)


def choices_of(words: Mapping[Any, Any]) -> list[Any]:
    """What can be chosen: what is sent, and what people read, which may wait for its language."""
    return [SelectChoice(value=str(sent), label=read) for sent, read in words.items()]


def is_phone(form: object, field: Any) -> None:
    """A telephone number as people write it: 7 to 15 digits."""
    if field.data and not (
        PHONE.fullmatch(field.data.strip()) and 7 <= sum(c.isdigit() for c in field.data) <= 15
    ):
        raise ValidationError(_("Enter a phone number, like 01632 960 001 or 07700 900 982"))


def is_email(form: object, field: Any) -> None:
    """An e-mail address, as far as a form can tell."""
    if field.data and not (len(field.data) <= 254 and EMAIL.fullmatch(field.data.strip())):
        raise ValidationError(_("Enter an email address, like name@example.com"))


def is_postcode(form: object, field: Any) -> None:
    """A full British postcode, with or without its space."""
    if field.data and not POSTCODE.fullmatch(field.data.strip().upper()):
        raise ValidationError(_("Enter a full postcode, like E3 3BQ"))


def _clock(typed: str) -> time:
    found = CLOCK.fullmatch(typed)
    if typed.casefold() in {"midday", "noon"}:
        return time(12)
    if found is None:
        raise ValueError(_("Enter a time, like 10am or 2:30pm"))
    hour, minute = int(found[1]), int(found[2] or 0)
    half = (found[3] or "").lower()
    if hour > 23 or minute > 59 or (half and not 1 <= hour <= 12):
        raise ValueError(_("Enter a time, like 10am or 2:30pm"))
    if not half and 1 <= hour <= 6:
        raise ValueError(_("Say if that is in the morning or the afternoon, like 2pm"))
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute)
