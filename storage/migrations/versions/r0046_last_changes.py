"""What each chat had before its last change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables.columns import Id, Utc

revision = "0046"
down_revision = "0045"
oldest_program = "0041"


def upgrade() -> None:
    """Create the table, empty."""
    op.create_table(
        "last_changes",
        sa.Column(
            "subscriber_id",
            Id,
            sa.ForeignKey("subscribers.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
        sa.Column("at", Utc, nullable=False),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("last_changes")
