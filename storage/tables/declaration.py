"""Declarations about tables: whose the rows are, and what becomes of them.

Every table carries one in its `info`. Backup, restore, /export, /forget and retention follow it, so
that a table is declared in one place; a test fails for a table without one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from sqlalchemy import Column, Table

_KEY = "declaration"


class Whose(StrEnum):
    """Whose the rows of a table are."""

    BOT = "the bot"
    """The archive, figures, and the state of running processes."""
    OPERATOR = "the operator"
    CHAT = "the chat"
    """A reader, a group, a topic or a channel."""
    EDITOR = "the editor"


class Period(StrEnum):
    """The retention periods that an operator sets, by the name of the setting."""

    DELIVERIES = "KEEP_DELIVERIES_DAYS"
    SHARES = "KEEP_SHARES_DAYS"
    ARTICLES = "KEEP_ARTICLES_DAYS"
    GONE_READERS = "KEEP_GONE_READERS_DAYS"


@dataclass(frozen=True, slots=True)
class ForEver:
    """Rows are never deleted for their age."""


@dataclass(frozen=True, slots=True)
class WithRow:
    """Rows are deleted with the row of another table that they refer to."""

    table: str


@dataclass(frozen=True, slots=True)
class Until:
    """Rows are deleted when something happens, in words: "it is answered"."""

    event: str


@dataclass(frozen=True, slots=True)
class Aged:
    """Rows are deleted by a nightly run once they are old enough.

    Attributes:
        column: The time from which the age counts.
        period: The operator's setting, or a fixed time.
        only: Column → value of the rows that are deleted, or a tuple of values; the others stay.
        rule: A further condition in words, which `storage.retention` has in code; "" for none.
    """

    column: str
    period: Period | timedelta
    only: Mapping[str, object] = field(default_factory=dict)
    rule: str = ""


Kept = ForEver | WithRow | Until | Aged


@dataclass(frozen=True, slots=True)
class Exported:
    """Rows are in the document of /export.

    Attributes:
        key: The key of the list in a subscription. If `by` has columns with Telegram's ids: a key
            of the document, and a key within that, such as "desk.acts".
        columns: The columns that each entry has. `article_id` becomes the article's title and link,
            `subscriber_id` that chat's id. Empty if the code of the export writes the key itself.
        by: The columns that name the chats that get a row: references to a subscriber, or to a row
            of one, or Telegram's ids.
        order: The column by which the rows are ordered; "" for the first of `columns`.
    """

    key: str
    columns: tuple[str, ...] = ()
    by: tuple[str, ...] = ("subscriber_id",)
    order: str = ""


@dataclass(frozen=True, slots=True)
class NotExported:
    """Rows are not in the document of /export."""

    reason: str


class Fate(StrEnum):
    """What /forget makes of a row that names the chat."""

    DELETED = "deleted"
    CLEARED = "kept without the chat"
    """The column becomes null."""
    DELETED_IF_NAMED = "deleted if its JSON names the chat"
    DELETED_IF_UNUSED = "deleted if no other chat has it"


@dataclass(frozen=True, slots=True)
class NamedChat:
    """A column that names a chat, and what /forget makes of the rows in which it does.

    Attributes:
        column: Refers to a subscriber, directly or through another table, or holds Telegram's id.
        fate: What becomes of the rows.
        only: Column → value of the rows concerned; the others stay as they are.
        merged: Whether the rows of a supergroup are added to those of the group that became it,
            if both were subscribers; otherwise they are deleted, and those of the group count.
    """

    column: str
    fate: Fate = Fate.DELETED
    only: Mapping[str, object] = field(default_factory=dict)
    merged: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """The declaration of one table.

    Attributes:
        forget: What /forget makes of the rows, for each column that names a chat. A restore forgets
            its chats again, if they asked for it since the backup was made.
    """

    whose: Whose
    kept: Kept
    export: Exported | NotExported
    forget: tuple[NamedChat, ...]
    backup: bool


class UndeclaredError(Exception):
    """A table has no declaration."""

    def __init__(self, table: str) -> None:
        super().__init__(f"the table {table} has no declaration; see storage/tables/declaration.py")
        self.table = table


def declared(
    *,
    whose: Whose,
    kept: Kept,
    export: Exported | NotExported,
    forget: tuple[NamedChat, ...] = (),
    backup: bool = True,
) -> dict[Any, Any]:
    """Return the `info` of a table with this declaration."""
    return {_KEY: Declaration(whose=whose, kept=kept, export=export, forget=forget, backup=backup)}


def of_the_bot(kept: Kept, *, backup: bool = True) -> dict[Any, Any]:
    """Return the `info` of a table whose rows name no chat and no person."""
    return declared(
        whose=Whose.BOT, kept=kept, export=NotExported("no row names a chat"), backup=backup
    )


def of_the_chat(
    kept: Kept, export: Exported | NotExported, *, merged: bool = True
) -> dict[Any, Any]:
    """Return the `info` of a table whose rows refer to a subscriber, and are deleted with it."""
    return declared(
        whose=Whose.CHAT,
        kept=kept,
        export=export,
        forget=(NamedChat("subscriber_id", merged=merged),),
    )


def declaration_of(table: Table) -> Declaration:
    """Return a table's declaration, or raise UndeclaredError."""
    try:
        found: Declaration = table.info[_KEY]
    except KeyError:
        raise UndeclaredError(table.name) from None
    return found


def holds_chat_ids(column: Column[Any]) -> bool:
    """Return whether a column that names chats holds Telegram's ids, not references to rows."""
    return not column.foreign_keys
