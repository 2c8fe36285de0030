"""Text of an article's page as paragraphs, from its visible content or its embedded data."""

from __future__ import annotations

import re
from copy import deepcopy
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import trafilatura
from lxml import etree, html  # type: ignore[import-untyped]  # lxml has no types
from trafilatura.settings import DEFAULT_CONFIG, Document

from news.article import boilerplate
from news.article.weights import INLINE
from news.feeds.item import BYLINE
from news.html import json_ld
from news.text import clean
from news.text.date_words import LOOKS_DATED
from news.text.letters import letters
from storage.model.body_model import BULLET_SIGN, BlockKind, Body

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_LINE_END = re.compile(r"(?<!\s)[^\S\n]*+\n\s*+")
_MAX_DEPTH = 400
_FULLER = 1.5
"""How many times as long the text in the page's data must be to replace a shorter visible one."""
_LITTLE = 3
"""How many times as long a text found only by trafilatura must be to replace a short one."""
_BRIEF = 750
"""Bytes up to which a text is brief; trafilatura would search the page for more."""
_OF_BRIEF = deepcopy(DEFAULT_CONFIG)
_OF_BRIEF.set("DEFAULT", "MIN_EXTRACTED_SIZE", "20")
_MANY_PARAGRAPHS = 2_000
"""Paragraphs above which trafilatura does not ask justext, whose time grows with their square."""
_PARAGRAPHS = ("p", "div", "li", "dt", "dd", "td", "th", "option", "pre", "blockquote", "br")
_BEGINNING = 40
"""Characters compared to recognise a repetition of the text."""
_LABEL = 60
"""Most characters of a leading paragraph that is only a label."""
_SENTENCE_MARKS = frozenset('.!?\u2026\u3002\uff01\uff1f"\u201d\u00bb\u300d')
_LAID_OUT = frozenset({"td", "font", "span", "b", "strong"})
"""Elements that hold a whole text on pages with table layout."""
_LONGEST_CELL = 200
"""Most characters of a cell joined with its row; longer cells are used for layout."""
_BETWEEN_CELLS = " \u00b7 "
_BLOCK_KINDS = {"head": BlockKind.HEADING, "quote": BlockKind.QUOTE}
_BLOCKS = frozenset({"p", "head", "item", "quote", "code", "list", "table", "row", "cell", "div"})
_BOXES = frozenset({"div", "section", "center", "fieldset"})
_GALLERY = 3
"""Fewest pictures with long captions in a gallery that is an article."""
_PICTURES = ("img", "picture", "video", "iframe", "figure")
_WITHIN_SENTENCES = INLINE | {"br", "wbr", "img", "abbr", "cite", "q", "code", "s", "del", "ins"}
_SENTENCE = 80
"""Fewest bytes (three for a Chinese letter) of a paragraph in another element."""
_MERGED = "merged"
"""The tag of an element of which only the text is kept."""
_WITH_SENTENCES = frozenset({"p", "li", "dd", "td", "blockquote"})


def body(
    tree: html.HtmlElement,
    thing: dict[str, Any],
    title: str,
    heading: html.HtmlElement | None,
    *,
    standfirsts: Collection[str],
    url: str,
) -> Body | None:
    """Return the page's text as paragraphs with their kinds, or None. Modifies the tree.

    It does not repeat the title and the standfirsts.
    """
    # Copied, because extracting the shown text modifies the tree.
    whole_page = deepcopy(tree)
    place = None if heading is None else tree.getroottree().getpath(heading)
    shown = _without_labels(_shown(tree, heading, standfirsts, url), title)
    first = shown[0].text if len(shown) > 1 else ""
    if first and first in standfirsts and first[-1] not in _SENTENCE_MARKS:
        shown = shown[1:]
    stated = _without_labels(_stated(thing), title)
    if stated and shown and _is_of_another(thing, stated, title, shown):
        stated = []
    size, stated_size = _size(shown), _size(stated)
    # Prefer the page's data if it splits the same text into more paragraphs, or if it is much
    # longer, since the page then shows only a part.
    better = len(stated) >= 2 * len(shown) and stated_size * 1.1 > size
    pieces = stated if better or stated_size > _FULLER * size else shown
    if _is_little(pieces, whole_page):
        same_heading = next(iter(whole_page.getroottree().xpath(place)), None) if place else None
        boilerplate.WeighedTree(whole_page, same_heading, url).clear_teasers()
        others = _without_labels(_found_by_library(whole_page), title)
        if _size(others) > _LITTLE * _size(pieces):
            pieces = others
    whole = Body.of((piece.text, piece.block) for piece in pieces)
    text = clean.shorten(whole.text, clean.BODY_LIMIT, keep_lines=True)
    return whole.shortened(text) if text else None


