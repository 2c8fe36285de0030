"""Sources whose articles an editor has to approve, and the articles that wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

# The types at this revision, even if storage.tables changes later.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Add the column, false for every source until an operator changes it, and the tables."""
    op.add_column(
        "sources", sa.Column("approval", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.create_table(
        "waiting_articles",
        sa.Column("id", ID, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("guid", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("article", sa.Text, nullable=False),
        sa.Column("found", TIME, nullable=False),
        sa.Column("looked", TIME, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("decided", TIME),
        sa.Column("decided_by", sa.BigInteger),
        sa.Column("article_id", sa.BigInteger),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name="fk_waiting_articles_source_id_sources"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_waiting_articles"),
        sa.UniqueConstraint("link", name="uq_waiting_articles_link"),
    )
    op.create_index("ix_waiting_articles_source_id_guid", "waiting_articles", ["source_id", "guid"])
    op.create_index("ix_waiting_articles_state_looked", "waiting_articles", ["state", "looked"])
    op.create_table(
        "desk_notices",
        sa.Column("person_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("notified", TIME, nullable=False),
        sa.Column("newest", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_desk_notices"),
    )


def downgrade() -> None:
    """Drop the tables and the column."""
    op.drop_table("desk_notices")
    op.drop_table("waiting_articles")
    op.drop_column("sources", "approval")
