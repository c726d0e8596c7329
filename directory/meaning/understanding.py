"""Directory meaning: a thesaurus of needs: what a typed text asks for, what a listing is good for.

A listing's weight for a concept grows with each place that names it: what is left to doubt is
multiplied (`1 - (1 - a)(1 - b)…`) by what each kind of place leaves, as `LISTED_IN` has it.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple
from functools import cached_property
from typing import NamedTuple

from directory.meaning.concept import Concept
from directory.meaning.folding import CHATTER, Word, tidy, words
from directory.meaning.phrasebook import Phrasebook
from directory.meaning.slips import Slips
from directory.meaning.understood import Meant, Understood

SAID, NAMED = 1.0, 0.8
"""How surely a text speaks of a need: by what people say of it; by what listings call it."""

MISTYPED = 0.8
"""What is left of that if a word had to be put right first."""

SHARE_OF_TEXT = 0.5
"""The power to which the share of the text counts that a phrase makes up: in a long one a single
word tells little, and all of a short one everything."""

MOST_MEANT = 4

LISTED_IN = {"name": 0.9, "categories": 0.8, "organisation": 0.6, "about": 0.4, "eligibility": 0.4}
"""How much one naming of a concept tells, by where in a listing it stands."""

CODED = 0.8
"""How much one of our own kinds or needs tells that surely means the concept."""

IN_LAY_WORDS = 0.5
"""What a naming counts that uses the words of people in need, not those of listings."""

MOST_NAMINGS = 3
LEAST_WEIGHT = 0.15


class _Sign(NamedTuple):
    code: str
    weight: float


class Thesaurus:
    """The concepts as they are at one moment. Never changes; any number of threads may ask it."""

    def __init__(self, concepts: Mapping[str, Concept]) -> None:
        self.concepts = concepts

    @cached_property
    def version(self) -> str:
        """The same for the same concepts, and for no others."""
        said = repr([astuple(self.concepts[code]) for code in sorted(self.concepts)])
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    def having(self, concept: Concept) -> "Thesaurus":
        """The same with this concept in place of the one of its code."""
        return Thesaurus({**self.concepts, concept.code: concept})

    def understand(self, text: str, *, slips: bool = True) -> Understood:
        """What somebody asks for who types this. With `slips`, mistyped words are put right."""
        text = tidy(text)
        said = words(text)
        put_right = self._slips.put_right(said) if slips else {}
        meant = [put_right.get(at, word) for at, word in enumerate(said)]
        matches = self._asked.find(meant, gaps=True)
        most = max(sum(word.folded not in CHATTER for word in meant), 1)
        found: dict[str, Meant] = {}
        for match in matches:
            mistyped = any(at in put_right for at in range(match.first, match.last + 1))
            phrase = text[said[match.first].start : said[match.last].end]
            share = min(match.length / most, 1.0) ** SHARE_OF_TEXT
            for code, weight in self._most_narrowly(match.means):
                surely = weight * share * (MISTYPED if mistyped else 1.0)
                if code not in found or found[code].weight < surely:
                    found[code] = Meant(code, self.concepts[code].name, phrase, surely)
        surest = sorted(found.values(), key=lambda each: -each.weight)[:MOST_MEANT]
        spans = [(said[each.first].start, said[each.last].end) for each in matches]
        return Understood(text, tuple(surest), _without(text, spans))

    def concepts_of(
        self, texts: Mapping[str, str], kinds: Collection[str], needs: Collection[str]
    ) -> dict[str, float]:
        """What a listing is good for: concepts with a weight above 0, up to 1."""
        doubt: dict[str, float] = defaultdict(lambda: 1.0)
        for code in self._coded(kinds, needs):
            doubt[code] *= 1 - CODED
        for place, tells in LISTED_IN.items():
            for code, weight in self._named(texts.get(place, "")):
                doubt[code] *= 1 - tells * weight
        weights = {code: round(1 - left, 3) for code, left in doubt.items()}
        return {code: each for code, each in weights.items() if each >= LEAST_WEIGHT}

    def knows(self, word: Word) -> bool:
        """Whether people say this word in any of the phrases that are understood."""
        return word.root in self._slips.known

    def slip_for(self, word: Word) -> str | None:
        """The word of ours a mistyped one was meant for; None if it is ours, or like none."""
        return self._slips.nearest(word)

    def _most_narrowly(self, means: Sequence[_Sign]) -> list[_Sign]:
        """What a phrase means, without the wider needs near one that it names more surely."""
        wider = {
            (code, weight)
            for narrow in means
            for code, weight in means
            if weight < narrow.weight and code in self.concepts[narrow.code].near
        }
        return [sign for sign in means if sign not in wider]

    def _coded(self, kinds: Collection[str], needs: Collection[str]) -> list[str]:
        found = [code for kind in kinds for code in self._by_kind.get(kind, ())]
        return found + [code for need in needs for code in self._by_need.get(need, ())]

    def _named(self, text: str) -> Iterable[_Sign]:
        """Each naming of a concept; after a few, another tells nothing new."""
        times: dict[str, int] = defaultdict(int)
        for match in self._listed.find(words(tidy(text))):
            for sign in match.means:
                times[sign.code] += 1
                if times[sign.code] <= MOST_NAMINGS:
                    yield sign

    @cached_property
    def _asked(self) -> Phrasebook[_Sign]:
        return Phrasebook(self._signs(said=SAID, named=NAMED))

    @cached_property
    def _listed(self) -> Phrasebook[_Sign]:
        return Phrasebook(self._signs(said=IN_LAY_WORDS, named=1.0))

    @cached_property
    def _slips(self) -> Slips:
        return Slips(self._asked.words)

    def _signs(self, *, said: float, named: float) -> Iterable[tuple[str, _Sign]]:
        for concept in self.concepts.values():
            for word in dict.fromkeys((concept.name, *concept.words)):
                yield word, _Sign(concept.code, named)
            for phrase in concept.phrases:
                yield phrase, _Sign(concept.code, said)

    @cached_property
    def _by_kind(self) -> Mapping[str, list[str]]:
        return _by((kind, each.code) for each in self.concepts.values() for kind in each.kinds)

    @cached_property
    def _by_need(self) -> Mapping[str, list[str]]:
        return _by((need, each.code) for each in self.concepts.values() for need in each.needs)


def _by(pairs: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for key, code in pairs:
        found[key].append(code)
    return dict(found)


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """A text without these parts of it."""
    kept, at = [], 0
    for start, end in sorted(spans):
        kept.append(text[at:start])
        at = end
    return " ".join(" ".join([*kept, text[at:]]).split())
