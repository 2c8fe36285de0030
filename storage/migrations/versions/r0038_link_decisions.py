"""What editors last decided about links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
# The oldest revision whose program works on these tables (docs/decisions/0028).
oldest_program = "0033"

TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Create the table, with what is hidden or withdrawn, by the times of the journal."""
    op.create_table(
        "link_decisions",
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("state", sa.Text),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("link", name="pk_link_decisions"),
    )
    # Without an entry in the journal the earliest time possible, so that any list knows better.
    op.execute(
        sa.text(
            "INSERT INTO link_decisions (link, at, state, reason)"
            " SELECT articles.link, coalesce((SELECT max(desk_acts.at) FROM desk_acts"
            " WHERE desk_acts.article_id = articles.id), articles.first_seen),"
            " amendments.state, amendments.reason"
            " FROM amendments JOIN articles ON articles.id = amendments.article_id"
            " WHERE amendments.state IS NOT NULL"
        )
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("link_decisions")
