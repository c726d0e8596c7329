"""Directory: the words listings are sorted by: our own, and those of others."""

import re
import tomllib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from babel import Locale
from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.orm import aliased

from core import audit
from core.actors import Actor
from core.db import db
from core.errors import NotFound
from core.languages import language
from directory.models import Attribute, MappedTerm, TaxonomyTerm

WORDS = Path(__file__).parent / "data" / "terms.toml"
KINDS, NEEDS, AUDIENCES = OWN = ("kinds", "needs", "audiences")
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Term:
    """A word of ours: its code, and what people read."""

    code: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class _Words:
    terms: dict[str, dict[str, Term]]
    also: dict[str, dict[str, str]]
    languages: dict[str, str]


def kinds() -> tuple[Term, ...]:
    """What sort of thing a listing is: our list, in the order people see it."""
    return tuple(_words().terms[KINDS].values())


def main_kinds() -> dict[uuid.UUID, str]:
    """The code of the main kind of every service that has one."""
    found = (
        select(Attribute.service_id, TaxonomyTerm.code)
        .join(TaxonomyTerm)
        .where(TaxonomyTerm.taxonomy == KINDS)
        .order_by(Attribute.position.desc())
    )
    return dict(db.session.execute(found).all())


def needs() -> tuple[Term, ...]:
    """Why somebody would think of a listing: our list, in the order people see it."""
    return tuple(_words().terms[NEEDS].values())


def audiences() -> tuple[Term, ...]:
    """Whom a listing is meant for: our list, in the order people see it."""
    return tuple(_words().terms[AUDIENCES].values())


def languages() -> dict[str, str]:
    """The languages we know by name: ISO 639 codes and names, in the order of the names."""
    return dict(sorted(_words().languages.items(), key=lambda each: each[1]))


def own_names() -> dict[tuple[str, str], str]:
    """What people read of each of our own words, by (list, code)."""
    return {
        (taxonomy, code): str(term.name)
        for taxonomy, terms in _words().terms.items()
        for code, term in terms.items()
    }


def find_code(taxonomy: str, called: str) -> str | None:
    """The code of our own word that a foreign category clearly means, or None."""
    return _words().also[taxonomy].get(_plain(called))


def mapped(taxonomy: str, word: str) -> tuple[tuple[str, str], ...]:
    """What editors say a foreign category means: our own words, as (list, code)."""
    return mappings().get((taxonomy, _plain(word)[:LONGEST_NAME]), ())


def steady_code(word: str) -> str:
    """The code of a category of somebody else's list: its name, whatever its case and spaces."""
    # Feeds number a category anew at every service, so its name is the only steady code.
    return _plain(word)[:LONGEST_NAME]


def mappings() -> dict[tuple[str, str], tuple[tuple[str, str], ...]]:
    """All that editors said foreign categories mean, by (list, plain word), in one look."""
    own, foreign = aliased(TaxonomyTerm), aliased(TaxonomyTerm)
    rows = (
        select(foreign.taxonomy, foreign.code, own.taxonomy, own.code)
        .select_from(MappedTerm)
        .join(foreign, MappedTerm.foreign_id == foreign.id)
        .join(own, MappedTerm.own_id == own.id)
        .order_by(own.taxonomy, own.code)
    )
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for list_name, word, own_list, code in db.session.execute(rows):
        found.setdefault((list_name, word), []).append((own_list, code))
    return {key: tuple(codes) for key, codes in found.items()}


@dataclass(frozen=True, slots=True)
class ForeignTerm:
    """A category of somebody else's list: how many listings are under it, and what it means."""

    id: uuid.UUID
    taxonomy: str
    name: str
    count: int
    meant: tuple[tuple[str, str], ...]


def foreign_in_use(like: str = "", *, most: int = 200) -> list[ForeignTerm]:
    """The categories that imports brought, those of most listings first."""
    count = func.count(Attribute.id)
    wanted = (
        select(TaxonomyTerm, count)
        .join(Attribute, Attribute.taxonomy_term_id == TaxonomyTerm.id)
        .where(TaxonomyTerm.taxonomy.not_in(OWN))
        .group_by(TaxonomyTerm.id)
        .order_by(count.desc(), TaxonomyTerm.name)
        .limit(most)
    )
    if like:
        wanted = wanted.where(TaxonomyTerm.name.icontains(like, autoescape=True))
    meant = mappings()
    return [
        ForeignTerm(term.id, term.taxonomy, term.name, n, meant.get((term.taxonomy, term.code), ()))
        for term, n in db.session.execute(wanted)
    ]


def get_term(term_id: uuid.UUID) -> TaxonomyTerm:
    """A category of somebody else's list, or NotFound."""
    term = db.session.get(TaxonomyTerm, term_id)
    if term is None or term.taxonomy in OWN:
        raise NotFound
    return term


