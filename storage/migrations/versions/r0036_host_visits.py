"""Requests of replicas to hosts whose shard another replica holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
# The oldest revision whose program works on these tables (docs/decisions/0028).
oldest_program = "0033"


def upgrade() -> None:
    """Add the table, on PostgreSQL only."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.create_table(
        "host_visits",
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("replica_id", sa.BigInteger, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("granted", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("host", name="pk_host_visits"),
        sa.ForeignKeyConstraint(
            ["replica_id"],
            ["replicas.id"],
            name="fk_host_visits_replica_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_host_visits_replica_id", "host_visits", ["replica_id"])


def downgrade() -> None:
    """Drop the table."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_table("host_visits")
