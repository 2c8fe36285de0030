"""The city that a reader named, which need not be the one that its zone is named after."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; until a reader names a city, the zone's own is shown."""
    op.add_column("subscribers", sa.Column("city", sa.Text))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("subscribers", "city")
