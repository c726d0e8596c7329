"""Directory: the words of the letters that ask a group about what is in doubt; outbox carries."""

from collections.abc import Sequence
from dataclasses import dataclass

from core import site
from core.languages import _, in_english
from core.outbox import Draft
from directory.freshness.evidence import ASPECT_WORDS, joined
from directory.rules import Aspect

MOST_LISTED = 12


@dataclass(frozen=True, slots=True)
class Question:
    """A listing and the parts of it that are in doubt, the most doubtful first."""

    name: str
    aspects: Sequence[Aspect]


@in_english()
def asking_letter(
    questions: Sequence[Question], link: str, *, about: str, occasion: str, to: str, again: bool
) -> Draft:
    """To the group: is this still right? One letter, however many listings it has."""
    one = questions[0].name if len(questions) == 1 else ""
    still = _("Is %(name)s still right?", name=one) if one else _("Are your listings still right?")
    body = "\n\n".join(
        [
            _("Hello,"),
            _("People find you on %(site)s. We would like to be sure of:", site=site.name()),
            "\n".join(_line(each) for each in questions[:MOST_LISTED]),
            _(
                "Open this link to see what people read. If it is all right, one tap is enough. "
                "If something has changed, you can change it there. You need no password."
            ),
            link,
            _("The link works for 14 days. It is for your group: please do not pass it on."),
        ]
    )
    return Draft(
        kind="still-right-again" if again else "still-right",
        about=about,
        same_as=occasion,
        to_address=to,
        subject=_("A reminder: %(question)s", question=still)[:160] if again else still[:160],
        body=body,
    )


@in_english()
def new_link_letter(link: str, *, about: str, occasion: str, to: str) -> Draft:
    """To the group: the new link somebody asked for with one that had run out."""
    asked = _("You asked for a new link to what people read about your group.")
    lasts = _("The link works for 14 days. If you did not ask for it, you need do nothing.")
    return Draft(
        kind="still-right-link",
        about=about,
        same_as=occasion,
        to_address=to,
        subject=_("Your new link"),
        body="\n\n".join([asked, link, lasts]),
    )


def _line(question: Question) -> str:
    aspects = joined([str(ASPECT_WORDS[aspect]) for aspect in question.aspects])
    return f"- {question.name}: {aspects}"
