"""The migrations make the schema that the models describe, on both engines, and can go back."""

import re

from flask import Flask
from sqlalchemy import inspect, text
from sqlalchemy.schema import CreateTable

from core.db import act_as_owner, db, may_write


def described() -> dict[str, str]:
    """The models' own CREATE TABLE statements, normalised."""
    return {
        table.name: normal(str(CreateTable(table).compile(db.engine)))
        for table in db.metadata.sorted_tables
    }


def normal(ddl: str) -> str:
    """One statement as the sorted set of its lines, so that only the order may differ."""
    inside = re.sub(r'[\s"]+', " ", ddl[ddl.index("(") + 1 : ddl.rindex(")")])
    parts = re.split(r",(?![^(]*\))", inside)
    return "\n".join(sorted(part.strip() for part in parts))


def test_migrating_makes_what_the_models_say(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        rows = db.session.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type='table' AND name NOT LIKE 'ale%'")
        )
        made = {row.name: normal(row.sql) for row in rows}
        assert made == described()
        return
    seen = inspect(db.engine)
    for table in db.metadata.sorted_tables:
        columns = {column["name"] for column in seen.get_columns(table.name)}
        assert columns == {column.name for column in table.columns}
        checks = {check["name"] for check in seen.get_check_constraints(table.name)}
        wanted = {c.name for c in table.constraints if c.__visit_name__ == "check_constraint"}
        assert {str(check) for check in checks} >= {str(w) for w in wanted if w}


def test_indexes_are_those_of_the_models(app: Flask) -> None:
    seen = inspect(db.engine)
    for table in db.metadata.sorted_tables:
        made = {index["name"] for index in seen.get_indexes(table.name)}
        unique = {c["name"] for c in seen.get_unique_constraints(table.name)}
        assert made - unique == {str(index.name) for index in table.indexes}


def test_going_down_leaves_nothing_and_up_again_everything(app: Flask) -> None:
    import flask_migrate

    flask_migrate.downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
    flask_migrate.upgrade()
    assert set(inspect(db.engine).get_table_names()) >= set(db.metadata.tables)


def test_a_failed_migration_leaves_the_old_schema(app: Flask) -> None:
    before = set(inspect(db.engine).get_table_names())
    try:
        with may_write(), db.engine.begin() as connection:
            act_as_owner(connection)
            connection.execute(text("CREATE TABLE half_done (id INTEGER)"))
            raise RuntimeError("the power went")
    except RuntimeError:
        pass
    assert set(inspect(db.engine).get_table_names()) == before
