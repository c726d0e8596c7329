"""Referrals: reads the patient banner that a clinician copies out of the clinical system.

Read are the banners of EMIS Web and SystmOne, which follow the NHS rules for a patient banner, and
plain lists of "Label: value". Nothing is guessed: what cannot be read for certain stays empty, and
`unread` says so. Numbers and dates are handed on as they stand; the form says what is wrong.
"""

import re
import unicodedata
from dataclasses import dataclass, fields
from enum import Enum, auto

from core.languages import lazy
from directory import format_postcode
from referrals.people import clean_nhs_number, is_nhs_number

LONGEST = 4000


class Fact(Enum):
    """What a label in a banner announces."""

    NAME = auto()
    SURNAME = auto()
    FORENAME = auto()
    CALLED = auto()
    BORN = auto()
    NUMBER = auto()
    ADDRESS = auto()
    POSTCODE = auto()
    PHONE = auto()
    EMAIL = auto()
    OF_NO_USE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """What was read; empty is what was not. `born`: day, month and year as they were written."""

    name: str = ""
    preferred_name: str = ""
    born: tuple[str, str, str] | None = None
    nhs_number: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    postcode: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was read."""
        return not any(getattr(self, each.name) for each in fields(self))

    @property
    def unread(self) -> tuple[str, ...]:
        """What a referral needs and this did not tell."""
        wanted = {
            lazy("their name"): self.name,
            lazy("their date of birth"): self.born,
            lazy("their NHS number"): self.nhs_number,
            lazy("their postcode"): self.postcode,
            lazy("a phone number"): self.phone,
        }
        return tuple(str(words) for words, read in wanted.items() if not read)


_LABELS = {
    Fact.NAME: "patient name|full name|patient|name",
    Fact.SURNAME: "surname|family name|last name",
    Fact.FORENAME: "forenames?|first names?|given names?",
    Fact.CALLED: "preferred name|likes to be called|known as|calling name",
    Fact.BORN: r"date of birth|birth date|d\.?o\.?b\.?|born",
    Fact.NUMBER: r"nhs (?:number|num|no\.?)|nhs",
    Fact.ADDRESS: "(?:home|usual|postal|current) address|address",
    Fact.POSTCODE: "post ?code",
    Fact.PHONE: (
        "(?:home|mobile|mob|work|daytime|evening|contact|preferred) "
        r"(?:tel(?:ephone)?|phone|number|no\.?)|telephone(?: number| no\.?)?|"
        r"phone(?: number| no\.?)?|tel(?: no)?\.?|mobile|mob\.?|home|work|m|h|t"
    ),
    Fact.EMAIL: "e-?mail(?: address)?",
    Fact.OF_NO_USE: (
        r"legal sex|gender(?: identity)?|sex|age|title|(?:usual|registered|named|own) gp|gp|"
        r"registered(?: practice| at)?|practice|surgery|status|ethnicity|religion|language|"
        r"main spoken language|interpreter|allergies|next of kin|nok|carer|"
        r"(?:emis|systm ?one|hospital|local|patient|record) (?:number|no\.?|id)|"
        "usual location|deceased|died|phone and email|last seen|consultant"
    ),
}
_NEEDS_NO_COLON = {Fact.BORN, Fact.NUMBER}

# A label stands at the beginning of a part, or before a colon. "Born", "NHS No." and a word for a
# telephone right before its number are labels wherever they stand.
_LABEL = re.compile(
    "|".join(
        rf"(?P<{fact.name}>"
        rf"(?:(?<![\w.])(?:{words})(?=\s*:)|^[ ]*(?:{words})(?=[ ]*$|[ ]*:|[ ](?![ ]*,))"
        + (rf"|(?<![\w.])(?:{words})(?![\w])" if fact in _NEEDS_NO_COLON else "")
        + (rf"|(?<![\w.])(?:{words})(?=[ ]*[+(]?0?\(?[0-9]{{3}})" if fact is Fact.PHONE else "")
        + (r"|(?<![\w.])address(?=[ ]+(?:flat[ ]+)?[0-9])" if fact is Fact.ADDRESS else "")
        + r")\s*[:.]?)"
        for fact, words in _LABELS.items()
    ),
    re.IGNORECASE | re.MULTILINE,
)

_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DATE = re.compile(
    rf"(?<!\d)(?:(?P<y>\d{{4}})-(?P<m>\d{{1,2}})-(?P<d>\d{{1,2}})"
    rf"|(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[-/. ]\s?(?P<month>\d{{1,2}}|(?:{_MONTHS})[a-z]*)"
    rf"[-/.,]?\s?(?P<year>\d{{4}}))(?!\d)",
    re.IGNORECASE,
)
_TEN = re.compile(r"(?<![\d+])\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)")
_ALMOST_TEN = re.compile(r"\d[\d -]{6,14}\d")
_PHONE = re.compile(r"(?<![\d-])(?:\+44[ ]?(?:\(0\))?|\(?0)[\d() -]{8,14}\d(?!\d)")
_EMAIL = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>.]+(?:\.[^@\s,;<>.]+)+")
_POSTCODE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}[0-9][A-Z0-9]?[ ]*[0-9][A-Z]{2}(?![A-Za-z0-9])")
_TITLE = re.compile(
    r"\b(?:mr|mrs|ms|miss|mx|master|dr|doctor|rev|revd|reverend|prof|professor|sir|dame|lady|lord|"
    r"sister|fr|father)\b\.?",
    re.IGNORECASE,
)
_STATES = {
    *("active", "inactive", "registered", "regular", "patient", "gms"),
    *("female", "male", "f", "m"),
}
_NAMES = re.compile(r"[^\W\d_]+(?:['’.\- ,]+[^\W\d_]+)*[.]?")


def read(text: str) -> Banner:
    """What a pasted banner tells of the patient."""
    text = _tidy(text[:LONGEST])
    said, loose = _parts(text)
    born = _date(" ".join(said[Fact.BORN])) if said[Fact.BORN] else _one_date(loose)
    address, postcode = _address(said, loose)
    return Banner(
        name=_name(said, loose),
        preferred_name=_cased(_first_line(said[Fact.CALLED])),
        born=born,
        nhs_number=_number(said[Fact.NUMBER], loose),
        phone=_found(_PHONE, [*said[Fact.PHONE], loose]),
        email=_found(_EMAIL, [*said[Fact.EMAIL], *said[Fact.PHONE], loose]),
        address=address,
        postcode=postcode,
    )


def _tidy(text: str) -> str:
    """One part a line: tabs, bars and wide gaps are how banners keep parts asunder."""
    plain = unicodedata.normalize("NFKC", text).replace("\r", "\n")
    plain = re.sub(r"[\t|•·]+|[ ]{3,}", "\n", plain)
    plain = plain.translate(dict.fromkeys(map(ord, "‐‑‒–—"), "-"))
    return "\n".join(" ".join(line.split()) for line in plain.splitlines() if line.strip())


def _parts(text: str) -> tuple[dict[Fact, list[str]], str]:
    """What stands behind each label, and what stands before the first of them."""
    said: dict[Fact, list[str]] = {fact: [] for fact in Fact}
    labels = list(_LABEL.finditer(text))
    loose = text[: labels[0].start()] if labels else text
    ends = [label.start() for label in labels[1:]] + [len(text)]
    for label, end in zip(labels, ends, strict=False):
        fact = Fact[label.lastgroup or ""]
        value = text[label.end() : end].strip(" ,;\n")
        kept, rest = _one_part(fact, value)
        said[fact].append(kept)
        loose = f"{loose}\n{rest}"
    return said, loose


def _one_part(fact: Fact, value: str) -> tuple[str, str]:
    """What belongs to the label, and what only follows it: an address alone has many lines."""
    if fact is Fact.ADDRESS:
        return value, ""
    first, _, rest = value.partition("\n")
    return first, rest


def _name(said: dict[Fact, list[str]], loose: str) -> str:
    surname, forename = _first_line(said[Fact.SURNAME]), _first_line(said[Fact.FORENAME])
    if surname and forename:
        return _cased(f"{_no_title(forename)} {surname}")
    if said[Fact.NAME]:
        return _in_order(said[Fact.NAME][0])
    for line in loose.splitlines():
        before_numbers = re.split(r"\d", line)[0]
        found = _in_order(before_numbers)
        if " " in found and found[0].isupper():
            return found
    return ""


def _in_order(text: str) -> str:
    """SURNAME, First (Title) and its like as First Surname; "" for what is no name."""
    words = _no_title(re.sub(r"\([^)]*\)", " ", text)).strip(" ,-")
    words = " ".join(word for word in words.split() if word.casefold().strip(",") not in _STATES)
    if not words or not _NAMES.fullmatch(words):
        return ""
    surname, _, first = words.partition(",")
    if first.strip(" ,"):
        return _cased(f"{first.strip(' ,')} {surname}")
    parts = words.strip(",").split()
    shouted = [part for part in parts if part.isupper() and len(part) > 1]
    if shouted and len(shouted) < len(parts) and parts[: len(shouted)] == shouted:
        parts = [*parts[len(shouted) :], *shouted]
    return _cased(" ".join(parts))


def _no_title(text: str) -> str:
    return " ".join(_TITLE.sub(" ", text).split())


def _cased(text: str) -> str:
    return " ".join(_cased_word(word) for word in text.split())


def _cased_word(word: str) -> str:
    """GREENWOOD as Greenwood; what is written in small letters is left as its bearer writes it."""
    son_of = "Mc" if re.match(r"M[Cc][A-Z]{2}", word) else ""
    rest = word[len(son_of) :]
    if not rest.isupper() or len(rest) < 2:
        return word
    return son_of + re.sub(r"[^\W\d_]+", lambda part: part[0].capitalize(), rest)


def _date(text: str) -> tuple[str, str, str] | None:
    found = _DATE.search(text)
    if found is None:
        return None
    if found["year"]:
        return found["day"].lstrip("0"), found["month"].lstrip("0"), found["year"]
    return found["d"].lstrip("0"), found["m"].lstrip("0"), found["y"]


def _one_date(text: str) -> tuple[str, str, str] | None:
    """The date that stands there without a label, when no other does."""
    found = {_date(each.group()) for each in _DATE.finditer(text)}
    return found.pop() if len(found) == 1 else None


def _number(labelled: list[str], loose: str) -> str:
    """The NHS number; of two different ones neither, for then there are two patients."""
    found = {
        clean_nhs_number(each.group())
        for text in [*labelled, loose]
        for each in _TEN.finditer(text)
        if text in labelled or is_nhs_number(each.group())
    }
    if len(found) > 1:
        return ""
    if found:
        return found.pop()
    return _found(_ALMOST_TEN, labelled)


def _address(said: dict[Fact, list[str]], loose: str) -> tuple[str, str]:
    """Where they live, without its postcode, and that."""
    places = [*said[Fact.ADDRESS], *(line for line in loose.splitlines() if _POSTCODE.search(line))]
    whole = ", ".join(line.strip(" ,") for line in "\n".join(places[:1]).splitlines())
    whole = _PHONE.sub("", _EMAIL.sub("", whole))
    postcodes = [*said[Fact.POSTCODE], *_POSTCODE.findall(whole)]
    postcode = format_postcode(postcodes[0]) if postcodes else None
    return re.sub(r"[\s,]+$", "", _POSTCODE.sub("", whole)), postcode or ""


def _found(wanted: re.Pattern[str], texts: list[str]) -> str:
    matches = (wanted.search(text) for text in texts)
    return next((" ".join(match.group().split()) for match in matches if match), "")


def _first_line(values: list[str]) -> str:
    return values[0].partition("\n")[0].strip() if values else ""
