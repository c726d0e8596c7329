"""Benchmarks: the one way in which a figure of trust is printed and read back."""

import re
import sys
from dataclasses import dataclass

LINE = re.compile(
    r"^GOAL (?P<id>\S+) (?P<value>\S+) (?P<target>\S+) (?P<met>ok|short) # (?P<what>.+)$"
)


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure: what was counted, what it should be, and whether it is.

    `id` is that of the test plan (R1, S8), with a letter where one goal has several figures (R1b).
    `value` and `target` are printed without spaces: `0`, `<=50ms`, `2000`.
    """

    id: str
    what: str
    value: str
    target: str
    met: bool

    @property
    def is_timed(self) -> bool:
        """Whether it says how long something took, which another machine does in another time."""
        return bool(re.fullmatch(r"[<>]=[\d.e+]+(ms|s|x|/s)", self.target))

    def __str__(self) -> str:
        verdict = "ok" if self.met else "short"
        return f"GOAL {self.id} {self.value} {self.target} {verdict} # {self.what}"


def is_full() -> bool:
    """Whether the long form was asked for."""
    return "--full" in sys.argv


def exactly(goal: str, what: str, value: int, target: int = 0) -> bool:
    """Print a figure that must be just this; returns whether it is."""
    return _say(Goal(goal, what, str(value), str(target), value == target))


def at_most(goal: str, what: str, value: float, most: float, unit: str = "") -> bool:
    """Print a figure that may be no more than this."""
    return _say(Goal(goal, what, f"{value:.4g}{unit}", f"<={most:g}{unit}", value <= most))


def at_least(goal: str, what: str, value: float, least: float, unit: str = "") -> bool:
    """Print a figure that must be this or more."""
    return _say(Goal(goal, what, f"{value:.4g}{unit}", f">={least:g}{unit}", value >= least))


def control(goal: str, what: str, found: int) -> bool:
    """Print what was found where the guard is taken away: none found means a blind harness."""
    return _say(Goal(goal, f"control, must find some: {what}", str(found), ">=1", found > 0))


def read(line: str) -> Goal | None:
    """The figure a line prints, or None where it prints none."""
    found = LINE.match(line.strip())
    if found is None:
        return None
    parts = found.groupdict()
    return Goal(parts["id"], parts["what"], parts["value"], parts["target"], parts["met"] == "ok")


def _say(goal: Goal) -> bool:
    print(goal, flush=True)
    return goal.met
