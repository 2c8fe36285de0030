"""Searches in windows of the archive, languages by index, and counts of what was delivered.

On a large archive this takes minutes. It goes through articles and deliveries some thousands at a
time, so that it needs no more memory than for a small one, and says how far it is. On PostgreSQL
the archive can be read meanwhile, until the new index of words takes the old one's place.
"""

from __future__ import annotations

import logging
import sqlite3
from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from storage.migrations import migrate
from storage.words import search_words, windows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

log = logging.getLogger("storage.migrations.migrate")

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")

CONTENTLESS = sqlite3.sqlite_version_info >= (3, 43)
"""Whether SQLite can delete from an index that keeps no copy of the words."""

NEW = "article_search_new"

TEXTS = sa.text(
    "SELECT a.id, a.title, a.standfirst, b.body FROM articles a"
    " LEFT JOIN bodies b ON b.article_id = a.id"
    " WHERE a.id > :last ORDER BY a.id LIMIT :most"
)

# In the words of either database: the quarter of an hour that a row was due in, the minute in which
# it was settled, and how many milliseconds late that was.
WORDS = {
    "sqlite": {
        "quarter": "substr(due, 1, 14) || substr('00153045',"
        " 1 + 2 * (CAST(substr(due, 15, 2) AS INTEGER) / 15), 2) || '\\:00.000000Z'",
        "settled": "coalesce(settled, due)",
        "minute": "substr(settled, 1, 17) || '00.000000Z'",
        "late": "max(CAST(round((julianday(settled) - julianday(due)) * 86400000) AS INTEGER), 0)",
        "least": "min",
        "greatest": "max",
    },
    "postgresql": {
        "quarter": "date_bin('15 minutes', due, '2000-01-01T00:00:00Z')",
        "settled": "coalesce(settled, due)",
        "minute": "date_bin('1 minute', settled, '2000-01-01T00:00:00Z')",
        "late": "greatest(floor(extract(epoch FROM settled - due) * 1000)::bigint, 0)",
        "least": "least",
        "greatest": "greatest",
    },
}

COUNTS = """
INSERT INTO delivery_counts AS known
    (quarter, kind, state, error, number, first_settled, last_settled)
SELECT {quarter}, kind, state, coalesce(error, ''), count(*), min({settled}), max({settled})
FROM deliveries
WHERE id > :first AND id <= :last AND state NOT IN ('planned', 'sending')
GROUP BY 1, 2, 3, 4
ON CONFLICT (quarter, kind, state, error) DO UPDATE SET
    number = known.number + excluded.number,
    first_settled = {least}(known.first_settled, excluded.first_settled),
    last_settled = {greatest}(known.last_settled, excluded.last_settled)
"""
MINUTES = """
INSERT INTO delivery_minutes AS known (quarter, minute, number)
SELECT {quarter}, {minute}, count(*) FROM deliveries
WHERE id > :first AND id <= :last AND state = 'sent' AND settled IS NOT NULL
GROUP BY 1, 2
ON CONFLICT (quarter, minute) DO UPDATE SET number = known.number + excluded.number
"""
# As coarse as they are shown: 0.1 s below two minutes, 1 s below two hours, else a minute.
DELAYS = """
INSERT INTO delivery_delays AS known (quarter, delay, number)
SELECT quarter,
    CASE WHEN late < 120000 THEN (late + 50) / 100 * 100
        WHEN late < 7200000 THEN late / 1000 * 1000 ELSE late / 60000 * 60000 END,
    count(*)
FROM (
    SELECT {quarter} AS quarter, {late} AS late FROM deliveries
    WHERE id > :first AND id <= :last AND state = 'sent' AND settled IS NOT NULL
) AS sent
GROUP BY 1, 2
ON CONFLICT (quarter, delay) DO UPDATE SET number = known.number + excluded.number
"""
SLOWEST = """
INSERT INTO delivery_slowest
    (quarter, delivery_id, delay, subscriber_id, kind, due, settled, attempts)
SELECT quarter, id, late, subscriber_id, kind, due, settled, attempts
FROM (
    SELECT *, row_number() OVER (PARTITION BY quarter ORDER BY late DESC, id) AS place
    FROM (
        SELECT {quarter} AS quarter, {late} AS late, id, subscriber_id, kind, due, settled, attempts
        FROM deliveries
        WHERE id > :first AND id <= :last AND state = 'sent' AND settled IS NOT NULL
    ) AS sent
) AS placed
WHERE place <= 5
"""
TRIM = """
DELETE FROM delivery_slowest WHERE (quarter, delivery_id) IN (
    SELECT quarter, delivery_id FROM (
        SELECT quarter, delivery_id,
            row_number() OVER (PARTITION BY quarter ORDER BY delay DESC, delivery_id) AS place
        FROM delivery_slowest
        WHERE quarter IN (SELECT {quarter} FROM deliveries WHERE id > :first AND id <= :last)
    ) AS placed
    WHERE place > 5
)
"""


def upgrade() -> None:
    """Make the new indexes and counts, from what is in the archive."""
    op.create_index(
        "ix_articles_language_published_id", "articles", ["language", "published", "id"]
    )
    _counters()
    _count_deliveries()
    sqlite = op.get_context().dialect.name == "sqlite"
    (_search_on_sqlite if sqlite else _search_on_postgresql)(_in_windows, windowed=True)


