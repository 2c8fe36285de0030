r"""Words to search for and words to search in: both are cut here, so that all databases agree.

Neither database's own idea of a word is used. A text becomes tokens: accents and case are gone,
a run of letters and digits is one token, and each Chinese or Japanese character is one by itself.
A search becomes phrases of such tokens. No character that a query language gives a meaning is
part of any token, so nothing that a reader types is ever taken for syntax.
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
"""Characters of a token that count; the rest is cut off. PostgreSQL takes 2,046 bytes."""
LONGEST_QUERY = 300
MOST_PHRASES = 10
BARRIER = "¦"
"""What stands between two fields: to FTS5 a word, which no search can contain."""
SHORTEST_BEGINNING = 3
"""Letters of a word from which on it may be the beginning of a longer one; shorter ones are whole
words, such as LV or UK. A syllable of Hangul is a character: two of them are a beginning."""

_ACCENTS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
# Letters that Unicode does not take apart into a plain one and its mark.
_LETTERS = str.maketrans(
    dict(zip("øłđðħ\u0131", "olddhi", strict=True)) | {"æ": "ae", "œ": "oe", "þ": "th"}
)
# Radicals, iteration marks, numerals, kana, ideographs and their later planes.
_CJK = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3041-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# Vowel signs from Hebrew to Burmese: part of a word, though \w does not stand for them.
_SIGNS = (
    "\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0dff\u0e31-\u0e4e\u0eb1-\u0ecd"
    "\u0f71-\u0fbc\u102b-\u109d\u17b4-\u17d3"
)
_RUN = rf"(?:[^\W_{_CJK}]|[{_SIGNS}])+"
_IDEOGRAPH = rf"(?=[^\W_])[{_CJK}]"
_TOKEN = re.compile(rf"{_IDEOGRAPH}|{_RUN}")
_GREEK = "\u0370"
"""Where Latin letters and their signs end; folded, those of a later block are among them."""
_HANGUL = re.compile("[\uac00-\ud7a3]{2}")
HANGUL = "\uac00"
"""From here on a letter may be a syllable of Hangul."""
_FAR = "\u2c00"
"""From here on hardly a letter is a Latin one, and a run may be a whole text in Chinese."""
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_SHORT = 16
"""Characters of a run of which it is remembered how it is folded."""
# What stands between words in most languages, beside what ASCII has for it.
PUNCTUATION = re.compile(
    "[\u00a0\u00ab\u00bb\u2010-\u2015\u2018-\u201e\u2022\u2026\u20ac\u2120\u2122]"
)
# What belongs together in a query: a run of ideographs, or words that are written as one.
_PHRASE = re.compile(rf"{_IDEOGRAPH}(?:[·・]?{_IDEOGRAPH})*|{_RUN}(?:[&'’.+/@-]{_RUN})*")  # noqa: RUF001 - the apostrophe of typesetters


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens that must follow each other."""

    tokens: tuple[str, ...]
    prefix: bool
    """Whether the last one may be the beginning of a longer one."""


def fold(text: str) -> str:
    """The text without accents and case, for comparing; its other characters stay."""
    return _BEYOND_ASCII.sub(lambda found: _bare(found[0]), text).casefold()


def _bare(run: str) -> str:
    """A run of letters and signs beyond ASCII, folded; in most languages they are short and few."""
    return _remembered(run) if len(run) <= _SHORT else _remembered.__wrapped__(run)


def _parted(run: str) -> str:
    """A run beyond ASCII, folded, with a blank for what stands between words."""
    return _letters(run) if len(run) <= _SHORT else _letters.__wrapped__(run)


@lru_cache(maxsize=4_096)
def _letters(run: str) -> str:
    return _bare(PUNCTUATION.sub(" ", run))


@lru_cache(maxsize=4_096)
def _remembered(run: str) -> str:
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", run)).casefold()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", bare)).translate(_LETTERS)
    # Syllables of Hangul and voiced kana were taken apart as well: these are letters.
    return unicodedata.normalize("NFC", bare)


def _by_pattern(text: str) -> list[str]:
    """The tokens of a text, whatever its letters."""
    folded = _BEYOND_ASCII.sub(lambda found: _parted(found[0]), text)
    return _TOKEN.findall(folded.casefold())


