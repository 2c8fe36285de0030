"""Sources are shared out among replicas by host: who asks each host, and what was read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
# The oldest revision whose program works on these tables (docs/decisions/0028).
oldest_program = "0033"


def upgrade() -> None:
    """Add the column and the tables, on PostgreSQL only."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.add_column(
        "replicas",
        sa.Column("shares_hosts", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "host_shards",
        sa.Column("shard", sa.SmallInteger, nullable=False, autoincrement=False),
        sa.Column("replica_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("shard", name="pk_host_shards"),
        _held_by_replica("host_shards"),
    )
    op.create_table(
        "read_documents",
        sa.Column("id", sa.BigInteger, nullable=False),
        sa.Column("source_id", sa.BigInteger, nullable=False),
        sa.Column("replica_id", sa.BigInteger),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_read_documents"),
        sa.UniqueConstraint("source_id", name="uq_read_documents_source_id"),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["sources.id"],
            name="fk_read_documents_source_id",
            ondelete="CASCADE",
        ),
        _held_by_replica("read_documents"),
    )
    op.create_index(
        "ix_read_documents_replica_id",
        "read_documents",
        ["replica_id"],
        postgresql_where=sa.text("replica_id IS NOT NULL"),
    )
    op.create_table(
        "host_pauses",
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("host", name="pk_host_pauses"),
    )


def downgrade() -> None:
    """Drop the tables and the column."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.drop_table("host_pauses")
    op.drop_table("read_documents")
    op.drop_table("host_shards")
    op.drop_column("replicas", "shares_hosts")


def _held_by_replica(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["replica_id"],
        ["replicas.id"],
        name=f"fk_{table}_replica_id",
        ondelete="SET NULL",
    )
