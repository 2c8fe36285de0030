"""Whether a document is a page or a feed, including a feed embedded in a page."""

from __future__ import annotations

import re

from news.entry import UnreadableError
from news.html import block_pages

_BEFORE_ROOT = re.compile(
    # Some PHP programs print warnings before their page.
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
"""Matches an item of a feed; a page's script may name only a feed's root element."""
_NEAR_TOP = 2_000
"""Characters from the start of a page in which an embedded feed begins."""


def unwrapped(text: str) -> str:
    """Return the feed that is embedded in a page, or the text unchanged."""
    held = _HELD.search(text[:_NEAR_TOP]) if is_page(text) else None
    if held is None or not _HOLDS.search(text, held.end()):
        return text
    end = text.rfind(f"</{held[1]}>")
    return text[held.start() : end + len(held[1]) + 3] if end > 0 else text[held.start() :]


def is_page(text: str) -> bool:
    """Return whether `text` is HTML, and not a feed behind an HTML DOCTYPE."""
    before = _BEFORE_ROOT.match(text[:20_000])
    return bool(_PAGE.match(text, before.end() if before else 0))


def check_is_no_page(text: str) -> None:
    """Check that a text is no HTML. UnreadableError: `wall page`, `a page, not a feed`."""
    if not is_page(text):
        return
    found = block_pages.found_in(text)
    if found and found.reason == "wall page":
        raise UnreadableError(found.reason, found.seen)
    raise UnreadableError("a page, not a feed", block_pages.title_of(text)[:120])


def check_is_itself(text: str) -> None:
    """Check that a page is not a block page, an error page or a parked domain.

    Raises:
        UnreadableError: `wall page`, `page not found`, `out of order`, `no site`.
    """
    found = block_pages.found_in(text)
    if found:
        raise UnreadableError(found.reason, found.seen)
