"""Standfirsts, and titles made from the beginning of a text."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from news.text.clean import one_line, shorten, without_trailer
from news.text.letters import letters, table

if TYPE_CHECKING:
    from collections.abc import Iterator


STANDFIRST_LIMIT = 300
"""Most characters of a standfirst."""
BEGINNING = 1_200
"""Number of leading characters of a text that may become its standfirst."""
_ELLIPSIS = re.compile(r" ?(?:\[ ?(?:\u2026|\.\.\.) ?\]|\.\.\.|\u2026)$")
_SENTENCE_END = re.compile(
    # A common first character class makes the search four times as fast as one per branch.
    r"[.!?\u2026\u3002\uff01\uff1f](?:"
    r"(?<=[.!?\u2026])(?<![.!?\u2026]{2})[.!?\u2026]*+[\"'\u201d\u2019\u00bb)\]]*(?=\s)|"
    r"(?<=[\u3002\uff01\uff1f])[\u3002\uff01\uff1f]*[\u201d\u300d\u300f\uff09]*)"
)
_LABEL = 60
"""Most characters of a paragraph that is a label."""
_SENTENCE_MARKS = frozenset('.!?\u2026\u3002\uff01\uff1f:\uff1a"\u201d\u00bb\u300d\u300f)]\uff09,;')
_BRACKETS = frozenset({"()", "[]", "\uff08\uff09"})
# Matches the start of the text after a repeated title: punctuation, or a word that does not
# continue it.
_BEGINS_ANEW = re.compile(r"\s*[.:|!?\u2014\u2013]|\s+-\s|\s+[^\sa-z\u00df-\u00ff'\u2019,;(]")
_FIRST_FEW = 6
_TITLE_LIMIT = 90
"""Most characters of a title made from a text."""
_SAYING = 12
"""Fewest characters of a sentence that may be a title."""
_AFTER_DAY = re.compile(
    r"\s(?:[a-z]|J\u00e4nner|Januar|Februar|M\u00e4rz|April|Mai|Juni|Juli|August|September|Oktober|"
    r"November|Dezember|Jahrhundert)"
)
"""Matches what follows the day number, with its period, of a German date."""
_ABBREVIATIONS = table(
    "mr mrs ms dr prof st sr jr no vs co corp inc ltd bros mt ft gen sen rep est dept approx "
    "sig dott ing avv spa srl art pag mme mlle nr bzw ca etc dna sra jan feb apr jun jul aug sep "
    "sept oct nov dec"
)


def standfirst(text: str, heading: str = "") -> str:
    """Return one or two sentences, at most STANDFIRST_LIMIT characters; "" for a mere title."""
    return first_sentences(_beginning(_before_subhead(text), heading))


def standfirst_and_more(text: str, heading: str) -> tuple[str, bool]:
    """Return the standfirst of `text`, and whether it says more; ("", False) for a mere title."""
    line = _beginning(text, heading)
    if not line:
        return "", False
    above = _before_subhead(text)
    sentences = first_sentences(line if above is text else _beginning(above, heading))
    return sentences, len(sentences) < len(line) or len(text) > BEGINNING


def _before_subhead(text: str) -> str:
    pieces = text[:BEGINNING].split("\n\n")
    if len(pieces) == 1:
        return text
    length = 0
    for place, piece in enumerate(pieces):
        line = one_line(piece)
        if length >= _LABEL and _is_label(line):
            return "\n\n".join(pieces[:place])
        length += len(line)
    return text


def _is_label(line: str) -> bool:
    return (
        0 < len(line) <= _LABEL
        and line[0] != "\u2022"
        and (line[-1] not in _SENTENCE_MARKS or line[0] + line[-1] in _BRACKETS)
    )


def _beginning(text: str, heading: str) -> str:
    """Return the first BEGINNING characters on one line, without labels; "" for a mere title."""
    line = without_trailer(_without_labels(text[:BEGINNING], heading))
    if heading and _same_words(line, heading):
        return ""
    rest = line[len(heading) :]
    if heading and line.casefold().startswith(heading.casefold()) and _BEGINS_ANEW.match(rest):
        rest = rest.lstrip(" .:\u2014\u2013-|")
        line = rest if len(rest) > len(heading) else line
    if line.isascii() and " " not in line:
        # One word such as `Comments` is a link's label; in Chinese it may be a sentence.
        return ""
    if line.endswith(("...", "\u2026", "]")) and (cut_off := _ELLIPSIS.search(line)):
        line = line[: cut_off.start()] + "\u2026"
    return line


def first_sentences(line: str) -> str:
    """Return one or two sentences of `line`, at most STANDFIRST_LIMIT characters."""
    ends = list(islice(_sentence_ends(line), 3))
    fit = [end for end in ends[:2] if end <= STANDFIRST_LIMIT]
    if not fit or (fit[-1] < _LABEL and ends[len(fit) :] and ends[len(fit)] > STANDFIRST_LIMIT):
        # A short sentence such as `Why?` needs the next one.
        return shorten(line, STANDFIRST_LIMIT)
    return line[: fit[-1]].strip()


def _without_labels(text: str, heading: str) -> str:
    pieces = [line for piece in text.split("\n\n") if (line := one_line(piece))]
    while len(pieces) > 1:
        first = pieces[0]
        label = len(first) <= len(pieces[1]) and _is_label(first)
        if not (label or (heading and _same_words(first, heading))):
            break
        pieces.pop(0)
    return " ".join(pieces)


def first_words(text: str) -> str:
    """Return the beginning of `text`, to replace a missing title."""
    line = one_line(text[: _TITLE_LIMIT * 20])
    end = 0
    for end in _sentence_ends(line):
        # Skip short sentences such as `Why?`.
        if end >= _SAYING:
            break
    return line[:end].strip() if end <= _TITLE_LIMIT else shorten(line, _TITLE_LIMIT)


def _sentence_ends(line: str) -> Iterator[int]:
    last = 0
    for end in _SENTENCE_END.finditer(line):
        words = line[last : end.start()].rsplit(None, 1)
        word = words[-1].strip("(\"'\u201c\u2018") if words else ""
        if line[end.start()] == "." and (
            word.casefold() in _ABBREVIATIONS or len(word.rsplit(".", 1)[-1]) == 1
        ):
            continue
        if word.isdigit() and len(word) <= 2 and _AFTER_DAY.match(line, end.end()):
            continue
        last = end.end()
        yield last
    if last < len(line):
        yield len(line)


def _same_words(one: str, other: str) -> bool:
    if len(one) >= 4 * len(other) + 40:
        return False
    # Compare the first letters first, as most texts differ there.
    first, second = letters(one[:_FIRST_FEW]), letters(other[:_FIRST_FEW])
    alike = first.startswith(second) or second.startswith(first)
    return alike and letters(one) == letters(other)