def listings_under(term_id: uuid.UUID, *, most: int) -> list[uuid.UUID]:
    """The listings filed under a category."""
    found = select(Attribute.service_id).where(Attribute.taxonomy_term_id == term_id)
    return list(db.session.scalars(found.order_by(Attribute.service_id).limit(most)))


def meant_by(term_id: uuid.UUID) -> list[tuple[str, str]]:
    """What editors said one foreign category means, as (list, code)."""
    own = select(TaxonomyTerm.taxonomy, TaxonomyTerm.code).join(
        MappedTerm, MappedTerm.own_id == TaxonomyTerm.id
    )
    rows = db.session.execute(own.where(MappedTerm.foreign_id == term_id))
    return sorted((taxonomy, code) for taxonomy, code in rows)


def map_term(term_id: uuid.UUID, meant: Iterable[Sequence[str]], *, by: Actor) -> None:
    """Say which of our own words, as (list, code), a foreign category means; none unsays it."""
    ensure_terms(by=by)
    own = [term for each in meant for term in own_terms(each[0], [each[1]])]
    db.session.execute(delete(MappedTerm).where(MappedTerm.foreign_id == term_id))
    db.session.add_all(MappedTerm(foreign_id=term_id, own_id=each.id) for each in own)
    audit.record(by, "category mapped", about=f"term:{term_id}", codes=[each.code for each in own])


def language_name(code: str) -> str:
    """A language by its ISO 639 code; one we do not know is called by its code."""
    return _words().languages.get(code.lower(), code)


def language_words(code: str, name: str = "") -> str:
    """A language as the readers of the page call it; `name` is what its group calls it."""
    usual = name or language_name(code)
    if language().code == "en":
        return usual
    known: str = Locale(language().code).languages.get(code.lower(), usual)
    return known


def language_code(name: str) -> str | None:
    """The ISO 639 code of a language by its name, if we know it."""
    wanted = name.strip().casefold()
    named = _words().languages.items()
    return next((code for code, known in named if known.casefold() == wanted), None)


def ensure_terms(*, by: Actor) -> int:
    """Enter those of our own words that the database does not hold yet; returns how many."""
    held = _held()
    missing = [
        TaxonomyTerm(taxonomy=name, code=t.code, name=t.name, description=t.description)
        for name, terms in _words().terms.items()
        for t in terms.values()
        if (name, t.code) not in held
    ]
    if missing:
        db.session.add_all(missing)
        db.session.flush()
        audit.record(by, "terms entered", about="taxonomy", count=len(missing))
    return len(missing)


def own_terms(taxonomy: str, codes: Sequence[str]) -> list[TaxonomyTerm]:
    """Our words with these codes, in this order, or NotFound. `ensure_terms` enters them first."""
    found = _kept({(taxonomy, code) for code in codes})
    if len(found) != len(set(codes)):
        raise NotFound
    return [found[taxonomy, code] for code in codes]


def foreign_terms(named: Sequence[tuple[str, str]]) -> list[TaxonomyTerm]:
    """The words of other people's lists, given as (list, word); new ones are entered."""
    # Feeds number a category anew at every service, so its name is the only steady code.
    wanted = {(list_name, _plain(word)[:LONGEST_NAME]): word for list_name, word in named}
    found = _kept(set(wanted))
    new = {
        key: TaxonomyTerm(taxonomy=key[0], code=key[1], name=word[:LONGEST_NAME])
        for key, word in wanted.items()
        if key not in found
    }
    if new:
        db.session.add_all(new.values())
        db.session.flush()
    return [(found | new)[key] for key in wanted]


def _kept(wanted: set[tuple[str, str]]) -> dict[tuple[str, str], TaxonomyTerm]:
    if not wanted:
        return {}
    found = select(TaxonomyTerm).where(
        tuple_(TaxonomyTerm.taxonomy, TaxonomyTerm.code).in_(sorted(wanted))
    )
    return {(each.taxonomy, each.code): each for each in db.session.scalars(found)}


def _held() -> set[tuple[str, str]]:
    found = select(TaxonomyTerm.taxonomy, TaxonomyTerm.code).where(TaxonomyTerm.taxonomy.in_(OWN))
    return {(taxonomy, code) for taxonomy, code in db.session.execute(found)}


@lru_cache(maxsize=10_000)
def _plain(words: str) -> str:
    return re.sub(r"\s+", " ", words.replace("’", "'")).strip().casefold()


@cache
def _words() -> _Words:
    read = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    terms: dict[str, dict[str, Term]] = {}
    also: dict[str, dict[str, str]] = {}
    for taxonomy in OWN:
        terms[taxonomy], also[taxonomy] = {}, {}
        for each in read[taxonomy]:
            code, name = each["code"], each["name"]
            terms[taxonomy][code] = Term(code, name, each.get("description", ""))
            for called in (code, name, *each["also"]):
                also[taxonomy][_plain(called)] = code
    return _Words(terms, also, read["languages"])
