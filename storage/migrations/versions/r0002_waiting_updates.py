"""Updates of Telegram's that were fetched and are not answered yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Make the table of waiting updates."""
    op.create_table(
        "waiting_updates",
        sa.Column("update_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("fetched", TIME, nullable=False),
        sa.PrimaryKeyConstraint("update_id", name="pk_waiting_updates"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("waiting_updates")
