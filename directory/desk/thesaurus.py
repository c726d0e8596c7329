"""Directory: what editors change in the thesaurus of needs, every version of which is kept."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_, select

from accounts import Organisation
from core import audit, clock
from core.actors import Actor
from core.db import db
from core.errors import BadInput, ChangedMeanwhile, NotFound
from core.languages import _
from core.saving import afterwards
from directory import search, taxonomy
from directory.meaning import Concept, thesaurus
from directory.meaning.concept import LISTS, shipped
from directory.meaning.folding import FILLERS, tidy, words
from directory.meaning.in_force import as_edited, forget
from directory.models import Attribute, ConceptEdit, SearchJob, Service, TaxonomyTerm
from directory.rules import SHOWN

LONGEST_PHRASE, MOST_PHRASES = 80, 400
LONGEST_NAME = 120
ENOUGH_OF_A_WORD = 6

_SEARCHED = (
    Service.name,
    Service.summary,
    Service.description,
    Service.eligibility_description,
    Organisation.name,
    TaxonomyTerm.name,
)


def history(code: str) -> list[ConceptEdit]:
    """What editors made of a concept, the latest first; what the software brought is not here."""
    wanted = select(ConceptEdit).where(ConceptEdit.code == code)
    return list(db.session.scalars(wanted.order_by(ConceptEdit.version.desc())))


def change(concept: Concept, *, why: str, by: Actor, seen: int | None = None) -> ConceptEdit:
    """Put a concept in place of the one of its code, for every search from now on.

    `seen` is the version the editor began from (0: as it came); another since then is not undone.
    """
    concept = fit(concept)
    version = last_version(concept.code)
    if seen is not None and seen != version:
        raise ChangedMeanwhile
    before = thesaurus(now=True).concepts.get(concept.code)
    content = asdict(concept)
    del content["code"]
    edit = ConceptEdit(
        code=concept.code,
        version=version + 1,
        content=content,
        why=why.strip(),
        by_name=by.name,
        at=clock.now(),
    )
    db.session.add(edit)
    db.session.flush()
    audit.record(by, "concept changed", about=f"concept:{concept.code}", version=edit.version)
    _index_anew(before, concept)
    return edit


def revert(code: str, version: int, *, by: Actor) -> ConceptEdit:
    """Make an earlier version of a concept the latest again; 0 is how it came."""
    return change(_version(code, version), why=_("Back to version %(n)s", n=version), by=by)


def _version(code: str, version: int) -> Concept:
    if version == 0 and code in shipped():
        return shipped()[code]
    for edit in history(code):
        if edit.version == version:
            return as_edited(edit)
    raise NotFound


def last_version(code: str) -> int:
    """How often a concept was changed here; 0 is as it came."""
    wanted = select(func.max(ConceptEdit.version)).where(ConceptEdit.code == code)
    return db.session.scalar(wanted) or 0


def fit(concept: Concept) -> Concept:
    """A concept without blanks, empty lines and repetitions, or BadInput with what is amiss."""
    concept = _tidied(concept)
    _check(concept)
    return concept


def _tidied(concept: Concept) -> Concept:
    """Without blanks, empty lines and repetitions."""
    tidied: dict[str, Any] = {}
    for each in LISTS:
        said = (" ".join(one.split()) for one in getattr(concept, each))
        tidied[each] = tuple(dict.fromkeys(one for one in said if one))
    for each in ("name", "shown_as"):
        tidied[each] = " ".join(getattr(concept, each).split())
    return replace(concept, **tidied)


def _check(concept: Concept) -> None:
    if not concept.name or not concept.shown_as:
        raise BadInput(_("Give it a name, and say how it ends “Showing …”."))
    if max(len(concept.name), len(concept.shown_as)) > LONGEST_NAME:
        raise BadInput(_("That name is too long."))
    phrases = (*concept.words, *concept.phrases)
    if len(phrases) > MOST_PHRASES:
        raise BadInput(_("Those are too many phrases for one meaning."))
    for each in phrases:
        if len(each) > LONGEST_PHRASE or not words(tidy(each)):
            raise BadInput(_("“%(phrase)s” cannot be looked for.", phrase=each[:LONGEST_PHRASE]))
    _check_codes(concept.kinds, [term.code for term in taxonomy.kinds()])
    _check_codes(concept.needs, [term.code for term in taxonomy.needs()])
    _check_codes(concept.near, thesaurus().concepts)


def _check_codes(said: Iterable[str], known: Iterable[str]) -> None:
    for code in set(said) - set(known):
        raise BadInput(_("We do not know “%(code)s”.", code=code))


def _index_anew(before: Concept | None, now: Concept) -> None:
    """Have the listings indexed anew that may mean something else since this change."""
    ids = touched(before, now)
    if ids:
        at = clock.now()
        db.session.execute(insert(SearchJob), [{"service_id": each, "at": at} for each in ids])
    afterwards(forget)
    afterwards(search.catch_up)


def touched(before: Concept | None, now: Concept) -> Sequence[uuid.UUID]:
    """The listings that may mean something else once one is changed into the other."""
    wanted = select(Service.id).distinct().join(Service.organisation)
    wanted = wanted.outerjoin(Attribute, Attribute.service_id == Service.id)
    wanted = wanted.outerjoin(TaxonomyTerm, Attribute.taxonomy_term_id == TaxonomyTerm.id)
    naming = _naming(_differing(before, now, ("words", "phrases")) | _renamed(before, now))
    coded = _differing(before, now, ("kinds", "needs"))
    naming.append(TaxonomyTerm.code.in_(sorted(coded)))
    return db.session.scalars(wanted.where(Service.life.in_(SHOWN), or_(*naming))).all()


def _differing(before: Concept | None, now: Concept, lists: Sequence[str]) -> set[str]:
    """What is in one of the two and not in the other."""
    old = {one for each in lists for one in getattr(before, each)} if before else set[str]()
    return old ^ {one for each in lists for one in getattr(now, each)}


def _renamed(before: Concept | None, now: Concept) -> set[str]:
    return {now.name} if before is None else {before.name, now.name} if before != now else set()


def _naming(phrases: Iterable[str]) -> list[ColumnElement[bool]]:
    """Who has all the words of one of these phrases somewhere."""
    found = []
    for phrase in sorted(phrases):
        split = words(tidy(phrase))
        mattering = [word for word in split if word.folded not in FILLERS] or split
        starts = [word.folded[: _alike(word.folded, word.root)] for word in mattering]
        found.append(and_(*(_somewhere(each) for each in dict.fromkeys(starts))))
    return found


def _somewhere(start: str) -> ColumnElement[bool]:
    return or_(*(column.icontains(start, autoescape=True) for column in _SEARCHED))


def _alike(word: str, root: str) -> int:
    """How many letters a word shares with its root, the first few of them."""
    most = min(len(word), len(root), ENOUGH_OF_A_WORD)
    return next((n for n in range(most) if word[n] != root[n]), most)
