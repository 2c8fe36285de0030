"""Which event an article tells of. What is there already tells of its own story's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# What the type was at this revision, whatever storage.tables.schema makes of it later.
ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add the columns, empty: nothing has to be rewritten in a large archive."""
    op.add_column("articles", sa.Column("event_id", ID))
    op.add_column("articles", sa.Column("event_evidence", sa.Text))
    op.add_column("articles", sa.Column("figures", sa.Text))
    op.create_index("ix_articles_event_id", "articles", ["event_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_articles_event_id", "articles")
    for name in ("figures", "event_evidence", "event_id"):
        op.drop_column("articles", name)
