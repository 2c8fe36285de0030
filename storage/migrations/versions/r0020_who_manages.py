"""Who manages a channel or a group from a private chat."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# What the types were at this revision, whatever storage.tables.schema makes of them later.
TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "managers",
        *(
            sa.Column(
                name,
                ID,
                sa.ForeignKey(
                    "subscribers.id", ondelete="CASCADE", name=f"fk_managers_{name}_subscribers"
                ),
                nullable=False,
            )
            for name in ("subscriber_id", "manager_id")
        ),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", "manager_id", name="pk_managers"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_managers_manager_id", "managers", ["manager_id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("managers")
