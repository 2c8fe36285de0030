"""The topics of forums that have a section's name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
oldest_program = "0041"


def upgrade() -> None:
    """Create the table, empty."""
    op.create_table(
        "section_topics",
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "thread_id", name="pk_section_topics"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("section_topics")
