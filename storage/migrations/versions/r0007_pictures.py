"""The pictures of stories, as Telegram keeps them for this bot."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# What the type was at this revision, whatever storage.tables.schema makes of it later.
TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Add the table, empty: pictures are made as editions come up that may show them."""
    op.create_table(
        "pictures",
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("bot_id", sa.BigInteger, nullable=False),
        sa.Column("file_id", sa.Text),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("tried", TIME, nullable=False),
        sa.Column("try_at", TIME),
        sa.PrimaryKeyConstraint("address", name="pk_pictures"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("pictures")
