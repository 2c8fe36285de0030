"""Changes to an article's tree after which trafilatura reads all of its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree  # type: ignore[import-untyped]  # lxml has no types

from news.article.weights import INLINE

if TYPE_CHECKING:
    from lxml import html

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


def read_captions(tree: html.HtmlElement) -> None:
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


def set_loose_words_apart(frame: html.HtmlElement) -> None:
    """Wrap loose text after block elements in paragraphs, as trafilatura would skip it."""
    for block in list(frame.iter("div", "section", "article")):
        if block is frame or not len(block) or not (block.tail or "").strip():
            continue
        paragraph = etree.Element("p")
        paragraph.text, block.tail = block.tail, None
        block.addnext(paragraph)
        while (beside := paragraph.getnext()) is not None and beside.tag in INLINE:
            paragraph.append(beside)


def name_paragraphs(frame: html.HtmlElement) -> None:
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


def keep_inline(tree: html.HtmlElement) -> None:
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
