"""The links that readers suggest to the editors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

# The types at this revision, even if storage.tables changes later.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Create the table, empty."""
    op.create_table(
        "tips",
        sa.Column("id", ID, nullable=False),
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("sent", TIME, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("draft_id", sa.BigInteger),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name="fk_tips_subscriber_id_subscribers",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_tips"),
        sa.UniqueConstraint("subscriber_id", "link", name="uq_tips_subscriber_id_link"),
    )
    op.create_index("ix_tips_state_link", "tips", ["state", "link"])
    op.create_index("ix_tips_sent", "tips", ["sent"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("tips")
