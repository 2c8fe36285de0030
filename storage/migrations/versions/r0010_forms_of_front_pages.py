"""In which form a front page was tried: after a crash the same one goes out, and no other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was sent before has only one form."""
    op.add_column("deliveries", sa.Column("form", sa.Text))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("deliveries", "form")