class _Piece(NamedTuple):
    text: str
    kind: str = "p"
    """Tag of trafilatura's element: `p`, `head`, `item`, `quote`."""
    block: BlockKind = BlockKind.PARAGRAPH


def _size(pieces: Collection[_Piece]) -> int:
    return sum(len(piece.text) for piece in pieces)


def _is_little(pieces: Collection[_Piece], page: html.HtmlElement) -> bool:
    """Return whether the page has over three times as much text as was found. Modifies the tree."""
    for script in list(page.iter("script", "style", "noscript", "template")):
        script.drop_tree()
    shown = sum(len(text.strip()) for text in page.itertext())
    return shown > _LITTLE * _size(pieces)


def _found_by_library(page: html.HtmlElement) -> list[_Piece]:
    """Return the text of a whole page as trafilatura extracts it, for unusual pages."""
    many = next(islice(page.iter(*_PARAGRAPHS), _MANY_PARAGRAPHS, None), None) is not None
    try:
        found = trafilatura.bare_extraction(
            page, include_comments=False, fast=many, deduplicate=False
        )
    except RecursionError:
        return []
    pieces = _pieces(found.body) if isinstance(found, Document) else ()
    return [piece for piece in pieces if any(map(str.isalnum, piece.text))]


def _stated(thing: dict[str, Any]) -> list[_Piece]:
    article_body = thing.get("articleBody")
    if not isinstance(article_body, str):
        return []
    if "<" not in article_body:
        article_body = _LINE_END.sub("\n\n", article_body.replace("\r", "\n"))
    body = clean.body(article_body)
    if body is None:
        return []
    once = _once(body.text)
    return [_Piece(text, block=block) for text, block in body.shortened(once).pieces]


def _is_of_another(
    thing: dict[str, Any], stated: list[_Piece], title: str, shown: list[_Piece]
) -> bool:
    named, key = letters(json_ld.words(thing.get("headline"))), letters(title)
    if not named or not key or named.startswith(key) or key.startswith(named):
        return False
    whole = letters("".join(piece.text for piece in stated))
    return not any(
        letters(piece.text)[:_BEGINNING] in whole
        for piece in shown
        if len(piece.text) >= 2 * _BEGINNING
    )


def _once(text: str) -> str:
    """Return a text without its repetition: some systems write it twice."""
    begin = next((one[:_BEGINNING] for one in text.split("\n") if len(one) >= _BEGINNING), text)
    first = text.find(begin)
    again = text.find(begin, first + len(begin))
    if again < 0:
        return text
    once, more = letters(text[first:again]), letters(text[again:])
    if not once.startswith(more.replace(once, "")):
        return text
    # Text before the body, such as the title, may be repeated too.
    return text[:again].rstrip().removesuffix(text[:first].strip()).rstrip()


