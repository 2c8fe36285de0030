"""Who serves the archive: the lease, its number, and its heartbeat."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, of one row; whoever serves first writes it."""
    op.create_table(
        "serving_lease",
        sa.Column("id", sa.SmallInteger, nullable=False, autoincrement=False),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.Column("beat", sa.BigInteger, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("guard", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_serving_lease"),
    )


def downgrade() -> None:
    """Take the table away."""
    op.drop_table("serving_lease")
