"""The words and phrases that readers follow, found in what comes in.

Of a hundred thousand words an article has a handful. They are looked for in the text that the
archive keeps of title and standfirst (see `search_words.between`): whole words where a script has
spaces, in Korean with any particle, anywhere in Chinese and Japanese. Words that are new are
looked for from the next article on, whichever process added them.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from storage.tables.schema import word_follows
from storage.words.search_words import HANGUL, can_go_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection, Row

    from storage.db.database import Database

AT_ONCE = 500
"""Rows that are read, and words that are added, between two turns of the event loop."""


class WordIndex:
    """Words and phrases, all of which are looked for in one go through a text.

    Each is kept with its beginnings (`a`, `a b`, `a b c`) in one dictionary of strings, which takes
    a new one at any time, in microseconds, and which the garbage collector passes over. An
    automaton would have to be made anew for each; see `docs/decisions`.
    """

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._beginnings: dict[str, bool] = {}
        """Beginning → whether it is itself a whole one."""
        for word in words:
            self.add(word)

    def __len__(self) -> int:
        return sum(self._beginnings.values())

    def add(self, word: str) -> None:
        """Look for one more from now on: its tokens with a space between."""
        beginnings = self._beginnings
        end = word.find(" ")
        while end > 0:
            beginnings.setdefault(word[:end], False)
            end = word.find(" ", end + 1)
        beginnings[word] = True

    def find(self, text: str) -> tuple[str, ...]:
        """Those that stand in a text of tokens, each once, overlapping or not."""
        beginnings = self._beginnings
        if not beginnings:
            return ()
        tokens = text.split()
        found: dict[str, None] = {}
        for start, first in enumerate(tokens):
            whole = beginnings.get(first)
            if whole is None and first < HANGUL:
                continue
            so_far, token, end = "", first, start
            while True:
                if token >= HANGUL:
                    found.update(dict.fromkeys(self._begun(so_far, token)))
                if whole is None:
                    break
                so_far += token
                if whole:
                    found[so_far] = None
                end += 1
                if end == len(tokens):
                    break
                so_far, token = f"{so_far} ", tokens[end]
                whole = beginnings.get(so_far + token)
        return tuple(found)

    def _begun(self, before: str, token: str) -> Iterator[str]:
        """Words that end within a token of Hangul, after the tokens `before` it."""
        if can_go_on(token):
            for length in range(2, len(token)):
                word = before + token[:length]
                if self._beginnings.get(word):
                    yield word


class FollowedWords:
    """The words that anybody follows, as the archive has them by now."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._index = WordIndex()
        self._read = 0
        """The number of the last row that was read."""

    async def index(self) -> WordIndex:
        """All of them, once those are added that came since the last time.

        One that nobody follows any more is still found until the next start, and means nothing.
        """
        while True:
            rows = await self._db.look(partial(_after, self._read))
            for number, word in rows:
                self._index.add(word)
                self._read = max(self._read, number)
            if len(rows) < AT_ONCE:
                return self._index
            await asyncio.sleep(0)


def _after(number: int, connection: Connection) -> Sequence[Row[int, str]]:
    """The next rows after the one of this number."""
    return connection.execute(_NEW, {"number": number}).all()


_NEW = (
    select(word_follows.c.number, word_follows.c.word)
    .where(word_follows.c.number > bindparam("number"))
    .order_by(word_follows.c.number)
    .limit(AT_ONCE)
)
# Made once: every round that brings something asks it.
