"""Removal of boilerplate elements from an article's page, recognised by their names.

The rest is narrowed to a frame: the smallest element that holds nearly all of the page's text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from news.article import boilerplate_text
from news.html import markup

if TYPE_CHECKING:
    from collections.abc import Collection

    from lxml import html  # type: ignore[import-untyped]  # lxml has no types

_NAMES = re.compile(
    r"newsletter|sign-?up|subscri|paywall(?!ed)|regwall|related|recirc|recommend|popular|trending|"
    r"read-?(?:more|next|also)|more-?(?:stories|from|news|articles|posts)|also-?like|"
    r"lire-?aussi|leggi-?anche|te-?puede|interesar|correlat|empfehl|relation\b|encart|"
    r"author-?(?:bio|box|card|info|desc|profile|about)|about-?(?:the-?)?author|author-box|"
    r"shar(?:e|ing)(?![a-z])|sharedaddy|social|comment(?!ary)|\brespond\b|byline|"
    r"cookie|consent|gdpr|cmp-|cmpbox|onetrust|didomi|usercentrics|cybot|tarteaucitron|iubenda|"
    r"promo(?![a-z])|advert|(?:^|[\s_-])ads?(?:$|[\s_-])|adslot|pop-?up|modal|"
    r"bread-?crumb|cart-|pagination|(?:prev|next)-?(?:post|article|story|prev|next)|post-?nav|"
    r"(?:^|[\s_-])(?:recent|latest|pop|footer|toc|caption|legal|copyright|products?)(?:$|[\s_-])|"
    r"bookmark-?card|product-?embed|editorial-?link|contact-?card|instagram-media|tiktok-embed|"
    r"read(?:ing)?-?time|time-?to-?read|img_?descr|tag-?(?:list|cloud)|post-?tags|keywords|"
    r"slide-?show|carousel|play-?list|(?:photo|image)-?gallery|gallery-?(?:photo|caption|item|wrap)|"
    r"(?<!has-)(?<!with-)(?<!no-)side-?bar(?:$|[\s_-])|statement|toolbar|(?:page|story|article)[-_]?tools|(?:report|spot)-?(?:error|mistake)|skip-?(?:link|to)|screen-reader|visually-hidden|sr-only|"
    r"pull-?quote|contributor|user-?(?:info|card)|cell--user|recent-?posts|disclaimer|disclosure|no-?print",
    re.IGNORECASE,
)
COMMENTS = re.compile(
    r"(?:^|[\s_-])(?:(?:user|reader|visitor|post|article|entry|story)s?[_-]?)?"
    r"(?:comment|commento|commentaire|comentario|kommentar|reaction|respuesta|opinione)[se]?(?:$|[\s_-])|"
    r"comment-?(?:list|thread|section|area|block|wrap)s?|commentsList|disqus|forum-?(?:thread|fil)",
    re.IGNORECASE,
)
"""Matches class names and ids of readers' comments, which may be longer than the article."""
_BODY_NAMES = re.compile(
    r"(?:article|entry|post|story|news|page|body|main)[-_]*(?:body|content|text|copy)(?![a-z])|"
    r"rich-?text|wysiwyg",
    re.IGNORECASE,
)

_TAGS = frozenset(
    {"nav", "aside", "dialog", "button", "select", "amp-sidebar", "amp-consent", "amp-ad"}
)
_ROLES = frozenset({"navigation", "complementary", "contentinfo", "search", "dialog"})
_KEPT = frozenset({"html", "head", "body", "main", "h1", "meta", "link", "title", "script"})
_SILENT = frozenset(
    {"head", "script", "style", "noscript", "template", "svg", "iframe", "option", "figcaption"}
)
INLINE = frozenset(
    {"a", "b", "strong", "i", "em", "u", "span", "font", "small", "mark", "sup", "sub", "time"}
)
_PARAGRAPHS = frozenset({"p", "li", "dd", "blockquote", "pre", "h2", "h3", "h4", "td"})
_LEAVES = frozenset({"strong", "p", "div", "span", "small", "label"})
_HALF = 0.5
_MOST = 0.5
"""Largest share of the page's text in a boilerplate element; one with more is kept."""
_FRAME = 0.8
"""Least share of its parent's text in an element to which the page is narrowed."""
_FRAME_OF_HEADLINE = 0.6
"""Least share of its parent's text in an element with the headline, to narrow the page to it."""
_FRAME_OF_ARTICLE = 0.5
"""Least share of its parent's text in an element marked as an article, to narrow the page to it."""
_OWN = 0.2
"""Least share of the page's text in the headline's `article` element to narrow the page to it."""
_RUN = 40
"""Bytes of each run of words that are not counted, as it may be a label.

A Chinese letter has three bytes.
"""
_LEAST = 40
"""Fewest bytes of text at which a page is narrowed to one of its elements."""
_INTRODUCTION = 80
"""Bytes of a paragraph below the headline; one with as many is more than a summary."""
_ANSWERED = 200
"""Fewest bytes of text before readers' comments at which that text is taken as the article."""
_LEAD = 40
"""Fewest bytes of a text before an element that belongs to the article and is no label."""


