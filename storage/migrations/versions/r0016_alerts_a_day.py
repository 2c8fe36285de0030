"""How many alerts a day a reader wants at most."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: five for everybody who has not chosen."""
    op.add_column(
        "subscribers",
        sa.Column("alerts_a_day", sa.SmallInteger, nullable=False, server_default="5"),
    )


def downgrade() -> None:
    """Drop it; that program sends as many as there are."""
    op.drop_column("subscribers", "alerts_a_day")
