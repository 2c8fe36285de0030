"""Bytes as text: by their mark, by what HTTP or the document says, else by what they look like."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
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
# What the web calls charsets and Python does not.
_LABELS = {
    **dict.fromkeys(("x-gbk", "gb_2312-80", "csgb2312"), "gb18030"),
    **dict.fromkeys(("x-x-big5", "cn-big5"), "big5hkscs"),
    **dict.fromkeys(("x-cp1252", "cp-1252", "win-1252"), "cp1252"),
    **dict.fromkeys(("x-cp1251", "win-1251"), "cp1251"),
    **dict.fromkeys(("x-mac-roman", "mac"), "mac-roman"),
    **dict.fromkeys(("windows-949", "x-windows-949"), "cp949"),
    **dict.fromkeys(("x-sjis", "windows-31j"), "cp932"),
    "x-euc-jp": "euc_jp",
    "dos-874": "cp874",
    "iso-8859-8-i": "iso8859-8",
}
# Text encodings to Python, but none that a document is written in; some fail whatever it holds.
_NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"})
_HTTP = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,40})")
_META = re.compile(
    rb"<meta\b[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE
)
_LOOKED_AT = 60_000
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
    for mark, name in _MARKS:
        if document.startswith(mark):
            return document[len(mark) :].decode(name, "replace")
    unmarked = _unmarked_utf16(document)
    if unmarked:
        return document.decode(unmarked, "replace")
    try:
        # Declared or not: what is valid as UTF-8 is UTF-8; a Latin-1 page is not by chance.
        return document.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = _declared(document, content_type)
    for name in declared:
        try:
            return document.decode(name)
        except UnicodeDecodeError:
            continue
    for name in declared:
        text = document.decode(name, "replace")
        if text.count("\ufffd") * _BROKEN_SHARE < len(document):
            return text
    return _mostly_utf8(document) or document.decode(_guessed(document), "replace")


def _mostly_utf8(document: bytes) -> str | None:
    """The text of UTF-8 with a few other bytes; None where it is none, or too many are others."""
    text = document.decode("utf-8", "surrogateescape")
    alien = len(_ALIEN.findall(text))
    # Where all but ASCII is alien, none of it is UTF-8.
    if alien * _BROKEN_SHARE < len(document) and alien < len(_NOT_ASCII.findall(text)):
        return _with_words_of_another(text)
    return None


def _with_words_of_another(text: str) -> str:
    """UTF-8 into which words in Windows' charset were pasted, or that was cut amid letters."""
    return _ALIEN.sub(
        lambda found: bytes([ord(found.group()) - 0xDC00]).decode("cp1252", "ignore"),
        _CUT.sub("", text),
    )


def _declared(document: bytes, content_type: str | None) -> list[str]:
    names = [match[1] for match in [_HTTP.search(content_type or "")] if match]
    start = document[:4096]
    for pattern in (_XML, _META):
        found = pattern.search(start)
        if found:
            names.append(found[1].decode("ascii"))
    known = []
    for label in names:
        name = _LABELS.get(label.lower(), label)
        try:
            canonical = codecs.lookup(name).name
        except LookupError:
            continue
        if canonical in _NO_CHARSETS:
            continue
        # Codecs such as `rot13` or `zlib` are no charsets; UTF-16 without its mark is a lie here.
        if codecs.lookup(name)._is_text_encoding and not canonical.startswith("utf-"):  # noqa: SLF001 — the only way to ask
            known.append(_MEANT.get(canonical, canonical))
    return known


def _unmarked_utf16(document: bytes) -> str | None:
    # Markup and JSON are ASCII at first: every other byte is then zero.
    start = document[:64]
    if not start[:2].count(0) or len(start) < 4:
        return None
    for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if not any(start[first::2]) and all(start[1 - first :: 2]):
            return name
    return None


def _guessed(document: bytes) -> str:
    # Markup is ASCII and says nothing; the words between decide.
    sample = re.sub(rb"<[^>]*>|\s+", b" ", document[: _LOOKED_AT * 4])[:_LOOKED_AT]
    best = from_bytes(
        sample,
        # The other Latin sets are left out: a short text in cp1252 passes for any of them.
        cp_isolation=[
            *("cp1252", "cp1251", "koi8_r", "cp1253", "cp1256"),
            *("gb18030", "big5", "cp932", "euc_jp", "cp949"),
        ],
    ).best()
    return best.encoding if best is not None else "cp1252"
