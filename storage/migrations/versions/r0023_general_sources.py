"""Which sources bring news of all kinds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Add the column, false for every source until an operator changes it."""
    op.add_column(
        "sources", sa.Column("general", sa.Boolean, nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("sources", "general")
