"""Several processes share the work on PostgreSQL: replicas, shards, updates, changes, floods."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

TABLES = ("floods", "changes", "open_questions", "shared_updates", "shards", "replicas")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables, on PostgreSQL only."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.create_table(
        "replicas",
        sa.Column("id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("started", TIME, nullable=False),
        sa.Column("beat", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("sends", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("id", name="pk_replicas"),
    )
    op.create_table(
        "shards",
        sa.Column("shard", sa.SmallInteger, nullable=False, autoincrement=False),
        sa.Column("replica_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("shard", name="pk_shards"),
        _held_by_replica("shards"),
    )
    op.create_table(
        "shared_updates",
        sa.Column("update_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("shard", sa.SmallInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("fetched", TIME, nullable=False),
        sa.Column("replica_id", sa.BigInteger),
        sa.Column("begun", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("ended", TIME),
        sa.PrimaryKeyConstraint("update_id", name="pk_shared_updates"),
        _held_by_replica("shared_updates"),
    )
    for name, columns, where in (
        ("unclaimed", ["shard", "update_id"], "replica_id IS NULL AND ended IS NULL"),
        ("claimed", ["replica_id"], "replica_id IS NOT NULL"),
        ("ended", ["ended"], "ended IS NOT NULL"),
    ):
        op.create_index(
            f"ix_shared_updates_{name}", "shared_updates", columns, postgresql_where=sa.text(where)
        )
    op.create_table(
        "open_questions",
        sa.Column("chat_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("user_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("thread_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("shard", sa.SmallInteger, nullable=False),
        sa.Column("questions", sa.Text, nullable=False),
        sa.Column("asked", TIME, nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "user_id", "thread_id", name="pk_open_questions"),
    )
    op.create_index("ix_open_questions_shard", "open_questions", ["shard"])
    op.create_table(
        "changes",
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("topic", name="pk_changes"),
    )
    op.create_table(
        "floods",
        sa.Column("chat_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("until", TIME, nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name="pk_floods"),
    )


def downgrade() -> None:
    """Drop the tables."""
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.drop_table(table)


def _held_by_replica(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["replica_id"],
        ["replicas.id"],
        name=f"fk_{table}_replica_id",
        ondelete="SET NULL",
    )
