"""Words and phrases that readers follow, and the articles in which they stand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# What the types were at this revision, whatever storage.tables.schema makes of them later.
TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add the tables and the column, empty: a word is looked for from the next article on."""
    op.create_table(
        "word_follows",
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("word", sa.Text, nullable=False),
        sa.Column("spelling", sa.Text, nullable=False),
        sa.Column("alerts", sa.Boolean, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", "word", name="pk_word_follows"),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name="fk_word_follows_subscriber_id",
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_word_follows_number", "word_follows", ["number"])
    op.create_index(
        "ix_word_follows_word_subscriber_id",
        "word_follows",
        ["word", "subscriber_id"],
        sqlite_where=sa.text("alerts"),
        postgresql_where=sa.text("alerts"),
    )
    op.create_table(
        "article_words",
        sa.Column("article_id", ID, nullable=False, autoincrement=False),
        sa.Column("word", sa.Text, nullable=False),
        sa.Column("published", TIME, nullable=False),
        sa.PrimaryKeyConstraint("article_id", "word", name="pk_article_words"),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["articles.id"],
            name="fk_article_words_article_id",
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_article_words_word_published_article_id",
        "article_words",
        ["word", "published", "article_id"],
    )
    op.add_column("articles", sa.Column("followed_words", sa.Text))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("articles", "followed_words")
    op.drop_table("article_words")
    op.drop_table("word_follows")
