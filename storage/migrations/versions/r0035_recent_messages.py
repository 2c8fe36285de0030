"""Messages that replicas sent in the last seconds, which all count against their chats' limits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
# The oldest revision whose program works on these tables (docs/decisions/0028).
oldest_program = "0033"


def upgrade() -> None:
    """Add the table, on PostgreSQL only."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.create_table(
        "recent_messages",
        sa.Column("replica_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("beat", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("messages", sa.SmallInteger, nullable=False),
        sa.PrimaryKeyConstraint("replica_id", "beat", "chat_id", name="pk_recent_messages"),
        sa.ForeignKeyConstraint(
            ["replica_id"],
            ["replicas.id"],
            name="fk_recent_messages_replica_id",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    """Drop the table."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_table("recent_messages")
