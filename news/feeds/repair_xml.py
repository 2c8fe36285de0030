"""XML from sources mended before a parser sees it: what is harmful goes, what is meant stays."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from news.text.dates import is_date

if TYPE_CHECKING:
    from collections.abc import Sequence

DOCTYPE = re.compile(r"<!DOCTYPE[^<>\[\]]*(?:\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
# Whole CDATA sections and comments are matched to be passed over.
PASSED_OVER = r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)"
_AMPERSAND = re.compile(
    PASSED_OVER + r"|&(?:(#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)?",
    re.DOTALL,
)
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
# An address alone as an item's picture, which feedparser drops.
_IMAGE = re.compile(
    r"<(image|thumbnail|thumb|picture|photo|image_?url|featured_?image)>\s*+(?:<!\[CDATA\[\s*+)?"
    r"((?:https?:/)?/[^\s<>\]\"]{1,1000})\s*+(?:\]\]>\s*+)?</\1>",
    re.IGNORECASE,
)
# Text that ends at another element's beginning, or with the item: its own end was forgotten.
_TEXTS = (
    r"title|link|guid|pubDate|description|author|category|dc:creator|dc:date|"
    r"id|published|updated|summary"
)
_UNENDED = re.compile(
    rf"<({_TEXTS})(\s[^<>]*(?<!/))?>(\s*+[^<\s][^<]*+|"
    r"\s*+<!\[CDATA\[[^<\]]*+(?:(?:\](?!\]>)|<(?!!\[CDATA\[))[^<\]]*+)*+\]\]>\s*+)"
    rf"(?=<(?:/?(?:item|entry)|{_TEXTS}|enclosure|content|comments|source|"
    r"(?!xhtml:)[A-Za-z]\w{0,20}:\w{1,30})[\s/>])",
    re.IGNORECASE,
)
# Of ampersands that were escaped twice, or in a CDATA section, feedparser leaves `&amp` in a link.
_LINK_TEXT = re.compile(
    r"(<(link|guid|comments|feedburner:origLink)(?:\s[^<>]*)?>)\s*+(?:<!\[CDATA\[)?+"
    r"([^<\]]*+)(?:\]\]>)?+\s*+(?=</\2)",
    re.IGNORECASE,
)
# Where the site's program took the feed for HTML, in which a link has no words.
_EMPTY_LINK = re.compile(r"<link ?/>\s*(https?://[^\s<>\"]{1,2000})", re.IGNORECASE)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_LONGEST_TAG = 200
_BEFORE_CDATA = re.compile(
    r"<(title|link|guid|pubDate|description|author|category|dc:\w{1,20}|content:encoded|"
    r"media:\w{1,20}|itunes:\w{1,20}|summary|content|name|source|comments)(?:\s[^<>]*+)?>\s*+\Z",
    re.IGNORECASE,
)
_BROKEN_END = re.compile(r"\]{1,2}>?\s*\Z")
_ENDS_ITEM = re.compile(r"</(?:item|entry)\s*>")
_ENDS_ELEMENT = re.compile(r"</[A-Za-z]")
_AMPERSANDS = re.compile(r"&(?:amp;)++", re.IGNORECASE)
# Said to be a date, and none: feedparser would take it for the one said before.
_NO_DATE = re.compile(
    r"<(pubDate|dc:date|published|updated)>\s*+(?:<!\[CDATA\[\s*+(?:\]\]>\s*+)?)?"
    r"(?:Invalid Date|null|None|N/A)?\s*+(?:\]\]>\s*+)?</\1>|<(?:pubDate|dc:date)\s*+/>",
    re.IGNORECASE,
)
# An id of one word, which feedparser would join with the feed's address as a link.
_BARE_ID = re.compile(
    r"<(guid|id)(?:\s+isPermaLink=[\"']true[\"'])?>(?=\s*+([^\s<>:/]{1,300})\s*+<)"
)
# Of `name@house.boutique (A Name)` feedparser takes the name for a part of the address.
_EMAIL = re.compile(
    r"(<(?:author|dc:creator)>\s*+(?:<!\[CDATA\[\s*+)?)[^\s<>@()\]]{1,100}@[^\s<>@()\]]{1,200}"
    r"(?:\s*+\(([^<>()\]]{1,200})\))?(?=\s*+[<\]])",
    re.IGNORECASE,
)
# So it does of `A Name <name@house.boutique>`.
_NAMED_EMAIL = re.compile(
    r"(<(?:author|dc:creator)>\s*+(?:<!\[CDATA\[\s*+)?[^<>@&()]{1,200}?)\s*(?:&lt;|<|\()\s*"
    r"[^\s<>@&()]{1,100}@[^\s<>@&()]{1,200}\s*(?:&gt;|>|\))(?=\s*+[<\]])",
    re.IGNORECASE,
)
_MEDIA = re.compile(r"<(/?)media:(content|title|description|text)\b[^<>]*+>", re.IGNORECASE)
_DATED = re.compile(
    r"<(/?(?:item|entry)\b)|<(?:(pubDate|published|issued|dcterms:issued)|"
    r"(updated|modified|dc:date|dcterms:modified|a10:updated))(?:\s[^<>]*)?(?<!/)>"
    r"([^<]{0,200}|\s*<!\[CDATA\[[^<\]]{0,200}\]\]>\s*)</(?:\2|\3)\s*>",
    re.IGNORECASE,
)
_PAGE_NAME = re.compile(r"\.(?:html?|php\d?|aspx?|jsp|cfm)\b", re.IGNORECASE)
_NAMES = {
    # Elements of a site's own, which feedparser would take for its own lists of that name.
    **{
        name: f"their-{name}" for name in ("links", "tags", "authors", "contributors", "enclosures")
    },
    "media_content": "their-media",
    "media_thumbnail": "their-media",
    # A podcast's or a film's own words, which it would prefer to a better description.
    "itunes:summary": "their-summary",
    "media:description": "their-caption",
    # What it does not know.
    "og:image": "their-picture",
    "g:image_link": "their-picture",
    "yandex:full-text": "their-text",
    "turbo:content": "their-text",
}
# Of an element with attributes that it does not know, feedparser tells these and not the text.
_NAMED_ELSE = re.compile(rf"<(/?)({'|'.join(_NAMES)})(?:\s[^<>]*?)?(?=/?>)", re.IGNORECASE)
# feedparser's time for these grows with the square of their length.
_LONG_TAG = re.compile(r"<[A-Za-z][^<>]{20000,}(?:>|\Z)")
_LONG_NAME = re.compile(
    r"(<(?:[A-Za-z0-9]{1,20}:)?(?:author|creator|contributor|publisher|owner|name|email|"
    r"managingEditor|webMaster)\b[^<>]{0,2000}>(?:<!\[CDATA\[)?[^<\]]{500})[^<\]]+",
    re.IGNORECASE,
)


def harmless(text: str) -> str:
    """`text` without DOCTYPE, foreign entities and control characters.

    Named entities of HTML and stray ampersands, both errors in XML and both common, are mended,
    so that the strict parser can be used and loses nothing.
    """
    bare = _NOT_XML.sub("", DECLARATION.sub("", text, count=1))
    bare = _NAMED_ELSE.sub(_named_else, _without_captions(bare))
    bare = _UNENDED.sub(r"<\1\2>\3</\1>", _closed(bare))
    bare = _LINK_TEXT.sub(_with_ampersands, bare)
    bare = _EMAIL.sub(lambda found: found[1] + (found[2] or ""), _NO_DATE.sub("", bare))
    bare = _without_false_dates(_NAMED_EMAIL.sub(r"\1", bare))
    bare = _BARE_ID.sub(_as_id, bare)
    bare = _IMAGE.sub(r'<enclosure type="image/" url="\2"/>', bare)
    bare = _LONG_NAME.sub(r"\1", _LONG_TAG.sub("", DOCTYPE.sub("", bare, count=1)))
    return with_entities(bare)


def with_entities(text: str) -> str:
    """`text` whose ampersands all begin what XML knows: names of HTML become numbers."""
    return _AMPERSAND.sub(_mended, text)


def _with_ampersands(found: re.Match[str]) -> str:
    if "&amp;" not in found[3]:
        return found.group()
    return found[1] + _AMPERSANDS.sub("&amp;", found[3])


def _named_else(found: re.Match[str]) -> str:
    return f"<{found[1]}{_NAMES[found[2].lower()]}"


def _mended(found: re.Match[str]) -> str:
    whole, name = found.group(), found[1]
    if whole.startswith("<"):
        return whole
    if name is None:
        return "&amp;"
    if name in _XML_NAMES:
        return whole
    if name.startswith("#"):
        character = html.unescape(whole)
        legal = character not in {whole, "\ufffd"} and not _NOT_XML.search(character)
        return whole if legal else ""
    character = html.unescape(whole)
    if character == whole:
        return "&amp;" + whole[1:]
    return "".join(f"&#{ord(one)};" for one in character)


def is_bare(name: str) -> bool:
    """Whether an id is one word, and so no address, though its feed calls it a link."""
    return not (":" in name or "/" in name or _PAGE_NAME.search(name))


def _as_id(found: re.Match[str]) -> str:
    return f'<{found[1]} isPermaLink="false">' if is_bare(found[2]) else found.group()


def _without_false_dates(text: str) -> str:
    """`text` without what is called a date and is none, where a good one stands beside it.

    Of two of a kind feedparser takes the later.
    """
    kept: list[str] = []
    at = 0
    by_kind: dict[int, list[re.Match[str]]] = {}
    for found in (*_DATED.finditer(text), None):
        if found is not None and not found[1]:
            by_kind.setdefault(2 if found[2] else 3, []).append(found)
            continue
        false = [one for kind in by_kind.values() if len(kind) > 1 for one in _false(kind)]
        for one in sorted(false, key=lambda one: one.start()):
            kept.append(text[at : one.start()])
            at = one.end()
        by_kind = {}
    return "".join((*kept, text[at:]))


def _false(dates: Sequence[re.Match[str]]) -> list[re.Match[str]]:
    false = [
        one
        for one in dates
        if not is_date(one[4].strip().removeprefix("<![CDATA[").removesuffix("]]>"))
    ]
    return false if len(false) < len(dates) else []


def _without_captions(text: str) -> str:
    """`text` without what is said of pictures alone, which feedparser takes for the article's."""
    if "<media:content" not in text:
        return text
    kept: list[str] = []
    at = 0
    within = caption = False
    for mark in _MEDIA.finditer(text):
        closing, name = bool(mark[1]), mark[2].lower()
        alone = mark.group().endswith("/>")
        if name == "content":
            # What was never ended is left as it is.
            within, caption = not closing and not alone, False
        elif within and not alone and not closing and not caption:
            kept.append(text[at : mark.start()])
            caption, at = True, mark.start()
        elif caption and closing:
            caption, at = False, mark.end()
    return "".join((*kept, text[at:]))