def _shown(
    tree: html.HtmlElement,
    heading: html.HtmlElement | None,
    standfirsts: Collection[str],
    url: str,
) -> list[_Piece]:
    _read_captions(tree)
    room = boilerplate.WeighedTree(tree, heading, url)
    if room.depth > _MAX_DEPTH:
        return []
    room.clear()
    frame = room.frame(standfirsts)
    frame_size = 0
    if frame is not None:
        frame_size = room.size(frame)
        if frame.tag in _LAID_OUT:
            frame.tag = "div"
        if next(frame.iter("p"), None) is not None:
            _set_loose_words_apart(frame)
            _name_paragraphs(frame)
        tree = html.Element("html")
        around = html.Element("body")
        tree.append(around)
        frame.tail = None
        frame.set("class", "article-body")
        around.append(frame)
    if heading is not None and heading.getparent() is not None:
        heading.drop_tree()
    _keep_inline(tree)
    # Otherwise trafilatura would read the JSON-LD text as one paragraph; see `_stated`.
    for script in list(tree.iter("script")):
        script.drop_tree()
    try:
        found = trafilatura.bare_extraction(
            tree,
            include_comments=False,
            include_tables=True,
            fast=True,
            deduplicate=False,
            config=DEFAULT_CONFIG if frame is None or frame_size > _BRIEF else _OF_BRIEF,
        )
    except RecursionError:
        return []
    pieces = _pieces(found.body) if isinstance(found, Document) else ()
    return [piece for piece in pieces if any(map(str.isalnum, piece.text))]


def _pieces(
    element: html.HtmlElement, *, in_item: bool = False, around: BlockKind = BlockKind.PARAGRAPH
) -> Iterator[_Piece]:
    """Yield the paragraphs of an element that trafilatura extracted, split at line breaks."""
    # Line breaks in the source do not end a paragraph; only a break element does.
    words: list[str] = [_in_one_line(element.text)]
    kind = "item" if in_item and element.tag == "p" else element.tag
    block = _block(element, around)

    def line_pieces() -> Iterator[_Piece]:
        for line in "".join(words).split("\n"):
            text = clean.one_line(line)
            if text:
                yield _Piece(f"{BULLET_SIGN}{text}" if kind == "item" else text, kind, block)
        words.clear()

    for child in element:
        if child.tag == "row":
            yield from line_pieces()
            cells = [_in_one_line("".join(map(str, cell.itertext()))) for cell in child]
            filled = list(filter(None, map(clean.one_line, cells)))
            if len(filled) > 1 and max(map(len, filled)) <= _LONGEST_CELL:
                words.append(_BETWEEN_CELLS.join(filled))
                yield from line_pieces()
            else:
                for cell in child:
                    yield from _pieces(cell, in_item=kind == "item", around=block)
        elif child.tag == "lb":
            words.append("\n")
        elif child.tag in _BLOCKS:
            yield from line_pieces()
            yield from _pieces(child, in_item=kind == "item", around=block)
        else:
            words.append(_in_one_line("".join(map(str, child.itertext()))))
        words.append(_in_one_line(child.tail))
    yield from line_pieces()


def _block(element: html.HtmlElement, around: BlockKind) -> BlockKind:
    """Return the kind of text in an element: heading, quote, list item or that around it."""
    if element.tag == "item":
        parent = element.getparent()
        is_numbered = parent is not None and parent.get("rend") == "ol"
        return BlockKind.NUMBER if is_numbered else BlockKind.BULLET
    return _BLOCK_KINDS.get(element.tag, around)


def _in_one_line(text: str | None) -> str:
    return (text or "").replace("\n", " ")


def _without_labels(pieces: list[_Piece], title: str) -> list[_Piece]:
    kept = list(_without_notices(pieces))
    begin = 0
    while begin < len(kept) - 1 and _is_label(kept[begin], title):
        begin += 1
    if _size(kept[:begin]) > _size(kept[begin:]):
        # A text of short lines, such as verses, has no labels but its title.
        begin = int(_is_title(kept[0], title))
    kept = kept[begin:]
    while kept and kept[-1].kind == "head":
        kept.pop()
    return kept


