"""The search index, divided into windows of articles, so that a search reads few of them.

An ordinary index lists all articles with a word, and for a prefix it must collect all of them
before the newest is known. So each word is indexed with the mark of its article's window as prefix:
a search looks up the word in one window, and only the windows it reads cost time. A window covers
consecutive ids, which grow with time.
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
"""Article ids in one window."""
MOST_PLACES = 255
"""Positions of one word that PostgreSQL stores for a text."""
LAST_PLACE = 16_383
"""The last position that PostgreSQL distinguishes; it stores later ones as this one."""
MOST_PARTS = 32
"""Parts at most into which a long text is cut; phrases beyond them are not found."""
OVERLAP = 100
"""Tokens shared by two consecutive parts. Longer phrases across the border are not found."""
MOST_BYTES = 450_000
"""Bytes at most of a text's words, and of its parts; PostgreSQL allows a megabyte for both."""

# Private-use characters, which no token contains.
_WINDOWS = 0xF0000
_MARKS = 0x1FFFE
"""Number of marks, enough for about 537 million articles; then they repeat."""
_PARTS = 0xE000
_BARRIER = f" {BARRIER} ".encode()


def window_of(article_id: int) -> int:
    """Return the window of an article."""
    return article_id // WINDOW


def mark(window: int) -> str:
    """Return the character prefixed to each word of a window's articles."""
    return chr(_WINDOWS + window % _MARKS)


def marked(window: int, words: str) -> str:
    """Return tokens joined with spaces, each with the mark of a window as prefix."""
    sign = mark(window)
    return sign + words.replace(" ", f" {sign}") if words else ""


def fts5(query: tuple[Phrase, ...], windows: Iterable[int]) -> str:
    """Return a search within windows, in the query language of SQLite's FTS5."""
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
    """Return a search within windows, in the language of PostgreSQL's `tsquery`."""
    return " | ".join(
        f"({' & '.join(_in_tsquery(phrase, mark(window)) for phrase in query)})"
        for window in windows
    )


def tsquery_of_parts(query: tuple[Phrase, ...]) -> str:
    """Return a search in the parts of long texts; each phrase may be in another part."""
    signs = [chr(_PARTS + part) for part in range(MOST_PARTS)]
    return " & ".join(
        f"({' | '.join(_in_tsquery(phrase, sign) for sign in signs)})" for phrase in query
    )


def _in_tsquery(phrase: Phrase, sign: str) -> str:
    words = " <-> ".join(f"'{sign}{token}'" for token in phrase.tokens)
    return f"({words}{':*' if phrase.prefix else ''})"


def tsvector(window: int, *fields: str) -> tuple[str, bool]:
    """Return fields in the notation of `tsvector`, and whether the text is long.

    Each field is tokens joined with spaces. No phrase matches across two. A long text's words are
    added once more, cut into parts, because PostgreSQL drops the later positions of a word.
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
    """Yield the tokens with their positions from 1 on, skipping one between two fields."""
    place = 0
    for field in fields:
        for token in field.split():
            place += 1
            yield place, token
        place += 1


def _parts(fields: tuple[str, ...]) -> Iterator[str]:
    """Yield a long text in overlapping parts, each short enough to keep all positions."""
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
    # A word with all positions beyond PostgreSQL's last is stored, but matches in no phrase.
    return " ".join(
        f"'{sign}{token}':{','.join(map(str, at[:MOST_PLACES] or [LAST_PLACE]))}"
        for token, at in places.items()
    )


def add(connection: Connection, words: Iterable[tuple[int, str, str, str]]) -> None:
    """Add articles to the search index.

    Each is its id, and the tokens of title, standfirst and body, joined with spaces.
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
    """Return fields, each tokens joined with spaces, as `between` and `marked` format them.

    The result is UTF-8, as SQLite takes it. In a Python text, each letter would be as wide as the
    mark.
    """
    before = f" {mark(window_of(number))}".encode()
    return _BARRIER.join(
        [words and before + words.replace(b" ", before) for words in map(str.encode, fields)]
    )


def remove(connection: Connection, article_id: int) -> None:
    """Remove an article from the search index. Deleted articles are removed automatically."""
    key = "rowid" if connection.dialect.name == "sqlite" else "article_id"
    connection.execute(
        text(f"DELETE FROM article_search WHERE {key} = :number"),  # noqa: S608 - one of two names
        {"number": article_id},
    )
