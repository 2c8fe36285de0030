"""Shared updates say how well their sender is known, so that known people's are claimed first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
# The oldest revision whose program works on these tables (docs/decisions/0028).
oldest_program = "0033"


def upgrade() -> None:
    """Add the column, on PostgreSQL only. What an older program writes goes first."""
    if op.get_bind().dialect.name == "postgresql":
        rank = sa.Column("rank", sa.SmallInteger, nullable=False, server_default="0")
        op.add_column("shared_updates", rank)


def downgrade() -> None:
    """Drop it."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_column("shared_updates", "rank")
