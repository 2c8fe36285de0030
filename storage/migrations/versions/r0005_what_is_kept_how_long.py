"""What retention needs to know: since when a reader is away, how old a link is, what was pruned."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# What the type was at this revision, whatever storage.tables.schema makes of it later.
TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Add the columns and the table; links that are there already count from today."""
    op.add_column(
        "articles", sa.Column("imported", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.add_column("subscribers", sa.Column("away_since", TIME))
    op.add_column("shares", sa.Column("created", TIME))
    now = datetime.now(UTC)
    if op.get_context().dialect.name == "sqlite":
        text = f"{now.isoformat(timespec='microseconds')[:26]}Z"
        op.execute(sa.text("UPDATE shares SET created = :now").bindparams(now=text))
    else:
        op.execute(sa.text("UPDATE shares SET created = :now").bindparams(now=now))
    op.create_table(
        "pruned",
        sa.Column("link_print", sa.BigInteger, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("link_print", name="pk_pruned"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("pruned")
    op.drop_column("shares", "created")
    op.drop_column("subscribers", "away_since")
    op.drop_column("articles", "imported")
