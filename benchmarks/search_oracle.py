"""Whether what we find is what Whoosh finds when it scores everything, question by question.

The index is of several segments, and some of its listings are gone. A part of `make bench`.
"""

import random
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.exhaustive import differences, opened
from benchmarks.invented import listings, questions
from directory.search import segments
from directory.search.documents import Document
from directory.search.parsing import any_of, parsed
from directory.search.snapshot import Snapshot, open_state

QUESTIONS = 60


def compared(size: int) -> tuple[int, list[str]]:
    """How many questions were asked of so many listings, and whose answers differ, and how."""
    wrong: list[str] = []
    asked = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        built = build(folder, listings(size))
        with opened(folder, [path.name for path in folder.iterdir()], built.texts) as whoosh:
            for text in mixed(QUESTIONS):
                for query in (parsed(text), any_of(parsed(text)), built.texts.taken_as_begun(text)):
                    found = built.texts.found(query)
                    ours = dict(zip(found.rows.tolist(), found.scores.tolist(), strict=True))
                    wrong += [f"{text}: {each}" for each in differences(ours, whoosh.found(query))]
                    asked += 1
    return asked, wrong


def build(folder: Path, documents: Sequence[Document]) -> Snapshot:
    """An index written in several parts, with listings changed and taken away since."""
    segments.create(folder)
    segments.write(folder, (), documents)
    gone, changed = documents[:60], documents[60:120]
    renamed = [
        replace(each, texts=each.texts | {"name": "Quiet knitting by the canal"})
        for each in changed
    ]
    segments.write(folder, [each.facts.id for each in (*gone, *changed)], renamed)
    for start in range(0, 90, 30):
        more = listings(90, seed=7)[start : start + 30]
        segments.write(folder, [documents[120 + start].facts.id], more)
    return open_state(folder, [path.name for path in folder.iterdir()], {})[0]


def mixed(count: int, seed: int = 4) -> list[str]:
    """Questions of every kind: words, alone or together, begun, left out, mistaken."""
    chance = random.Random(seed)
    asked = questions(count, seed=seed)
    for text in questions(count, seed=seed + 1):
        words = text.split()
        other = chance.choice(asked).split()[0]
        asked += chance.sample(
            [
                f'"{text}"',
                f'"{chance.choice(PAIRS)}" {words[0]}',
                f"{words[0][:3]}*",
                f"{words[0][: chance.randint(2, 5)]}* {other}",
                f"{text} -{other}",
                f'{words[0]} -"{chance.choice(PAIRS)}"',
                f"{words[0]} -{other[:3]}*",
                f"{text} zzyzx",
            ],
            2,
        )
    return asked


PAIRS = ("local community", "tea coffee", "free help", "community local", "church hall", "week tea")
