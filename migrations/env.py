"""Migrations run over the application's own engine, inside a transaction that may write."""

from alembic import context
from flask import current_app

from core import guards
from core.db import UtcDateTime, act_as_owner, db, may_write, owners_connection
from core.sealing import SealedBytes
from core.settings import in_force

config = context.config


def plainly(_kind: str, thing: object, _context: object) -> str | bool:
    """Write our own types as the plain ones they are, so that old migrations never change."""
    if isinstance(thing, SealedBytes):
        return "sa.LargeBinary()"
    return "sa.DateTime(timezone=True)" if isinstance(thing, UtcDateTime) else False


def run() -> None:
    """Bring the schema up to date, all of it or none."""
    settings = in_force()
    with may_write(), guards.lowered(), owners_connection(settings) as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            transactional_ddl=True,
            transaction_per_migration=False,
            render_item=plainly,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            act_as_owner(connection)
            context.run_migrations()
        if connection.in_transaction():
            connection.commit()


run()
