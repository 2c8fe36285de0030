"""The secret links to editions on a page and in feeds, as hashes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables.columns import Id, Utc

revision = "0049"
down_revision = "0048"
oldest_program = "0041"


def upgrade() -> None:
    """Create the table, empty."""
    op.create_table(
        "page_links",
        sa.Column(
            "subscriber_id",
            Id,
            sa.ForeignKey("subscribers.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("made", Utc, nullable=False),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("page_links")
