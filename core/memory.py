"""Ground floor: how often Python looks for garbage that points at itself: seldom.

It looks whenever seven hundred more things are alive than before, and a page of listings is ten
thousand things that all stay: the looking took as long as the reading. What nothing points at
goes at once all the same. Nor may it be too seldom: the garbage of a hundred pages takes as long to
clear away as six pages take to make, and everybody waits.
"""

import gc

LOOK_AFTER = (10_000, 100, 50)


def init_app() -> None:
    """For this process, and those it forks."""
    gc.set_threshold(*LOOK_AFTER)
