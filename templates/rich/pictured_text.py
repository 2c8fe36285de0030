"""A rendered message below a picture that Telegram has: for a picture without an address.

Telegram shows a picture above a text by the preview of a link. A picture that an editor sent has no
address, so such a message is laid out in blocks: the picture, then each paragraph as it is.
"""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from storage.model import SENT_PICTURE
from templates.markup.message import RichMessage
from templates.rich import blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.model import Article
    from templates.markup.message import RenderedMessage
    from templates.rich.blocks import RichText

_MARKS: dict[str, Callable[..., RichText]] = {
    "b": blocks.bold,
    "i": blocks.italic,
    "s": blocks.struck,
}


def below_its_picture(
    message: RenderedMessage, article: Article, *, private: bool
) -> RenderedMessage:
    """Return a message about an article, also below its picture if an editor sent that."""
    image = article.image or ""
    shown = not article.is_withdrawn and article.pictures.within(private=private)
    if not shown or not image.startswith(SENT_PICTURE):
        return message
    photo = blocks.photo(image.removeprefix(SENT_PICTURE))
    text = _MarkedParagraphs()
    text.feed("\n\n".join(message.parts))
    text.close()
    page = [photo, *blocks.there(*(blocks.paragraph(*each) for each in text.all()))]
    rich = RichMessage(tuple((blocks.written(each),) for each in page), ((0, image),))
    return replace(message, rich=rich)


class _MarkedParagraphs(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._paragraphs: list[list[RichText]] = [[]]
        self._open: list[tuple[str, str, list[RichText]]] = []
        """Tags that are open: name, address of a link, and the texts inside."""

    def all(self) -> list[list[RichText]]:
        """Return the texts of each paragraph."""
        return self._paragraphs

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a mark."""
        self._open.append((tag, dict(attrs).get("href") or "", []))

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the last that was opened
        """End a mark: put its texts, marked, where they belong."""
        if not self._open:
            return
        name, href, texts = self._open.pop()
        marked = blocks.link(blocks.run(*texts), href) if name == "a" else blocks.run(*texts)
        if mark := _MARKS.get(name):
            marked = mark(marked)
        self._here.append(marked)

    def handle_data(self, data: str) -> None:
        """Add a text; an empty line outside of marks begins a paragraph."""
        if self._open:
            self._here.append(data)
            return
        first, *others = data.split("\n\n")
        self._here.append(first)
        for each in others:
            self._paragraphs.append([each.lstrip("\n")])

    @property
    def _here(self) -> list[RichText]:
        return self._open[-1][2] if self._open else self._paragraphs[-1]
