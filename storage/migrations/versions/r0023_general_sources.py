"""Which sources bring news of all kinds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: every source is one of the trade until an operator says otherwise."""
    op.add_column(
        "sources", sa.Column("general", sa.Boolean, nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_column("sources", "general")
