"""The tables by which several processes share one bot's work, on PostgreSQL only."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Text,
    false,
)

from storage.tables.columns import Utc, metadata
from storage.tables.declaration import (
    Fate,
    NamedChat,
    NotExported,
    Until,
    Whose,
    declared,
    of_the_bot,
)

_ONLY = {"only": "postgresql"}
_OF_THE_BOT = {**_ONLY, **of_the_bot(Until("the processes that made them end"), backup=False)}

# A row for each process that is alive or was a moment ago. Its id is never used again, so it is
# the fence of all that the process holds.
replicas = Table(
    "replicas",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("name", Text, nullable=False),
    Column("holder", Text, nullable=False),  # as in serving_lease
    Column("version", Text, nullable=False),
    Column("address", Text, nullable=False),  # where /healthz answers; empty for nowhere
    Column("roles", Text, nullable=False),  # joined with commas
    Column("started", Utc, nullable=False),
    Column("beat", BigInteger, nullable=False),  # grows with each heartbeat
    Column("seconds", Double, nullable=False),  # silence after which others take its work
    Column("sends", Boolean, nullable=False, server_default=false()),
    Column("unanswered", Double),  # seconds since Telegram last answered it
    info=_OF_THE_BOT,
)


def _holder() -> Column[int]:
    """Return the column with the replica that holds a row: null once that replica is gone."""
    return Column("replica_id", ForeignKey("replicas.id", ondelete="SET NULL"))


# The parts into which chats are divided by a hash of their ids.
shards = Table(
    "shards",
    metadata,
    Column("shard", SmallInteger, primary_key=True, autoincrement=False),
    _holder(),
    info=_OF_THE_BOT,
)

# Updates while there are several replicas. Answered ones stay for a while without their text, so
# that one that Telegram sends again is recognised.
shared_updates = Table(
    "shared_updates",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("shard", SmallInteger, nullable=False),
    Column("body", Text, nullable=False),  # JSON; empty once it is answered
    Column("fetched", Utc, nullable=False),
    _holder(),  # who has it in memory
    Column("begun", Boolean, nullable=False, server_default=false()),
    Column("ended", Utc),
    # how well the sender is known; smaller ones are claimed first
    Column("rank", SmallInteger, nullable=False, server_default="0"),
    info=_ONLY
    | declared(
        whose=Whose.CHAT,
        kept=Until("the update is answered; its number stays for ten minutes more"),
        export=NotExported("it is answered within moments"),
        forget=(NamedChat("body", Fate.DELETED_IF_NAMED),),
        backup=False,
    ),
)
_c = shared_updates.c
Index(
    "ix_shared_updates_unclaimed",
    _c.shard,
    _c.update_id,
    postgresql_where=_c.replica_id.is_(None) & _c.ended.is_(None),
)
Index("ix_shared_updates_claimed", _c.replica_id, postgresql_where=_c.replica_id.is_not(None))
Index("ix_shared_updates_ended", _c.ended, postgresql_where=_c.ended.is_not(None))

# The questions that a person's next text answers, so that another replica knows them.
open_questions = Table(
    "open_questions",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("thread_id", BigInteger, primary_key=True, autoincrement=False),  # 0 for none
    Column("shard", SmallInteger, nullable=False),
    Column("questions", Text, nullable=False),  # JSON
    Column("asked", Utc, nullable=False),
    Index(None, "shard"),
    info=_ONLY
    | declared(
        whose=Whose.CHAT,
        kept=Until("the question is answered, or a day old"),
        export=NotExported("it says which setting the bot asked for last"),
        forget=(NamedChat("chat_id"), NamedChat("user_id")),
        backup=False,
    ),
)

# A number for each kind of fact that processes keep in memory. It grows with each change.
changes = Table(
    "changes",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    info=_OF_THE_BOT,
)

# Chats to which Telegram lets nobody write before a time.
floods = Table(
    "floods",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),  # 0 for all chats
    Column("until", Utc, nullable=False),
    info=_ONLY
    | declared(
        whose=Whose.BOT,
        kept=Until("the time that Telegram named has passed"),
        export=NotExported("it says only that Telegram was busy"),
        forget=(NamedChat("chat_id"),),
        backup=False,
    ),
)

# How many messages each replica sent to which chats with its last heartbeats. All replicas count
# them against the limits of those chats.
recent_messages = Table(
    "recent_messages",
    metadata,
    Column("replica_id", ForeignKey("replicas.id", ondelete="CASCADE"), primary_key=True),
    Column("beat", BigInteger, primary_key=True, autoincrement=False),
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("messages", SmallInteger, nullable=False),
    info=_ONLY
    | declared(
        whose=Whose.CHAT,
        kept=Until("some seconds have passed, or the process that made it ends"),
        export=NotExported("it is gone within seconds"),
        forget=(NamedChat("chat_id"),),
        backup=False,
    ),
)
