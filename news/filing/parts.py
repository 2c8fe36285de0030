"""The parts of an article whose words tell what it is about, cut into words once.

Filing and search ask for the same tokens: each text is cut for both.
"""

from __future__ import annotations

from typing import NamedTuple

from news.filing.phrases import Text
from storage import search
from storage.intake import Words, body_print

_LONGEST_BODY = 1_000
"""Characters: what an article is about, it says at its beginning."""


class Parts(NamedTuple):
    """An article's words, by how much they tell."""

    title: Text
    standfirst: Text
    opening: Text
    """The first paragraph of the body."""
    body: Text
    """What follows it, as far as it is read for filing."""
    words: Words
    """All of it, to be searched for."""


def parts_of(title: str, standfirst: str, body: str | None) -> Parts:
    """Cut an article.

    Args:
        title: The headline, as plain text.
        standfirst: One or two sentences, as plain text.
        body: Paragraphs with a blank line between them, if there is a body.
    """
    read, left = _split(body or "")
    opening, _, rest = read.partition("\n\n")
    title_tokens, standfirst_tokens, opening_tokens, rest_tokens, left_tokens = (
        " ".join(search.tokens(text)) if text else ""
        for text in (title, standfirst, opening, rest, left)
    )
    in_body = (opening_tokens, rest_tokens, left_tokens)
    return Parts(
        Text(title, title_tokens),
        Text(standfirst, standfirst_tokens),
        Text(opening, opening_tokens),
        Text(rest, rest_tokens),
        Words(
            title_tokens,
            standfirst_tokens,
            " ".join(filter(None, in_body)),
            body_print(body) if body else None,
        ),
    )


def _split(body: str) -> tuple[str, str]:
    """A body as far as it is read for filing, and what is left; no word is cut in two."""
    if len(body) <= _LONGEST_BODY:
        return body, ""
    blank = max(body.rfind(" ", 0, _LONGEST_BODY), body.rfind("\n", 0, _LONGEST_BODY))
    end = blank if blank > 0 else _LONGEST_BODY
    return body[:end], body[end:]
