"""Hashes of forgotten chats in a file beside the backups, so that a restore omits them.

A line of the file has a time, a salt, and the hash of a chat's id with that salt. So one file may
have lines of several writers, or lines copied from other files. With the file one can test whether
a given id is in it, but not read ids from it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

from storage.db import private_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

NAME = "forgotten-chats.txt"
HEADING = "# Who asked to be forgotten, as hashes. Keep this file with the backups.\n"
_SALT = "salt "
"""Prefix of a line of earlier versions, which wrote the salt once for all lines."""
_SALT_BYTES = 16


@dataclass(frozen=True)
class Tombstones:
    """The tombstone file of one folder, which may not exist yet. Its methods raise OSError."""

    folder: Path

    @property
    def path(self) -> Path:
        """The path of the file."""
        return self.folder / NAME

    def keep(self) -> None:
        """Create the file if it is missing, to show that no chat was forgotten yet."""
        if not self.path.exists():
            private_files.append_durably(self.path, HEADING)

    def add(self, chat_id: int, now: datetime) -> None:
        """Record a forgotten chat, and sync the file to the disk."""
        # Another process may write the first line now: then the file has two salts.
        whole = [salt for salt in self._read()[0] if len(salt) == 2 * _SALT_BYTES]
        salt = whole[-1] if whole else secrets.token_hex(_SALT_BYTES)
        # Start with a newline, in case a full disk or a crash cut off the last line.
        private_files.append_durably(
            self.path, f"\n{now.isoformat()} {salt} {_hash(salt, chat_id)}\n"
        )

    def since(self, moment: datetime) -> ForgottenChats:
        """Return the chats forgotten at this time or later."""
        salts, lines = self._read()
        hashes: dict[str, set[str]] = {}
        for at, salt, hash_ in lines:
            if at >= moment:
                for one in salts if salt not in salts else [salt]:
                    hashes.setdefault(one, set()).add(hash_)
        return ForgottenChats(hashes)

    def _read(self) -> tuple[list[str], list[tuple[datetime, str, str]]]:
        """Return all salts, and all whole lines as time, salt and hash.

        A line of an earlier version has an empty salt: it was made with any salt of the file.
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
    """Return a line's time, salt and hash; None if it is malformed."""
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
class ForgottenChats:
    """The hashes of one file: salt → hashes made with it."""

    hashes: Mapping[str, set[str]]

    def __call__(self, chat_id: int) -> bool:
        """Return whether a chat is among them."""
        return any(_hash(salt, chat_id) in hashes for salt, hashes in self.hashes.items())


def files(folders: Iterable[Path]) -> Iterator[Tombstones]:
    """Yield the tombstone files that exist in these folders."""
    for folder in dict.fromkeys(folders):
        if (one := Tombstones(folder)).path.exists():
            yield one


def forgotten_since(folders: Iterable[Path], moment: datetime) -> Callable[[int], bool]:
    """Return a function that says whether a chat was forgotten at this time or later.

    It raises OSError if a tombstone file exists and cannot be read.
    """
    found = [one.since(moment) for one in files(folders)]
    return lambda chat_id: any(is_forgotten(chat_id) for is_forgotten in found)


def _hash(salt: str, chat_id: int) -> str:
    return blake2b(str(chat_id).encode(), key=salt.encode(), digest_size=16).hexdigest()
