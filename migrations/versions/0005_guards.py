"""What the database itself refuses: the guards of core.guards. Written by hand."""

from alembic import op

from core import guards

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    guards.hang(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
