"""Updates that a process has begun to answer, in a file that outlives it when it is killed.

Each is noted before its answer begins, and again when it is over. The system keeps what was written
though the process dies, so nothing waits for the disk; what a power cut takes away is not asked for
again. Of updates that are over, the file has only their identities, which the next process needs if
Telegram was not notified in time that they had arrived.
"""

from __future__ import annotations

import json
import logging
import os
from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from storage.db.private_files import PRIVATE
from storage.readers.waiting_updates import WaitingUpdate

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

LONGEST = 4 << 20
"""Bytes after which the file is written anew, without the updates that are over."""
REMEMBERED = 200
"""Number of updates that are over and known to the next process.

Twice what Telegram returns at once: only the last ones that it returned may come again.
"""


class BegunUpdates:
    """The file of the updates that are being answered."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: int | None = None
        self._begun: dict[int, bytes] = {}
        """Number of an update → its line."""
        self.over: deque[str] = deque(maxlen=REMEMBERED)
        """Identities of the last updates that were answered, also by an earlier process."""
        self._length = 0
        self._is_failing = False

    def take_up(self) -> list[WaitingUpdate]:
        """Return the updates that an earlier process had begun, and note those of this one.

        Call it once no other process may answer. One that goes on nevertheless, since it was
        frozen, writes into a file that has lost its name.
        """
        if self._path is None:
            return []
        try:
            left, over = _read(self._path)
            self._begun = {each.update_id: _line(each) for each in left}
            self.over.extend(over)
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._write_anew(self._path)
        except OSError as error:
            self._failed(error)
            return []
        return left

    def begin(self, update: WaitingUpdate) -> None:
        """Note that the answer to an update begins."""
        if self._file is None or update.update_id in self._begun:
            return
        line = self._begun[update.update_id] = _line(update)
        self._append(line)

    def end(self, update_id: int, identity: str) -> None:
        """Note that an update was answered, or is kept elsewhere."""
        if self._file is None or self._begun.pop(update_id, None) is None:
            return
        self.over.append(identity)
        if self._begun:
            self._append(b"\n%d %b" % (update_id, identity.encode()))
            return
        try:
            os.ftruncate(self._file, 0)
            self._length = os.write(self._file, self._lines())
        except OSError as error:
            self._failed(error)

    def close(self) -> None:
        """Close the file; the next process finds in it what was not over."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _append(self, line: bytes) -> None:
        try:
            self._length += os.write(self._file or 0, line)
            if self._length > LONGEST and self._path is not None and self._is_ours(self._path):
                self._write_anew(self._path)
        except OSError as error:
            self._failed(error)

    def _is_ours(self, path: Path) -> bool:
        return self._file is not None and os.path.samestat(os.fstat(self._file), path.stat())

    def _write_anew(self, path: Path) -> None:
        """Write what is begun into a new file, which takes the place of the other one at once."""
        new = path.with_name(f"{path.name}.new")
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, PRIVATE)
        try:
            self._length = os.write(file, self._lines())
            new.replace(path)
        except OSError:
            os.close(file)
            raise
        self.close()
        self._file = file

    def _lines(self) -> bytes:
        over = (b"\n0 %b" % identity.encode() for identity in self.over)
        return b"".join([*over, *self._begun.values()])

    def _failed(self, error: OSError) -> None:
        if not self._is_failing:
            log.warning(
                "updates that are being answered cannot be noted in %s (%s): if this process is"
                " killed, their readers are not asked to repeat them",
                self._path,
                error.strerror,
            )
        self._is_failing = True


def _line(update: WaitingUpdate) -> bytes:
    # The newline comes first, so that a line that was cut off does not spoil the next one.
    return b"\n%d %f %b" % (update.update_id, update.fetched.timestamp(), update.body.encode())


def _read(path: Path) -> tuple[list[WaitingUpdate], list[str]]:
    """Return the updates in a file that were not over, and the identities of those that were.

    A line that was cut off is left out.
    """
    begun: dict[int, WaitingUpdate] = {}
    over: list[str] = []
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return [], []
    for line in lines:
        try:
            number, _, rest = line.partition(b" ")
            what, _, body = rest.partition(b" ")
            if not body:
                begun.pop(int(number), None)
                over += [what.decode()] * bool(what)
                continue
            json.loads(body)
            fetched = datetime.fromtimestamp(float(what), UTC)
            begun[int(number)] = WaitingUpdate(int(number), body.decode(), fetched)
        except (ValueError, OverflowError):
            continue
    return [*begun.values()], over
