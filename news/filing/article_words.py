"""The parts of an article whose words tell what it is about, cut into words once.

Filing and search ask for the same tokens: each text is cut for both.
"""

from __future__ import annotations

from typing import NamedTuple

from news.filing.tokens import Text
from storage.words.search_words import joined_tokens

_LONGEST = 1_000
"""Characters of a title, a standfirst and a body: each says at its beginning what it is about."""


class Parts(NamedTuple):
    """An article's words, by how much they tell."""

    title: Text
    standfirst: Text
    opening: Text
    """The first paragraph of the body."""
    body: Text
    """What follows it, as far as it is read for filing."""
    tokens: tuple[str, str, str]
    """All of title, standfirst and body, with a space between, as they are searched for."""


def parts_of(title: str, standfirst: str, body: str | None) -> Parts:
    """Cut an article.

    Args:
        title: The headline, as plain text.
        standfirst: One or two sentences, as plain text.
        body: Paragraphs with a blank line between them, if there is a body.
    """
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
    """A text as far as it is read for filing, and what is left; no word is cut in two."""
    if len(text) <= _LONGEST:
        return text, ""
    blank = max(text.rfind(" ", 0, _LONGEST), text.rfind("\n", 0, _LONGEST))
    end = blank if blank > 0 else _LONGEST
    return text[:end], text[end:]
