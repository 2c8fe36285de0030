"""Bytes as text: by their mark, by what HTTP or the document says, else by what they look like."""

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
# What is declared, and what is meant by it: the larger set that the web settled on.
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
# Text encodings to Python, but none that a document is written in; some fail whatever it holds.
_NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"})
_HTTP = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,40})")
_META = re.compile(
    rb"<meta\b[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE
)
_WEST = "cp1252"
_SURE = 0.15
"""How sure a charset must be told for a text of mostly Latin letters to be of no Western one."""
_LOOKED_AT = 60_000
_TOLD_BY = 20_000
"""Bytes of a document, its markup included, that tell the script of what is said to be Latin."""
_JAPANESE_MAIL = b"\x1b$"
"""What Japanese in seven bits begins with, which is valid as UTF-8 and means nothing in it."""
_NOT_LATIN = 0.7
"""High bytes among the letters of words that have some, from which a script is not Latin."""
_FEW = 20
"""High bytes that say nothing about a script."""
_NO_WORDS = re.compile(rb"<[^<>]*>|\s+")
_TAG = re.compile(rb"<[^<>]*>")
_ASCII_LETTERS = string.ascii_letters.encode()
_WORDS_APART = bytes(one if one >= 0xC0 or one in _ASCII_LETTERS else 32 for one in range(256))
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_ALIEN = re.compile("[\udc80-\udcff]")
"""Bytes that are no UTF-8, as Python hands them on."""
_CUT = re.compile(
    "[\udcc2\udcc3\udce2](?:[\udc80-\udcbf](?![\udc80-\udcff]))?(?![\udc80-\udcff\\w])"
)
"""The beginning of a letter whose end was cut off."""
_BROKEN_SHARE = 200
"""One broken byte in so many still leaves a text in the charset that it declares."""


def decode(document: bytes, content_type: str | None = None) -> str:
    """The text of `document`. Never fails: what cannot be read becomes the replacement mark."""
    marked = document.startswith(codecs.BOM_UTF8)
    document = document.removeprefix(codecs.BOM_UTF8)
    name = by_mark(document)
    if name is not None:
        return document.decode(name, "replace").removeprefix("\ufeff")
    try:
        # Declared or not: what is valid as UTF-8 is UTF-8; a Latin-1 page is not by chance.
        return document.decode("utf-8")
    except UnicodeDecodeError:
        if marked and (text := _mostly_utf8(document)) is not None:
            return text
        name = _as_declared(document, content_type)
        if name is not None:
            return document.decode(name, "replace")
        return _mostly_utf8(document) or document.decode(_guessed(document), "replace")


def by_mark(start: bytes) -> str | None:
    """The charset by how a document begins, where its first bytes say so; None for any other."""
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    is_mail = b"\x1b" in start and _JAPANESE_MAIL in start
    return "iso2022_jp" if is_mail else _unmarked(start)


def by_sample(sample: bytes) -> str:
    """The charset of a document that is no valid UTF-8, by a part of it; UTF-8 if mostly so."""
    marked = sample.startswith(codecs.BOM_UTF8)
    if marked and _mostly_utf8(sample) is not None:
        return "utf-8"
    name = _as_declared(sample, None)
    if name is not None:
        return name
    return "utf-8" if _mostly_utf8(sample) is not None else _guessed(sample)


def west(error: UnicodeError) -> tuple[str, int]:
    """Read a byte that is no UTF-8 in Windows' charset: words in it were pasted.

    Raises:
        UnicodeError: Something else than decoding failed.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode(_WEST, "replace"), error.end


def _as_declared(document: bytes, content_type: str | None) -> str | None:
    """The charset that HTTP or the document names; None where that cannot be it."""
    declared = _declared(document, content_type)
    for name in declared:
        try:
            # A part of a document may end amid a letter.
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
    """The text of UTF-8 with a few other bytes; None where it is none, or too many are others."""
    text = document.decode("utf-8", "surrogateescape")
    alien = len(_ALIEN.findall(text))
    # Where all but ASCII is alien, none of it is UTF-8.
    if alien * _BROKEN_SHARE < len(document) and alien < len(_NOT_ASCII.findall(text)):
        # Words in Windows' charset were pasted into it, or it was cut amid letters.
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
    # Latin-1 is what servers say of everything, unless they are told: it says nothing.
    if by_http and by_http[1].lower() not in {"iso-8859-1", "us-ascii"}:
        names.insert(0, by_http[1])
    known = []
    for codec in filter(None, map(_codec, names)):
        # Codecs such as `rot13` or `zlib` are no charsets; UTF-16 without its mark is a lie here.
        is_charset = codec._is_text_encoding and not codec.name.startswith("utf-")  # noqa: SLF001 — the only way to ask
        if is_charset and codec.name not in _NO_CHARSETS:
            known.append(_MEANT.get(codec.name, codec.name))
    return known


def _codec(label: str) -> codecs.CodecInfo | None:
    """The codec of a charset, by the name that Python or else the web has for it."""
    for name in (label, label.lower().replace("x-", "").removeprefix("cs")):
        try:
            return codecs.lookup(name)
        except LookupError:
            continue
    return None


def _unmarked(document: bytes) -> str | None:
    """UTF-16 or UTF-32, where its mark was left out."""
    # Markup and JSON begin with ASCII: all but one byte of a letter are then zero.
    for width, order, at in ((4, "le", 0), (4, "be", 3), (2, "le", 0), (2, "be", 1)):
        start = document[: 2 * width]
        letters = start[at::width]
        if all(letters) and letters.isascii() and start.count(0) == 2 * (width - 1):
            return f"utf-{width * 8}-{order}"
    return None


def _guessed(document: bytes) -> str:
    """The charset that a document looks like."""
    # A tenth of a second to load, for the few documents that need it.
    import chardet  # noqa: PLC0415 — see above

    words = _words_of(document)
    found = chardet.detect(words, compat_names=False, max_bytes=len(words) or 1)
    name: str | None = found["encoding"]
    if name is None or (found["confidence"] < _SURE and _script(words)[0] < _NOT_LATIN):
        # Short texts pass for many.
        name = _WEST
    return name


def _script(words: bytes) -> tuple[float, int]:
    """The share of high bytes among the letters of words that have some, and their number.

    Where it is small, the script is Latin. An `à` by itself says nothing.
    """
    apart = words.translate(_WORDS_APART).split()
    letters = b"".join(word for word in apart if len(word) > 1 and not word.isascii())
    high = len(letters.translate(None, _ASCII_LETTERS))
    return high / max(len(letters), 1), high


def _words_of(document: bytes) -> bytes:
    # Markup is ASCII and says nothing; the words between decide.
    return _NO_WORDS.sub(b" ", document[: _LOOKED_AT * 4])[:_LOOKED_AT]
