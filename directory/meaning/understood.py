"""Directory meaning: what somebody meant by the words they typed, as search and pages hear it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Meant:
    """A need that was recognised: its code, its name, and the typed words that gave it away.

    `weight` runs above 0 to 1: how surely these words speak of this need.
    """

    code: str
    name: str
    phrase: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Understood:
    """A typed text as it was understood.

    `concepts`: the needs recognised in it, the surest first. `rest`: the text without the phrases
    that were recognised; the whole text if none was.
    """

    text: str
    concepts: tuple[Meant, ...] = ()
    rest: str = ""
