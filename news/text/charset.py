"""Decoding of bytes to text.

The charset comes from a byte order mark, from what HTTP or the document declares, or from a guess.
"""

from __future__ import annotations

import codecs
import re
import string

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Declared charset → the superset that browsers use for it.
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "tis-620": "cp874",
}
# Python text encodings that no document uses; some fail on any input.
_NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"})
_HTTP = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,40})")
_META = re.compile(
    rb"<meta\b[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE
)
_WEST = "cp1252"
_SURE = 0.15
"""Least confidence with which mostly Latin text is decoded in a guessed charset."""
_LOOKED_AT = 60_000
_TOLD_BY = 20_000
"""Bytes of a document, including markup, that are checked for a script other than Latin."""
_JAPANESE_MAIL = b"\x1b$"
"""Start of an escape sequence of ISO-2022-JP, which is also valid UTF-8."""
_NOT_LATIN = 0.7
"""Least share of high bytes among the letters of non-ASCII words in a script that is not Latin."""
_FEW = 20
"""High bytes up to which nothing is concluded about the script."""
_NO_WORDS = re.compile(rb"<[^<>]*>|\s+")
_TAG = re.compile(rb"<[^<>]*>")
_ASCII_LETTERS = string.ascii_letters.encode()
_WORDS_APART = bytes(one if one >= 0xC0 or one in _ASCII_LETTERS else 32 for one in range(256))
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_ALIEN = re.compile("[\udc80-\udcff]")
"""Matches a byte that is not valid UTF-8, as Python's `surrogateescape` decodes it."""
_CUT = re.compile(
    "[\udcc2\udcc3\udce2](?:[\udc80-\udcbf](?![\udc80-\udcff]))?(?![\udc80-\udcff\\w])"
)
"""Matches the beginning of a UTF-8 sequence that was truncated."""
_BROKEN_SHARE = 200
"""Bytes per broken byte above which a text is still decoded in the declared charset."""


def decode(document: bytes, content_type: str | None = None) -> str:
    """Return the text of `document`; undecodable bytes become the replacement character."""
    marked = document.startswith(codecs.BOM_UTF8)
    document = document.removeprefix(codecs.BOM_UTF8)
    name = by_mark(document)
    if name is not None:
        return document.decode(name, "replace").removeprefix("\ufeff")
    try:
        # Whatever is declared, valid UTF-8 is UTF-8: Latin-1 text is hardly ever valid by chance.
        return document.decode("utf-8")
    except UnicodeDecodeError:
        if marked and (text := _mostly_utf8(document)) is not None:
            return text
        name = _as_declared(document, content_type)
        if name is not None:
            return document.decode(name, "replace")
        return _mostly_utf8(document) or document.decode(_guessed(document), "replace")


def by_mark(start: bytes) -> str | None:
    """Return the charset that the first bytes of a document prove, or None."""
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    is_mail = b"\x1b" in start and _JAPANESE_MAIL in start
    return "iso2022_jp" if is_mail else _unmarked(start)


def by_sample(sample: bytes) -> str:
    """Return the charset of a sample that is not valid UTF-8, or UTF-8 if few bytes are invalid."""
    marked = sample.startswith(codecs.BOM_UTF8)
    if marked and _mostly_utf8(sample) is not None:
        return "utf-8"
    name = _as_declared(sample, None)
    if name is not None:
        return name
    return "utf-8" if _mostly_utf8(sample) is not None else _guessed(sample)


def west(error: UnicodeError) -> tuple[str, int]:
    """Decode an invalid UTF-8 byte as Windows-1252: an error handler for pasted text."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode(_WEST, "replace"), error.end


def _as_declared(document: bytes, content_type: str | None) -> str | None:
    declared = _declared(document, content_type)
    for name in declared:
        try:
            # Incremental, because a part of a document may end within a character.
            codecs.getincrementaldecoder(name)().decode(document)
        except UnicodeDecodeError:
            continue
        script, high = _script(_TAG.sub(b" ", document[:_TOLD_BY])) if name == _WEST else (0, 0)
        return None if script > _NOT_LATIN and high > _FEW else name
    for name in declared:
        text = document.decode(name, "replace")
        if text.count("\ufffd") * _BROKEN_SHARE < len(document):
            return name
    return None


def _mostly_utf8(document: bytes) -> str | None:
    """Return the text of UTF-8 with a few invalid bytes, or None if there are too many."""
    text = document.decode("utf-8", "surrogateescape")
    alien = len(_ALIEN.findall(text))
    # If every non-ASCII byte is invalid, the document is not UTF-8.
    if alien * _BROKEN_SHARE < len(document) and alien < len(_NOT_ASCII.findall(text)):
        # Windows-1252 text was pasted in, or the document was cut within characters.
        return _ALIEN.sub(
            lambda found: bytes([ord(found.group()) - 0xDC00]).decode(_WEST, "ignore"),
            _CUT.sub("", text),
        )
    return None


def _declared(document: bytes, content_type: str | None) -> list[str]:
    start = document[:4096]
    names = [
        found[1].decode("ascii") for found in (_XML.search(start), _META.search(start)) if found
    ]
    by_http = _HTTP.search(content_type or "")
    # Ignored: many servers declare Latin-1 by default.
    if by_http and by_http[1].lower() not in {"iso-8859-1", "us-ascii"}:
        names.insert(0, by_http[1])
    known = []
    for codec in filter(None, map(_codec, names)):
        # Codecs such as `rot13` are not charsets, and UTF-16 without a mark cannot be right here.
        is_charset = codec._is_text_encoding and not codec.name.startswith("utf-")  # noqa: SLF001 — no public way
        if is_charset and codec.name not in _NO_CHARSETS:
            known.append(_MEANT.get(codec.name, codec.name))
    return known


def _codec(label: str) -> codecs.CodecInfo | None:
    for name in (label, label.lower().replace("x-", "").removeprefix("cs")):
        try:
            return codecs.lookup(name)
        except LookupError:
            continue
    return None


def _unmarked(document: bytes) -> str | None:
    """Return `utf-16-…` or `utf-32-…` if a document in it lacks its byte order mark, or None."""
    # Markup and JSON begin with ASCII, so all but one byte of each character are zero.
    for width, order, at in ((4, "le", 0), (4, "be", 3), (2, "le", 0), (2, "be", 1)):
        start = document[: 2 * width]
        letters = start[at::width]
        if all(letters) and letters.isascii() and start.count(0) == 2 * (width - 1):
            return f"utf-{width * 8}-{order}"
    return None


def _guessed(document: bytes) -> str:
    # Imported here: it takes a tenth of a second, and few documents need it.
    import chardet  # noqa: PLC0415 — see above

    words = _words_of(document)
    found = chardet.detect(words, compat_names=False, max_bytes=len(words) or 1)
    name: str | None = found["encoding"]
    if name is None or (found["confidence"] < _SURE and _script(words)[0] < _NOT_LATIN):
        # A short text may look like many charsets.
        name = _WEST
    return name


def _script(words: bytes) -> tuple[float, int]:
    """Return the share of high bytes in non-ASCII words of several letters, and their number."""
    apart = words.translate(_WORDS_APART).split()
    letters = b"".join(word for word in apart if len(word) > 1 and not word.isascii())
    high = len(letters.translate(None, _ASCII_LETTERS))
    return high / max(len(letters), 1), high


def _words_of(document: bytes) -> bytes:
    # Markup is ASCII in any charset; only the text between tags helps.
    return _NO_WORDS.sub(b" ", document[: _LOOKED_AT * 4])[:_LOOKED_AT]