def _without_notices(pieces: list[_Piece]) -> Iterator[_Piece]:
    """Yield the paragraphs that are not notices or items of a list of links below one."""
    leads = False
    for place, one in enumerate(pieces):
        if boilerplate.is_notice(one.text):
            leads = boilerplate.heads_others(one.text)
            if leads and 2 * place > len(pieces) and _are_titles(pieces[place + 1 :]):
                return
        elif not (leads and one.kind == "item"):
            leads = False
            yield one


def _are_titles(pieces: list[_Piece]) -> bool:
    return all(len(one.text) <= 2 * _LABEL for one in pieces)


def _is_title(piece: _Piece, title: str) -> bool:
    return piece.text.casefold() == title.casefold()


def _is_label(piece: _Piece, title: str) -> bool:
    text = piece.text
    if _is_title(piece, title):
        return True
    # A full sentence that mentions a date is text.
    if len(text) > _LABEL or text[-1] in _SENTENCE_MARKS:
        return False
    is_signed = LOOKS_DATED.search(text) or BYLINE.match(text)
    return bool(is_signed) or piece.kind not in {"head", "item"}


def _read_captions(tree: html.HtmlElement) -> None:
    """Make paragraphs of long captions that hold more than all paragraphs, as in a gallery."""
    outermost = tree.xpath("//figcaption[not(ancestor::figcaption)]")
    captions = [one for one in outermost if len(one.text_content().strip().encode()) >= _SENTENCE]
    if len(captions) < _GALLERY:
        return
    captioned = sum(len(one.text_content()) for one in captions)
    within = {each for one in captions for each in one.iterdescendants("p")}
    if captioned > sum(len(one.text_content()) for one in tree.iter("p") if one not in within):
        for one in captions:
            one.tag = "div" if next(one.iter("p"), None) is not None else "p"
            around = one.getparent()
            if around.tag == "figure":
                around.tag = "div"


def _set_loose_words_apart(frame: html.HtmlElement) -> None:
    """Wrap loose text after block elements in paragraphs, as trafilatura would skip it."""
    for block in list(frame.iter("div", "section", "article")):
        if block is frame or not len(block) or not (block.tail or "").strip():
            continue
        paragraph = etree.Element("p")
        paragraph.text, block.tail = block.tail, None
        block.addnext(paragraph)
        while (beside := paragraph.getnext()) is not None and beside.tag in INLINE:
            paragraph.append(beside)


def _name_paragraphs(frame: html.HtmlElement) -> None:
    """Make paragraphs of sentences in other elements; words beside a picture are its caption."""
    has_picture: dict[html.HtmlElement, bool] = {frame: False}
    for one in list(frame.iter("*")):
        if one is frame or not (one.tag in _BOXES or "-" in one.tag):
            continue
        if any(each.tag not in _WITHIN_SENTENCES for each in one.iterdescendants()):
            continue
        text = one.text_content().strip()
        linked = sum(len(each.text_content()) for each in one.iter("a"))
        if len(text.encode()) < _SENTENCE or 2 * linked >= len(text):
            continue
        box = one.getparent()
        if box not in has_picture:
            has_picture[box] = (
                next(box.iter(*_PICTURES), None) is not None and next(box.iter("p"), None) is None
            )
        if not has_picture[box]:
            one.tag = "p"


def _keep_inline(tree: html.HtmlElement) -> None:
    """Keep short quotations, code, times and values, which trafilatura would set apart or drop."""
    with_words = set()
    for one in list(tree.iter("q", "code", "time", "label", "output")):
        around = one.getparent()
        while around.tag == _MERGED:
            around = around.getparent()
        beside = around in with_words or f"{around.text or ''}{one.tail or ''}".strip()
        if around.tag in _WITH_SENTENCES and beside and "\n" not in one.text_content().strip():
            if one.tag == "q":
                one.text = f"\u201c{one.text or ''}"
                if len(one):
                    one[-1].tail = f"{one[-1].tail or ''}\u201d"
                else:
                    one.text += "\u201d"
            one.tag = _MERGED
            with_words.add(around)
    # All at once: `drop_tag` copies the text of the sentence so far.
    etree.strip_tags(tree, _MERGED)
