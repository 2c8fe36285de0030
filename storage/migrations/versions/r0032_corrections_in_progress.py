"""The deliveries that were in progress when the copies of a correction were searched for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Add the column, null for every correction."""
    op.add_column("corrections", sa.Column("in_progress", sa.Text))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("corrections", "in_progress")
