"""Directory: what we say of a listing and HSDS has no field for, as attributes both ways."""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from core import clock
from directory.feeds.writing import Record
from directory.identity import part_text, taxonomy_id, term_id
from directory.models import FieldCheck, TaxonomyTerm
from directory.rules import ACCESS_WORDS, Aspect, How
from directory.taxonomy import AUDIENCES, KINDS, NEEDS

DETAILS, CONFIRMED = "Kith details", "Kith confirmed"
OWN_LISTS = {KINDS: "Kith kinds", NEEDS: "Kith needs", AUDIENCES: "Kith audiences"}
ABOUT_LISTS = {
    "Kith kinds": "What sort of thing an activity is.",
    "Kith needs": "Why somebody would think of it.",
    "Kith audiences": "Whom it is meant for.",
    DETAILS: "What Kith says of an activity, and HSDS has no field for.",
    CONFIRMED: "Which part of an activity a person has confirmed, and how.",
}
"""Our own lists of words, as they are published."""

WORDS = {
    "summary": "In a sentence",
    "slug": "The end of its address on this site",
    "attending": "How people take part: venue, online, phone or home visit",
    "referral_needed": "A referral is needed",
    "meets_at_door": "Somebody meets you at the door",
    "before_you_come": "Before you come",
    "when_you_arrive": "When you arrive",
    "afterwards": "Afterwards",
    "walk": "Getting there on foot",
    "park": "Parking",
    "lift": "Needing a lift",
    "term_time": "In school terms only",
    "best_time": "The best time to call",
    **{feature.value: words for feature, words in ACCESS_WORDS.items()},
}
PARTS = {
    Aspect.TIME: "Time",
    Aspect.PLACE: "Place",
    Aspect.PRICE: "Price",
    Aspect.CONTACT: "Contact",
    Aspect.WHO_FOR: "Who it is for",
    Aspect.ACCESS: "Access",
    Aspect.ABOUT: "Description",
}
HOWS = {
    How.GROUP: "confirmed by the group",
    How.EDITOR: "checked by an editor",
    How.ATTENDED: "confirmed by people who went",
}
"""How a person confirms. That an import brought something in confirms nothing, and is not told."""


def details(owner: str, link: str, said: Mapping[str, object]) -> list[Record]:
    """Those of our details that are known, as attributes of a thing with this id."""
    return [
        {
            "id": part_text(owner, "detail", code),
            "link_id": owner,
            "link_entity": link,
            "link_type": "details",
            "taxonomy_term_id": (named := word(DETAILS, code, WORDS[code]))["id"],
            "value": words,
            "taxonomy_term": named,
        }
        for code, value in said.items()
        if (words := _words(value))
    ]


def confirmed(owner: str, checks: Iterable[FieldCheck]) -> list[Record]:
    """Who confirmed which part of a listing and when, as attributes; never anybody's name."""
    known = sorted((each.aspect, each.how, each.at) for each in checks if each.how in HOWS)
    return [
        {
            "id": part_text(owner, "confirmed", code),
            "link_id": owner,
            "link_entity": "service",
            "link_type": "confirmed",
            "taxonomy_term_id": (named := word(CONFIRMED, code, label))["id"],
            "value": clock.local_date(at).isoformat(),
            "label": label,
            "taxonomy_term": named,
        }
        for aspect, how, at in known
        for code, label in [_confirmation(aspect, how)]
    ]


@cache
def word(taxonomy: str, code: str, name: str) -> Record:
    """One of the words of ours that no table holds."""
    return {
        "id": str(term_id(taxonomy, code)),
        "code": code,
        "name": name,
        "description": name,
        "taxonomy": taxonomy,
        "taxonomy_id": str(taxonomy_id(taxonomy)),
    }


def own_words() -> list[Record]:
    """All of them."""
    said = [word(DETAILS, code, name) for code, name in WORDS.items()]
    return said + [word(CONFIRMED, *_confirmation(aspect, how)) for aspect in PARTS for how in HOWS]


def term(said: TaxonomyTerm) -> Record:
    """A word that listings are sorted by."""
    about = said.description or said.name
    return _term(said.id, said.taxonomy, said.code, said.name, about, said.term_uri, said.parent_id)


@lru_cache(maxsize=4_096)
def _term(
    own: UUID, taxonomy: str, code: str, name: str, about: str, uri: str, parent: UUID | None
) -> Record:
    called = list_name(taxonomy)
    return {
        "id": str(own),
        "code": code,
        "name": name,
        "description": about,
        "taxonomy": called,
        "taxonomy_id": str(taxonomy_id(called)),
        **({"term_uri": uri} if uri else {}),
        **({"parent_id": str(parent)} if parent else {}),
    }


def list_name(taxonomy: str) -> str:
    """What a list of words is called outside."""
    return OWN_LISTS.get(taxonomy, taxonomy)


def details_in(attributes: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Our details among the attributes of a record, by the names of our columns."""
    return {
        str(said.get("code")): str(each.get("value"))
        for each in attributes
        if each.get("link_type") == "details"
        and isinstance(said := each.get("taxonomy_term"), Mapping)
        and said.get("code") in WORDS
        and each.get("value")
    }


def confirmations_in(attributes: Iterable[Mapping[str, Any]]) -> dict[tuple[Aspect, How], str]:
    """Who confirmed which part on which day (as ISO writes days), among the attributes."""
    codes = {f"{aspect}/{how}": (aspect, how) for aspect in PARTS for how in HOWS}
    return {
        codes[code]: str(each.get("value"))
        for each in attributes
        if each.get("link_type") == "confirmed"
        and isinstance(said := each.get("taxonomy_term"), Mapping)
        and (code := str(said.get("code"))) in codes
    }


@cache
def _confirmation(aspect: Aspect, how: How) -> tuple[str, str]:
    return f"{aspect}/{how}", f"{PARTS[aspect]} {HOWS[how]}"


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
