"""Every table of the first released version, and the search index of its articles.

Earlier revisions belonged to versions that were never released.
"""

from __future__ import annotations

import sqlite3

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0021"
down_revision = None

# The types at this revision, even if storage.tables changes later.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Create every table."""
    _notes()
    _sources_and_articles()
    _subscribers()
    _what_subscribers_have()
    _ledger()
    if op.get_context().dialect.name == "sqlite":
        _search_on_sqlite()
    else:
        _search_on_postgresql()


def downgrade() -> None:
    """Drop every table."""
    for table in (
        "article_search",
        "delivery_slowest",
        "delivery_minutes",
        "delivery_delays",
        "delivery_counts",
        "deliveries",
        "share_openings",
        "shares",
        "saved",
        "managers",
        "levels",
        "word_follows",
        "follows",
        "subscribers",
        "tastes",
        "left_links",
        "pruned",
        "article_words",
        "article_categories",
        "bodies",
        "articles",
        "sources",
        "pictures",
        "waiting_updates",
        "access",
        "serving_lease",
        "meta",
    ):
        op.drop_table(table)


def _belongs_to(table: str, column: str, name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=name, ondelete="CASCADE")


def _notes() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
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
    op.create_table(
        "access",
        sa.Column("chat_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "state", name="pk_access"),
    )
    op.create_table(
        "waiting_updates",
        sa.Column("update_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("fetched", TIME, nullable=False),
        sa.PrimaryKeyConstraint("update_id", name="pk_waiting_updates"),
    )
    op.create_table(
        "pictures",
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("bot_id", sa.BigInteger, nullable=False),
        sa.Column("file_id", sa.Text),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("tried", TIME, nullable=False),
        sa.Column("try_at", TIME),
        sa.PrimaryKeyConstraint("address", name="pk_pictures"),
    )


def _sources_and_articles() -> None:
    op.create_table(
        "sources",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("language", sa.Text),
        sa.Column("weight", sa.Integer, nullable=False),
        sa.Column("categories", sa.Text, nullable=False),
        sa.Column("read_pages", sa.Boolean, nullable=False),
        sa.Column("full_text", sa.Text, nullable=False, server_default="private"),
        sa.Column("pictures", sa.Text, nullable=False, server_default="yes"),
        sa.Column("paywall", sa.Boolean),
        sa.Column("selectors", sa.Text, nullable=False),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.Column("interval", sa.Integer, nullable=False),
        sa.Column("next_check", TIME, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_ok", TIME),
        sa.Column("last_new", TIME),
        sa.Column("last_error", sa.Text),
        sa.Column("added", TIME, nullable=False),
        sa.Column("removed", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("id", name="pk_sources"),
        sa.UniqueConstraint("url", name="uq_sources_url"),
    )
    op.create_index("ix_sources_state_next_check", "sources", ["state", "next_check"])
    op.create_table(
        "articles",
        sa.Column("id", ID, nullable=False, autoincrement=False),
        sa.Column("story_id", ID, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("guid", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("standfirst", sa.Text, nullable=False),
        sa.Column("image", sa.Text),
        sa.Column("author", sa.Text),
        sa.Column("language", sa.Text),
        sa.Column("published", TIME, nullable=False),
        sa.Column("first_seen", TIME, nullable=False),
        sa.Column("updated", TIME),
        sa.Column("backlog", sa.Boolean, nullable=False),
        sa.Column("categories", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("body_print", sa.String(16)),
        sa.Column("imported", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("followed_words", sa.Text),
        sa.Column("paywall", sa.Boolean),
        sa.Column("event_id", ID),
        sa.Column("event_evidence", sa.Text),
        sa.Column("figures", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_articles"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_articles_source_id"),
        sa.UniqueConstraint("link", name="uq_articles_link"),
    )
    op.create_index("ix_articles_event_id", "articles", ["event_id"])
    op.create_index("ix_articles_first_seen", "articles", ["first_seen"])
    op.create_index(
        "ix_articles_language_published_id", "articles", ["language", "published", "id"]
    )
    op.create_index("ix_articles_published_id", "articles", ["published", "id"])
    op.create_index("ix_articles_source_id_guid", "articles", ["source_id", "guid"])
    op.create_index("ix_articles_story_id", "articles", ["story_id"])
    op.create_table(
        "bodies",
        sa.Column("article_id", ID, nullable=False, autoincrement=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("kinds", sa.Text),
        sa.PrimaryKeyConstraint("article_id", name="pk_bodies"),
        _belongs_to("articles", "article_id", "fk_bodies_article_id"),
    )
    op.create_table(
        "article_categories",
        sa.Column("article_id", ID, nullable=False, autoincrement=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("position", sa.SmallInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("published", TIME, nullable=False),
        sa.PrimaryKeyConstraint("article_id", "category", name="pk_article_categories"),
        _belongs_to("articles", "article_id", "fk_article_categories_article_id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_article_categories_category_published_article_id",
        "article_categories",
        ["category", "published", "article_id"],
    )
    op.create_table(
        "article_words",
        sa.Column("article_id", ID, nullable=False, autoincrement=False),
        sa.Column("word", sa.Text, nullable=False),
        sa.Column("published", TIME, nullable=False),
        sa.PrimaryKeyConstraint("article_id", "word", name="pk_article_words"),
        _belongs_to("articles", "article_id", "fk_article_words_article_id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_article_words_word_published_article_id",
        "article_words",
        ["word", "published", "article_id"],
    )
    op.create_table(
        "pruned",
        sa.Column("link_print", sa.BigInteger, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("link_print", name="pk_pruned"),
    )
    op.create_table(
        "left_links",
        sa.Column("code", sa.String(10), nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("created", TIME),
        sa.PrimaryKeyConstraint("code", name="pk_left_links"),
        _belongs_to("articles", "article_id", "fk_left_links_article_id_articles"),
    )
    op.create_index("ix_left_links_article_id", "left_links", ["article_id"])


def _subscribers() -> None:
    op.create_table(
        "tastes",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("spec", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_tastes"),
    )
    op.create_table(
        "subscribers",
        sa.Column("id", ID, nullable=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("thread_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("digest_minute", sa.SmallInteger, nullable=False),
        sa.Column("days", sa.SmallInteger, nullable=False),
        sa.Column("layout", sa.Text, nullable=False),
        sa.Column("empty_note", sa.Boolean, nullable=False),
        sa.Column("quiet_from", sa.SmallInteger),
        sa.Column("quiet_to", sa.SmallInteger),
        sa.Column("paused_until", TIME),
        sa.Column("next_at", TIME),
        sa.Column("place", sa.BigInteger, nullable=False),
        sa.Column("taste_key", sa.String(32), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("edition_at", TIME),
        sa.Column("evening_minute", sa.SmallInteger),
        sa.Column("silent", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("silent_alerts", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("alerts_a_day", sa.SmallInteger, nullable=False, server_default="5"),
        sa.Column("city", sa.Text),
        sa.Column("away_since", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_subscribers"),
        sa.UniqueConstraint("chat_id", "thread_id", name="uq_subscribers_chat_id_thread_id"),
        sa.ForeignKeyConstraint(["taste_key"], ["tastes.key"], name="fk_subscribers_taste_key"),
    )
    op.create_index(
        "ix_subscribers_next_at",
        "subscribers",
        ["next_at"],
        postgresql_where=sa.text("next_at IS NOT NULL"),
        sqlite_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index("ix_subscribers_taste_key", "subscribers", ["taste_key"])
    op.create_table(
        "follows",
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("alerts", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", "category", name="pk_follows"),
        _belongs_to("subscribers", "subscriber_id", "fk_follows_subscriber_id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_follows_category_subscriber_id",
        "follows",
        ["category", "subscriber_id"],
        postgresql_where=sa.text("alerts"),
        sqlite_where=sa.text("alerts"),
    )
    op.create_table(
        "word_follows",
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("word", sa.Text, nullable=False),
        sa.Column("spelling", sa.Text, nullable=False),
        sa.Column("alerts", sa.Boolean, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", "word", name="pk_word_follows"),
        _belongs_to("subscribers", "subscriber_id", "fk_word_follows_subscriber_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_word_follows_number", "word_follows", ["number"])
    op.create_index(
        "ix_word_follows_word_subscriber_id",
        "word_follows",
        ["word", "subscriber_id"],
        postgresql_where=sa.text("alerts"),
        sqlite_where=sa.text("alerts"),
    )
    op.create_table(
        "levels",
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("followed", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("alerts", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("subscriber_id", "kind", "value", name="pk_levels"),
        _belongs_to("subscribers", "subscriber_id", "fk_levels_subscriber_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "managers",
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("manager_id", ID, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", "manager_id", name="pk_managers"),
        _belongs_to("subscribers", "subscriber_id", "fk_managers_subscriber_id_subscribers"),
        _belongs_to("subscribers", "manager_id", "fk_managers_manager_id_subscribers"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_managers_manager_id", "managers", ["manager_id"])


def _what_subscribers_have() -> None:
    op.create_table(
        "saved",
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("saved_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", "article_id", name="pk_saved"),
        _belongs_to("subscribers", "subscriber_id", "fk_saved_subscriber_id"),
        _belongs_to("articles", "article_id", "fk_saved_article_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_saved_article_id", "saved", ["article_id"])
    op.create_index("ix_saved_subscriber_id_saved_at", "saved", ["subscriber_id", "saved_at"])
    op.create_table(
        "shares",
        sa.Column("code", sa.String(10), nullable=False),
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("opened", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created", TIME),
        sa.PrimaryKeyConstraint("code", name="pk_shares"),
        sa.UniqueConstraint(
            "subscriber_id", "article_id", name="uq_shares_subscriber_id_article_id"
        ),
        _belongs_to("subscribers", "subscriber_id", "fk_shares_subscriber_id"),
        _belongs_to("articles", "article_id", "fk_shares_article_id"),
    )
    op.create_index("ix_shares_article_id", "shares", ["article_id"])
    op.create_table(
        "share_openings",
        sa.Column("code", sa.String(10), nullable=False),
        sa.Column("mark", sa.Integer, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("code", "mark", name="pk_share_openings"),
        sa.ForeignKeyConstraint(
            ["code"], ["shares.code"], name="fk_share_openings_code_shares", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )


def _ledger() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", ID, nullable=False),
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("due", TIME, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("place_from", sa.BigInteger, nullable=False),
        sa.Column("place_to", sa.BigInteger, nullable=False),
        sa.Column("article_id", sa.BigInteger),
        sa.Column("taste_key", sa.String(32), nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("layout", sa.Text, nullable=False),
        sa.Column("part", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("attempts", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("not_before", TIME),
        sa.Column("claimed", TIME),
        sa.Column("settled", TIME),
        sa.Column("error", sa.Text),
        sa.Column("message_ids", sa.Text),
        sa.Column("articles", sa.Text),
        sa.Column("form", sa.Text),
        sa.Column("since", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("subscriber_id", "key", name="uq_deliveries_subscriber_id_key"),
        _belongs_to("subscribers", "subscriber_id", "fk_deliveries_subscriber_id"),
    )
    op.create_index("ix_deliveries_state_not_before", "deliveries", ["state", "not_before"])
    op.create_index("ix_deliveries_subscriber_id_due", "deliveries", ["subscriber_id", "due"])
    op.create_table(
        "delivery_counts",
        sa.Column("quarter", TIME, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("first_settled", TIME, nullable=False),
        sa.Column("last_settled", TIME, nullable=False),
        sa.PrimaryKeyConstraint("quarter", "kind", "state", "error", name="pk_delivery_counts"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "delivery_delays",
        sa.Column("quarter", TIME, nullable=False),
        sa.Column("delay", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("quarter", "delay", name="pk_delivery_delays"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "delivery_minutes",
        sa.Column("quarter", TIME, nullable=False),
        sa.Column("minute", TIME, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("quarter", "minute", name="pk_delivery_minutes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "delivery_slowest",
        sa.Column("quarter", TIME, nullable=False),
        sa.Column("delivery_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("delay", sa.BigInteger, nullable=False),
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("due", TIME, nullable=False),
        sa.Column("settled", TIME, nullable=False),
        sa.Column("attempts", sa.SmallInteger, nullable=False),
        sa.PrimaryKeyConstraint("quarter", "delivery_id", name="pk_delivery_slowest"),
        _belongs_to("subscribers", "subscriber_id", "fk_delivery_slowest_subscriber_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_delivery_slowest_subscriber_id", "delivery_slowest", ["subscriber_id"])


def _search_on_sqlite() -> None:
    # The articles hold the words: a copy of them would take a third of the archive.
    contentless = sqlite3.sqlite_version_info >= (3, 43)
    kept = ", content = '', contentless_delete = 1" if contentless else ""
    # A prefix index would save a search for two letters some 20 ms among 50,000 articles, and take
    # a fifth of the time for storing a round.
    op.execute(f"CREATE VIRTUAL TABLE article_search USING fts5(words, tokenize = 'ascii'{kept})")
    # Merge index segments half as often, since they come in larger ones.
    op.execute("INSERT INTO article_search (article_search, rank) VALUES ('automerge', 8)")
    # A virtual table has no foreign keys.
    op.execute(
        "CREATE TRIGGER article_search_follows AFTER DELETE ON articles "
        "BEGIN DELETE FROM article_search WHERE rowid = old.id; END"
    )


def _search_on_postgresql() -> None:
    op.create_table(
        "article_search",
        sa.Column("article_id", ID, nullable=False, autoincrement=False),
        sa.Column("words", TSVECTOR, nullable=False),
        sa.Column("long", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_article_search"),
        _belongs_to("articles", "article_id", "fk_article_search_article_id"),
    )
    op.create_index(
        "ix_article_search_article_id",
        "article_search",
        ["article_id"],
        postgresql_where=sa.text("long"),
    )
    # Each search scans the pending list, so keep it short.
    op.create_index(
        "ix_article_search_words",
        "article_search",
        ["words"],
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
    )
