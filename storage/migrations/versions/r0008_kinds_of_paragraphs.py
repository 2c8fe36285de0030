"""Bodies keep what their paragraphs are: headings, quotations, items of lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of what is there already nothing is known, and all are paragraphs."""
    op.add_column("bodies", sa.Column("kinds", sa.Text))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("bodies", "kinds")
