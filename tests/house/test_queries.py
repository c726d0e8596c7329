"""No query escapes the finders: what SQLite cannot refuse by itself is refused to its author."""

import pytest

from tests.house.queries import escapes, people
from tests.house.test_stairs import ROOMS, modules, name

ALLOWED = {
    "accounts/people.py": "organisations of an import, by the hundred",
    "core/audit/chain.py": "the lock under which the chain grows",
    "core/db.py": "how a transaction begins",
    "core/footing.py": "asks the database about itself",
    "core/guards.py": "the guards themselves",
    "core/health.py": "asks whether the database answers",
    "core/ops/doctor.py": "asks the database about itself",
    "core/sealing/erasing.py": "destroys keys, and what the file keeps of rows that are gone",
    "core/sealing/rotation.py": "walks all sealed columns, whatever their tables",
    "demo/scale/filling.py": "invents a county, by the ten thousand rows",
    "directory/feeds/arriving.py": "listings on their way in, none of them about people",
    "directory/feeds/importing.py": "the same",
    "directory/feeds/rows.py": "the same",
    "directory/feeds/taking_back.py": "the same",
    "directory/keeping.py": "the columns of a listing, by name",
    "directory/search/at_once.py": "the index of the public directory",
    "directory/search/packing.py": "the same",
    "directory/tallies.py": "counts of what is looked at, by day",
    "directory/web/results.py": "versions of public listings, none of them about people",
    "referrals/endings.py": "forgets what was decided once it is too old",
    "referrals/erasing.py": "erases one person from every table",
    "referrals/person/drafts.py": "forgets what nobody finished",
    "referrals/rights/forgetting.py": "lets one record go, by the ids of its own requests",
    "referrals/rights/gathering.py": "follows keys from one person, by the tables themselves",
    "referrals/rights/handing.py": "empties copies nobody fetched",
}
"""Who may, and why it shows nobody's rows to anybody else."""


@pytest.mark.asvs("8.4.1")
def test_no_query_escapes_what_finders_and_rows_hold() -> None:
    about_people = people()
    found = {
        name(path): list(escapes(path.read_text(encoding="utf-8"), about_people))
        for path in modules(*ROOMS)
    }
    assert {path for path, escaped in found.items() if escaped} == set(ALLOWED), found
