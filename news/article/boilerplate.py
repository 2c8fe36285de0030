"""Removal of boilerplate elements from an article's page, recognised by their names.

The rest is narrowed to a frame: the smallest element that holds nearly all of the page's text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from news.article.weights import HALF, INLINE, PARAGRAPHS, weigh
from news.html import markup

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

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
    {"nav", "aside", "dialog", "button", "select", "template", "video", "audio"}
    | {"amp-sidebar", "amp-consent", "amp-ad"}
)
_ROLES = frozenset({"navigation", "complementary", "contentinfo", "search", "dialog"})
_KEPT = frozenset({"html", "head", "body", "main", "h1", "meta", "link", "title", "script"})
_LISTS = frozenset({"div", "section", "ul", "ol", "td", "center"})
_BOXES = frozenset({"div", "section", "aside", "form"})
_FIELDS = frozenset({"text", "email", "search", "tel"})
_LEAVES = frozenset({"strong", "p", "div", "span", "small", "label"})
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
_LEAST = 40
"""Fewest bytes of text at which a page is narrowed to one of its elements."""
_INTRODUCTION = 80
"""Bytes of a paragraph below the headline; one with as many is more than a summary."""
_ANSWERED = 200
"""Fewest bytes of text before readers' comments at which that text is taken as the article."""
_TEASERS = 3
"""Fewest such links in a list of teasers."""
_OF_TITLES = 0.15
"""Least share of these links in the words of a list of teasers."""
_SUMMARY = 300
"""Most bytes of a paragraph in a list of teasers."""
_FORM = 400
"""Most bytes of words in a box with fields to fill in that is not text."""
_OTHER = 160
"""Fewest bytes of text beside a list of teasers at which the list is removed."""
_LEAD = 40
"""Fewest bytes of a text before an element that belongs to the article and is no label."""


def _kind(element: html.HtmlElement) -> tuple[str, str]:
    return element.tag, element.get("class") or ""