def _closed(text: str) -> str:
    """`text` with an end for every CDATA section that has none and would swallow what follows."""
    pieces: list[str] = []
    at = 0
    opened: int | None = None
    seen = 0
    for mark in (*_CDATA.finditer(text), None):
        start = mark.start() if mark else len(text)
        ends = mark is not None and mark.group() == "]]>"
        if opened is not None and not ends:
            cut, end = _forgotten(text, opened, max(opened, seen), start)
            if cut is not None:
                pieces += (_BROKEN_END.sub("", text[at:cut]), end)
                at, opened = cut, None
        if ends:
            opened = None
        elif opened is None:
            opened = start
        seen = start
    return "".join((*pieces, text[at:]))


def _forgotten(text: str, opened: int, seen: int, start: int) -> tuple[int | None, str]:
    """Where the section that begins at `opened` was to end before `start`, and what ends it there.

    It was where its item ends, or where another element begins with a section of its own.
    """
    following = _BEFORE_CDATA.search(text, max(seen, start - _LONGEST_TAG), start)
    if not following and not _ENDS_ITEM.search(text, seen, start):
        return None, ""
    own = _BEFORE_CDATA.search(text, max(0, opened - _LONGEST_TAG), opened)
    end = text.find(f"</{own[1]}", opened, start) if own else -1
    if end >= 0:
        return end, "]]>"
    if own and following:
        return following.start(), f"]]></{own[1]}>"
    closing = _ENDS_ELEMENT.search(text, opened, start)
    return closing.start() if closing else start, "]]>"


def with_links(text: str) -> str:
    """`text` whose links hold their addresses: `<link/>https://…` is known from some sites."""
    return _EMPTY_LINK.sub(r"<link>\1</link>", text) if _may_be_empty(text) else text


def _may_be_empty(text: str) -> bool:
    return any(empty in text for empty in ("<link/>http", "<link />http", "<link/>\n"))
