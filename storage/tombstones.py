"""Who was forgotten, as hashes in a file beside the backups: a restore does not bring them back.

A line of the file is a time and a hash of a chat's id with the file's own salt. Whoever has the
file can test whether one id is among them, and cannot read any id from it.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

NAME = "forgotten-chats.txt"
_SALT = "salt "


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

    def add(self, chat_id: int, now: datetime) -> None:
        """Note that a chat was forgotten, so that it lasts.

        Raises:
            OSError: The file cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        salt, _ = self._read()
        new = "" if salt else f"{_SALT}{(salt := secrets.token_hex(16))}\n"
        # After a line that a full disk or a crash cut off, a new one begins.
        line = f"\n{new}{now.isoformat()} {_hash(salt, chat_id)}\n"
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, line.encode())
            os.fsync(file)
        finally:
            os.close(file)

    def since(self, moment: datetime) -> Forgotten:
        """Who was forgotten at this moment or later.

        Raises:
            OSError: The file is there and cannot be read.
        """
        salt, lines = self._read()
        return Forgotten(salt, frozenset(hash_ for at, hash_ in lines if at >= moment))

    def _read(self) -> tuple[str, list[tuple[datetime, str]]]:
        """The salt, empty where there is no file, and the lines; a torn last line is left out."""
        try:
            text = self.path.read_text(encoding="ascii", errors="replace")
        except FileNotFoundError:
            return "", []
        salt, lines = "", []
        for line in text.splitlines():
            if line.startswith(_SALT):
                salt = line.removeprefix(_SALT)
                continue
            at, _, hash_ = line.partition(" ")
            try:
                lines.append((datetime.fromisoformat(at), hash_))
            except ValueError:
                continue
        return salt, lines


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The hashes of one file."""

    salt: str
    hashes: frozenset[str]

    def __call__(self, chat_id: int) -> bool:
        """Whether a chat is among them."""
        return bool(self.hashes) and _hash(self.salt, chat_id) in self.hashes


def forgotten_since(folders: Iterable[Path], moment: datetime) -> Callable[[int], bool]:
    """Tells whether a chat was forgotten at this moment or later, by the files of these folders.

    Raises:
        OSError: One of them is there and cannot be read.
    """
    files = [Tombstones(folder).since(moment) for folder in dict.fromkeys(folders)]
    return lambda chat_id: any(is_forgotten(chat_id) for is_forgotten in files)


def _hash(salt: str, chat_id: int) -> str:
    return blake2b(str(chat_id).encode(), key=salt.encode(), digest_size=16).hexdigest()
