"""The texts from which the table of meanings is learned: ours, invented questions, and WordNet.

Nothing here is copied into Kith: only what a larger model makes of these texts shapes the table.
"""

import random
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

CONCEPTS = Path("directory/meaning/concepts")
TERMS = Path("directory/data/terms.toml")
LISTINGS = Path("demo/listings")
WORDNET = Path("/usr/share/wordnet")
EVERYDAY = {
    "00", "01", "04", "07", "08", "09", "10", "11", "12", "13", "14", "15", "16", "18", "21", "22",
    "26", "28", *(str(number) for number in range(29, 44)),
}  # fmt: skip
"""WordNet's files of what people do, feel, have and are; not its beasts, plants and substances."""

ASKED = (
    "{}", "{} group", "help with {}", "{} support", "{} near me", "i need {}", "worried about {}",
    "my mum {}", "struggling with {}", "someone to talk to about {}", "{} for older people",
    "{} for my son", "where can i get help with {}", "my husband {}", "i am {}", "im {} help",
    "free {}", "{} class", "{} advice", "any {} this week", "since {}", "cant cope with {}",
    "{} for beginners", "{} drop in",
)  # fmt: skip
"""How people ask; the braces are for what they ask about."""

_QUOTED = re.compile(r'"([^"]{12,90})"')
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def _toml(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.toml")):
        yield tomllib.loads(path.read_text(encoding="utf-8"))


def concepts() -> list[dict[str, Any]]:
    """Every concept of the thesaurus, as it is written."""
    return [concept for file in _toml(CONCEPTS) for concept in file.get("concept", [])]


def terms() -> list[dict[str, Any]]:
    """Every term of our own taxonomy."""
    loaded = tomllib.loads(TERMS.read_text(encoding="utf-8"))
    return [term for terms in loaded.values() if isinstance(terms, list) for term in terms]


def of_listings() -> Iterator[str]:
    """What the invented listings say of themselves, whole and sentence by sentence."""
    for file in _toml(LISTINGS):
        for group in file["group"]:
            yield group["about"]
        for listing in file["listing"]:
            yield f"{listing['name']}. {listing['summary']}"
            for field in ("summary", "description", "who"):
                yield from _SENTENCE.split(listing.get(field, ""))


def of_the_field() -> Iterator[str]:
    """Names, words and phrases of needs and kinds."""
    for concept in concepts():
        yield f"{concept['name']}: {concept['shown_as']}"
        yield from concept["words"]
        yield from concept["phrases"]
    for term in terms():
        yield f"{term['name']}. {term.get('description', '')}"
        yield from term.get("also", ())


def invented() -> Iterator[str]:
    """Questions as people might type them, from the field's words and ways to ask."""
    subjects = [word for concept in concepts() for word in concept["words"][:10]]
    subjects += [name for term in terms() for name in [term["name"], *term.get("also", ())]]
    for number, (subject, asked) in enumerate(product(dict.fromkeys(subjects), ASKED)):
        if number % 3 == 0:
            yield asked.format(subject.lower())


def _tagged() -> set[str]:
    """The senses of words that WordNet's makers met in running text."""
    lines = (WORDNET / "cntlist.rev").read_text(encoding="utf-8").splitlines()
    return {line.split()[0].split("::")[0] for line in lines}


def of_wordnet() -> Iterator[tuple[list[str], str]]:
    """Words of one sense, with what that sense is."""
    tagged = _tagged()
    for part, number in (("noun", 1), ("verb", 2), ("adj", 3), ("adv", 4)):
        for line in (WORDNET / f"data.{part}").read_text(encoding="utf-8").splitlines():
            if line.startswith(" "):
                continue
            facts, gloss = line.split(" | ", 1)
            _, file, kind, count, *rest = facts.split(" ")
            pairs = [(rest[2 * at], int(rest[2 * at + 1], 16)) for at in range(int(count, 16))]
            keys = {f"{word.lower()}%{number}:{file}:{lex:02d}" for word, lex in pairs}
            if file in EVERYDAY and (kind == "s" or keys & tagged):
                yield [word.split("(")[0].replace("_", " ") for word, _ in pairs], gloss.strip()


def of_the_language() -> Iterator[str]:
    """Short definitions and examples of everyday words."""
    for number, (words, gloss) in enumerate(of_wordnet()):
        said = gloss.split('; "')[0]
        if number % 2 == 0 and len(said) < 90:
            yield f"{', '.join(words[:3])}: {said}"
        elif number % 2:
            yield from _QUOTED.findall(gloss)[:1]


def everything() -> Iterator[str]:
    """All of them, one after the other."""
    for texts in (of_the_field, of_listings, invented, of_the_language):
        yield from texts()


def slip(word: str, chance: random.Random) -> str:
    """A word as somebody may type it: often right, else a letter is lost, doubled or changed."""
    if len(word) < 4 or chance.random() < 0.5:
        return word
    at = chance.randrange(1, len(word) - 1)
    here = chance.choice(("", word[at] * 2, word[at + 1] + word[at], chance.choice("aeiou")))
    skipped = 2 if len(here) == 2 and here[1] == word[at] != here[0] else 1
    return word[:at] + here + word[at + skipped :]


def common(texts: Iterable[str], tokens: Callable[[str], Iterable[str]], least: int) -> list[str]:
    """The words that occur often enough, the most frequent first."""
    counted = Counter(token for text in texts for token in tokens(text))
    return [token for token, count in counted.most_common() if count >= least]
