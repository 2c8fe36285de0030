"""Whether Telegram confirmed the kind of a chat, since some channels were stored as groups."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Add the column, false for every chat."""
    op.add_column(
        "subscribers",
        sa.Column("kind_confirmed", sa.Boolean, nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("subscribers", "kind_confirmed")
