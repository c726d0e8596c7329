"""Benchmarks: S10, nothing is left of somebody who was forgotten, not even in an older copy.

    python -m benchmarks.assurance.s10_erasure [--full]

Every sealed column has words of its own planted in every row. Before one person is forgotten all
that is sealed about them is copied, as a backup would. Then all that is kept is opened and searched
for their words, and the copy is tried with every key there is. The control opens it with the keys
of its own time.
"""

from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import func, select

from accounts import Role
from benchmarks.assurance.goals import at_least, control, exactly
from benchmarks.assurance.s8_keys_at_rest import MARK, mark_everything, search
from benchmarks.assurance.surgery import Surgery
from core import keys, sealing
from core.actors import system
from core.db import db
from core.saving import saving
from core.sealing import DataKey, data_keys
from core.sealing.boxes import Broken
from core.sealing.columns import rows_of
from referrals.erasing import erase
from referrals.models import Measure, Person, Referral, Step
from referrals.rules import Status
from tests.client import Client
from tests.house import world

BY = system("benchmark")

Copy = list[tuple[str, bytes]]
"""What is sealed about somebody: where it stands, and the bytes."""


def main() -> None:
    """Print the figures of S10."""
    for mark, engine in (("a", "sqlite"), ("b", "postgresql")):
        with Surgery(engine, clinicians=0) as surgery, surgery.app.app_context():
            _forget(surgery, engine, mark)
            db.session.remove()


def _forget(surgery: Surgery, engine: str, mark: str) -> None:
    town = world.build()["own"]
    mark_everything()
    person = town.referral.person
    copy, theirs = _sealed_about(person), _keys_of(person)
    words = _words(copy, theirs)
    at_least(f"S10{mark}1", f"{engine}: words planted about one person", len(words), 30)
    control(f"S10{mark}2", f"{engine}: words a copy tells with the keys of its time", len(words))
    wrapped = db.session.scalars(
        select(DataKey.wrapped).where(DataKey.holder_id == person.id)
    ).all()
    counted = _counts()
    with saving():
        for referral in db.session.scalars(select(Referral).where(_is_about(person))).all():
            referral.status = Status.CLOSED_COMPLETED
    with saving():
        erase(person, by=BY, why="benchmark")
    exactly(f"S10{mark}3", f"{engine}: of them found in all that is kept", len(words & _kept()))
    exactly(f"S10{mark}4", f"{engine}: keys of theirs left", len(_keys_of(person)))
    everybody = [key for each in _people() for key in _keys_of(each)]
    told = _words(copy, [*everybody, *_purposes()])
    exactly(f"S10{mark}5", f"{engine}: words the copy tells by every key left", len(told))
    changed = sum(before != after for before, after in zip(counted, _counts(), strict=True))
    exactly(f"S10{mark}6", f"{engine}: counts of referrals, steps, answers that changed", changed)
    exactly(
        f"S10{mark}7", f"{engine}: their pages that answer anything but 404", _open(surgery, town)
    )
    if engine == "sqlite":  # PostgreSQL keeps old pages longer: docs/runbooks/keys.md
        db.session.remove()
        db.engine.dispose()
        left = sum(search(surgery.folder, each)[0] for each in wrapped)
        exactly(f"S10{mark}8", f"{engine}: files that still hold a wrapped key of theirs", left)


def _is_about(person: Person) -> Any:
    return Referral.person_id == person.id


def _people() -> list[Person]:
    return list(db.session.scalars(select(Person)).all())


def _counts() -> list[int]:
    return [
        db.session.scalar(select(func.count()).select_from(model)) or 0
        for model in (Referral, Step, Measure)
    ]


def _sealed_about(person: Person) -> Copy:
    copy = []
    for model in dict.fromkeys(each.model for each in sealing.REGISTER if not each.by.purpose):
        for row in db.session.execute(rows_of(model, person.id)).all():
            held = zip(sealing.of_model(model), row[1:], strict=True)
            copy += [(each.about(row[0]), value) for each, value in held if value]
    return copy


def _keys_of(person: Person) -> list[AESGCM]:
    found = []
    for row in db.session.scalars(select(DataKey).where(DataKey.holder_id == person.id)).all():
        root = keys.ring().root(row.root_id)
        whose = (row.holder_id, row.kind)
        found.append(AESGCM(data_keys.unwrap(root, row.wrapped, whose, row.generation)))
    return found


def _purposes() -> list[AESGCM]:
    names = {each.by.purpose for each in sealing.REGISTER if each.by.purpose}
    return [AESGCM(keys.derive(name)) for name in sorted(names)]


def _words(copy: Copy, with_keys: list[AESGCM]) -> set[str]:
    found = set()
    for where, sealed in copy:
        for key in with_keys:
            try:
                said = sealing.open_with(key, sealed, where).decode()
            except (Broken, InvalidTag):
                continue
            if MARK in said:
                found.add(said)
    return found


def _kept() -> set[str]:
    """Every planted word in anything that can be opened."""
    found = set()
    for each in sealing.REGISTER:
        for row in db.session.scalars(select(each.model)).all():
            said = getattr(row, each.name)
            if MARK in str(said):
                found.add(str(said))
    return found


def _open(surgery: Surgery, town: world.Town) -> int:
    surgery.app.test_client_class = Client
    client = surgery.app.test_client()
    assert isinstance(client, Client)
    referral_id = town.referral.id
    desks = {
        Role.LINK_WORKER: [f"/caseload/{referral_id}", f"/caseload/{referral_id}/safety"],
        Role.TEAM_LEAD: [f"/caseload/{referral_id}"],
        Role.CLINICIAN: [f"/my-referrals/{referral_id}"],
    }
    answers = [
        client.as_(town.users[role]).get(path).status_code
        for role, paths in desks.items()
        for path in paths
        if role in town.users
    ]
    return sum(status != 404 for status in answers)


if __name__ == "__main__":
    main()
