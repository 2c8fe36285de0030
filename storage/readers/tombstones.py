"""Who was forgotten, as hashes in a file beside the backups: a restore does not bring them back.

A line of the file is a time, a salt, and the hash of a chat's id with that salt, so lines of
several writers and of several files can stand in one. Whoever has the file can test whether one id
is among them, and cannot read any id from it.
"""

from __future__ import annotations

import errno
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

NAME = "forgotten-chats.txt"
HEADING = "# Who asked to be forgotten, as hashes. Keep this file with the backups.\n"
_SALT = "salt "
"""Begins a line of earlier versions, which wrote the salt once for all lines."""
_SALT_BYTES = 16


@dataclass(frozen=True)
class Tombstones:
    """The file of one folder.

    Attributes:
        folder: Where it is, or is to be.
    """

    folder: Path

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / NAME

    def keep(self) -> None:
        """Make the file if there is none, as a sign that nobody was forgotten yet.

        Raises:
            OSError: The file cannot be written.
        """
        if not self.path.exists():
            self._append(HEADING)

    def add(self, chat_id: int, now: datetime) -> None:
        """Note that a chat was forgotten, so that it lasts.

        Raises:
            OSError: The file cannot be written.
        """
        # Another process may write the first line just now: then the file has two salts.
        whole = [salt for salt in self._read()[0] if len(salt) == 2 * _SALT_BYTES]
        salt = whole[-1] if whole else secrets.token_hex(_SALT_BYTES)
        # After a line that a full disk or a crash cut off, a new one begins.
        self._append(f"\n{now.isoformat()} {salt} {_hash(salt, chat_id)}\n")

    def since(self, moment: datetime) -> Forgotten:
        """Who was forgotten at this moment or later.

        Raises:
            OSError: The file is there and cannot be read.
        """
        salts, lines = self._read()
        hashes: dict[str, set[str]] = {}
        for at, salt, hash_ in lines:
            if at >= moment:
                for one in salts if salt not in salts else [salt]:
                    hashes.setdefault(one, set()).add(hash_)
        return Forgotten(hashes)

    def _append(self, text: str) -> None:
        """Write a text at the end in one piece.

        Raises:
            OSError: It cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        content = text.encode()
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            if os.write(file, content) < len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
            os.fsync(file)
        finally:
            os.close(file)
        # The file's name has to last as well.
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _read(self) -> tuple[list[str], list[tuple[datetime, str, str]]]:
        """The salts, and the lines: a time, a salt and a hash; without those that are torn.

        A line of an earlier version has no salt: it was made with any of those in the file.
        """
        try:
            text = self.path.read_text(encoding="ascii", errors="replace")
        except FileNotFoundError:
            return [], []
        salts: dict[str, None] = {}
        lines = []
        for line in text.splitlines():
            if line.startswith(_SALT):
                salts[line.removeprefix(_SALT).strip()] = None
            elif (read := _line(line)) is not None:
                lines.append(read)
                salts[read[1]] = None
        return [salt for salt in salts if 0 < len(salt) <= blake2b.MAX_KEY_SIZE], lines


def _line(line: str) -> tuple[datetime, str, str] | None:
    """A line's time, salt and hash; None where it is none."""
    match line.split():
        case [at, hash_]:
            salt = ""
        case [at, salt, hash_]:
            pass
        case _:
            return None
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment, salt, hash_) if moment.tzinfo is not None else None


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The hashes of one file.

    Attributes:
        hashes: Salt → hashes made with it.
    """

    hashes: Mapping[str, set[str]]

    def __call__(self, chat_id: int) -> bool:
        """Whether a chat is among them."""
        return any(_hash(salt, chat_id) in hashes for salt, hashes in self.hashes.items())


def files(folders: Iterable[Path]) -> Iterator[Tombstones]:
    """The files that are there, of these folders."""
    for folder in dict.fromkeys(folders):
        if (one := Tombstones(folder)).path.exists():
            yield one


def forgotten_since(folders: Iterable[Path], moment: datetime) -> Callable[[int], bool]:
    """Tells whether a chat was forgotten at this moment or later, by the files of these folders.

    Raises:
        OSError: One of them is there and cannot be read.
    """
    found = [one.since(moment) for one in files(folders)]
    return lambda chat_id: any(is_forgotten(chat_id) for is_forgotten in found)


def _hash(salt: str, chat_id: int) -> str:
    return blake2b(str(chat_id).encode(), key=salt.encode(), digest_size=16).hexdigest()
