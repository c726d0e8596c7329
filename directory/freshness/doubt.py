"""Directory: how likely each part of a listing is still true, and when its group is asked.

The model is a half-life: after that many days, half of such facts have changed. What people saw
counts more than what a feed says, and a listing that has changed often is taken to go on so.
Nothing here reads a clock or a database, so the simulation decides just as the daily round does.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from math import exp, log, prod

from core.settings import BadSettings
from directory.rules import VITAL, Aspect, How, Life

YEAR = 365

TRUST = {How.GROUP: 0.99, How.EDITOR: 0.98, How.ATTENDED: 0.97, How.IMPORTED: 0.88}
"""How likely a fact is right on the day it is confirmed in this way."""

UNCONFIRMED = 0.85
"""The same for what nobody ever confirmed, on the listing's first day here."""

REPORTED = 0.5
"""How likely a part is right at best, while somebody says that it is wrong."""

ANSWERS, OF_LETTERS = 1.2, 2.0
"""What a group nobody has written to yet is taken to have answered, of so many letters."""

SLOWEST, FASTEST = 0.5, 3.0
"""How far a listing's own past may move its pace from that of other listings."""


def _days(default: int, about: str) -> int:
    return field(default=default, metadata={"about": about})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """What a deployment may choose of the round (setting FRESHNESS, as `name=number`)."""

    time: int = _days(1200, "half-life of when it is on, in days")
    place: int = _days(3000, "half-life of the place")
    price: int = _days(1200, "half-life of the price")
    contact: int = _days(2000, "half-life of phone and email")
    who_for: int = _days(4000, "half-life of who it is for")
    access: int = _days(5000, "half-life of the access facts")
    about: int = _days(3000, "half-life of what happens there")
    in_doubt: int = _days(8, "a part this likely to be wrong, in per cent, is asked about first")
    ask_at: int = _days(15, "ask once a letter is this likely to put something right, in per cent")
    remind_if: int = _days(40, "remind only who answers so likely, in per cent")
    ask_after: int = _days(240, "ask in any case after so many days without a word")
    rest: int = _days(100, "never ask again sooner, in days")
    remind_after: int = _days(14, "remind once, so many days after asking")
    pass_on_after: int = _days(28, "then tell the editors, so many days after asking")
    ask_again_after: int = _days(300, "ask a group that did not answer anew, in days")
    doubt_after: int = _days(270, "say “Not checked lately” after so many days")
    hide_after: int = _days(365, "hide, never delete, after so many days")
    letters_a_year: int = _days(3, "the most letters to one group in a year")
    letters_a_day: int = _days(200, "the most groups asked in one day; the most doubtful first")

    def half_life(self, aspect: Aspect) -> int:
        """After how many days half of such facts have changed."""
        days: int = getattr(self, aspect.name.lower())
        return days

    @classmethod
    def chosen(cls, chosen: Mapping[str, str]) -> "Cycle":
        """The usual cycle with what a deployment chose of it; BadSettings says what is wrong."""
        known = {each.name for each in fields(cls)}
        for name, text in chosen.items():
            if name not in known:
                names = ", ".join(sorted(known))
                raise BadSettings(f"FRESHNESS knows no {name!r}; it knows {names}.")
            if not (text.isascii() and text.isdigit() and 0 < int(text) < 100_000):
                raise BadSettings(
                    f"FRESHNESS: {name} must be a whole number above 0, not {text!r}."
                )
        return cls(**{name: int(text) for name, text in chosen.items()})


USUAL = Cycle()


