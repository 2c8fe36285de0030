"""The matters of events, and the marks by which events find each other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables.columns import Id, Utc

revision = "0050"
down_revision = "0049"
oldest_program = "0041"


def upgrade() -> None:
    """Create the tables, empty: matters begin with the next news."""
    op.create_table(
        "matters",
        sa.Column("event_id", Id, primary_key=True, autoincrement=False),
        sa.Column("matter_id", Id, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("begun", Utc, nullable=False),
    )
    op.create_index("ix_matters_matter_id", "matters", ["matter_id"])
    op.create_table(
        "event_marks",
        sa.Column("mark", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("event_id", Id, primary_key=True, autoincrement=False),
        sa.Column("begun", Utc, nullable=False),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("event_marks")
    op.drop_table("matters")
