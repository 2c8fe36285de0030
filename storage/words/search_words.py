"""The tokens of texts and searches, made here so that both databases agree.

Neither database's own definition of a word is used. A text becomes tokens: without accents and
case, a run of letters and digits is one token, and so is each Chinese or Japanese character. A
search becomes phrases of such tokens. No token contains a character with a meaning in a query
language, so a reader's text is never read as syntax.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_TOKEN = 64
"""Characters of a token at most; the rest is cut off. PostgreSQL allows 2,046 bytes."""
LONGEST_QUERY = 300
"""Characters of a search, or of a followed word, that are read; of their folded form too."""
MOST_PHRASES = 10
BARRIER = "¦"
"""The separator of two fields: FTS5 sees it as a word that no search can contain."""
SHORTEST_BEGINNING = 3
"""Fewest letters of a searched word that also matches as a prefix.

Shorter ones match whole words only, such as LV or UK. For Hangul two syllables suffice.
"""

_ACCENTS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
# Letters that Unicode does not decompose into a plain letter and a mark.
_LETTERS = str.maketrans(
    dict(zip("øłđðħ\u0131", "olddhi", strict=True)) | {"æ": "ae", "œ": "oe", "þ": "th"}
)
# Radicals, iteration marks, numerals, kana, ideographs and their later planes.
_CJK = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3041-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# Vowel signs from Hebrew to Burmese: part of a word, though \w does not match them.
_SIGNS = (
    "\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0dff\u0e31-\u0e4e\u0eb1-\u0ecd"
    "\u0f71-\u0fbc\u102b-\u109d\u17b4-\u17d3"
)
_RUN = rf"(?:[^\W_{_CJK}]|[{_SIGNS}])+"
_IDEOGRAPH = rf"(?=[^\W_])[{_CJK}]"
_TOKEN = re.compile(rf"{_IDEOGRAPH}|{_RUN}")
_GREEK = "\u0370"
"""The first character after the Latin blocks. Folding maps later Latin letters below it."""
_HANGUL = re.compile("[\uac00-\ud7a3]{2}")
HANGUL = "\uac00"
"""The first syllable of Hangul."""
_FAR = "\u2c00"
"""From this character on hardly any letter is Latin, and a run may be a whole Chinese text."""
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_SHORT = 16
"""Characters at most of a run whose folded form is cached."""
# Punctuation of most languages, beyond ASCII.
PUNCTUATION = re.compile(
    "[\u00a0\u00ab\u00bb\u2010-\u2015\u2018-\u201e\u2022\u2026\u20ac\u2120\u2122]"
)
# The phrases of a query: runs of ideographs, or words written as one.
_PHRASE = re.compile(rf"{_IDEOGRAPH}(?:[·・]?{_IDEOGRAPH})*|{_RUN}(?:[&'’.+/@-]{_RUN})*")  # noqa: RUF001 - the typographic apostrophe


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens that must follow each other."""

    tokens: tuple[str, ...]
    prefix: bool
    """Whether the last token also matches as a prefix."""


def fold(text: str) -> str:
    """Return the text without accents and case, for comparison; other characters stay."""
    return _BEYOND_ASCII.sub(lambda found: _bare(found[0]), text).casefold()


def _bare(run: str) -> str:
    """Return a run of characters beyond ASCII, folded. Short runs are cached."""
    return _remembered(run) if len(run) <= _SHORT else _remembered.__wrapped__(run)


def _parted(run: str) -> str:
    """Return a run beyond ASCII, folded, with punctuation replaced by spaces."""
    return _letters(run) if len(run) <= _SHORT else _letters.__wrapped__(run)


@lru_cache(maxsize=4_096)
def _letters(run: str) -> str:
    return _bare(PUNCTUATION.sub(" ", run))


@lru_cache(maxsize=4_096)
def _remembered(run: str) -> str:
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", run)).casefold()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", bare)).translate(_LETTERS)
    # NFKD also decomposed Hangul syllables and voiced kana: compose them again.
    return unicodedata.normalize("NFC", bare)


def _by_pattern(text: str) -> list[str]:
    """Return the tokens of a text in any script."""
    folded = _BEYOND_ASCII.sub(lambda found: _parted(found[0]), text)
    return _TOKEN.findall(folded.casefold())


def _to_latin(error: UnicodeError) -> tuple[bytes, int]:
    """Replace letters missing in Latin-1 with their folded form, as a codec error handler.

    It raises UnicodeEncodeError if that is not ASCII.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    run = error.object[error.start : error.end]
    latin = _latin(run) if len(run) <= _SHORT else _latin.__wrapped__(run)
    if latin is None:
        raise error
    return latin, error.end


@lru_cache(maxsize=4_096)
def _latin(run: str) -> bytes | None:
    if max(run[:_SHORT]) >= _FAR:
        return None
    parted = _parted(run)
    return parted.encode("ascii") if parted.isascii() else None


codecs.register_error("onnews.latin", _to_latin)


def _in_ascii(code: int) -> int:
    """Return a Latin-1 letter's folded form; a space if it ends a token, 0 if there is none."""
    amid = " ".join(_by_pattern(f"a{chr(code)}b"))
    return ord(amid[1]) if amid.isascii() and len(amid) == len("a b") else 0


