"""Indexes for questions that grew with the archive: the health of sources, and titles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

PUBLISHED = "ix_articles_published_id"
TITLES = "ix_articles_title_start"


def upgrade() -> None:
    """Widen the index on times, and add one on the beginnings of titles."""
    op.drop_index(PUBLISHED, "articles")
    op.create_index(PUBLISHED, "articles", ["published", "id", "source_id", "first_seen"])
    op.create_index(TITLES, "articles", ["source_id", sa.text("substr(title, 1, 16)")])


def downgrade() -> None:
    """Undo it."""
    op.drop_index(TITLES, "articles")
    op.drop_index(PUBLISHED, "articles")
    op.create_index(PUBLISHED, "articles", ["published", "id"])
