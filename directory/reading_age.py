"""Directory: how hard a text is to read, as the age of a child at school who could read it.

The measure is the Flesch-Kincaid grade (Kincaid, Fishburne, Rogers and Chissom, "Derivation of new
readability formulas", US Naval Training Command, 1975):

    0.39 x words per sentence + 11.8 x syllables per word - 15.59

A grade is a year at an American school, whose first year begins at the age of six. Syllables are
counted by the groups of vowels in a word, less a silent e. It is a hint and is never in the way.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

FEWEST_WORDS = 8
LONGEST_TEXT = 20_000
YOUNGEST, OLDEST = 5, 18
AGE_AT_GRADE_NOUGHT = 5
EASY_AGE = 11
"""What most adults read without effort; plain writing for everybody stays at or below it."""

# "Dr. Nair" and "e.g. tea" end no sentence.
_SHORTENED = re.compile(r"\b(mr|mrs|ms|dr|st|rd|no|tel|etc|e\.g|i\.e|approx)\.", re.IGNORECASE)
_CLOCK = re.compile(r"(\d)\.(\d)|\b([ap])\.m\.", re.IGNORECASE)
_END = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+|\n\s*\n|\n(?=\s*[-*•])|[;:]\s+(?=[A-Z])")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_VOWELS = re.compile(r"[aeiouyáéíóúàèìòùâêîôûäëïöü]+")
_TWO_SOUNDS = re.compile(
    r"ia(?!n\b|l\b)|(?<![tscg])io|ie(?=t|nc)|(?<!p)eo|(?:r|id)ea\b|ua(?!r)|[^aeiou]ying|being|[^q]uous|ism\b"
)
_SILENT = re.compile(r"(?:[^aeiouyl]|[aeiouy]l|ll)e$|[^aeiouytd]ed$|[^aeiouysxzcgh]es$")
# Common words whose letters tell of more beats than anybody speaks.
_SPOKEN = {"wednesday": 2, "something": 2, "sometimes": 2, "someone": 2, "every": 2, "everyone": 3}


@dataclass(frozen=True, slots=True)
class Reading:
    """How old a reader must be, and the sentence that is hardest to read."""

    age: int
    hardest: str

    @property
    def is_easy(self) -> bool:
        """Whether most people read it without effort."""
        return self.age <= EASY_AGE


def reading(text: str) -> Reading | None:
    """How hard a text is; None when there are too few words to tell."""
    sentences = [each for each in _sentences(text[:LONGEST_TEXT]) if _words(each)]
    words = [_words(each) for each in sentences]
    if sum(map(len, words)) < FEWEST_WORDS:
        return None
    hardest = max(range(len(words)), key=lambda at: _grade([words[at]]) if words[at][3:] else -99)
    return Reading(age=_age(_grade(words)), hardest=sentences[hardest])


def syllables(word: str) -> int:
    """How many beats a word has, near enough."""
    return sum(_in_part(part) for part in re.split(r"[-’']", word.casefold()) if part)


def _in_part(part: str) -> int:
    if part in _SPOKEN:
        return _SPOKEN[part]
    groups = len(_VOWELS.findall(part)) + len(_TWO_SOUNDS.findall(part))
    return max(1, groups - bool(_SILENT.search(part)))


def _sentences(text: str) -> list[str]:
    text = _SHORTENED.sub(lambda found: found[1].replace(".", ""), text)
    text = _CLOCK.sub(lambda found: f"{found[1]}:{found[2]}" if found[1] else f"{found[3]}m", text)
    return [" ".join(part.split()) for part in _END.split(text) if part.strip()]


def _words(sentence: str) -> list[str]:
    return _WORD.findall(sentence)


def _grade(sentences: Sequence[Sequence[str]]) -> float:
    words = [word for sentence in sentences for word in sentence]
    beats = sum(map(syllables, words))
    return 0.39 * len(words) / len(sentences) + 11.8 * beats / len(words) - 15.59


def _age(grade: float) -> int:
    return min(max(round(grade) + AGE_AT_GRADE_NOUGHT, YOUNGEST), OLDEST)
