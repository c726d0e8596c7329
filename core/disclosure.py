"""Ground floor: small numbers are hidden. Every published count of people passes through here.

After the rule NHS England prints its hospital figures below the national level by (counts of one
to seven are masked, the others rounded to the nearest five), with 0 masked too: "nobody" said of
ten people says something about each of them.
"""

FEWEST = 8
ROUNDED_TO = 5


def rounded(count: int) -> int | None:
    """The count as it may be shown: None below eight, else the nearest five."""
    if count < FEWEST:
        return None
    return (count + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO


def could_be(shown: int | None) -> range:
    """Every count that is shown like this."""
    if shown is None:
        return range(FEWEST)
    half = ROUNDED_TO // 2
    return range(max(FEWEST, shown - half), shown + half + 1)
