"""Drafts of articles, and lead stories."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

# The types at this revision, even if storage.tables changes later.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Create the tables, empty."""
    op.create_table(
        "drafts",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", sa.BigInteger),
        sa.Column("changed_by", sa.BigInteger),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("changed", TIME, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("standfirst", sa.Text, nullable=False),
        sa.Column("body", sa.Text),
        sa.Column("body_kinds", sa.Text, nullable=False),
        sa.Column("image", sa.Text),
        sa.Column("author", sa.Text),
        sa.Column("language", sa.Text),
        sa.Column("paywall", sa.Boolean),
        sa.Column("published", TIME),
        sa.Column("filings", sa.Text, nullable=False),
        sa.Column("event_id", sa.BigInteger),
        sa.Column("event_evidence", sa.Text, nullable=False),
        sa.Column("event_source", sa.Text, nullable=False),
        sa.Column("event_at", TIME),
        sa.Column("joins", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("alert", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("lead_hours", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("lead_for_all", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("publish_at", TIME),
        sa.Column("article_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
    )
    op.create_index("ix_drafts_state_publish_at", "drafts", ["state", "publish_at"])
    op.create_index("ix_drafts_link", "drafts", ["link"])
    op.create_index("ix_drafts_article_id", "drafts", ["article_id"])
    op.create_table(
        "pins",
        sa.Column("id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.Column("person_id", sa.BigInteger),
        sa.Column("categories", sa.Text, nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pins"),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="fk_pins_article_id_articles", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_pins_until", "pins", ["until"])
    op.create_index("ix_pins_article_id", "pins", ["article_id"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("pins")
    op.drop_table("drafts")
