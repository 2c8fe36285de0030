"""The element that holds an article's text, made plain for the library that reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree  # type: ignore[import-untyped]  # lxml has no types

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml import html

BLOCKS = frozenset(
    {"p", "div", "ul", "ol", "table", "blockquote", "section", "figure", "pre", "h2", "h3", "h4"}
)
INLINE = frozenset(
    {"a", "b", "strong", "i", "em", "u", "span", "font", "small", "mark", "sup", "sub", "time"}
)
RUN = 40
"""Bytes of a run of words that may be a label, and do not count: a letter of Chinese has three."""
_OF_TABLE = 80
"""Bytes of text in a table that lays a page out."""


def make_plain(
    frame: html.HtmlElement,
    words: Mapping[html.HtmlElement, int],
    text: Mapping[html.HtmlElement, int],
) -> None:
    """Take their names from the elements that hold text, and set loose words into paragraphs.

    The names say how they look (`slide`, `bar`), and the library would take them at their word.

    Args:
        frame: What holds the text.
        words: Bytes of words that its elements hold.
        text: The same without what may be labels.
    """
    tables = [one for one in frame.iter("table") if text.get(one, 0) > _OF_TABLE]
    for one in frame.iter():
        if isinstance(one.tag, str) and words.get(one, 0) >= RUN:
            for name in ("class", "id"):
                one.attrib.pop(name, None)
    for one in frame.iter("div"):
        # Words that stand in no paragraph are read as one; short ones may be labels.
        long = words.get(one, 0) >= RUN
        if (long or _says_sentence(one)) and not any(each.tag in BLOCKS for each in one):
            one.tag = "p"
    if next(frame.iter("p"), None) is not None:
        _set_loose_words_apart(frame)
    for table in tables:
        # A table of such text lays a page out.
        for one in table.iter("table", "tbody", "tr", "td"):
            one.tag = "div"
    if frame.tag not in {"div", "section", "article", "main"}:
        frame.tag = "div"


def _says_sentence(element: html.HtmlElement) -> bool:
    text = (element.text or "").rstrip()
    return not len(element) and text.endswith((".", "!", "?")) and " " in text.strip()


def _set_loose_words_apart(frame: html.HtmlElement) -> None:
    """Set the words behind a block into a paragraph: beside others the library passes over them."""
    for block in list(frame.iter("div", "section", "article")):
        if block is frame or not len(block) or not (block.tail or "").strip():
            continue
        paragraph = etree.Element("p")
        paragraph.text, block.tail = block.tail, None
        block.addnext(paragraph)
        while (beside := paragraph.getnext()) is not None and beside.tag in INLINE:
            paragraph.append(beside)
