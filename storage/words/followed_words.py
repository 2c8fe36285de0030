"""The detection of followed words and phrases in new articles.

Of a hundred thousand followed words an article has a handful. They are looked for in the stored
text of title and standfirst (see `search_words.between`): as whole words where a script has spaces,
with any particle in Korean, anywhere in Chinese and Japanese. New words are looked for from the
next article on, whichever process added them.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from storage.db.dialect import among
from storage.tables.reader_schema import word_follows
from storage.words.search_words import HANGUL, can_go_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection, Row

    from storage.db.database import Database

AT_ONCE = 500
"""Rows read and added to the index between two turns of the event loop."""


class WordIndex:
    """An index of words and phrases, which finds all of them in one pass over a text.

    Each phrase is stored with its prefixes (`a`, `a b`, `a b c`) in one dictionary of strings.
    Adding a phrase takes microseconds, and the garbage collector skips the dictionary. An automaton
    would have to be rebuilt for each new phrase; see `docs/decisions`.
    """

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._beginnings: dict[str, bool] = {}
        """Prefix → whether it is itself a followed phrase."""
        for word in words:
            self.add(word)

    def __len__(self) -> int:
        return sum(self._beginnings.values())

    def add(self, word: str) -> None:
        """Add a phrase, given as its tokens joined with spaces."""
        beginnings = self._beginnings
        end = word.find(" ")
        while end > 0:
            beginnings.setdefault(word[:end], False)
            end = word.find(" ", end + 1)
        beginnings[word] = True

    def find(self, text: str) -> tuple[str, ...]:
        """Return the followed phrases in a text of tokens, without duplicates; they may overlap."""
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
        """Yield phrases that end within a Hangul token, after the tokens `before` it."""
        if can_go_on(token):
            for length in range(2, len(token)):
                word = before + token[:length]
                if self._beginnings.get(word):
                    yield word


MOST_TOKENS = 16
"""Tokens of the longest phrase that `followed_in` looks for."""


def followed_in(connection: Connection, text: str) -> tuple[str, ...]:
    """Return the followed phrases in a text of tokens, looked up in the database.

    For a single text; a round of news uses `FollowedWords`.
    """
    tokens = text.split()
    phrases: set[str] = set()
    for start in range(len(tokens)):
        for end in range(start + 1, min(start + MOST_TOKENS, len(tokens)) + 1):
            before, last = tokens[start : end - 1], tokens[end - 1]
            phrases.add(" ".join((*before, last)))
            if last >= HANGUL and can_go_on(last):
                phrases.update(" ".join((*before, last[:length])) for length in range(2, len(last)))
    query = (
        select(word_follows.c.word)
        .where(among(word_follows.c.word, "words", connection.dialect.name))
        .distinct()
    )
    found = connection.execute(query, {"words": sorted(phrases)}).scalars()
    return WordIndex(found).find(text)


class FollowedWords:
    """The words that readers follow, kept up to date with the archive."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._index = WordIndex()
        self._read = 0
        """The number of the last row read."""

    async def index(self) -> WordIndex:
        """Return the index of all followed words, after adding new ones.

        Words that are no longer followed are still found until the next start, without effect.
        """
        while True:
            rows = await self._db.read(partial(_after, self._read))
            for number, word in rows:
                self._index.add(word)
                self._read = max(self._read, number)
            if len(rows) < AT_ONCE:
                return self._index
            await asyncio.sleep(0)


def _after(number: int, connection: Connection) -> Sequence[Row[int, str]]:
    """Return the next rows after the row with this number."""
    return connection.execute(_NEW, {"number": number}).all()


_NEW = (
    select(word_follows.c.number, word_follows.c.word)
    .where(word_follows.c.number > bindparam("number"))
    .order_by(word_follows.c.number)
    .limit(AT_ONCE)
)
# Built once, because every batch of news runs it.
