"""Whom operators let in or shut out, and which strangers were told that the bot is private."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# What the type was at this revision, whatever storage.tables.schema makes of it later.
TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "access",
        sa.Column("chat_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "state", name="pk_access"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("access")
