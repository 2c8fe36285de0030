"""The section in which an article's own feed puts it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("articles", sa.Column("section_hint", sa.Text))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("articles", "section_hint")
