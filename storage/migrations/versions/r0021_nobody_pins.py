"""Articles without a mark for an editor's choice, which nothing ever set."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the column."""
    op.drop_column("articles", "pinned")


def downgrade() -> None:
    """Add it again: no article is anybody's choice."""
    op.add_column(
        "articles", sa.Column("pinned", sa.Boolean, nullable=False, server_default=sa.false())
    )