def _counters() -> None:
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
        "delivery_minutes",
        sa.Column("quarter", TIME, nullable=False),
        sa.Column("minute", TIME, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("quarter", "minute", name="pk_delivery_minutes"),
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
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name="fk_delivery_slowest_subscriber_id",
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_delivery_slowest_subscriber_id", "delivery_slowest", ["subscriber_id"])


def _count_deliveries() -> None:
    connection = op.get_bind()
    words = WORDS[connection.dialect.name]
    statements = [
        sa.text(statement.format(**words)) for statement in (COUNTS, MINUTES, DELAYS, SLOWEST, TRIM)
    ]
    first = 0
    progress = _progress("deliveries counted", "deliveries")
    next_ids = sa.text("SELECT id FROM deliveries WHERE id > :first ORDER BY id LIMIT :most")
    while (
        ids := connection.execute(next_ids, {"first": first, "most": migrate.AT_ONCE})
        .scalars()
        .all()
    ):
        for statement in statements:
            connection.execute(statement, {"first": first, "last": ids[-1]})
        first = ids[-1]
        progress.more(len(ids))


def _search_on_sqlite(add: Callable[[Connection], None], *, windowed: bool) -> None:
    connection = op.get_bind()
    # The words are in the articles: a copy of them would take a third of the archive.
    kept = ", content = '', contentless_delete = 1" if windowed and CONTENTLESS else ""
    op.execute(f"CREATE VIRTUAL TABLE {NEW} USING fts5(words, tokenize = 'ascii'{kept})")
    # Pieces are put together half as often, as they come in larger ones.
    op.execute(f"INSERT INTO {NEW} ({NEW}, rank) VALUES ('automerge', 8)")  # noqa: S608 - a name of ours
    add(connection)
    op.execute("DROP TRIGGER article_search_follows")
    op.execute("DROP TABLE article_search")
    op.execute(f"ALTER TABLE {NEW} RENAME TO article_search")
    # A virtual table has no foreign keys.
    op.execute(
        "CREATE TRIGGER article_search_follows AFTER DELETE ON articles "
        "BEGIN DELETE FROM article_search WHERE rowid = old.id; END"
    )


def _search_on_postgresql(add: Callable[[Connection], None], *, windowed: bool) -> None:
    connection = op.get_bind()
    op.create_table(
        NEW,
        sa.Column("article_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("words", TSVECTOR, nullable=False),
        *([sa.Column("long", sa.Boolean, nullable=False)] if windowed else []),
    )
    add(connection)
    # Made at once when all the words are there, the index takes a fraction of the time.
    log.info("making the index of words")
    # Each search goes through what is not yet sorted in: that stays short.
    options = {"gin_pending_list_limit": 256} if windowed else {}
    op.create_index(
        "ix_article_search_words_new",
        NEW,
        ["words"],
        postgresql_using="gin",
        postgresql_with=options,
    )
    op.create_primary_key("pk_article_search_new", NEW, ["article_id"])
    op.create_foreign_key(
        "fk_article_search_new", NEW, "articles", ["article_id"], ["id"], ondelete="CASCADE"
    )
    if windowed:
        op.create_index(
            "ix_article_search_new",
            NEW,
            ["article_id"],
            postgresql_where=sa.text("long"),
        )
    # From here on nobody can read, and there is nothing left to do but names.
    op.drop_table("article_search")
    op.rename_table(NEW, "article_search")
    op.execute("ALTER INDEX ix_article_search_words_new RENAME TO ix_article_search_words")
    op.execute("ALTER INDEX pk_article_search_new RENAME TO pk_article_search")
    op.execute(
        "ALTER TABLE article_search"
        " RENAME CONSTRAINT fk_article_search_new TO fk_article_search_article_id"
    )
    if windowed:
        op.execute("ALTER INDEX ix_article_search_new RENAME TO ix_article_search_article_id")


def _in_windows(connection: Connection) -> None:
    for words in _words(connection):
        windows.add(connection, words, NEW)


def _as_before(connection: Connection) -> None:
    """The index of words as the first revision had it."""
    sqlite = connection.dialect.name == "sqlite"
    key, value = ("rowid", ":words") if sqlite else ("article_id", "CAST(:words AS tsvector)")
    statement = sa.text(f"INSERT INTO {NEW} ({key}, words) VALUES (:id, {value})")  # noqa: S608 - names of ours
    for some in _words(connection):
        rows = []
        for number, *fields in some:
            if sqlite:
                rows.append({"id": number, "words": search_words.between(*fields)})
            else:
                plain, _ = windows.tsvector(0, *fields)
                rows.append({"id": number, "words": plain.replace(windows.mark(0), "")})
        connection.execute(statement, rows)


def _words(connection: Connection) -> Iterator[list[tuple[int, str, str, str]]]:
    """The tokens of all articles, some of them at a time."""
    progress = _progress("articles indexed", "articles")
    last = 0
    while rows := connection.execute(TEXTS, {"last": last, "most": migrate.AT_ONCE}).all():
        words = []
        for number, *texts in rows:
            title, standfirst, body = (" ".join(search_words.tokens(each or "")) for each in texts)
            words.append((number, title, standfirst, body))
        yield words
        last = rows[-1].id
        progress.more(len(rows))


def _progress(what: str, table: str) -> migrate.Progress:
    number = op.get_bind().execute(sa.text(f"SELECT count(*) FROM {table}")).scalar()  # noqa: S608 - a name of ours
    return migrate.Progress(what, number or 0)


def downgrade() -> None:
    """Take the indexes and counts away again, and make the index of words as it was."""
    sqlite = op.get_context().dialect.name == "sqlite"
    (_search_on_sqlite if sqlite else _search_on_postgresql)(_as_before, windowed=False)
    for table in ("delivery_slowest", "delivery_delays", "delivery_minutes", "delivery_counts"):
        op.drop_table(table)
    op.drop_index("ix_articles_language_published_id", "articles")
