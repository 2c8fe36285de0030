"""Every table, and the search index of articles, at the end of the first generation of tables.

Older databases are brought here by the last program that has all steps
(`storage.migrations.migrate.LAST_WITH_ALL_STEPS`).
"""

from __future__ import annotations

import sqlite3

from alembic import op

revision = "0040"
down_revision = None
# The oldest revision whose program works on these tables (docs/decisions/0028).
oldest_program = "0033"

# SQLite makes a column its row id only if its type is INTEGER, and has no type for times.
TYPES = {
    "postgresql": {
        "serial": "BIGSERIAL",
        "id": "BIGINT",
        "time": "TIMESTAMP WITH TIME ZONE",
        "double": "DOUBLE PRECISION",
        "false": "false",
        "rowless": "",
    },
    "sqlite": {
        "serial": "INTEGER",
        "id": "INTEGER",
        "time": "VARCHAR(27)",
        "double": "DOUBLE",
        "false": "0",
        "rowless": "WITHOUT ROWID",
    },
}

ON_BOTH = """
CREATE TABLE access (
    chat_id BIGINT NOT NULL, state TEXT NOT NULL, since {time} NOT NULL, CONSTRAINT
    pk_access PRIMARY KEY (chat_id, state)
);
CREATE TABLE corrections (
    id {serial} NOT NULL, article_id {id} NOT NULL, made {time} NOT NULL,
    grade TEXT NOT NULL, link TEXT NOT NULL, title_was TEXT NOT NULL,
    standfirst_was TEXT NOT NULL, title TEXT NOT NULL, standfirst TEXT NOT NULL,
    reason TEXT, version INTEGER NOT NULL, wrong_since {time} NOT NULL,
    undone BOOLEAN DEFAULT {false} NOT NULL, searched BIGINT,
    changed INTEGER DEFAULT '0' NOT NULL, failed TEXT DEFAULT '{{}}' NOT NULL, done {time},
    CONSTRAINT pk_corrections PRIMARY KEY (id)
);
CREATE INDEX ix_corrections_article_id ON corrections (article_id);
CREATE INDEX ix_corrections_made ON corrections (made);
CREATE INDEX ix_corrections_open ON corrections (id) WHERE done IS NULL;
CREATE TABLE delivery_counts (
    quarter {time} NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, error TEXT NOT NULL,
    number INTEGER NOT NULL, first_settled {time} NOT NULL, last_settled {time} NOT NULL,
    CONSTRAINT pk_delivery_counts PRIMARY KEY (quarter, kind, state, error)
) {rowless};
CREATE TABLE delivery_delays (
    quarter {time} NOT NULL, delay BIGINT NOT NULL, number INTEGER NOT NULL, CONSTRAINT
    pk_delivery_delays PRIMARY KEY (quarter, delay)
) {rowless};
CREATE TABLE delivery_minutes (
    quarter {time} NOT NULL, minute {time} NOT NULL, number INTEGER NOT NULL, CONSTRAINT
    pk_delivery_minutes PRIMARY KEY (quarter, minute)
) {rowless};
CREATE TABLE desk_acts (
    id {serial} NOT NULL, person_id BIGINT, about_id BIGINT, kind TEXT NOT NULL,
    at {time} NOT NULL, article_id BIGINT, draft_id BIGINT, before TEXT NOT NULL,
    after TEXT NOT NULL, undone {time}, CONSTRAINT pk_desk_acts PRIMARY KEY (id)
);
CREATE INDEX ix_desk_acts_article_id ON desk_acts (article_id);
CREATE INDEX ix_desk_acts_at ON desk_acts (at);
CREATE TABLE desk_notices (
    person_id BIGINT NOT NULL, notified {time} NOT NULL, newest BIGINT NOT NULL, CONSTRAINT
    pk_desk_notices PRIMARY KEY (person_id)
);
CREATE TABLE drafts (
    id {serial} NOT NULL, person_id BIGINT, changed_by BIGINT, state TEXT NOT NULL,
    version INTEGER NOT NULL, created {time} NOT NULL, changed {time} NOT NULL,
    link TEXT NOT NULL, source TEXT NOT NULL, title TEXT NOT NULL, standfirst TEXT NOT NULL,
    body TEXT, body_kinds TEXT NOT NULL, image TEXT, author TEXT, language TEXT,
    paywall BOOLEAN, published {time}, filings TEXT NOT NULL, event_id BIGINT,
    event_evidence TEXT NOT NULL, event_source TEXT NOT NULL, event_at {time},
    joins BOOLEAN DEFAULT {false} NOT NULL, alert BOOLEAN DEFAULT {false} NOT NULL,
    lead_hours SMALLINT DEFAULT '0' NOT NULL, lead_for_all BOOLEAN DEFAULT {false} NOT NULL,
    publish_at {time}, article_id BIGINT, CONSTRAINT pk_drafts PRIMARY KEY (id)
);
CREATE INDEX ix_drafts_article_id ON drafts (article_id);
CREATE INDEX ix_drafts_link ON drafts (link);
CREATE INDEX ix_drafts_state_publish_at ON drafts (state, publish_at);
CREATE TABLE editors (
    person_id BIGINT NOT NULL, may_write BOOLEAN NOT NULL, may_publish BOOLEAN NOT NULL,
    added_by BIGINT, added {time} NOT NULL, CONSTRAINT pk_editors PRIMARY KEY (person_id)
);
CREATE TABLE labels (
    id {serial} NOT NULL, article_id {id} NOT NULL, editor_id BIGINT, at {time} NOT NULL,
    link TEXT NOT NULL, source TEXT NOT NULL, language TEXT, title TEXT NOT NULL,
    standfirst TEXT NOT NULL, was TEXT NOT NULL, now TEXT NOT NULL, CONSTRAINT pk_labels
    PRIMARY KEY (id)
);
CREATE INDEX ix_labels_editor_id ON labels (editor_id);
CREATE TABLE link_decisions (
    link TEXT NOT NULL, at {time} NOT NULL, state TEXT, reason TEXT, CONSTRAINT
    pk_link_decisions PRIMARY KEY (link)
);
CREATE TABLE meta (
    key TEXT NOT NULL, value TEXT NOT NULL, CONSTRAINT pk_meta PRIMARY KEY (key)
);
CREATE TABLE pictures (
    address TEXT NOT NULL, bot_id BIGINT NOT NULL, file_id TEXT, width INTEGER NOT NULL,
    height INTEGER NOT NULL, failures INTEGER NOT NULL, reason TEXT NOT NULL,
    tried {time} NOT NULL, try_at {time}, CONSTRAINT pk_pictures PRIMARY KEY (address)
);
CREATE TABLE pruned (
    link_print BIGINT NOT NULL, CONSTRAINT pk_pruned PRIMARY KEY (link_print)
);
CREATE TABLE sent_issues (
    print BIGINT NOT NULL, stories TEXT NOT NULL, sent {time} NOT NULL, CONSTRAINT
    pk_sent_issues PRIMARY KEY (print)
);
CREATE INDEX ix_sent_issues_sent ON sent_issues (sent);
CREATE TABLE serving_lease (
    id SMALLINT NOT NULL, fence BIGINT NOT NULL, beat BIGINT NOT NULL, holder TEXT NOT NULL,
    seconds {double} NOT NULL, CONSTRAINT pk_serving_lease PRIMARY KEY (id)
);
CREATE TABLE sources (
    id {serial} NOT NULL, name TEXT NOT NULL, url TEXT NOT NULL, site TEXT NOT NULL,
    kind TEXT NOT NULL, state TEXT NOT NULL, language TEXT, weight INTEGER NOT NULL,
    categories TEXT NOT NULL, read_pages BOOLEAN NOT NULL,
    full_text TEXT DEFAULT 'private' NOT NULL, pictures TEXT DEFAULT 'yes' NOT NULL,
    paywall BOOLEAN, selectors TEXT NOT NULL, etag TEXT, last_modified TEXT,
    interval INTEGER NOT NULL, next_check {time} NOT NULL, failures INTEGER NOT NULL,
    last_ok {time}, last_new {time}, last_error TEXT, added {time} NOT NULL,
    removed BOOLEAN DEFAULT {false} NOT NULL, general BOOLEAN DEFAULT {false} NOT NULL,
    approval BOOLEAN DEFAULT {false} NOT NULL, CONSTRAINT pk_sources PRIMARY KEY (id),
    CONSTRAINT uq_sources_url UNIQUE (url)
);
CREATE INDEX ix_sources_state_next_check ON sources (state, next_check);
CREATE TABLE tastes (
    key VARCHAR(32) NOT NULL, spec TEXT NOT NULL, CONSTRAINT pk_tastes PRIMARY KEY (key)
);
CREATE TABLE waiting_updates (
    update_id BIGINT NOT NULL, body TEXT NOT NULL, fetched {time} NOT NULL, CONSTRAINT
    pk_waiting_updates PRIMARY KEY (update_id)
);
CREATE TABLE articles (
    id {id} NOT NULL, story_id {id} NOT NULL, source_id {id} NOT NULL, guid TEXT NOT NULL,
    link TEXT NOT NULL, title TEXT NOT NULL, standfirst TEXT NOT NULL, image TEXT,
    author TEXT, language TEXT, published {time} NOT NULL, first_seen {time} NOT NULL,
    updated {time}, backlog BOOLEAN NOT NULL, categories TEXT NOT NULL, words TEXT NOT NULL,
    body_print VARCHAR(16), imported BOOLEAN DEFAULT {false} NOT NULL, followed_words TEXT,
    paywall BOOLEAN, event_id {id}, event_evidence TEXT, figures TEXT,
    version INTEGER DEFAULT '0' NOT NULL, state TEXT, CONSTRAINT pk_articles PRIMARY KEY
    (id), CONSTRAINT fk_articles_source_id FOREIGN KEY(source_id) REFERENCES sources (id),
    CONSTRAINT uq_articles_link UNIQUE (link)
);
CREATE INDEX ix_articles_event_id ON articles (event_id);
CREATE INDEX ix_articles_first_seen ON articles (first_seen);
CREATE INDEX ix_articles_language_published_id ON articles (language, published, id);
CREATE INDEX ix_articles_published_id ON articles (published, id, source_id, first_seen);
CREATE INDEX ix_articles_source_id_guid ON articles (source_id, guid);
CREATE INDEX ix_articles_story_id ON articles (story_id);
CREATE INDEX ix_articles_title_start ON articles (source_id, substr(title, 1, 16));
CREATE TABLE subscribers (
    id {serial} NOT NULL, chat_id BIGINT NOT NULL, thread_id BIGINT NOT NULL,
    kind TEXT NOT NULL, state TEXT NOT NULL, language TEXT NOT NULL, zone TEXT NOT NULL,
    digest_minute SMALLINT NOT NULL, days SMALLINT NOT NULL, layout TEXT NOT NULL,
    empty_note BOOLEAN NOT NULL, quiet_from SMALLINT, quiet_to SMALLINT,
    paused_until {time}, next_at {time}, place BIGINT NOT NULL,
    taste_key VARCHAR(32) NOT NULL, created {time} NOT NULL, edition_at {time},
    evening_minute SMALLINT, silent BOOLEAN DEFAULT {false} NOT NULL,
    silent_alerts BOOLEAN DEFAULT {false} NOT NULL,
    alerts_a_day SMALLINT DEFAULT '5' NOT NULL, city TEXT, away_since {time},
    kind_confirmed BOOLEAN DEFAULT {false} NOT NULL, CONSTRAINT pk_subscribers PRIMARY KEY
    (id), CONSTRAINT fk_subscribers_taste_key FOREIGN KEY(taste_key) REFERENCES tastes
    (key), CONSTRAINT uq_subscribers_chat_id_thread_id UNIQUE (chat_id, thread_id)
);
CREATE INDEX ix_subscribers_taste_key ON subscribers (taste_key);
CREATE TABLE waiting_articles (
    id {serial} NOT NULL, source_id {id} NOT NULL, link TEXT NOT NULL, guid TEXT NOT NULL,
    title TEXT NOT NULL, article TEXT NOT NULL, found {time} NOT NULL,
    looked {time} NOT NULL, state TEXT NOT NULL, decided {time}, decided_by BIGINT,
    article_id BIGINT, CONSTRAINT pk_waiting_articles PRIMARY KEY (id), CONSTRAINT
    fk_waiting_articles_source_id FOREIGN KEY(source_id) REFERENCES sources (id), CONSTRAINT
    uq_waiting_articles_link UNIQUE (link)
);
CREATE INDEX ix_waiting_articles_source_id_guid ON waiting_articles (source_id, guid);
CREATE INDEX ix_waiting_articles_state_looked ON waiting_articles (state, looked);
CREATE TABLE amendments (
    article_id {id} NOT NULL, title TEXT, standfirst TEXT, filings TEXT, state TEXT,
    reason TEXT, source_title TEXT NOT NULL, source_standfirst TEXT NOT NULL,
    source_filings TEXT NOT NULL, CONSTRAINT pk_amendments PRIMARY KEY (article_id),
    CONSTRAINT fk_amendments_article_id FOREIGN KEY(article_id) REFERENCES articles (id) ON
    DELETE CASCADE
);
CREATE TABLE article_categories (
    article_id {id} NOT NULL, category TEXT NOT NULL, position SMALLINT NOT NULL,
    reason TEXT NOT NULL, published {time} NOT NULL, CONSTRAINT pk_article_categories
    PRIMARY KEY (article_id, category), CONSTRAINT fk_article_categories_article_id FOREIGN
    KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
) {rowless};
CREATE INDEX ix_article_categories_category_published_article_id ON article_categories
    (category, published, article_id);
CREATE TABLE article_versions (
    article_id {id} NOT NULL, version INTEGER NOT NULL, title TEXT NOT NULL,
    standfirst TEXT NOT NULL, CONSTRAINT pk_article_versions PRIMARY KEY (article_id,
    version), CONSTRAINT fk_article_versions_article_id FOREIGN KEY(article_id) REFERENCES
    articles (id) ON DELETE CASCADE
) {rowless};
CREATE TABLE article_words (
    article_id {id} NOT NULL, word TEXT NOT NULL, published {time} NOT NULL, CONSTRAINT
    pk_article_words PRIMARY KEY (article_id, word), CONSTRAINT fk_article_words_article_id
    FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
) {rowless};
CREATE INDEX ix_article_words_word_published_article_id ON article_words (word, published,
    article_id);
CREATE TABLE bodies (
    article_id {id} NOT NULL, body TEXT NOT NULL, kinds TEXT, CONSTRAINT pk_bodies PRIMARY
    KEY (article_id), CONSTRAINT fk_bodies_article_id FOREIGN KEY(article_id) REFERENCES
    articles (id) ON DELETE CASCADE
);
CREATE TABLE deliveries (
    id {serial} NOT NULL, subscriber_id {id} NOT NULL, key TEXT NOT NULL,
    kind TEXT NOT NULL, due {time} NOT NULL, state TEXT NOT NULL,
    place_from BIGINT NOT NULL, place_to BIGINT NOT NULL, article_id BIGINT,
    taste_key VARCHAR(32) NOT NULL, language TEXT NOT NULL, layout TEXT NOT NULL,
    part SMALLINT DEFAULT '0' NOT NULL, attempts SMALLINT DEFAULT '0' NOT NULL,
    not_before {time}, claimed {time}, settled {time}, error TEXT, message_ids TEXT,
    articles TEXT, form TEXT, since {time}, issue BIGINT, CONSTRAINT pk_deliveries PRIMARY
    KEY (id), CONSTRAINT fk_deliveries_subscriber_id FOREIGN KEY(subscriber_id) REFERENCES
    subscribers (id) ON DELETE CASCADE, CONSTRAINT uq_deliveries_subscriber_id_key UNIQUE
    (subscriber_id, key)
);
CREATE INDEX ix_deliveries_state_not_before ON deliveries (state, not_before);
CREATE INDEX ix_deliveries_subscriber_id_due ON deliveries (subscriber_id, due);
CREATE TABLE delivery_slowest (
    quarter {time} NOT NULL, delivery_id BIGINT NOT NULL, delay BIGINT NOT NULL,
    subscriber_id {id} NOT NULL, kind TEXT NOT NULL, due {time} NOT NULL,
    settled {time} NOT NULL, attempts SMALLINT NOT NULL, CONSTRAINT pk_delivery_slowest
    PRIMARY KEY (quarter, delivery_id), CONSTRAINT fk_delivery_slowest_subscriber_id FOREIGN
    KEY(subscriber_id) REFERENCES subscribers (id) ON DELETE CASCADE
) {rowless};
CREATE INDEX ix_delivery_slowest_subscriber_id ON delivery_slowest (subscriber_id);
CREATE TABLE follows (
    subscriber_id {id} NOT NULL, category TEXT NOT NULL, alerts BOOLEAN NOT NULL, CONSTRAINT
    pk_follows PRIMARY KEY (subscriber_id, category), CONSTRAINT fk_follows_subscriber_id
    FOREIGN KEY(subscriber_id) REFERENCES subscribers (id) ON DELETE CASCADE
) {rowless};
CREATE INDEX ix_follows_category_subscriber_id ON follows (category, subscriber_id) WHERE
    alerts;
CREATE TABLE left_links (
    code VARCHAR(10) NOT NULL, article_id {id} NOT NULL, created {time}, CONSTRAINT
    pk_left_links PRIMARY KEY (code), CONSTRAINT fk_left_links_article_id FOREIGN
    KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE INDEX ix_left_links_article_id ON left_links (article_id);
CREATE TABLE levels (
    subscriber_id {id} NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
    level TEXT NOT NULL, followed BOOLEAN DEFAULT {false} NOT NULL,
    alerts BOOLEAN DEFAULT {false} NOT NULL, CONSTRAINT pk_levels PRIMARY KEY
    (subscriber_id, kind, value), CONSTRAINT fk_levels_subscriber_id FOREIGN
    KEY(subscriber_id) REFERENCES subscribers (id) ON DELETE CASCADE
) {rowless};
CREATE TABLE managers (
    subscriber_id {id} NOT NULL, manager_id {id} NOT NULL, title TEXT NOT NULL,
    since {time} NOT NULL, CONSTRAINT pk_managers PRIMARY KEY (subscriber_id, manager_id),
    CONSTRAINT fk_managers_manager_id FOREIGN KEY(manager_id) REFERENCES subscribers (id) ON
    DELETE CASCADE, CONSTRAINT fk_managers_subscriber_id FOREIGN KEY(subscriber_id)
    REFERENCES subscribers (id) ON DELETE CASCADE
) {rowless};
CREATE INDEX ix_managers_manager_id ON managers (manager_id);
CREATE TABLE pins (
    id {serial} NOT NULL, article_id {id} NOT NULL, until {time} NOT NULL, person_id BIGINT,
    categories TEXT NOT NULL, created {time} NOT NULL, CONSTRAINT pk_pins PRIMARY KEY (id),
    CONSTRAINT fk_pins_article_id FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE
    CASCADE
);
CREATE INDEX ix_pins_article_id ON pins (article_id);
CREATE INDEX ix_pins_until ON pins (until);
CREATE TABLE saved (
    subscriber_id {id} NOT NULL, article_id {id} NOT NULL, saved_at {time} NOT NULL,
    CONSTRAINT pk_saved PRIMARY KEY (subscriber_id, article_id), CONSTRAINT
    fk_saved_article_id FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE,
    CONSTRAINT fk_saved_subscriber_id FOREIGN KEY(subscriber_id) REFERENCES subscribers (id)
    ON DELETE CASCADE
) {rowless};
CREATE INDEX ix_saved_article_id ON saved (article_id);
CREATE INDEX ix_saved_subscriber_id_saved_at ON saved (subscriber_id, saved_at);
CREATE TABLE shares (
    code VARCHAR(10) NOT NULL, subscriber_id {id} NOT NULL, article_id {id} NOT NULL,
    opened INTEGER DEFAULT '0' NOT NULL, created {time}, CONSTRAINT pk_shares PRIMARY KEY
    (code), CONSTRAINT fk_shares_article_id FOREIGN KEY(article_id) REFERENCES articles (id)
    ON DELETE CASCADE, CONSTRAINT fk_shares_subscriber_id FOREIGN KEY(subscriber_id)
    REFERENCES subscribers (id) ON DELETE CASCADE, CONSTRAINT
    uq_shares_subscriber_id_article_id UNIQUE (subscriber_id, article_id)
);
CREATE INDEX ix_shares_article_id ON shares (article_id);
CREATE TABLE tips (
    id {serial} NOT NULL, subscriber_id {id} NOT NULL, link TEXT NOT NULL,
    sent {time} NOT NULL, state TEXT NOT NULL, draft_id BIGINT, CONSTRAINT pk_tips PRIMARY
    KEY (id), CONSTRAINT fk_tips_subscriber_id FOREIGN KEY(subscriber_id) REFERENCES
    subscribers (id) ON DELETE CASCADE, CONSTRAINT uq_tips_subscriber_id_link UNIQUE
    (subscriber_id, link)
);
CREATE INDEX ix_tips_sent ON tips (sent);
CREATE INDEX ix_tips_state_link ON tips (state, link);
CREATE TABLE word_follows (
    subscriber_id {id} NOT NULL, word TEXT NOT NULL, spelling TEXT NOT NULL,
    alerts BOOLEAN NOT NULL, number BIGINT NOT NULL, CONSTRAINT pk_word_follows PRIMARY KEY
    (subscriber_id, word), CONSTRAINT fk_word_follows_subscriber_id FOREIGN
    KEY(subscriber_id) REFERENCES subscribers (id) ON DELETE CASCADE
) {rowless};
CREATE INDEX ix_word_follows_number ON word_follows (number);
CREATE INDEX ix_word_follows_word_subscriber_id ON word_follows (word, subscriber_id) WHERE
    alerts;
CREATE TABLE correction_copies (
    correction_id {id} NOT NULL, delivery_id {id} NOT NULL,
    attempts SMALLINT DEFAULT '0' NOT NULL, not_before {time}, CONSTRAINT
    pk_correction_copies PRIMARY KEY (correction_id, delivery_id), CONSTRAINT
    fk_correction_copies_correction_id FOREIGN KEY(correction_id) REFERENCES corrections
    (id) ON DELETE CASCADE, CONSTRAINT fk_correction_copies_delivery_id FOREIGN
    KEY(delivery_id) REFERENCES deliveries (id) ON DELETE CASCADE
) {rowless};
CREATE INDEX ix_correction_copies_delivery_id ON correction_copies (delivery_id);
CREATE TABLE share_messages (
    inline_message_id VARCHAR(96) NOT NULL, code VARCHAR(10) NOT NULL,
    language TEXT NOT NULL, sent {time} NOT NULL, CONSTRAINT pk_share_messages PRIMARY KEY
    (inline_message_id), CONSTRAINT fk_share_messages_code FOREIGN KEY(code) REFERENCES
    shares (code) ON DELETE CASCADE
);
CREATE INDEX ix_share_messages_code ON share_messages (code);
CREATE TABLE share_openings (
    code VARCHAR(10) NOT NULL, mark INTEGER NOT NULL, CONSTRAINT pk_share_openings PRIMARY
    KEY (code, mark), CONSTRAINT fk_share_openings_code FOREIGN KEY(code) REFERENCES shares
    (code) ON DELETE CASCADE
) {rowless};
"""
ON_SQLITE = """
CREATE INDEX ix_subscribers_next_at ON subscribers (next_at) WHERE next_at IS NOT NULL;
"""
ON_POSTGRESQL = """
CREATE INDEX ix_subscribers_next_at_id ON subscribers (next_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX ix_deliveries_not_before_id ON deliveries (not_before, id) WHERE state = 'planned';
CREATE TABLE changes (
    topic TEXT NOT NULL, number BIGINT NOT NULL, CONSTRAINT pk_changes PRIMARY KEY (topic)
);
CREATE TABLE floods (
    chat_id BIGINT NOT NULL, until {time} NOT NULL, CONSTRAINT pk_floods PRIMARY KEY
    (chat_id)
);
CREATE TABLE host_pauses (
    host TEXT NOT NULL, until {time} NOT NULL, CONSTRAINT pk_host_pauses PRIMARY KEY (host)
);
CREATE TABLE open_questions (
    chat_id BIGINT NOT NULL, user_id BIGINT NOT NULL, thread_id BIGINT NOT NULL,
    shard SMALLINT NOT NULL, questions TEXT NOT NULL, asked {time} NOT NULL, CONSTRAINT
    pk_open_questions PRIMARY KEY (chat_id, user_id, thread_id)
);
CREATE INDEX ix_open_questions_shard ON open_questions (shard);
CREATE TABLE replicas (
    id {serial} NOT NULL, name TEXT NOT NULL, holder TEXT NOT NULL, version TEXT NOT NULL,
    address TEXT NOT NULL, roles TEXT NOT NULL, started {time} NOT NULL,
    beat BIGINT NOT NULL, seconds {double} NOT NULL, sends BOOLEAN DEFAULT {false} NOT NULL,
    shares_hosts BOOLEAN DEFAULT {false} NOT NULL, unanswered {double}, CONSTRAINT
    pk_replicas PRIMARY KEY (id)
);
CREATE TABLE host_shards (
    shard SMALLINT NOT NULL, replica_id BIGINT, CONSTRAINT pk_host_shards PRIMARY KEY
    (shard), CONSTRAINT fk_host_shards_replica_id FOREIGN KEY(replica_id) REFERENCES
    replicas (id) ON DELETE SET NULL
);
CREATE TABLE host_visits (
    host TEXT NOT NULL, replica_id BIGINT NOT NULL, number BIGINT NOT NULL,
    granted BOOLEAN DEFAULT {false} NOT NULL, CONSTRAINT pk_host_visits PRIMARY KEY (host),
    CONSTRAINT fk_host_visits_replica_id FOREIGN KEY(replica_id) REFERENCES replicas (id) ON
    DELETE CASCADE
);
CREATE INDEX ix_host_visits_replica_id ON host_visits (replica_id);
CREATE TABLE read_documents (
    id {serial} NOT NULL, source_id {id} NOT NULL, replica_id BIGINT,
    document TEXT NOT NULL, CONSTRAINT pk_read_documents PRIMARY KEY (id), CONSTRAINT
    fk_read_documents_replica_id FOREIGN KEY(replica_id) REFERENCES replicas (id) ON DELETE
    SET NULL, CONSTRAINT fk_read_documents_source_id FOREIGN KEY(source_id) REFERENCES
    sources (id) ON DELETE CASCADE, CONSTRAINT uq_read_documents_source_id UNIQUE
    (source_id)
);
CREATE INDEX ix_read_documents_replica_id ON read_documents (replica_id) WHERE replica_id IS NOT
    NULL;
CREATE TABLE recent_messages (
    replica_id BIGINT NOT NULL, beat BIGINT NOT NULL, chat_id BIGINT NOT NULL,
    messages SMALLINT NOT NULL, CONSTRAINT pk_recent_messages PRIMARY KEY (replica_id, beat,
    chat_id), CONSTRAINT fk_recent_messages_replica_id FOREIGN KEY(replica_id) REFERENCES
    replicas (id) ON DELETE CASCADE
);
CREATE TABLE shards (
    shard SMALLINT NOT NULL, replica_id BIGINT, CONSTRAINT pk_shards PRIMARY KEY (shard),
    CONSTRAINT fk_shards_replica_id FOREIGN KEY(replica_id) REFERENCES replicas (id) ON
    DELETE SET NULL
);
CREATE TABLE shared_updates (
    update_id BIGINT NOT NULL, shard SMALLINT NOT NULL, body TEXT NOT NULL,
    fetched {time} NOT NULL, replica_id BIGINT, begun BOOLEAN DEFAULT {false} NOT NULL,
    ended {time}, rank SMALLINT DEFAULT '0' NOT NULL, CONSTRAINT pk_shared_updates PRIMARY
    KEY (update_id), CONSTRAINT fk_shared_updates_replica_id FOREIGN KEY(replica_id)
    REFERENCES replicas (id) ON DELETE SET NULL
);
CREATE INDEX ix_shared_updates_claimed ON shared_updates (replica_id) WHERE replica_id IS NOT
    NULL;
CREATE INDEX ix_shared_updates_ended ON shared_updates (ended) WHERE ended IS NOT NULL;
CREATE INDEX ix_shared_updates_unclaimed ON shared_updates (shard, update_id) WHERE replica_id
    IS NULL AND ended IS NULL;
CREATE TABLE article_search (
    article_id {id} NOT NULL, words TSVECTOR NOT NULL, long BOOLEAN NOT NULL, CONSTRAINT
    pk_article_search PRIMARY KEY (article_id), CONSTRAINT fk_article_search_article_id
    FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE INDEX ix_article_search_article_id ON article_search (article_id) WHERE long;
CREATE INDEX ix_article_search_words ON article_search USING gin (words) WITH
    (gin_pending_list_limit = 256);
"""


def upgrade() -> None:
    """Create every table."""
    for statement in statements():
        op.get_bind().exec_driver_sql(statement)
    if op.get_context().dialect.name == "sqlite":
        _search_on_sqlite()


def downgrade() -> None:
    """Drop every table, each before those that it refers to."""
    if op.get_context().dialect.name == "sqlite":
        op.drop_table("article_search")
    for statement in reversed(statements()):
        if statement.startswith("CREATE TABLE "):
            op.drop_table(statement.split()[2])


def statements() -> list[str]:
    """Return the statements that make the tables of the database in use."""
    dialect = op.get_context().dialect.name
    more = ON_SQLITE if dialect == "sqlite" else ON_POSTGRESQL
    parts = (ON_BOTH + more).format(**TYPES[dialect]).split(";\n")
    return [" ".join(part.split()) for part in parts if part.strip()]


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
