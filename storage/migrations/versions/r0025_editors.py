"""The editors, and the journal of the desk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

# The types at this revision, even if storage.tables changes later.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Create the tables, empty."""
    op.create_table(
        "editors",
        sa.Column("person_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("may_write", sa.Boolean, nullable=False),
        sa.Column("may_publish", sa.Boolean, nullable=False),
        sa.Column("added_by", sa.BigInteger),
        sa.Column("added", TIME, nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_editors"),
    )
    op.create_table(
        "desk_acts",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", sa.BigInteger),
        sa.Column("about_id", sa.BigInteger),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("article_id", sa.BigInteger),
        sa.Column("draft_id", sa.BigInteger),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
        sa.Column("undone", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_desk_acts"),
    )
    op.create_index("ix_desk_acts_at", "desk_acts", ["at"])
    op.create_index("ix_desk_acts_article_id", "desk_acts", ["article_id"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("desk_acts")
    op.drop_table("editors")