_FOLDED = bytes(map(_in_ascii, range(256)))
_UNFOLDED = b"\0"
_BLANKS = re.compile("  +")
_NONE_TOO_LONG = re.compile(rf"(?>.{{0,{LONGEST_TOKEN}}} )*+.{{0,{LONGEST_TOKEN}}}", re.DOTALL)
"""Matches tokens joined with spaces if none is longer than `LONGEST_TOKEN`."""


def tokens(text: str) -> list[str]:
    """Return the folded words of a text; each Chinese or Japanese character is one word."""
    return joined_tokens(text).split()


def joined_tokens(text: str) -> str:
    """Return the tokens of a text joined with spaces."""
    if not text:
        return ""
    # Most articles have hardly a letter beyond Latin-1: as bytes they are folded in one call.
    try:
        folded = text.replace("\u00df", "ss").encode("latin-1", "onnews.latin").translate(_FOLDED)
    except UnicodeEncodeError:
        folded = _UNFOLDED
    if _UNFOLDED in folded:
        joined = " ".join(_by_pattern(text))
    else:
        joined = _BLANKS.sub(" ", folded.decode("ascii")).strip(" ")
    if len(text) <= LONGEST_TOKEN or _NONE_TOO_LONG.fullmatch(joined):
        return joined
    return " ".join(token[:LONGEST_TOKEN] for token in joined.split(" "))


def places(text: str, also: str = "") -> list[tuple[int, int]]:
    """Return where each token of a text in NFC begins and ends.

    The tokens are those of `tokens`, except for the few characters that expand to several (`½`).
    `also` is a further character that counts as a token.
    """
    token = _token(also, plain=max(text, default="") < _SIGNS[0])
    return [found.span() for found in token.finditer(text)]


@cache
def _token(also: str, *, plain: bool) -> re.Pattern[str]:
    token = r"[^\W_]+" if plain else _TOKEN.pattern
    return re.compile(f"{re.escape(also)}|{token}" if also else token)


def between(*fields: Sequence[str] | str) -> str:
    """Return fields of tokens as one text, `" a b ¦ c "`, which contains `" b "` and `" a b "`.

    A field may also be given as its tokens joined with spaces.
    """
    joined = (field if isinstance(field, str) else " ".join(field) for field in fields)
    return f" {f' {BARRIER} '.join(joined)} "


def muted(word: str) -> str:
    """Return a muted or followed word as stored: its tokens joined with spaces; "" for none."""
    return joined_tokens(word[:LONGEST_QUERY])


def can_go_on(token: str) -> bool:
    """Return whether a Hangul token may be followed by particles, which are joined to a noun."""
    return token >= HANGUL and _HANGUL.match(token) is not None


def sought(word: str) -> str:
    """Return the text to look for in a result of `between`, given a word's joined tokens."""
    return f" {word}" if can_go_on(word.rpartition(" ")[2]) else f" {word} "


def beyond_latin(text: str) -> bool:
    """Return whether a text has letters other than Latin ones, such as 徐家汇."""
    return any(max(token) >= _GREEK for token in tokens(text))


def phrases(query: str) -> tuple[Phrase, ...]:
    """Return the phrases that a search must match; empty if the text has no tokens.

    A word of three letters or more also matches as a prefix. Chinese or Japanese characters must
    appear in the typed order, next to each other.
    """
    found: dict[Phrase, None] = {}
    for match in _PHRASE.finditer(fold(query[:LONGEST_QUERY])[:LONGEST_QUERY]):
        cut = tuple(tokens(match[0]))
        if not cut:
            continue
        prefix = len(cut[-1]) >= SHORTEST_BEGINNING or can_go_on(cut[-1])
        found[Phrase(cut, prefix=prefix)] = None
        if len(found) == MOST_PHRASES:
            break
    return tuple(found)


def matches(query: tuple[Phrase, ...], *fields: str) -> bool:
    """Return whether the fields, each tokens joined with spaces, contain every phrase."""
    text = between(*fields)
    return all(
        f" {' '.join(phrase.tokens)}{'' if phrase.prefix else ' '}" in text for phrase in query
    )


def like(phrase: Phrase, *, in_first: bool) -> str:
    """Return a LIKE pattern that finds a phrase in a text of `between`.

    With `in_first`, only the first field counts.
    """
    words = " ".join(phrase.tokens)
    return f"% {words}{'' if phrase.prefix else ' '}%{f'{BARRIER}%' if in_first else ''}"
