"""Directory: reads what a site like ours says of a service and the standard has no field for."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from directory.cleaning import one_line, whole_text
from directory.feeds.details import confirmations_in, details_in
from directory.feeds.proposals import OwnWords, Words
from directory.feeds.records import LONGEST_NAME, LONGEST_WORDS, Record
from directory.rules import Access, Answer, Aspect, How
from directory.taxonomy import AUDIENCES, KINDS, NEEDS

_LISTS = (KINDS, NEEDS, AUDIENCES)
_OURS = {*_LISTS, "details", "confirmed"}
_QUESTIONS = {each.value: each for each in Access}
_ANSWERS = {each.value: each for each in (Answer.YES, Answer.NO)}
_CAPACITIES = ("places_free", "new_people_per_week")


def own_words_in(record: Record) -> OwnWords | None:
    """What is said in our own terms; None when the publisher is no site like ours."""
    attributes = list(_attributes(record))
    if not any(each.get("link_type") in _OURS for each in attributes):
        return None
    terms: dict[str, list[str]] = {name: [] for name in _LISTS}
    categories: dict[tuple[str, str], None] = {}
    for each in attributes:
        link, term = each.get("link_type"), each.get("taxonomy_term")
        if not isinstance(term, Mapping):
            continue
        if link in terms:
            terms[link].append(_line(term.get("code")))
        elif link == "categories" and (name := _line(term.get("name"))):
            categories[_line(term.get("taxonomy"))[:120], name] = None
    return OwnWords(
        details=details_of(record),
        **{name: tuple(dict.fromkeys(codes)) for name, codes in terms.items()},
        categories=tuple(categories),
        confirmed=tuple(_confirmed(attributes)),
        capacities=tuple(_capacities(record)),
    )


def details_of(record: Record) -> Words:
    """Our details among the attributes of a service or a part of it."""
    if "attributes" not in record.raw:
        return ()
    found = details_in(_attributes(record))
    return tuple(
        (code, whole_text(words)[0].strip()[:LONGEST_WORDS]) for code, words in found.items()
    )


def access_of(place: Record) -> tuple[tuple[Access, Answer], ...]:
    """The access questions that a site like ours has answered for a place."""
    found = dict(pair for each in place.parts("accessibility") for pair in details_of(each))
    return tuple(
        (_QUESTIONS[code], _ANSWERS[words])
        for code, words in found.items()
        if code in _QUESTIONS and words in _ANSWERS
    )


def _attributes(record: Record) -> Iterator[Mapping[str, Any]]:
    held = record.raw.get("attributes")
    if isinstance(held, list):
        yield from (each for each in held if isinstance(each, Mapping))


def _confirmed(attributes: list[Mapping[str, Any]]) -> Iterator[tuple[Aspect, How, date]]:
    for (aspect, how), words in confirmations_in(attributes).items():
        try:
            yield aspect, how, date.fromisoformat(words)
        except ValueError:
            continue  # a date we cannot read confirms nothing


def _capacities(record: Record) -> Iterator[tuple[str, int]]:
    for each in record.parts("capacities"):
        unit = each.part("unit")
        name = unit.words("identifier") if unit else ""
        number = each.number("available", least=0, most=100_000)
        if name in _CAPACITIES and number is not None:
            yield name, int(number)


def _line(said: object) -> str:
    return one_line(said)[:LONGEST_NAME] if isinstance(said, str) else ""
