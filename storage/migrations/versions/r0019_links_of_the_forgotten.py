"""Links of readers who were forgotten, which still open their article."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# What the type was at this revision, whatever storage.tables.schema makes of it later.
TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "left_links",
        sa.Column("code", sa.String(10), nullable=False),
        sa.Column(
            "article_id",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            sa.ForeignKey(
                "articles.id", ondelete="CASCADE", name="fk_left_links_article_id_articles"
            ),
            nullable=False,
        ),
        sa.Column("created", TIME),
        sa.PrimaryKeyConstraint("code", name="pk_left_links"),
    )
    op.create_index("ix_left_links_article_id", "left_links", ["article_id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("left_links")
