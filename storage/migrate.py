"""Brings a database's tables to this program's revision. Loads Alembic, so loaded when needed."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError

if TYPE_CHECKING:
    from sqlalchemy import Connection

FOLDER = Path(__file__).parent / "migrations"


log = logging.getLogger(__name__)

AT_ONCE = 1_000
"""Rows that a migration takes at a time, however many there are."""
SAID = 50
"""After so many times, it says how far it is."""


class Progress:
    """Says now and then how far a long piece of work is.

    Args:
        what: What is being done, such as `articles indexed`.
        number: How many rows there are.
    """

    def __init__(self, what: str, number: int) -> None:
        self._what = what
        self._all = number
        self._done = 0
        self._times = 0

    def more(self, number: int) -> None:
        """So many more are done."""
        self._done += number
        self._times += 1
        if self._times % SAID == 0:
            log.info("%s: %s of %s", self._what, f"{self._done:,}", f"{self._all:,}")


class UnknownRevisionError(Exception):
    """The database is at a revision that this program does not know: a newer one wrote it."""


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's settings, for the migrations of this folder over an open connection."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def to_head(connection: Connection) -> None:
    """Apply what is missing, within the connection's transaction.

    Raises:
        UnknownRevisionError: A newer version of the program was here.
    """
    try:
        command.upgrade(configuration(connection), "head")
    except CommandError as error:
        raise UnknownRevisionError(str(error)) from error


def revision_of(connection: Connection) -> str | None:
    """The revision that a database's tables are at; None where there are none."""
    return MigrationContext.configure(connection).get_current_revision()


def knows(revision: str) -> bool:
    """Whether a revision is one of this program's."""
    try:
        ScriptDirectory.from_config(configuration()).get_revision(revision)
    except CommandError:
        return False
    return True


def to_revision(connection: Connection, revision: str) -> None:
    """Bring an empty database to a revision that this program knows."""
    command.upgrade(configuration(connection), revision)


def to_nothing(connection: Connection) -> None:
    """Drop all tables of ours, with what is in them."""
    command.downgrade(configuration(connection), "base")
