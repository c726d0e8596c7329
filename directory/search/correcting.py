"""Directory search: a text with the words put right that nobody knows: neither listing nor need."""

from rapidfuzz.distance import OSA

from directory.meaning import Thesaurus, vectors
from directory.meaning.folding import CHATTER, Word, tidy, words
from directory.search.texts import Texts

SHORTEST, LONG = 5, 7
"""Shorter words are not put right; words so long may hold two slips, the others one."""

MOST_CORRECTED = 3


def corrected(text: str, texts: Texts, thesaurus: Thesaurus) -> str:
    """The text as it was probably meant; the same text if all its words are known."""
    put_right: list[tuple[Word, str]] = []
    for word in words(tidy(text)):
        if len(put_right) == MOST_CORRECTED:
            break
        meant = _meant(word, texts, thesaurus)
        if meant is not None:
            put_right.append((word, meant))
    if not put_right:
        return text
    text = tidy(text)
    for word, meant in reversed(put_right):
        text = text[: word.start] + meant + text[word.end :]
    return text


def _meant(word: Word, texts: Texts, thesaurus: Thesaurus) -> str | None:
    """The known word this one is a slip for, if it is one."""
    typed = word.folded
    if len(typed) < SHORTEST or typed in CHATTER or not typed.isalpha():
        return None
    if thesaurus.knows(word) or not texts.has_words(typed):
        return None
    if vectors.knows(typed) or len(texts.any_of(typed)) or len(texts.any_of(f"{typed}*")):
        return None
    near = [meant for meant, _ in texts.nearest_words(typed) if _is_slip(typed, meant)]
    slip = thesaurus.slip_for(word)
    if slip is not None:
        near.append(slip)
    # What listings say comes first among those equally near.
    return min(near, key=lambda meant: OSA.distance(typed, meant), default=None)


def _is_slip(typed: str, meant: str) -> bool:
    """People seldom mistake the first letter, but they leave out one they do not hear."""
    if typed[0] != meant[0] and typed != meant[1:]:
        return False
    return OSA.distance(typed, meant) <= (2 if len(typed) >= LONG else 1)
