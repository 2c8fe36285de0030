"""Marks by which a person's opening of a friend's link counts once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; what was counted before stays as it is."""
    op.create_table(
        "share_openings",
        sa.Column(
            "code",
            sa.String(10),
            sa.ForeignKey("shares.code", ondelete="CASCADE", name="fk_share_openings_code_shares"),
            nullable=False,
        ),
        sa.Column("mark", sa.Integer, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("code", "mark", name="pk_share_openings"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("share_openings")
