"""The form of one need: what it is called, what people say, what listings say."""

from typing import Any

from wtforms import HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from core.forms import Form, Required, choices_of
from core.languages import _, lazy
from directory.desk.thesaurus import LONGEST_NAME, LONGEST_PHRASE, MOST_PHRASES
from directory.meaning import Concept, thesaurus
from directory.meaning.folding import tidy, words
from directory.taxonomy import kinds, needs

LOOK, KEEP = "look", "keep"
TOO_LONG = lazy("Use 120 letters or fewer")


class MeaningForm(Form):
    """What is said of a need. It is looked at first (`step`), and kept by a second press."""

    name = StringField(
        lazy("Name"),
        [Required(lazy("Give it a name")), Length(max=LONGEST_NAME, message=TOO_LONG)],
    )
    shown_as = StringField(
        lazy("Showing …"),
        [
            Required(lazy("Say how “Showing …” ends")),
            Length(max=LONGEST_NAME, message=TOO_LONG),
        ],
        description=lazy("People read “Showing” and these words above what they find."),
    )
    phrases = TextAreaField(
        lazy("What people type"),
        description=lazy("One on each line, as they write it, slips and all."),
    )
    words = TextAreaField(
        lazy("What listings say"),
        description=lazy("One on each line. A listing that says it counts as help with this."),
    )
    near = TextAreaField(
        lazy("What helps too"), description=lazy("Names of other needs, one on each line.")
    )
    kinds = SelectMultipleField(lazy("Kinds that surely mean it"))
    needs = SelectMultipleField(lazy("Situations that surely mean it"))
    why = StringField(
        lazy("Why do you change it?"),
        [Length(max=500, message=lazy("Use 500 letters or fewer"))],
        description=lazy("For the next editor, if you like."),
    )
    seen = HiddenField()
    step = SelectField(choices=choices_of({LOOK: LOOK, KEEP: KEEP}))

    def __init__(self, **rest: Any) -> None:
        super().__init__(**rest)
        self.kinds.choices = choices_of({term.code: term.name for term in kinds()})
        self.needs.choices = choices_of({term.code: term.name for term in needs()})

    def validate_phrases(self, field: Any) -> None:
        """Each can be looked for, and there are not too many."""
        _check(lines(field))
        if len(lines(field)) + len(lines(self.words)) > MOST_PHRASES:
            raise ValidationError(_("Those are too many lines: 400 is the most"))

    def validate_words(self, field: Any) -> None:
        """Each can be looked for."""
        _check(lines(field))

    def validate_near(self, field: Any) -> None:
        """Each is a need we know."""
        known = _codes()
        for each in lines(field):
            if each.casefold() not in known:
                raise ValidationError(_("There is no need called “%(name)s”", name=each[:80]))

    def validate_seen(self, field: Any) -> None:
        """It says from which version the editor began."""
        if not ((field.data or "").isascii() and (field.data or "").isdigit()):
            raise ValidationError(_("This form was not filled in from its page. Open it again."))

    @property
    def version(self) -> int:
        """The version the editor began from."""
        return int(self.seen.data or 0)

    def concept(self, code: str) -> Concept:
        """The need as it was typed."""
        known = _codes()
        return Concept(
            code,
            name=self.name.data or "",
            shown_as=self.shown_as.data or "",
            kinds=tuple(self.kinds.data or ()),
            needs=tuple(self.needs.data or ()),
            words=tuple(lines(self.words)),
            phrases=tuple(lines(self.phrases)),
            near=tuple(known[each.casefold()] for each in lines(self.near)),
        )


def lines(field: Any) -> list[str]:
    """What stands on the lines of a box, without the empty ones."""
    return [line for each in (field.data or "").splitlines() if (line := " ".join(each.split()))]


def _codes() -> dict[str, str]:
    return {each.name.casefold(): code for code, each in thesaurus().concepts.items()}


def _check(said: list[str]) -> None:
    for each in said:
        if len(each) > LONGEST_PHRASE or not words(tidy(each)):
            raise ValidationError(_("“%(phrase)s” cannot be looked for", phrase=each[:80]))
