"""The layout of headlines with standfirsts is called as readers see it: summaries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("subscribers", "deliveries")


def upgrade() -> None:
    """Rename the value."""
    _rename("standfirsts", "summaries")


def downgrade() -> None:
    """Rename it back; front pages become summaries, which that program knows."""
    _rename("front-page", "summaries")
    _rename("summaries", "standfirsts")


def _rename(old: str, new: str) -> None:
    for name in TABLES:
        table = sa.table(name, sa.column("layout", sa.Text))
        op.execute(sa.update(table).where(table.c.layout == old).values(layout=new))
