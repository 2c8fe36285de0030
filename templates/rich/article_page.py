"""An article to read in the chat: its stored body as one rich message.

A long body is cut between two blocks and ends with a link to the rest.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from storage.model.body_model import BlockKind, BodyBlock
from templates.markup.article_parts import NAME_LIMIT, headline
from templates.markup.fit import paginate
from templates.markup.message import RichMessage
from templates.markup.text import one_line, shorten, visible
from templates.rich import blocks
from templates.rich.blocks import Size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from storage.model import Article
    from storage.model.body_model import Body
    from templates.rich.blocks import Block
    from templates.rich.language_words import LanguageWords

LARGEST = Size(characters=12_000, blocks=240, depth=6, media=1)
"""The largest page; of a longer one, clients show the beginning and some never load the rest."""
LONGEST = 2_000
"""Maximum number of UTF-16 units of a paragraph; a longer one is split."""
BETWEEN = " · "
_ITEMS = frozenset({BlockKind.BULLET, BlockKind.NUMBER})


def article_page(
    article: Article,
    body: Body,
    words: LanguageWords,
    *,
    language: str,
    zone: str,
    now: datetime,
    picture: str | None,
) -> RichMessage:
    """Lay out an article as a page; `picture` is Telegram's file id."""
    head = blocks.there(
        blocks.heading(1, headline(article)),
        blocks.paragraph(_byline(article, words, language, zone, now)),
    )
    photo = _photo(article, words, language, picture)
    end = _end(article, words, language, is_cut=False), _end(article, words, language, is_cut=True)
    room = blocks.size_of(*head, *photo, *(block for one in end for block in one))
    shown, is_cut = _within(_short(body, article.title), room)
    page = [*head, *photo, *_laid_out(shown), *end[is_cut]]
    return RichMessage(
        tuple((blocks.written(block),) for block in page),
        ((len(head), article.image),) if photo and article.image else (),
    )


def _byline(article: Article, words: LanguageWords, language: str, zone: str, now: datetime) -> str:
    filters = words.filters(language)
    source, author = (
        one_line(shorten(name or "", NAME_LIMIT)) for name in (article.source, article.author)
    )
    names = (filters.marked(source, article), author)
    when = filters.dates.day_and_clock(article.published, zone, now)
    return BETWEEN.join([*filter(visible, names), when])


def _photo(
    article: Article, words: LanguageWords, language: str, picture: str | None
) -> list[Block]:
    if not picture:
        return []
    source = one_line(shorten(article.source, NAME_LIMIT))
    credit = words.label("photo_by", language, source=source) if visible(source) else ""
    return [blocks.photo(picture, credit)]


def _end(article: Article, words: LanguageWords, language: str, *, is_cut: bool) -> list[Block]:
    """Return the last block, a link to the source; small and grey unless the article is cut."""
    source = one_line(shorten(article.source, NAME_LIMIT)) or "ON News"
    if is_cut:
        label = words.label("continue_at", language, source=source)
        return blocks.there(blocks.paragraph(blocks.bold(blocks.link(label, article.link))))
    label = words.label("read_at", language, source=source)
    return blocks.there(blocks.footer(blocks.link(label, article.link)))


def _short(body: Body, title: str) -> Iterator[BodyBlock]:
    for number, block in enumerate(body.blocks):
        if number == 0 and block.text.casefold() == title.casefold():
            continue
        for text in paginate([block.text], LONGEST):
            yield replace(block, text=text)


def _within(paragraphs: Iterator[BodyBlock], room: Size) -> tuple[list[BodyBlock], bool]:
    """Return as many paragraphs as fit beside the rest of the page, and whether there are more."""
    kept: list[BodyBlock] = []
    for each in paragraphs:
        size = blocks.size_of(*_laid_out([each]))
        # An upper bound: in a shared list or quotation they take less room.
        room += size
        if not room.within(LARGEST):
            return _without_last_headings(kept), True
        kept.append(each)
    return _without_last_headings(kept), False


def _without_last_headings(paragraphs: list[BodyBlock]) -> list[BodyBlock]:
    end = len(paragraphs)
    while end and paragraphs[end - 1].kind is BlockKind.HEADING:
        end -= 1
    return paragraphs[:end]


def _laid_out(paragraphs: Sequence[BodyBlock]) -> list[Block]:
    found: list[Block | None] = []
    at = 0
    while at < len(paragraphs):
        kind = paragraphs[at].kind
        end = at + 1
        if kind in _ITEMS or kind is BlockKind.QUOTE:
            while end < len(paragraphs) and paragraphs[end].kind is kind:
                end += 1
        texts = [blocks.paragraph(each.text) for each in paragraphs[at:end]]
        if kind in _ITEMS:
            found.append(
                blocks.listing([[text] for text in texts], ordered=kind is BlockKind.NUMBER)
            )
        elif kind is BlockKind.QUOTE:
            found.append(blocks.quotation(texts))
        elif kind is BlockKind.HEADING:
            found.append(blocks.heading(3, paragraphs[at].text))
        else:
            found += texts
        at = end
    return blocks.there(*found)
