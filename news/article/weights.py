"""Amounts of reading text in the elements of an article's page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from news.text.links import same_site

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml import html  # type: ignore[import-untyped]  # lxml has no types

_SILENT = frozenset(
    {"head", "script", "style", "noscript", "template", "svg", "iframe", "option", "figcaption"}
)
INLINE = frozenset(
    {"a", "b", "strong", "i", "em", "u", "span", "font", "small", "mark", "sup", "sub", "time"}
)
PARAGRAPHS = frozenset({"p", "li", "dd", "blockquote", "pre", "h2", "h3", "h4", "td"})
HALF = 0.5
"""Share of its words in links from which an element is a list of links."""
_RUN = 40
"""Bytes (three for a Chinese letter) of each run of words that are not counted: a label."""
_TITLE = 20
"""Fewest bytes of a link alone in its element that is taken for the title of another page."""
_ADDRESS = re.compile(r"(?:https?:)?//([^/?#\s]+)", re.IGNORECASE)


@dataclass(slots=True)
class Weight:
    """The amounts of text in an element, in bytes."""

    words: int = 0
    linked: int = 0
    """Words in links."""
    outward: int = 0
    """Words in links to other sites."""
    text: int = 0
    """Words to read, without labels and links."""
    longest: int = 0
    """Words of the longest paragraph."""
    titles: int = 0
    """Number of elements that hold only a link within the site, as long as a title."""
    titled: int = 0
    """Words of these elements."""
    height: int = 0
    """Levels of elements within it."""

    def add(self, other: Weight, tail: int) -> None:
        """Add an element within this one, and the text after it."""
        self.words += other.words + tail
        self.linked += other.linked
        self.outward += other.outward
        self.text += other.text + _counted(tail)
        self.longest = max(self.longest, other.longest, tail)
        self.titles += other.titles
        self.titled += other.titled
        self.height = max(self.height, other.height + 1)

    def subtract(self, other: Weight) -> None:
        """Subtract an element that is removed from this one."""
        self.words -= other.words
        self.linked -= other.linked
        self.outward -= other.outward
        self.text = min(self.text - other.text, self.words - self.linked)
        self.titles -= other.titles
        self.titled -= other.titled


def weigh(order: Sequence[html.HtmlElement], site: str) -> dict[html.HtmlElement, Weight]:
    """Return the weight of each element of a page; they are in the order of the document."""
    weights = {element: Weight() for element in order}
    # In reverse order, so that descendants are summed before their ancestor.
    for element in reversed(order):
        weight = weights[element]
        if element.tag in _SILENT:
            weight = weights[element] = Weight(height=weight.height)
        else:
            _complete(weight, element, site)
        around = element.getparent()
        if around is not None:
            weights[around].add(weight, _size(element.tail))
    return weights


def _complete(weight: Weight, element: html.HtmlElement, site: str) -> None:
    """Add an element's own text to the sum of the elements within it."""
    tag = element.tag
    run = _size(element.text)
    weight.words += run
    if tag == "a":
        weight.linked, weight.text = weight.words, 0
        if _leads_away(element.get("href") or "", site):
            weight.outward = weight.words
    elif tag in PARAGRAPHS or tag in INLINE:
        own = weight.words
        if weight.linked >= own * HALF:
            own -= weight.linked
        # Results and rankings may consist of short paragraphs.
        weight.text = max(weight.text, _counted(own), own // 4 if tag == "p" else 0)
    else:
        weight.text += _counted(run)
    weight.longest = max(weight.longest, weight.text if tag in PARAGRAPHS else run)
    is_linked = weight.linked == weight.words >= _TITLE and not weight.outward
    if is_linked and not weight.titles:
        # A link may also hold the title's element, and be followed by a summary.
        holder = element if tag not in INLINE else next(element.iter(*PARAGRAPHS), None)
        if holder is not None:
            weight.titles, weight.titled = 1, weight.words


def _leads_away(link: str, site: str) -> bool:
    address = _ADDRESS.match(link)
    try:
        return address is not None and not same_site(address[0], site)
    except ValueError:
        return True


def _counted(run: int) -> int:
    """Return by how many bytes a run exceeds a label's length, or 0."""
    return max(run - _RUN, 0)


def _size(text: str | None) -> int:
    return len(text.strip().encode()) if text else 0
