"""Whether a document is a page or a feed, which may also stand within a page."""

from __future__ import annotations

import re

from news.entry import UnreadableError
from news.html import block_pages

_BEFORE_ROOT = re.compile(
    # Some programs complain before they write their page.
    r"(?:\s+|<br ?/?>\s*<b>(?:Warning|Notice|Deprecated|Strict Standards)</b>:"
    r"[^<]*(?:<b>[^<]*</b>[^<]*){1,3}<br ?/?>|"
    r"<\?.*?\?>|<!--.*?(?:-->|\Z)|<!DOCTYPE[^<>\[]*(?:\[.*?\]\s*)?>)+",
    re.IGNORECASE | re.DOTALL,
)
_PAGE = re.compile(
    r"<(?:html|head|body|script|meta|title|div|p|h1|center|table|noscript|style)[\s>]",
    re.IGNORECASE,
)
_HELD = re.compile(r"<(rss|feed|rdf:RDF)\s[^>]*(?:version|xmlns)", re.IGNORECASE)
_HOLDS = re.compile(r"<(?:item|entry)[\s>]", re.IGNORECASE)
"""In a feed, and in no page that only names a feed's first element, as in a script."""
_NEAR_TOP = 2_000
"""Characters in which a feed within a page begins."""


def unwrapped(text: str) -> str:
    """The feed that some sites set into a page, or the text as it is."""
    held = _HELD.search(text[:_NEAR_TOP]) if is_page(text) else None
    if held is None or not _HOLDS.search(text, held.end()):
        return text
    end = text.rfind(f"</{held[1]}>")
    return text[held.start() : end + len(held[1]) + 3] if end > 0 else text[held.start() :]


def is_page(text: str) -> bool:
    """Whether `text` is HTML, and no feed that wears its DOCTYPE."""
    before = _BEFORE_ROOT.match(text[:20_000])
    return bool(_PAGE.match(text, before.end() if before else 0))


def check_is_no_page(text: str) -> None:
    """Refuse HTML in place of a feed, by its name.

    Raises:
        UnreadableError: `wall page`, or `a page, not a feed`.
    """
    if not is_page(text):
        return
    found = block_pages.found_in(text)
    if found and found.reason == "wall page":
        raise UnreadableError(found.reason, found.seen)
    raise UnreadableError("a page, not a feed", block_pages.title_of(text)[:120])


def check_is_itself(text: str) -> None:
    """Refuse what stands in for the ordinary page that was promised.

    Raises:
        UnreadableError: `wall page`, `page not found`, `out of order`, `no site`.
    """
    found = block_pages.found_in(text)
    if found:
        raise UnreadableError(found.reason, found.seen)