def _kind(element: html.HtmlElement) -> tuple[str, str]:
    return element.tag, element.get("class") or ""


class WeighedTree:
    """A page's tree, with the amount of reading text in each element.

    Args:
        tree: The page; it is modified.
        heading: The element that shows the headline, or None.
    """

    def __init__(self, tree: html.HtmlElement, heading: html.HtmlElement | None) -> None:
        self._tree = tree
        self._heading = heading
        self._article = None if heading is None else next(heading.iterancestors("article"), None)
        self._around = set() if heading is None else {heading, *heading.iterancestors()}
        self._order = list(tree.iter("*"))
        self._words: dict[html.HtmlElement, int] = {}
        self._linked: dict[html.HtmlElement, int] = {}
        self._text: dict[html.HtmlElement, int] = {}
        self._of_kind: dict[tuple[str, str], int] = {}
        self._named: dict[str, bool] = {}
        self._gone: set[html.HtmlElement] = set()
        self.depth = 0
        """Deepest nesting of elements."""
        self._weigh()

    def _weigh(self) -> None:
        # In reverse order, so that descendants are summed before their ancestor.
        within: dict[html.HtmlElement, tuple[int, int, int, int]] = {}
        nothing = (0, 0, 0, 0)
        height = 0
        for element in reversed(self._order):
            words, linked, text, height = within.pop(element, nothing)
            tag = element.tag
            if tag in _SILENT:
                words = linked = text = 0
            else:
                run = _size(element.text)
                words += run
                if tag == "a":
                    linked, text = words, 0
                elif tag in _PARAGRAPHS or tag in INLINE:
                    text = max(text, _weight(words) if linked < words * _HALF else 0)
                else:
                    text += _weight(run)
            self._words[element], self._linked[element], self._text[element] = words, linked, text
            around = element.getparent()
            if around is not None:
                tail = _size(element.tail)
                others = within.get(around, nothing)
                within[around] = (
                    others[0] + words + tail,
                    others[1] + linked,
                    others[2] + text + _weight(tail),
                    max(others[3], height + 1),
                )
        self.depth = height + 1

    def clear(self) -> None:
        """Remove everything before the headline, and boilerplate elements."""
        self._clear_above()
        for element in self._order:
            if element in self._gone or element.getparent() in self._gone:
                self._gone.add(element)
            elif self._is_furniture(element) or (
                element.tag in _LEAVES and boilerplate_text.is_small_print(element.text or "")
            ):
                self._remove(element)
            elif "-sidebar" in (element.get("class") or ""):
                # A class such as `with-sidebar` marks a container; trafilatura must not remove it.
                _unname(element)

    def _clear_above(self) -> None:
        if self._heading is None:
            return
        above = [
            one
            for around in self._around
            for one in around.itersiblings(preceding=True)
            if isinstance(one.tag, str) and one.tag != "head"
        ]
        if sum(map(self._text.__getitem__, above)) <= self._text[self._tree] * _HALF:
            for one in above:
                self._remove(one)
        for header in self._heading.iterancestors("header"):
            # Also removes the summary, names and dates in the header.
            if self._text[header] <= self._text[self._tree] * _MOST:
                self._remove(header)
                break

    def _is_furniture(self, element: html.HtmlElement) -> bool:
        tag = element.tag
        if tag in _KEPT or element in self._around:
            return False
        names = markup.names_of(element)
        named = self._named.get(names)
        if named is None:
            named = self._named[names] = any(one.search(names) for one in (_NAMES, COMMENTS))
        if not (named or tag in _TAGS or element.get("role") in _ROLES):
            return False
        text = self._text[element]
        if not text:
            return True
        if tag in {"p", "h2", "h3", "h4"} and text > 8 * _LEAST:
            return False
        if text >= 2 * _LEAST and _BODY_NAMES.search(names):
            _unname(element)
            return False
        of_links = self._linked[element] > self._words[element] * _HALF
        return bool(
            of_links
            or self._is_aside(element)
            or (COMMENTS.search(names) and self._before(element) >= _ANSWERED)
        )

    def _before(self, element: html.HtmlElement) -> int:
        """Return the bytes of text between the headline and an element."""
        if self._heading is None:
            return 0
        text = 0
        for one in (element, *element.iterancestors()):
            for beside in one.itersiblings("*", preceding=True):
                text += self._text.get(beside, 0)
        return text

    def _is_aside(self, element: html.HtmlElement) -> bool:
        """Return whether elements of this tag and class hold at most half of the page's text.

        A page may consist of elements with such a name, such as slides.
        """
        if not self._of_kind:
            for one, text in self._text.items():
                if text:
                    kind = _kind(one)
                    self._of_kind[kind] = self._of_kind.get(kind, 0) + text
        return self._of_kind.get(_kind(element), 0) <= self._text[self._tree] * _MOST

    def _remove(self, element: html.HtmlElement) -> None:
        if element.getparent() is None:
            # It is the root, or part of an element already removed.
            return
        for around in element.iterancestors():
            self._words[around] -= self._words[element]
            self._linked[around] -= self._linked[element]
            self._text[around] -= self._text[element]
        self._gone.add(element)
        element.drop_tree()

    def frame(self, standfirsts: Collection[str]) -> html.HtmlElement | None:
        """Return the smallest element that holds nearly all of the text, or None.

        None means that only the whole body holds that much, or that the page has hardly any text.

        Args:
            standfirsts: The page's summaries, which are not part of the text.
        """
        top = frame = next(self._tree.iter("body"), self._tree)
        # On a page with endless scrolling, other articles are in elements of their own.
        own = self._article
        if own is not None and self._text[own] >= max(_LEAST, self._text[frame] * _OWN):
            frame = own
        if self._text[frame] < _LEAST:
            return None
        while True:
            inner = [one for one in frame if isinstance(one.tag, str) and self._text[one]]
            best = max(inner, key=self._text.__getitem__, default=None)
            # Text around the headline does not count, unless it is all there is.
            other = sum(self._text[one] for one in inner if one in self._around and one is not best)
            if (
                best is None
                or best.tag in _PARAGRAPHS - {"td"}
                or best.tag in INLINE - {"font", "span", "b", "strong"}
                or self._text[best] < (self._text[frame] - other) * self._least(best)
                or self._goes_on(best, inner, standfirsts)
            ):
                break
            frame = best
        return None if frame is top else frame

    def _least(self, element: html.HtmlElement) -> float:
        """Return the least share of the parent's text with which an element is the frame."""
        if element.tag == "article" or element.get("itemprop") == "articleBody":
            return _FRAME_OF_ARTICLE
        return _FRAME_OF_HEADLINE if element in self._around else _FRAME

    def size(self, element: html.HtmlElement) -> int:
        """Return the bytes of text that an element holds."""
        return self._text[element]

    def _goes_on(
        self,
        best: html.HtmlElement,
        beside: list[html.HtmlElement],
        standfirsts: Collection[str],
    ) -> bool:
        """Return whether the text begins before an element, or continues in a sibling like it."""
        kind = _kind(best)
        before = True
        for one in beside:
            if one is best:
                before = False
            elif _kind(one) == kind and (kind[1] or self._text[one] >= 2 * _LEAD):
                return True
            elif before and one in self._around:
                if any(self._text.get(each, 0) >= _INTRODUCTION for each in one.iter("p")):
                    return True
            elif before and self._text[one] >= _LEAD:
                lead_words = " ".join(one.text_content().split())
                if not any(
                    lead_words in each or each in lead_words for each in standfirsts if each
                ):
                    return True
        return False


def _unname(element: html.HtmlElement) -> None:
    """Remove an element's class and id, so that trafilatura does not remove the element."""
    element.attrib.pop("class", None)
    element.attrib.pop("id", None)


def _weight(run: int) -> int:
    """Return the bytes that a run of words adds to a text; short runs may be labels."""
    return max(run - _RUN, 0)


def _size(text: str | None) -> int:
    return len(text.strip().encode()) if text else 0
