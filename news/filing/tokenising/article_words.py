"""The parts of an article, tokenised once for both filing and search."""

from __future__ import annotations

from typing import NamedTuple

from news.filing.tokenising.tokens import Text
from storage.words.search_words import joined_tokens

_LONGEST = 1_000
"""Characters of a title, a standfirst or a body that filing reads."""


class Parts(NamedTuple):
    """The words of an article: title, standfirst, first paragraph and the rest of the body."""

    title: Text
    standfirst: Text
    opening: Text
    """The first paragraph of the body."""
    body: Text
    """The body after its first paragraph, as far as filing reads it."""
    tokens: tuple[str, str, str]
    """All tokens of title, standfirst and body, joined by spaces, for the search index."""


def parts_of(title: str, standfirst: str, body: str | None) -> Parts:
    """Return the parts of an article; the body's paragraphs are separated by blank lines."""
    title_read, title_left = _split(title)
    standfirst_read, standfirst_left = _split(standfirst)
    read, left = _split(body or "")
    opening, _, rest = read.partition("\n\n")
    pieces = (title_read, title_left, standfirst_read, standfirst_left, opening, rest, left)
    tokens = list(map(joined_tokens, pieces))
    return Parts(
        Text(title_read, tokens[0]),
        Text(standfirst_read, tokens[2]),
        Text(opening, tokens[4]),
        Text(rest, tokens[5]),
        (
            " ".join(filter(None, tokens[:2])),
            " ".join(filter(None, tokens[2:4])),
            " ".join(filter(None, tokens[4:])),
        ),
    )


def _split(text: str) -> tuple[str, str]:
    if len(text) <= _LONGEST:
        return text, ""
    blank = max(text.rfind(" ", 0, _LONGEST), text.rfind("\n", 0, _LONGEST))
    end = blank if blank > 0 else _LONGEST
    return text[:end], text[end:]
