"""Directory meaning: what worried people mean by what they type; knows nothing of the index."""

from collections.abc import Collection, Mapping

from directory.meaning.concept import Concept
from directory.meaning.in_force import thesaurus
from directory.meaning.understanding import Thesaurus
from directory.meaning.understood import Meant, Understood

__all__ = [
    "Concept",
    "Meant",
    "Thesaurus",
    "Understood",
    "concepts_of",
    "thesaurus",
    "understand",
]


def understand(text: str) -> Understood:
    """What somebody asks for who types this."""
    return thesaurus().understand(text)


def concepts_of(
    texts: Mapping[str, str], kinds: Collection[str], needs: Collection[str]
) -> dict[str, float]:
    """What a listing is good for, by its texts and our own terms: concepts with weights up to 1."""
    return thesaurus().concepts_of(texts, kinds, needs)
