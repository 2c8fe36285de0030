"""One search for the copies of a correction: deliveries recorded later enter their own copies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"

_CORRECTIONS = sa.table(
    "corrections",
    sa.column("searched", sa.BigInteger),
    sa.column("searched_late", sa.BigInteger),
)


def upgrade() -> None:
    """Search again for corrections whose second search was still to come; drop its columns."""
    c = _CORRECTIONS.c
    again = _CORRECTIONS.update().where(c.searched.is_(None), c.searched_late.is_not(None))
    op.execute(again.values(searched=c.searched_late))
    op.drop_column("corrections", "searched_late")
    op.drop_column("corrections", "in_progress")


def downgrade() -> None:
    """Add the columns, null for every correction: no second search is to come."""
    op.add_column("corrections", sa.Column("searched_late", sa.BigInteger))
    op.add_column("corrections", sa.Column("in_progress", sa.Text))
