"""When editions come: when the one before was due, a second hour, and whether with a sound.

How much time an edition covers follows from the first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# What the type was at this revision, whatever storage.tables.schema makes of it later.
TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")

# Of a reader whom nothing was sent to yet the ledger knows nothing.
FROM_LEDGER = """
UPDATE subscribers SET edition_at = (
    SELECT max(due) FROM deliveries
    WHERE deliveries.subscriber_id = subscribers.id AND deliveries.kind <> 'alert'
)
"""


def upgrade() -> None:
    """Add the columns; the ledger says when the last editions were due."""
    op.add_column("subscribers", sa.Column("edition_at", TIME))
    op.add_column("subscribers", sa.Column("evening_minute", sa.SmallInteger))
    for name in ("silent", "silent_alerts"):
        op.add_column(
            "subscribers", sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())
        )
    op.add_column("deliveries", sa.Column("since", TIME))
    op.execute(FROM_LEDGER)


def downgrade() -> None:
    """Drop them."""
    op.drop_column("deliveries", "since")
    for name in ("silent_alerts", "silent", "evening_minute", "edition_at"):
        op.drop_column("subscribers", name)
