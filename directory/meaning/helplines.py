"""Directory meaning: the national lines that answer somebody in danger or despair, as facts."""

from dataclasses import dataclass
from typing import Any

from core.languages import lazy


@dataclass(frozen=True, slots=True)
class Helpline:
    """Somebody to ring or text: the number as people read it, as a phone takes it, and when.

    `words` end the sentence "Samaritans: …"; they are in the language of the page once printed.
    """

    code: str
    name: Any
    number: str
    href: str
    words: Any


def _call(code: str, name: Any, number: str, words: Any) -> Helpline:
    return Helpline(code, name, number, f"tel:{number.replace(' ', '')}", words)


_ALL = (
    _call("999", lazy("Emergency"), "999", lazy("if a life is in danger now")),
    _call("111", lazy("NHS 111"), "111", lazy("for urgent health advice, day or night")),
    _call(
        "111-mind",
        lazy("NHS 111, option 2"),
        "111",
        lazy("for urgent help with your mind, day or night"),
    ),
    _call("samaritans", "Samaritans", "116 123", lazy("to talk about anything, day or night")),
    Helpline(
        "shout",
        "Shout",
        "85258",
        "sms:85258?body=SHOUT",
        lazy("to text instead of talking: send the word SHOUT"),
    ),
    _call(
        "papyrus",
        "Papyrus",
        "0800 068 4141",
        lazy("if you are under 35, or worried about somebody who is"),
    ),
    _call(
        "after-suicide",
        "Survivors of Bereavement by Suicide",
        "0300 111 5065",
        lazy("for people who lost somebody to suicide"),
    ),
    _call("cruse", "Cruse", "0808 808 1677", lazy("to talk about somebody who died")),
    _call(
        "domestic-abuse",
        lazy("Domestic Abuse Helpline"),
        "0808 2000 247",
        lazy("for women, day or night"),
    ),
    _call("mens-advice", "Men’s Advice Line", "0808 801 0327", lazy("for men who are being hurt")),
    _call(
        "live-fear-free", "Live Fear Free", "0808 801 0800", lazy("for anyone in Wales, any time")
    ),
    _call(
        "karma-nirvana",
        "Karma Nirvana",
        "0800 5999 247",
        lazy("if your family forces or threatens you"),
    ),
    _call(
        "respect",
        "Respect",
        "0808 802 4040",
        lazy("if you hurt somebody you love and want to stop"),
    ),
    _call(
        "rape-crisis",
        "Rape Crisis",
        "0808 500 2222",
        lazy("about rape or sexual abuse, day or night"),
    ),
    _call(
        "napac", "NAPAC", "0808 801 0331", lazy("for adults who were hurt when they were children")
    ),
    _call("childline", "Childline", "0800 1111", lazy("for anyone under 19, day or night")),
    _call("nspcc", "NSPCC", "0808 800 5000", lazy("if you are worried about a child")),
    _call(
        "missing-people",
        "Missing People",
        "116 000",
        lazy("if you ran away, want to, or miss somebody"),
    ),
    _call("hourglass", "Hourglass", "0808 808 8141", lazy("if an older person is being hurt")),
    _call(
        "modern-slavery",
        lazy("Modern Slavery Helpline"),
        "08000 121 700",
        lazy("if you are made to work, or may not leave"),
    ),
    _call("gas", lazy("Gas emergency"), "0800 111 999", lazy("if you smell gas, day or night")),
    _call("shelter", "Shelter", "0808 800 4444", lazy("if you have nowhere to sleep")),
    _call(
        "centrepoint",
        "Centrepoint",
        "0808 800 0661",
        lazy("for ages 16 to 25 with nowhere to live"),
    ),
    _call(
        "hardship",
        lazy("Help through Hardship"),
        "0808 208 2138",
        lazy("if you have no money for food"),
    ),
)

HELPLINES = {line.code: line for line in _ALL}
"""Every line we name, by code."""