class WeighedTree:
    """A page's tree, with the amount of reading text in each element. Modifies the tree."""

    def __init__(self, tree: html.HtmlElement, heading: html.HtmlElement | None, site: str) -> None:
        self._tree = tree
        self._heading = heading
        self._article = None if heading is None else next(heading.iterancestors("article"), None)
        self._around = set() if heading is None else {heading, *heading.iterancestors()}
        self._order = list(tree.iter("*"))
        self._weights = weigh(self._order, site)
        self._of_kind: dict[tuple[str, str], int] = {}
        self._named: dict[str, bool] = {}
        self._other_articles: dict[tuple[str, str], bool] = {}
        self._gone: set[html.HtmlElement] = set()
        self.depth = self._weights[tree].height + 1
        """Deepest nesting of elements."""

    def clear(self) -> None:
        """Remove everything before the headline, and boilerplate elements."""
        self._clear_above()
        for element in self._order:
            if element in self._gone or element.getparent() in self._gone:
                self._gone.add(element)
            elif (
                self._is_furniture(element)
                or self._is_teasers(element)
                or self._is_other_article(element)
                or self._is_for_entry(element)
                or (element.tag in _LEAVES and is_small_print(element.text or ""))
            ):
                self._remove(element)
            elif "-sidebar" in (element.get("class") or ""):
                # A class such as `with-sidebar` marks a container; trafilatura must not remove it.
                _unname(element)

    def clear_teasers(self) -> None:
        """Remove lists of titles that link to other pages."""
        for element in self._order:
            if element.getparent() in self._gone:
                self._gone.add(element)
            elif self._is_teasers(element):
                self._remove(element)

    def _clear_above(self) -> None:
        if self._heading is None:
            return
        above = [
            one
            for around in self._around
            for one in around.itersiblings(preceding=True)
            if isinstance(one.tag, str) and one.tag != "head"
        ]
        if sum(map(self.size, above)) <= self.size(self._tree) * HALF:
            for one in above:
                self._remove(one)
        for header in self._heading.iterancestors("header"):
            # Also removes the summary, names and dates in the header.
            if self.size(header) <= self.size(self._tree) * _MOST:
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
        text = self.size(element)
        if not text:
            return True
        if tag in {"p", "h2", "h3", "h4"} and text > 8 * _LEAST:
            return False
        if text >= 2 * _LEAST and _BODY_NAMES.search(names):
            _unname(element)
            return False
        of_links = self._weights[element].linked > self._weights[element].words * HALF
        return bool(
            of_links
            or self._is_aside(element)
            or (COMMENTS.search(names) and self._before(element) >= _ANSWERED)
        )

    def _is_teasers(self, element: html.HtmlElement) -> bool:
        """Return whether an element lists links with summaries, and there is enough other text."""
        weight = self._weights[element]
        if weight.titles < _TEASERS or element in self._around or element.tag not in _LISTS:
            return False
        around = next((one for one in element.iterancestors() if one in self._around), self._tree)
        other = self.size(around) - weight.text
        return (
            weight.titled >= weight.words * _OF_TITLES
            and weight.longest <= _SUMMARY
            and other >= _OTHER
            and self._before_titles(element) < _LEAD
        )

    def _is_other_article(self, element: html.HtmlElement) -> bool:
        """Return whether an element is one of several articles below the text of the page's own.

        One within the page's own article may be a part of it, such as an update or a slide, unless
        its title is a link. Where the page's own is in no such element, an article without links
        may be a part of it.
        """
        if element.tag != "article" or element in self._around:
            return False
        kind = _kind(element)
        if kind not in self._other_articles:
            # Decided once, as removing the first would change the page's amounts.
            self._other_articles[kind] = (
                next(element.iter("h2", "h3", "h4"), None) is not None
                and self._may_be_apart(element)
                and self._is_aside(element)
                and self._before(element) >= _ANSWERED
            )
        return self._other_articles[kind]

    def _may_be_apart(self, element: html.HtmlElement) -> bool:
        if self._article is None:
            return _leads_elsewhere(element.iter("a"))
        if self._article not in element.iterancestors():
            return True
        titles = element.iter("h2", "h3", "h4")
        return any(_leads_elsewhere((*one.iter("a"), *one.iterancestors("a"))) for one in titles)

    def _is_for_entry(self, element: html.HtmlElement) -> bool:
        """Return whether an element is a box with fields to fill in, or hidden from readers."""
        if element in self._around or element.tag not in _BOXES:
            return False
        if self.size(element) > self.size(self._tree) * _MOST:
            return False
        return element.get("hidden") is not None or (
            self._weights[element].words <= _FORM
            and any(
                (one.get("type") or "text").lower() in _FIELDS
                for one in element.iter("input", "textarea")
            )
        )

    def _before_titles(self, element: html.HtmlElement) -> int:
        text = 0
        for one in element:
            weight = self._weights[one]
            if weight.titles:
                return text if weight.words == weight.titled else text + self._before_titles(one)
            text += weight.text
        return text

    def _before(self, element: html.HtmlElement) -> int:
        if self._heading is None:
            return 0
        text = 0
        for one in (element, *element.iterancestors()):
            for beside in one.itersiblings("*", preceding=True):
                text += self.size(beside)
        return text

    def _is_aside(self, element: html.HtmlElement) -> bool:
        """Return whether elements of this tag and class hold at most half of the page's text.

        A page may consist of elements with such a name, such as slides.
        """
        if not self._of_kind:
            for one, weight in self._weights.items():
                if weight.text:
                    kind = _kind(one)
                    self._of_kind[kind] = self._of_kind.get(kind, 0) + weight.text
        return self._of_kind.get(_kind(element), 0) <= self.size(self._tree) * _MOST

    def _remove(self, element: html.HtmlElement) -> None:
        if element.getparent() is None:
            # It is the root, or part of an element already removed.
            return
        for around in element.iterancestors():
            self._weights[around].subtract(self._weights[element])
        self._gone.add(element)
        element.drop_tree()

    def frame(self, standfirsts: Collection[str]) -> html.HtmlElement | None:
        """Return the smallest element with nearly all of the text, or None for the whole body."""
        top = frame = next(self._tree.iter("body"), self._tree)
        # On a page with endless scrolling, other articles are in elements of their own.
        own = self._article
        if own is not None and self.size(own) >= max(_LEAST, self.size(frame) * _OWN):
            frame = own
        if self.size(frame) < _LEAST:
            return None
        while True:
            inner = [one for one in frame if isinstance(one.tag, str) and self.size(one)]
            best = max(inner, key=self.size, default=None)
            # Text around the headline does not count, unless it is all there is.
            other = sum(self.size(one) for one in inner if one in self._around and one is not best)
            if (
                best is None
                or best.tag in PARAGRAPHS - {"td"}
                or best.tag in INLINE - {"font", "span", "b", "strong"}
                or self.size(best) < (self.size(frame) - other) * self._least(best)
                or self._goes_on(best, inner, standfirsts)
            ):
                break
            frame = best
        return None if frame is top else frame

    def _least(self, element: html.HtmlElement) -> float:
        if element.tag == "article" or element.get("itemprop") == "articleBody":
            return _FRAME_OF_ARTICLE
        return _FRAME_OF_HEADLINE if element in self._around else _FRAME

    def size(self, element: html.HtmlElement) -> int:
        """Return the bytes of text that an element holds; 0 for a comment."""
        weight = self._weights.get(element)
        return weight.text if weight else 0

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
            elif _kind(one) == kind and (kind[1] or self.size(one) >= 2 * _LEAD):
                return True
            elif before and one in self._around:
                if any(self.size(each) >= _INTRODUCTION for each in one.iter("p")):
                    return True
            elif before and self.size(one) >= _LEAD:
                lead_words = " ".join(one.text_content().split())
                if not any(
                    lead_words in each or each in lead_words for each in standfirsts if each
                ):
                    return True
        return False


def _leads_elsewhere(links: Iterable[html.HtmlElement]) -> bool:
    return any(not (link.get("href") or "#").startswith("#") for link in links)


def _unname(element: html.HtmlElement) -> None:
    """Remove an element's class and id, so that trafilatura does not remove the element."""
    element.attrib.pop("class", None)
    element.attrib.pop("id", None)


