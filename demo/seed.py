"""The demo's data: three real places, invented groups, invented people and their referrals."""

from core.actors import system
from core.saving import saving
from demo import towns

DEMO = system("demo")


def load() -> dict[str, int]:
    """Fill the database; returns how many of what."""
    groups = services = 0
    for path in towns.files():
        with saving():
            town_groups, town_services = towns.load_town(path, by=DEMO)
            groups += len(town_groups)
            services += len(town_services)
    return {"groups": groups, "activities": services}