class Move(StrEnum):
    """What the daily round does with a listing."""

    ASK = "ask"
    REMIND = "remind"
    TELL_EDITORS = "tell-editors"
    DOUBT = "doubt"
    HIDE = "hide"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All that is known of one listing when it is decided whether to ask about it.

    `asked_on` and what follows are of the letter that was not answered yet, if there is one;
    `heard_on` is when the group last answered, changed or checked something.
    """

    life: Life
    began_on: date
    assured_on: date | None = None
    is_fed: bool = False
    spoken_of: Collection[Aspect] = tuple(Aspect)
    checks: Mapping[Aspect, Sequence[tuple[How, date]]] = field(default_factory=dict)
    reported: Collection[Aspect] = ()
    changes: int = 0
    letters: int = 0
    answers: int = 0
    asked_on: date | None = None
    reminded_on: date | None = None
    passed_on_on: date | None = None
    heard_on: date | None = None


def doubts(standing: Standing, today: date, cycle: Cycle = USUAL) -> dict[Aspect, float]:
    """How likely each part of a listing is wrong by now, from 0 to 1."""
    pace = _pace(standing, today, cycle)
    return {
        aspect: 1 - _still_true(standing, aspect, today, cycle.half_life(aspect) / pace)
        for aspect in standing.spoken_of
    }


def doubt(standing: Standing, today: date, cycle: Cycle = USUAL) -> float:
    """How likely it is that something vital about a listing is wrong by now."""
    each = doubts(standing, today, cycle)
    return 1 - prod(1 - each[aspect] for aspect in VITAL if aspect in each)


def asked_about(standing: Standing, today: date, cycle: Cycle = USUAL) -> tuple[Aspect, ...]:
    """The parts that are in doubt, the most doubtful first; always one at least."""
    each = doubts(standing, today, cycle)
    ordered = sorted(each, key=lambda aspect: (-each[aspect], aspect))
    in_doubt = [aspect for aspect in ordered if each[aspect] * 100 >= cycle.in_doubt]
    return tuple(in_doubt or ordered[:1])


def moves(standing: Standing, today: date, cycle: Cycle = USUAL) -> frozenset[Move]:
    """What is due for a listing today. Whether a letter may go is the group's to say as well."""
    due = {_letter(standing, today, cycle), _turn(standing, today, cycle)}
    return frozenset(each for each in due if each is not None)


def likely_answer(standing: Standing) -> float:
    """How likely the group answers a letter, by how it answered those it had."""
    return (ANSWERS + standing.answers) / (OF_LETTERS + standing.letters)


def may_write(letters: Sequence[date], today: date, cycle: Cycle = USUAL) -> bool:
    """Whether a group may have another letter: not more than so many in any twelve months."""
    return sum((today - each).days < YEAR for each in letters) < cycle.letters_a_year


def _letter(standing: Standing, today: date, cycle: Cycle) -> Move | None:
    if standing.life not in {Life.LIVE, Life.NEEDS_CHECKING, Life.HIDDEN}:
        return None
    if standing.asked_on is None:
        return Move.ASK if _is_due(standing, today, cycle) else None
    waited = (today - standing.asked_on).days
    if standing.passed_on_on is not None:
        return Move.ASK if waited >= cycle.ask_again_after else None
    if waited >= cycle.pass_on_after:
        return Move.TELL_EDITORS
    is_worth_it = likely_answer(standing) * 100 >= cycle.remind_if
    if standing.reminded_on is None and waited >= cycle.remind_after and is_worth_it:
        return Move.REMIND
    return None


def _is_due(standing: Standing, today: date, cycle: Cycle) -> bool:
    if standing.heard_on is not None and (today - standing.heard_on).days < cycle.rest:
        return False
    if _unsure_for(standing, today) >= cycle.ask_after:
        return True
    return likely_answer(standing) * doubt(standing, today, cycle) * 100 >= cycle.ask_at


def _turn(standing: Standing, today: date, cycle: Cycle) -> Move | None:
    unsure_for = _unsure_for(standing, today)
    if standing.life is Life.LIVE and unsure_for >= cycle.doubt_after:
        return Move.DOUBT
    # What comes from somebody's feed is theirs to take away, and nobody is hidden unasked.
    told = standing.passed_on_on is not None and not standing.is_fed
    if standing.life is Life.NEEDS_CHECKING and told and unsure_for >= cycle.hide_after:
        return Move.HIDE
    return None


def _unsure_for(standing: Standing, today: date) -> int:
    return (today - (standing.assured_on or standing.began_on)).days


def _still_true(standing: Standing, aspect: Aspect, today: date, half_life: float) -> float:
    checks = [(TRUST[how], on) for how, on in standing.checks.get(aspect, ())]
    likely = max(
        trust * exp(-log(2) * max((today - on).days, 0) / half_life)
        for trust, on in checks or [(UNCONFIRMED, standing.began_on)]
    )
    return min(likely, REPORTED) if aspect in standing.reported else likely


def _pace(standing: Standing, today: date, cycle: Cycle) -> float:
    """How fast this listing changes beside others, by its own past: one year counts for little."""
    days = max((today - standing.began_on).days, 0)
    usual = sum(days * log(2) / cycle.half_life(aspect) for aspect in standing.spoken_of)
    return min(max((1 + standing.changes) / (1 + usual), SLOWEST), FASTEST)
