"""What of a source may be shown where, and what is for subscribers alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Name the old column by what it says; texts are for private chats, pictures for all."""
    op.execute("ALTER TABLE sources RENAME COLUMN full_text TO read_pages")
    for name, usual in (("full_text", "private"), ("pictures", "yes")):
        op.add_column("sources", sa.Column(name, sa.Text, nullable=False, server_default=usual))
    op.add_column("sources", sa.Column("paywall", sa.Boolean))
    op.add_column("articles", sa.Column("paywall", sa.Boolean))


def downgrade() -> None:
    """Drop them, and give the old column its name back."""
    op.drop_column("articles", "paywall")
    for name in ("paywall", "pictures", "full_text"):
        op.drop_column("sources", name)
    op.execute("ALTER TABLE sources RENAME COLUMN read_pages TO full_text")
