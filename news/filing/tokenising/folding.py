"""Folding of letters: case and accents are removed, so that spellings of a name are equal."""

from __future__ import annotations

import re
import unicodedata

from news.text.letters import without_accents

_FIRST_OF_JAMO = 0x1100
"""Lowest code of the letters whose width is folded too; Hangul and kana are not decomposed."""
CJK = "\u2e80-\u2fdf\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_LETTERS = re.compile(r"[^\W_]+")
_CJK_LETTER = re.compile(rf"[{CJK}]")
_ODD = re.compile(r"[^\x00-\x5f\x61-\x7f]+")
_FEW_ODD = 1.1
"""Bytes per character below which a text has few characters that are not ASCII."""


class _Folding(dict[int, str]):
    def __missing__(self, code: int) -> str:
        letter = chr(code)
        if code in {0x2018, 0x2019, 0x02BC, 0x0060, 0x00B4}:
            folded = "'"
        elif code in {0x2010, 0x2011}:
            folded = "-"
        elif code >= _FIRST_OF_JAMO:
            folded = unicodedata.normalize("NFKC", letter).casefold()[:1] or letter
            if not (_CJK_LETTER.match(letter) or "\uac00" <= letter <= "\ud7a3"):
                folded = _without_marks(folded)
        else:
            folded = _without_marks(letter)
        self[code] = folded
        return folded


def _without_marks(letter: str) -> str:
    plain = without_accents(letter)
    plain = {"œ": "o", "æ": "a", "ø": "o", "ł": "l", "đ": "d"}.get(plain, plain)
    return plain[:1] or letter


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Return the text without case and accents. Text in NFC keeps its length."""
    if text.isascii():
        return text.lower().replace("`", "'")
    if len(text.encode("utf-8", "replace")) < _FEW_ODD * len(text):
        # Folding letter by letter takes ten times as long, and few letters need it.
        return _ODD.sub(_folded_run, text).lower()
    return text.translate(_FOLDING).lower()


def _folded_run(odd: re.Match[str]) -> str:
    return odd[0].translate(_FOLDING) if len(odd[0]) > 1 else _FOLDING[ord(odd[0])]


def has_cjk(text: str) -> bool:
    """Return whether any letter is Chinese or Japanese."""
    return not text.isascii() and _CJK_LETTER.search(text) is not None


def key(text: str) -> str:
    """Return what spellings of a name share: no case, accents, spaces, `&` or `and`."""
    if text.isascii() and text.isalnum():
        return text.lower()
    folded = fold(unicodedata.normalize("NFC", text))
    words = _LETTERS.findall(folded)
    return "".join(word for word in words if word != "and") or "".join(words)
