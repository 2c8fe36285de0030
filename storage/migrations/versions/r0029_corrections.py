"""Amendments of articles, corrections of what was delivered, and what they need."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

# The types at this revision, even if storage.tables changes later.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")

_TABLES = (
    *("article_versions", "amendments", "correction_copies", "corrections", "sent_issues"),
    *("labels", "share_messages"),
)


def upgrade() -> None:
    """Add the tables, and the columns of articles and deliveries that refer to them."""
    op.add_column("articles", sa.Column("version", sa.Integer, nullable=False, server_default="0"))
    op.add_column("articles", sa.Column("state", sa.Text))
    op.add_column("deliveries", sa.Column("issue", sa.BigInteger))
    _of_articles()
    _of_corrections()
    op.create_table(
        "labels",
        sa.Column("id", ID, primary_key=True),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("editor_id", sa.BigInteger),
        sa.Column("at", TIME, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("language", sa.Text),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("standfirst", sa.Text, nullable=False),
        sa.Column("was", sa.Text, nullable=False),
        sa.Column("now", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_labels"),
    )
    op.create_index("ix_labels_editor_id", "labels", ["editor_id"])
    op.create_table(
        "share_messages",
        sa.Column("inline_message_id", sa.String(96), primary_key=True),
        sa.Column("code", sa.String(10), nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("sent", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["code"], ["shares.code"], name="fk_share_messages_code", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("inline_message_id", name="pk_share_messages"),
    )
    op.create_index("ix_share_messages_code", "share_messages", ["code"])


def _of_articles() -> None:
    op.create_table(
        "article_versions",
        sa.Column("article_id", ID, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("standfirst", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["articles.id"],
            name="fk_article_versions_article_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("article_id", "version", name="pk_article_versions"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "amendments",
        sa.Column("article_id", ID, primary_key=True, autoincrement=False),
        sa.Column("title", sa.Text),
        sa.Column("standfirst", sa.Text),
        sa.Column("filings", sa.Text),
        sa.Column("state", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("source_title", sa.Text, nullable=False),
        sa.Column("source_standfirst", sa.Text, nullable=False),
        sa.Column("source_filings", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="fk_amendments_article_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", name="pk_amendments"),
    )


def _of_corrections() -> None:
    op.create_table(
        "sent_issues",
        sa.Column("print", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("stories", sa.Text, nullable=False),
        sa.Column("sent", TIME, nullable=False),
        sa.PrimaryKeyConstraint("print", name="pk_sent_issues"),
    )
    op.create_index("ix_sent_issues_sent", "sent_issues", ["sent"])
    op.create_table(
        "corrections",
        sa.Column("id", ID, primary_key=True),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("made", TIME, nullable=False),
        sa.Column("grade", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("title_was", sa.Text, nullable=False),
        sa.Column("standfirst_was", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("standfirst", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("wrong_since", TIME, nullable=False),
        sa.Column("undone", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("searched", sa.BigInteger),
        sa.Column("searched_late", sa.BigInteger),
        sa.Column("changed", sa.Integer, nullable=False, server_default="0"),
        sa.Column("failed", sa.Text, nullable=False, server_default="{}"),
        sa.Column("done", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_corrections"),
    )
    op.create_index("ix_corrections_article_id", "corrections", ["article_id"])
    op.create_index("ix_corrections_made", "corrections", ["made"])
    op.create_index(
        "ix_corrections_open",
        "corrections",
        ["id"],
        sqlite_where=sa.text("done IS NULL"),
        postgresql_where=sa.text("done IS NULL"),
    )
    op.create_table(
        "correction_copies",
        sa.Column("correction_id", ID, primary_key=True),
        sa.Column("delivery_id", ID, primary_key=True, autoincrement=False),
        sa.Column("attempts", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("not_before", TIME),
        sa.ForeignKeyConstraint(
            ["correction_id"],
            ["corrections.id"],
            name="fk_correction_copies_correction_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["deliveries.id"],
            name="fk_correction_copies_delivery_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("correction_id", "delivery_id", name="pk_correction_copies"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_correction_copies_delivery_id", "correction_copies", ["delivery_id"])


def downgrade() -> None:
    """Drop the tables and the columns."""
    for name in _TABLES:
        op.drop_table(name)
    op.drop_column("deliveries", "issue")
    op.drop_column("articles", "state")
    op.drop_column("articles", "version")
