"""Indexes of the due subscribers and of the waiting deliveries that end with the id.

SQLite's indexes do so anyway.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
# The oldest revision whose program works on these tables (docs/decisions/0028).
oldest_program = "0033"

_DUE = sa.text("next_at IS NOT NULL")
_WAITING = sa.text("state = 'planned'")


def upgrade() -> None:
    """Make them, on PostgreSQL only. Neither table is written meanwhile."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.create_index(
        "ix_deliveries_not_before_id",
        "deliveries",
        ["not_before", "id"],
        postgresql_where=_WAITING,
    )
    op.create_index(
        "ix_subscribers_next_at_id", "subscribers", ["next_at", "id"], postgresql_where=_DUE
    )
    op.drop_index("ix_subscribers_next_at", "subscribers")


def downgrade() -> None:
    """Make the index without the id again, and drop the others."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.create_index("ix_subscribers_next_at", "subscribers", ["next_at"], postgresql_where=_DUE)
    op.drop_index("ix_subscribers_next_at_id", "subscribers")
    op.drop_index("ix_deliveries_not_before_id", "deliveries")
