"""The lease alone decides who serves: its row names no session with a lock."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Drop the number of the session."""
    op.drop_column("serving_lease", "guard")


def downgrade() -> None:
    """Add the column again, empty."""
    op.add_column("serving_lease", sa.Column("guard", sa.BigInteger))
