"""The seconds since Telegram last answered a replica, in its heartbeat."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
# The oldest revision whose program works on these tables (docs/decisions/0028).
oldest_program = "0033"


def upgrade() -> None:
    """Add the column, on PostgreSQL only."""
    if op.get_bind().dialect.name == "postgresql":
        op.add_column("replicas", sa.Column("unanswered", sa.Double))


def downgrade() -> None:
    """Drop the column."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_column("replicas", "unanswered")
