"""An SQLite archive's file, watched while a process works with it, and saved where it is lost.

A file that was deleted is put back. One that another stands for is saved beside it; whoever served
it has to begin anew with the other one.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from typing import TYPE_CHECKING

from storage.db import sqlite_file
from storage.db.lost_file import FileFate, LostFile, OpenFile
from storage.db.outage import DatabaseFailure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

log = logging.getLogger(__name__)

AGAIN = 10.0
"""Seconds between two tries to save what was in a file that is lost."""


class KeptFile:
    """The file that this process works with.

    Args:
        path: Where it is.
        turn: Where this process's writers queue.
        serves: Whether this process is the one that serves, and so the one that saves.
        renew: Makes every connection anew, where there is another file to go on with.
    """

    def __init__(
        self,
        path: Path,
        turn: asyncio.Lock,
        serves: Callable[[], bool],
        renew: Callable[[], Awaitable[None]],
    ) -> None:
        self._path = path
        self._turn = turn
        self._serves = serves
        self._renew = renew
        self._file: OpenFile | None = None
        self._lost: LostFile | None = None
        self._tried = 0.0
        self._telling: set[asyncio.Future[None]] = set()
        self.hear: Callable[[LostFile], Awaitable[None]] | None = None
        """Hears what became of the file, and of what was in it; see `Database.on_lost_file`."""

    async def open(self) -> None:
        """Make the file if it is not there, and hold it from now on.

        Raises:
            DatabaseError, sqlite3.Error, OSError: It cannot be used.
        """
        self._file = await asyncio.to_thread(_open, self._path)

    async def close(self) -> None:
        """Let go of it, after all other connections: this one writes the log into the file."""
        for telling in self._telling:
            telling.cancel()
        file, self._file, self._lost = self._file, None, None
        if file is not None:
            await asyncio.to_thread(file.close)

    @property
    def failure(self) -> DatabaseFailure | None:
        """Why the file is not to be used; None where it is where it was."""
        fate = None if self._file is None else self._file.fate()
        return None if fate is None else _failure(self._lost or LostFile(self._path, fate))

    async def save(self) -> DatabaseFailure | None:
        """Save what was in a file that is lost, and go on if there is one to go on with.

        Returns:
            Why the file is not to be used yet; None where it can be.

        Raises:
            DatabaseError, sqlite3.Error, OSError: The file that is there now cannot be used.
        """
        # A writer under way ends before. Of calls that come together the others find it done.
        async with self._turn:
            fate = None if self._file is None else self._file.fate()
            if self._file is None or fate is None:
                self._lost = None
                return None
            known = self._lost
            if not self._is_done(known, fate):
                self._lost = await self._saved(self._file, fate)
                self._tried = asyncio.get_running_loop().time()
                if known is None or (known.fate, known.saved) != (fate, self._lost.saved):
                    self._tell(self._lost)
            lost = self._lost or LostFile(self._path, fate)
            if lost.saved == self._path or (fate is FileFate.REPLACED and not self._serves()):
                await self._go_on(self._file)
                return None
        return _failure(lost)

    async def _saved(self, file: OpenFile, fate: FileFate) -> LostFile:
        if fate is FileFate.AWAY or not self._serves():
            return LostFile(self._path, fate)
        return await asyncio.to_thread(_save, file, self._path, fate)

    def _is_done(self, lost: LostFile | None, fate: FileFate) -> bool:
        """Whether there is nothing to be saved, or not yet again."""
        if lost is None or (lost.fate is not fate and lost.saved != self._path):
            return False
        since = asyncio.get_running_loop().time() - self._tried
        return lost.problem is None or since < AGAIN

    async def _go_on(self, lost: OpenFile) -> None:
        """Work with the file that is there now."""
        self._file = await asyncio.to_thread(_open, self._path)
        self._lost = None
        await self._renew()
        await asyncio.to_thread(lost.close)

    def _tell(self, lost: LostFile) -> None:
        if not self._serves():
            return
        if lost.saved == self._path:
            log.warning("%s was put back with all that was in it", self._path)
        elif lost.fate is not FileFate.AWAY:
            log.error("%s. %s", lost.reason, lost.advice)
        if self.hear is not None:
            telling = asyncio.ensure_future(self.hear(lost))
            self._telling.add(telling)
            telling.add_done_callback(self._telling.discard)


def _open(path: Path) -> OpenFile:
    return OpenFile(path, sqlite_file.prepare_file(path))


def _save(file: OpenFile, path: Path, fate: FileFate) -> LostFile:
    try:
        file.let_go_of_log()
        saved = file.save()
        if fate is FileFate.DELETED:
            file.put_back(saved)
            saved = path
    except (sqlite3.Error, OSError) as error:
        problem = error.strerror if isinstance(error, OSError) else None
        return LostFile(path, fate, problem=problem or str(error))
    return LostFile(path, fate, saved)


def _failure(lost: LostFile) -> DatabaseFailure:
    return DatabaseFailure(lost.reason, lost.advice)
