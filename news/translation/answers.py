"""What a model's line must be to count as a translation at all. Runs in a worker.

Whether it says the same as the source is compared in `faithful`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from news.text.letters import CJK

if TYPE_CHECKING:
    from collections.abc import Sequence

SHORTEST, LONGEST = 0.5, 2.0
"""Least and greatest length of a translation, as a multiple of the source's."""
A_CHARACTER = 4
"""Letters that a Chinese character counts as; so does `news.text.language`."""
SPARED = 12
"""Letters by which a translation may always be longer, since words of short titles vary more."""
_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_MARKUP = re.compile(r"[<>{}\\`|]|\*\*|__|\]\(|^#|&#?\w+;")
_LINK = re.compile(r":/|www\.|(?<![\w-])[\w-]+\.[^\W\d_]{2,}|(?<!\w)[@#/$][^\W_]\w+", re.IGNORECASE)


def unfit(source: str, answer: str, of: str | None, language: str) -> str | None:
    """Return why a line is no translation of a source's text, or None if it is one.

    Args:
        source: The title or standfirst.
        answer: The model's line.
        of: The source's language; None if unknown.
        language: The language that was asked for.
    """
    from news.text.language import contradicts, detect  # noqa: PLC0415 - its model loads in workers

    foreign = {"a control character": _CONTROL, "markup": _MARKUP, "a link": _LINK}
    for reason, pattern in foreign.items():
        known = set(map(str.casefold, pattern.findall(source)))
        if any(each.casefold() not in known for each in pattern.findall(answer)):
            return reason
    if answer.casefold().split() == source.casefold().split():
        return "not translated"
    long, short = letters(answer), letters(source)
    if not SHORTEST * short <= long <= max(LONGEST * short, short + SPARED):
        return "too short" if long < short else "too long"
    if contradicts(answer, language) or (of not in {None, language} and detect(answer) == of):
        return "another language"
    return None


def letters(text: str) -> int:
    """Return a text's length in letters of a European language, without white space."""
    return sum(1 for each in text if not each.isspace()) + (A_CHARACTER - 1) * len(
        CJK.findall(text)
    )


def judged(
    pairs: Sequence[tuple[str, str]], of: Sequence[str | None], language: str
) -> list[str | None]:
    """Return for each pair of a source's text and its translation why it is refused, or None."""
    from news.translation.faithful import refused  # noqa: PLC0415 - its names load in workers

    return [
        unfit(source, answer, each, language) or refused(source, answer, each, language)
        for (source, answer), each in zip(pairs, of, strict=True)
    ]
