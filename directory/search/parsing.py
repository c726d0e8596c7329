"""Directory search: a text as Whoosh understands it: what is asked, of no field in particular.

What reaches Whoosh's parser is only what `words.asked` let through, so no text is an error, and
none is large.
"""

from functools import lru_cache

from whoosh.qparser import PhrasePlugin, PlusMinusPlugin, PrefixPlugin, QueryParser
from whoosh.query import And, AndNot, Or, Phrase, Query, Term

from directory.search.words import Asked, asked, stem

ANYWHERE = ""
"""The field of which a parsed text speaks: it has yet to be looked for in each."""

parser = QueryParser(ANYWHERE, None, [PhrasePlugin, PlusMinusPlugin, PrefixPlugin])


@lru_cache(maxsize=2_000)
def parsed(text: str) -> Query:
    """All that is asked; NullQuery if nothing is."""
    said = asked(text)
    if all(len(each.words) == 1 and not (each.without or each.begun) for each in said):
        # What Whoosh makes of plain words, in a hundredth of the time; a test compares.
        found = And([Term(ANYWHERE, each.words[0].stem) for each in said])
    else:
        typed = parser.parse(" ".join(map(_typed, said)), normalize=False)
        found = typed.accept(stemmed)
    return found.normalize()


def any_of(query: Query) -> Query:
    """The same, if only one of what is to be found need be there."""
    if isinstance(query, AndNot):
        return AndNot(any_of(query.a), query.b)
    return Or(query.subqueries) if isinstance(query, And) else query


def _typed(each: Asked) -> str:
    words = " ".join(word.typed for word in each.words)
    quoted = f'"{words}"' if len(each.words) > 1 else words
    return f"{'-' if each.without else ''}{quoted}{'*' if each.begun else ''}"


def stemmed(query: Query) -> Query:
    """The same, of words as they are compared."""
    if isinstance(query, Term):
        return Term(ANYWHERE, stem(query.text))
    if isinstance(query, Phrase):
        return Phrase(ANYWHERE, [stem(word) for word in query.words])
    return query
