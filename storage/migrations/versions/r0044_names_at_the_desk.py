"""The names by which editors see each other at the desk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
oldest_program = "0041"


def upgrade() -> None:
    """Create the table, empty."""
    op.create_table(
        "desk_names",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_desk_names"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("desk_names")
