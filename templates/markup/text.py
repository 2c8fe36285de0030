"""Foreign text and links made safe for a chat; this module knows no markup."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

LINK_LIMIT = 2048

# Soft hyphens, byte order marks and the controls that change the direction of all text after
# them: invisible, and no title needs them. ZWJ, ZWNJ and the plain direction marks stay.
_DROPPED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u202a-\u202e\u2061-\u2069\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff]"
)
_COMBINING = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
# Stacked marks that overlap the lines around them; no writing system stacks more than three.
_ZALGO = re.compile(f"([{_COMBINING}]{{3}})[{_COMBINING}]+")
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# All white space but the narrow no-break space before French punctuation.
_SPACES = re.compile(r"[^\S\u202f]+")
_SUMMONS = re.compile(r"(?<![\w/@])([@/])(?=\w)")
_APP_LINK = re.compile(r"(?<!http)(?<!https):(?=//)", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…]['\"»”\u2019)]*(?=\s)|[。\uff01\uff1f]")
_SUSPECT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u2028-\u202e\u2061-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff"
    f"\ud800-\udfff]|[{_COMBINING}]{{4}}"
)
_UNSAFE_IN_LINK = re.compile(r"[\s\"<>\\^`{|}\x00-\x20\x7f]")


def clean(text: str) -> str:
    """Drop invisible characters and those that spoil the text around them; keep lines."""
    # This check settles most texts in a fifth of the pattern's time.
    if (text.isascii() and text.isprintable()) or _SUSPECT.search(text) is None:
        return text
    text = _LINE_ENDS.sub("\n", text)
    return _ZALGO.sub(r"\1", _DROPPED.sub("", text))


def one_line(text: str) -> str:
    """Return clean text on one line with single spaces; narrow no-break spaces stay."""
    text = clean(text)
    # The only printable white space is the space.
    if "  " in text or not text.isprintable():
        text = _SPACES.sub(" ", text)
    return text.strip()


def tidy(text: str) -> str:
    """Strip line ends, and leave at most one blank line between two others."""
    lines = "\n".join(map(str.rstrip, text.split("\n"))).strip()
    while "\n\n\n" in lines:
        lines = lines.replace("\n\n\n", "\n\n")
    return lines


def quiet(text: str) -> str:
    """Return foreign text in which Telegram finds no mention and no bot command.

    A mention notifies a member of a group. A word joiner prevents this, and links such as `tg://`
    too; web addresses stay links.
    """
    text = without_app_links(text)
    return _SUMMONS.sub("\\1\u2060", text) if "@" in text or "/" in text else text


def without_app_links(text: str) -> str:
    """Return the text with all addresses but web addresses made unclickable."""
    return _APP_LINK.sub(":\u2060", text) if "://" in text else text


def visible(text: str) -> bool:
    """Return whether a text has anything visible: letters, digits, punctuation or symbols."""
    return any(unicodedata.category(char)[0] in "LNPS" for char in text)


def has_words(text: str) -> bool:
    """Return whether a text has a letter or a digit of any script."""
    return any(map(str.isalnum, text))


def units(text: str) -> int:
    """Return the length of a text in UTF-16 units, as Telegram counts it."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def within(text: str, start: int, limit: int) -> int:
    """Return the largest end for which text[start:end] has at most `limit` UTF-16 units."""
    end = min(len(text), start + limit)
    excess = units(text[start:end]) - limit
    while excess > 0:
        end -= (excess + 1) // 2
        excess = units(text[start:end]) - limit
    return end


def seam(text: str, at: int) -> int:
    """Return the last index up to `at` where a cut splits no letter, accent or emoji.

    A run of more than 64 joined characters is no letter of any script and is cut at `at`.
    """
    for index in range(at, max(at - 64, 0), -1):
        if index >= len(text) or not _joined(text, index):
            return index
    return at


def shorten(text: str, limit: int) -> str:
    """Cut a text at a word to at most `limit` UTF-16 units, including an ellipsis."""
    if units(text) <= limit:
        return text
    end = seam(text, within(text, 0, max(limit - 1, 0)))
    word = max(text.rfind(" ", 0, end + 1), text.rfind("\n", 0, end + 1))
    if word > end // 2:
        end = word
    return text[:end].rstrip(" \n\t,;:·\u2013—-") + "…"


def opening(text: str, limit: int) -> str:
    """Return the first sentences that fit in `limit` UTF-16 units, or a beginning cut at a word."""
    if units(text) <= limit:
        return text
    end = within(text, 0, limit)
    ends = [match.end() for match in _SENTENCE_END.finditer(text, end // 2, end + 1)]
    whole = [each for each in ends if each <= end]
    return text[: whole[-1]] if whole else shorten(text, limit)


def web_link(url: str | None) -> str | None:
    """Return the link as Telegram keeps it, or None if it is no web link or Telegram drops it.

    `tg://` links are refused: they would act in the app of the reader who taps them.
    """
    url = _UNSAFE_IN_LINK.sub(_percent, clean((url or "").strip()))
    if len(url) > LINK_LIMIT or not url[:8].lower().startswith(("https://", "http://")):
        return None
    try:
        pieces = urlsplit(url)
        host, _ = pieces.hostname or "", pieces.port
    except ValueError:
        return None
    if not ("." in host or ":" in host) or "%" in pieces.netloc:
        return None
    return url


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match.group().encode())


def _joined(text: str, index: int) -> bool:
    char, before = text[index], text[index - 1]
    if char < "\u0300":
        return False
    if "\u200d" in {char, before} or unicodedata.category(char) in {"Mn", "Me", "Mc"}:
        return True
    if "\U0001f3fb" <= char <= "\U0001f3ff" or "\U000e0020" <= char <= "\U000e007f":
        # Skin tones, and the tag letters in the flags of Scotland and Wales.
        return True
    if not _regional(char):
        return False
    run = index
    while run > 0 and _regional(text[run - 1]):
        run -= 1
    return (index - run) % 2 == 1


def _regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


_OPENING = "¿¡«“(\u202f"
"""Marks before the first letter of a sentence."""


def capital(text: str) -> str:
    """Return text with a capital first letter, also after marks that open it, such as `¿`."""
    at = len(text) - len(text.lstrip(_OPENING))
    return text[:at] + text[at : at + 1].upper() + text[at + 1 :]
