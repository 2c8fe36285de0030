"""Headlines in other languages, and the sources whose headlines may be translated."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables.columns import Id

revision = "0047"
down_revision = "0046"
oldest_program = "0041"


def upgrade() -> None:
    """Create the table, empty, and the column; a model may translate every source."""
    op.create_table(
        "translations",
        sa.Column(
            "article_id",
            Id,
            sa.ForeignKey("articles.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("language", sa.Text, primary_key=True),
        sa.Column("title", sa.Text),
        sa.Column("standfirst", sa.Text),
        sa.Column("refused", sa.Text),
        sqlite_with_rowid=False,
    )
    op.add_column(
        "sources", sa.Column("translate", sa.Boolean, nullable=False, server_default=sa.true())
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("translations")
    op.drop_column("sources", "translate")
