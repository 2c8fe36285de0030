"""The index of words: cut into windows of articles, so that a search looks at as many as it needs.

An index of words says of a word all articles that have it, and of the beginning of a word it has
to gather them all before the newest is known. So each word is written with the mark of its
article's window before it: what is looked up is the word in a window, and only the windows that
are looked at cost anything. Windows are of consecutive ids, which grow with time.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import text

from storage.words.search_words import BARRIER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

    from storage.words.search_words import Phrase

WINDOW = 4_096
"""Ids of one window."""
MOST_PLACES = 255
"""Places of one word that PostgreSQL keeps for a text."""
LAST_PLACE = 16_383
"""The last place that PostgreSQL tells apart; those behind it are all the same to it."""
MOST_PARTS = 32
"""Parts of a long text whose phrases are found."""
OVERLAP = 100
"""Tokens with which a part begins once more: longer phrases are not found where two parts meet."""
MOST_BYTES = 450_000
"""Bytes of the words of a text, and of its parts; PostgreSQL takes a megabyte together."""

# Private characters: no text's tokens have any.
_WINDOWS = 0xF0000
_MARKS = 0x1FFFE
"""So many there are, for half a thousand million articles; then they begin anew."""
_PARTS = 0xE000
_BARRIER = f" {BARRIER} ".encode()


def window_of(article_id: int) -> int:
    """The window of an article."""
    return article_id // WINDOW


def mark(window: int) -> str:
    """What stands before each word of a window's articles."""
    return chr(_WINDOWS + window % _MARKS)


def marked(window: int, words: str) -> str:
    """Tokens with a space between, each with the mark of a window."""
    sign = mark(window)
    return sign + words.replace(" ", f" {sign}") if words else ""


def fts5(query: tuple[Phrase, ...], windows: Iterable[int]) -> str:
    """A search within windows, in the language of SQLite's FTS5."""
    return " OR ".join(
        "("
        + " AND ".join(
            f'"{marked(window, " ".join(phrase.tokens))}"{" *" if phrase.prefix else ""}'
            for phrase in query
        )
        + ")"
        for window in windows
    )


def tsquery(query: tuple[Phrase, ...], windows: Iterable[int]) -> str:
    """A search within windows, in the language of PostgreSQL's `tsquery`."""
    return " | ".join(
        f"({' & '.join(_in_tsquery(phrase, mark(window)) for phrase in query)})"
        for window in windows
    )


def tsquery_of_parts(query: tuple[Phrase, ...]) -> str:
    """A search in the parts of long texts, in whichever part each phrase is."""
    signs = [chr(_PARTS + part) for part in range(MOST_PARTS)]
    return " & ".join(
        f"({' | '.join(_in_tsquery(phrase, sign) for sign in signs)})" for phrase in query
    )


def _in_tsquery(phrase: Phrase, sign: str) -> str:
    words = " <-> ".join(f"'{sign}{token}'" for token in phrase.tokens)
    return f"({words}{':*' if phrase.prefix else ''})"


def tsvector(window: int, *fields: str) -> tuple[str, bool]:
    """Fields, each its tokens with a space between, in the notation of PostgreSQL's `tsvector`.

    No phrase reaches from one field into the next.

    Returns:
        The notation, and whether the text is a long one: then its words are in there once more,
        cut into parts, as PostgreSQL loses the places of words behind the first of them.
    """
    places: dict[str, list[int]] = defaultdict(list)
    size, long = 0, False
    for place, token in _placed(fields):
        if token not in places:
            size += 8 + 4 * len(token)
            if size > MOST_BYTES:
                break
        at = places[token]
        if place < LAST_PLACE and len(at) < MOST_PLACES:
            at.append(place)
            size += 2
        else:
            long = True
    words = _noted(mark(window), places)
    if long:
        words = f"{words} {' '.join(_parts(fields))}"
    return words, long


def _placed(fields: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """The tokens with their places from 1 on, one place free between two fields."""
    place = 0
    for field in fields:
        for token in field.split():
            place += 1
            yield place, token
        place += 1


def _parts(fields: tuple[str, ...]) -> Iterator[str]:
    """A long text in parts, none of which loses a place; each begins before the last one's end."""
    part, begins, size = 0, 0, 0
    places: dict[str, list[int]] = defaultdict(list)
    last: list[tuple[int, str]] = []
    for place, token in _placed(fields):
        at = places[token]
        if place - begins >= LAST_PLACE or len(at) >= MOST_PLACES:
            yield _noted(chr(_PARTS + part), places)
            part += 1
            if part == MOST_PARTS or size > MOST_BYTES:
                return
            begins, places = last[0][0] - 1, defaultdict(list)
            for before, word in last:
                places[word].append(before - begins)
            at = places[token]
        size += 2 if at else 10 + 4 * len(token)
        at.append(place - begins)
        last.append((place, token))
        del last[:-OVERLAP]
    yield _noted(chr(_PARTS + part), places)


def _noted(sign: str, places: dict[str, list[int]]) -> str:
    # A word whose places are all beyond PostgreSQL's last is there, and is in no phrase.
    return " ".join(
        f"'{sign}{token}':{','.join(map(str, at[:MOST_PLACES] or [LAST_PLACE]))}"
        for token, at in places.items()
    )


def add(connection: Connection, words: Iterable[tuple[int, str, str, str]]) -> None:
    """Make articles findable.

    Args:
        connection: A transaction's.
        words: Of each its id, and the tokens of title, standfirst and body, with a space between.
    """
    rows = list(words)
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            "INSERT INTO article_search (rowid, words) VALUES (?, CAST(? AS text))",
            [(number, _in_fts5(number, fields)) for number, *fields in rows],
        )
        return
    connection.exec_driver_sql(
        "INSERT INTO article_search (article_id, words, long) "
        "VALUES ($1, CAST(CAST($2 AS text) AS tsvector), $3)",
        [(number, *tsvector(window_of(number), *fields)) for number, *fields in rows],
    )


def _in_fts5(number: int, fields: list[str]) -> bytes:
    """Fields, each its tokens with a space between, as `between` and `marked` would have them.

    In UTF-8, as SQLite takes it: in a text, each letter would be as wide as the mark.
    """
    before = f" {mark(window_of(number))}".encode()
    return _BARRIER.join(
        [words and before + words.replace(b" ", before) for words in map(str.encode, fields)]
    )


def remove(connection: Connection, article_id: int) -> None:
    """Make an article no longer findable. One that is deleted is so by itself."""
    key = "rowid" if connection.dialect.name == "sqlite" else "article_id"
    connection.execute(
        text(f"DELETE FROM article_search WHERE {key} = :number"),  # noqa: S608 - one of two names
        {"number": article_id},
    )
