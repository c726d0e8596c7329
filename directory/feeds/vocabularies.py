"""Directory: the lists of words that what we publish is sorted by, ours and those of others."""

from core.db import db
from directory.feeds.details import (
    ABOUT_LISTS,
    CONFIRMED,
    DETAILS,
    OWN_LISTS,
    list_name,
    own_words,
    term,
)
from directory.feeds.published import terms
from directory.feeds.writing import Record
from directory.identity import taxonomy_id


def all_terms() -> list[Record]:
    """Every word, in the order of their lists."""
    return [term(each) for each in db.session.scalars(terms())] + own_words()


def all_taxonomies() -> list[Record]:
    """Every list of words: ours first, then those that imports brought."""
    others = {list_name(each.taxonomy) for each in db.session.scalars(terms())}
    ours = [*OWN_LISTS.values(), DETAILS, CONFIRMED]
    return [taxonomy(name) for name in [*ours, *sorted(others - set(ours))]]


def taxonomy(name: str) -> Record:
    """One list of words."""
    about = ABOUT_LISTS.get(name, f"Categories of {name}, as they were brought in.")
    return {"id": str(taxonomy_id(name)), "name": name, "description": about}
