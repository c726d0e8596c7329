"""Ways to pass something on: its short address as text message, e-mail, code to scan."""

from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup

from core import paper
from core.languages import _
from directory.cards import Card
from directory.short_links import short_address
from directory.shortlists import Shared

LONGEST_TEXT = 160
"""So many characters of the plain alphabet of telephones (GSM 03.38) are one text message."""

NAMED_IN_A_LETTER = 12

_PLAIN = str.maketrans("‘’“”–—…\N{NO-BREAK SPACE}", "''\"\"--. ")


@dataclass(frozen=True, slots=True)
class Sharing:
    """What can be passed on, and how."""

    address: str
    text: str
    subject: str
    letter: str

    @property
    def sms(self) -> str:
        """The link that opens a text message."""
        return f"sms:?&body={quote(self.text)}"

    @property
    def mail(self) -> str:
        """The link that opens an e-mail."""
        return f"mailto:?subject={quote(self.subject)}&body={quote(self.letter)}"

    @property
    def code(self) -> Markup:
        """The code that a phone's camera opens."""
        return paper.qr(self.address, _("Code to scan: opens this page on a phone"))


def of_activity(it: Card) -> Sharing:
    """One activity, to be passed on."""
    address = short_address(it.id)
    facts = [it.name, it.when, it.where, it.cost]
    letter = "\n".join([*facts, "", address])
    return Sharing(address, _text(facts, address), it.name, letter)


def of_list(shared: Shared) -> Sharing:
    """A shared list, to be passed on."""
    names = [f"- {each.name}" for each in shared.services]
    more = len(names) - NAMED_IN_A_LETTER
    if more > 0:
        names = [*names[:NAMED_IN_A_LETTER], _("and %(count)s more", count=more)]
    title = _("Activities you may like")
    letter = "\n".join([f"{title}:", *names, "", shared.address])
    return Sharing(shared.address, _text([title], shared.address), title, letter)


def _text(facts: list[str], address: str) -> str:
    """As many of the facts as fit, the first of them first, and always the address."""
    room = LONGEST_TEXT - len(address) - 2
    said = facts[0].translate(_PLAIN)[:room]
    for fact in facts[1:]:
        longer = f"{said}, {fact.translate(_PLAIN)}"
        if len(longer) > room:
            break
        said = longer
    return f"{said}: {address}"