def _to_latin(error: UnicodeError) -> tuple[bytes, int]:
    """What stands in a text's bytes for letters that Latin-1 has not: these, folded.

    Raises:
        UnicodeEncodeError: They are no Latin ones.
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
    """What a letter of Latin-1 becomes in a token; a blank if it ends one, 0 if it is not one."""
    amid = " ".join(_by_pattern(f"a{chr(code)}b"))
    return ord(amid[1]) if amid.isascii() and len(amid) == len("a b") else 0


_FOLDED = bytes(map(_in_ascii, range(256)))
_UNFOLDED = b"\0"
_BLANKS = re.compile("  +")
_NONE_TOO_LONG = re.compile(rf"(?>.{{0,{LONGEST_TOKEN}}} )*+.{{0,{LONGEST_TOKEN}}}", re.DOTALL)
"""Of tokens with a space between: goes from one space to the farthest that may be the next."""


def tokens(text: str) -> list[str]:
    """The folded words of a text, each Chinese or Japanese character as a word of its own."""
    return joined_tokens(text).split()


def joined_tokens(text: str) -> str:
    """The tokens of a text with a space between, as most ask for them."""
    if not text:
        return ""
    # Most articles have hardly a letter beyond Latin-1: as bytes they are folded all at once.
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
    """Where each token of a text in NFC begins and ends.

    They are those of `tokens` but for signs that stand for several (`½`), which are few.

    Args:
        text: The text.
        also: A sign that is a token as well.
    """
    token = _token(also, plain=max(text, default="") < _SIGNS[0])
    return [found.span() for found in token.finditer(text)]


@cache
def _token(also: str, *, plain: bool) -> re.Pattern[str]:
    token = r"[^\W_]+" if plain else _TOKEN.pattern
    return re.compile(f"{re.escape(also)}|{token}" if also else token)


def between(*fields: Sequence[str] | str) -> str:
    """Fields of tokens as one text, `" a b ¦ c "`, in which `" b "` and `" a b "` stand.

    A field may also be its tokens with a space between.
    """
    joined = (field if isinstance(field, str) else " ".join(field) for field in fields)
    return f" {f' {BARRIER} '.join(joined)} "


def muted(word: str) -> str:
    """A muted word or phrase as it is kept: its tokens with a space between; "" if it has none."""
    return joined_tokens(word)


def can_go_on(token: str) -> bool:
    """Whether a token of Hangul may stand in a longer one: particles are written on to a noun."""
    return token >= HANGUL and _HANGUL.match(token) is not None


def sought(word: str) -> str:
    """What stands in a text of `between` where a followed or muted word does.

    Args:
        word: Its tokens with a space between.
    """
    return f" {word}" if can_go_on(word.rpartition(" ")[2]) else f" {word} "


def beyond_latin(text: str) -> bool:
    """Whether a text has letters that are no Latin ones: who types 徐家汇 reads what has it."""
    return any(max(token) >= _GREEK for token in tokens(text))


def phrases(query: str) -> tuple[Phrase, ...]:
    """What a search asks for, all of which must be there; empty if it names nothing.

    Words are beginnings of words, from three letters on. Characters of Chinese or Japanese must
    stand together as they were typed.
    """
    found: dict[Phrase, None] = {}
    for match in _PHRASE.finditer(fold(query[:LONGEST_QUERY])):
        cut = tuple(tokens(match[0]))
        if not cut:
            continue
        prefix = len(cut[-1]) >= SHORTEST_BEGINNING or can_go_on(cut[-1])
        found[Phrase(cut, prefix=prefix)] = None
        if len(found) == MOST_PHRASES:
            break
    return tuple(found)


def matches(query: tuple[Phrase, ...], *fields: str) -> bool:
    """Whether fields, each its tokens with a space between, have all that a search asks for."""
    text = between(*fields)
    return all(
        f" {' '.join(phrase.tokens)}{'' if phrase.prefix else ' '}" in text for phrase in query
    )


def like(phrase: Phrase, *, in_first: bool) -> str:
    """The LIKE pattern of a phrase in the text of `between`: in any field, or in the first."""
    words = " ".join(phrase.tokens)
    return f"% {words}{'' if phrase.prefix else ' '}%{f'{BARRIER}%' if in_first else ''}"
