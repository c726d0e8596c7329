"""The demo: NHS numbers, references and codes of its large invented county, all different.

Each is a fixed shuffle of a counter, so none has to be looked up and none is drawn twice.
"""

from collections.abc import Collection, Iterator

from referrals.groups.places import LETTERS, MARKS
from referrals.making import REF_MARKS
from referrals.people import WEIGHTS

STRIDE = 7_919
"""A prime: counting by it modulo a number it does not divide meets everything once."""

IN_THE_RANGE = 10**6
"""999 000 000 to 999 999 999 is kept for tests: its numbers are given to nobody."""


def nhs_numbers() -> Iterator[str]:
    """Numbers of the 999 range with a true check digit."""
    for count in range(IN_THE_RANGE):
        start = f"999{count * STRIDE % IN_THE_RANGE:06}"
        total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, start, strict=True))
        check = (11 - total % 11) % 11
        if check < 10:  # a check of 10 is no digit: such a number is never given out
            yield f"{start}{check}"


def references() -> Iterator[str]:
    """One mark longer than those of real referrals, so the two never meet."""
    base = len(REF_MARKS)
    for count in range(base**6):
        yield "SP-" + _marks(count * STRIDE % base**6, REF_MARKS, 6)


def codes(taken: Collection[str]) -> Iterator[str]:
    """Codes of people at groups, but those that are taken."""
    base = len(MARKS)
    for count in range(len(LETTERS) * base**3):
        first, rest = divmod(count * STRIDE % (len(LETTERS) * base**3), base**3)
        code = LETTERS[first] + _marks(rest, MARKS, 3)
        if code not in taken:
            yield code


def _marks(number: int, marks: str, length: int) -> str:
    found = []
    for _ in range(length):
        number, at = divmod(number, len(marks))
        found.append(marks[at])
    return "".join(reversed(found))
