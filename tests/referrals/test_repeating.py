"""After a restore: who was forgotten is forgotten again, and what was taken back stays so."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from core import footing, outlasting
from core.db import db
from core.errors import Refused
from core.ops import findings
from core.outlasting import Act
from core.saving import saving
from core.settings import Settings
from referrals.erasing import erase
from referrals.models import Disposal
from referrals.pathway import act, take_back
from referrals.rights.consent import has_withdrawn, withdraw
from referrals.rules import Action, Status
from tests.referral_builders import TEST, a_referral, an_onward, owner_of


@pytest.fixture(autouse=True)
def settings(app: Flask, tmp_path: Path) -> Iterator[Settings]:
    """A list of its own for each test."""
    before: Settings = app.extensions["kith.settings"]
    app.extensions["kith.settings"] = made = replace(before, outlasting_file=f"{tmp_path}/list")
    yield made
    app.extensions["kith.settings"] = before


def repeat(app: Flask) -> str:
    """Run the command that follows a restore."""
    ran = app.test_cli_runner().invoke(args=["ops", "repeat"])
    assert ran.exit_code == 0, ran.output
    return str(ran.output)


@pytest.mark.asvs("14.2.4")
def test_who_was_forgotten_after_the_backup_is_forgotten_again(
    app: Flask, settings: Settings
) -> None:
    case = a_referral(Status.IN_PROGRESS)  # as the backup found it: still being helped
    onward, person = an_onward(Status.ACCEPTED, parent=case), case.person
    outlasting.settle(Act.FORGOTTEN, [person.id])
    assert findings.all_of(findings.ON_THE_SITE) == [
        f"somebody forgotten who is here again: holder:{person.id}"
    ]
    assert "flask ops repeat" in next(footing.restored())
    assert "1 written down, 1 done again" in repeat(app)
    db.session.expire_all()
    assert (case.person.name, case.note) == ("", "")
    assert None not in {case.erased_at, onward.erased_at}
    assert (case.status, onward.status) == (Status.WITHDRAWN, Status.WITHDRAWN)
    assert db.session.query(Disposal).one().about == person.about
    assert findings.all_of(findings.ON_THE_SITE) == []
    assert findings.all_of(findings.IN_ROWS) == []
    assert "1 written down, 0 done again" in repeat(app)


def test_what_was_taken_back_after_the_backup_is_taken_back_again(app: Flask) -> None:
    referral = a_referral(Status.CLOSED_COMPLETED)
    outlasting.settle(Act.WITHDRAWN, [referral.id])
    assert "agreement taken back" in findings.all_of(findings.ON_THE_SITE)[0]
    repeat(app)
    db.session.expire_all()
    assert has_withdrawn(referral)
    assert findings.all_of(findings.ON_THE_SITE) == []


def test_each_act_is_written_down_and_an_undone_one_is_not_repeated(app: Flask) -> None:
    stopped, undone = a_referral(Status.CLOSED_COMPLETED), a_referral(Status.IN_PROGRESS)
    with saving():
        withdraw(stopped, by=TEST)
    with saving():
        act(undone, Action.RECORD_DECLINED, by=owner_of(undone))
    with saving():
        take_back(undone, by=owner_of(undone))
    assert outlasting.to_repeat(Act.WITHDRAWN) == [stopped.id]
    with saving():
        erase(stopped.person, by=TEST, why="asked")
    assert outlasting.to_repeat(Act.FORGOTTEN) == [stopped.person_id]
    assert outlasting.in_doubt() == []


def test_nobody_is_forgotten_where_it_cannot_be_written_down(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "list").mkdir()
    referral = a_referral(Status.CLOSED_COMPLETED)
    with pytest.raises(Refused), saving():
        erase(referral.person, by=TEST, why="asked")
    with saving():
        withdraw(referral, by=TEST)
    db.session.expire_all()
    assert referral.person.name
    assert has_withdrawn(referral)