def _any(phrases: str) -> str:
    return "|".join(line.strip() for line in phrases.strip().splitlines())


_ELSEWHERE = _any(
    r"""
    (?:read|see|learn) (?:more|also|next)
    related(?: stor(?:y|ies)| articles?| news| posts?)?
    read the rest
    editors?['\u2019]? recommendations
    leggi (?:anche|qui)
    (?:[àa] )?lire (?:aussi|également)
    auch interessant
    (?:auch|mehr|also|more) (?:auf|on) [\w-]+\.[a-z]{2,4}
    (?:das|dies|folgende\w?)\b.{0,30} könnten? \w{2,5}\b.{0,20} (?:interessieren|gefallen)
    weiterführende links
    เรื่องที่เกี่ยวข้อง
    """
)
_LEADS_ELSEWHERE = re.compile(
    rf"[\W_]*(?:{_ELSEWHERE})(?:[^\w\s]*|\s*[:\uff1a\u2013\u2014|-]\s*.{{0,200}})", re.IGNORECASE
)
_PAGE = _any(
    r"""
    advertisement\b.{0,40}
    werbung
    anzeige
    pubblicit[àa]
    publicidad
    publicité
    your browser does not support .{0,80}
    (?:please )?follow .{1,60} on (?:twitter|facebook|instagram|threads|bluesky)\b.{0,60}
    (?:seguici|síguenos|suivez-nous|folge(?:n sie)? uns) .{0,120}\b(?:google news|whatsapp)\b.{0,60}
    (?:seguici|síguenos|suivez-nous|folge(?:n sie)? uns) .{0,120}\b(?:instagram|facebook)\b.{0,60}
    subscribe (?:to|now|for)\b.{0,160}
    abonnez-vous\b.{0,120}
    .{0,200}\bctrl ?\+ ?enter\b.{0,200}
    [\w.+-]+@[\w-]+\.[\w.-]+
    .{0,60}会員限定.{0,60}
    (?:纠错\W{1,4})?(?:责任编辑|責任編輯|编辑|特别声明|关键字|關鍵字)[:\uff1a].*
    """
)
_FILED = _any(
    r"""
    tags?
    schlag(?:worte?|wörter)
    mots[- ]cl[eé]f?s
    catégories?
    """
)
_OF_PAGE = re.compile(
    rf"[\W_]*(?:{_PAGE}|(?:{_FILED})(?:\s*[:\uff1a].{{0,240}})?)[\W_]*", re.IGNORECASE
)
_CAPTION = re.compile(
    r"\((?i:photos?|photographs?|foto|bild|image|credit|cr\u00e9dit)\b[^()]{2,60}\)$|"
    r"(?:^|[\s(|/])(?:Photos?|Photography|Photographs?|Fotos?|Fotografie|Bild(?:er|quelle)?|Images?|"
    r"Credits?|Cr\u00e9dits?)(?: (?:by|credit|courtesy|de|di|von))?\s?:\s?[^.:;!?]{2,50}\)?$",
)
"""Matches a photo credit at the end of a caption."""
_LONGEST = 300
"""Most characters of a boilerplate paragraph."""


_HEADS = _any(
    r"""
    (?:press|media)? ?contacts?(?: presse| stampa| for the media)?
    (?:\d+ )?comment(?:aire)?s?
    über (?:den autor|die autor(?:in|en))
    """
)
_HEADS_OTHERS = re.compile(rf"[\W_]*(?:{_ELSEWHERE}|{_HEADS})[\W_]*", re.IGNORECASE)
_SMALL_PRINT = re.compile(
    r"\u00a9|\ball rights reserved|\btous droits r\u00e9serv\u00e9s|\balle rechte vorbehalten|"
    r"\btodos los derechos reservados|\btodos os direitos reservados|"
    r"\btutti i diritti riservati|\u7121\u65ad\u8ee2\u8f09|\ubb34\ub2e8 ?\uc804\uc7ac|"
    r"\b(?:earn|receive|get paid|be paid) (?:an? )?(?:affiliate )?commissions?\b",
    re.IGNORECASE,
)
_SMALL_PRINT_LONGEST = 400
_HEAD_LONGEST = 60


def heads_others(text: str) -> bool:
    """Return whether a heading is above other content: related articles, comments, contacts."""
    return len(text) <= _HEAD_LONGEST and bool(_HEADS_OTHERS.fullmatch(text))


def is_small_print(text: str) -> bool:
    """Return whether a short text is a copyright notice or discloses affiliate commissions."""
    return len(text) <= _SMALL_PRINT_LONGEST and bool(_SMALL_PRINT.search(text))


def is_notice(text: str) -> bool:
    """Return whether a paragraph is boilerplate: a link elsewhere, a credit, a note on the page."""
    # An unfilled template variable is not meant for readers.
    if is_small_print(text) or text.startswith("{{"):
        return True
    return len(text) <= _LONGEST and bool(
        _CAPTION.search(text)
        or _LEADS_ELSEWHERE.fullmatch(text)
        or _OF_PAGE.fullmatch(text)
        or heads_others(text)
    )
