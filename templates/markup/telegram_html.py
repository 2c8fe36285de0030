"""Telegram's HTML, parsed into plain text with spans and written back, whole or in slices."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape

from templates.markup.text import clean, web_link

_TOKEN = re.compile(
    r"<(?P<close>/?)(?P<tag>[a-zA-Z][a-zA-Z0-9-]*+)(?P<rest>[^<>]*+)>"
    r"|&(?P<entity>lt|gt|amp|quot|#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,6});"
)
_HREF = re.compile(r"""href\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_TAGS = {
    "b": "b",
    "strong": "b",
    "i": "i",
    "em": "i",
    "u": "u",
    "ins": "u",
    "s": "s",
    "strike": "s",
    "del": "s",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-spoiler": "tg-spoiler",
    "a": "a",
}
# Tags inside which no other tag takes effect.
_PLAIN_INSIDE = frozenset({"code", "pre"})


@dataclass(frozen=True, slots=True)
class TaggedSpan:
    """A span of text under one tag."""

    start: int
    end: int
    opening: str
    closing: str


@dataclass(frozen=True, slots=True)
class MarkedText:
    """Plain text with spans: outer before inner, none empty, none overlapping partly."""

    text: str
    spans: tuple[TaggedSpan, ...]

    def html(self, start: int = 0, end: int | None = None) -> str:
        """Return the text between two character indices as HTML, with tags closed and reopened."""
        if end is None:
            end = len(self.text)
        out: list[str] = []
        stack: list[tuple[int, str]] = []
        position = start

        def move(to: int) -> None:
            nonlocal position
            out.append(escape(self.text[position:to]))
            position = to

        def close(until: int) -> None:
            while stack and stack[-1][0] <= until:
                stop, closing = stack.pop()
                move(stop)
                out.append(closing)

        for span in self.spans:
            first, last = max(span.start, start), min(span.end, end)
            if first >= last:
                continue
            close(first)
            move(first)
            out.append(span.opening)
            stack.append((last, span.closing))
        close(end)
        move(end)
        return "".join(out)


@dataclass(slots=True)
class _Open:
    tag: str
    span: int | None


@dataclass(slots=True)
class _MarkupReader:
    pieces: list[str] = field(default_factory=list)
    length: int = 0
    spans: list[TaggedSpan] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    open_tags: Counter[str] = field(default_factory=Counter)
    marked: set[str] = field(default_factory=set)

    def write(self, text: str) -> None:
        """Add a text that `clean` has returned."""
        self.pieces.append(text)
        self.length += len(text)

    def open(self, tag: str, rest: str) -> None:
        opening = self._opening(tag, rest)
        self.open_tags[tag] += 1
        if opening is None:
            self.stack.append(_Open(tag, None))
            return
        self.stack.append(_Open(tag, len(self.spans)))
        self.spans.append(TaggedSpan(self.length, self.length, opening, f"</{tag}>"))
        self.marked.add(tag)

    def _opening(self, tag: str, rest: str) -> str | None:
        if tag in self.marked or self.marked & _PLAIN_INSIDE:
            return None
        if tag == "blockquote" and "expandable" in rest.split():
            return "<blockquote expandable>"
        if tag != "a":
            return f"<{tag}>"
        found = _HREF.search(rest)
        link = web_link(unescape(found[1] or found[2] or "")) if found else None
        return None if link is None else f'<a href="{escape(link)}">'

    def close(self, tag: str) -> None:
        if not self.open_tags[tag]:
            return
        while self.stack:
            innermost = self.stack.pop()
            self.open_tags[innermost.tag] -= 1
            if innermost.span is not None:
                self.marked.discard(innermost.tag)
                span = self.spans[innermost.span]
                self.spans[innermost.span] = TaggedSpan(
                    span.start, self.length, span.opening, span.closing
                )
            if innermost.tag == tag:
                return

    def finish(self) -> MarkedText:
        while self.stack:
            self.close(self.stack[-1].tag)
        spans = tuple(span for span in self.spans if span.start < span.end)
        return MarkedText("".join(self.pieces), spans)


def parse(html: str) -> MarkedText:
    """Parse HTML as Telegram does, but leniently: tags that Telegram does not know become text."""
    reader = _MarkupReader()
    position = 0
    for token in _TOKEN.finditer(html):
        if token.start() > position:
            reader.write(clean(html[position : token.start()]))
        position = token.end()
        entity = token["entity"]
        if entity is not None:
            reader.write(_decoded(entity, token.group()))
            continue
        tag = _TAGS.get(token["tag"].lower())
        if tag is None:
            reader.write(clean(token.group()))
        elif token["close"]:
            reader.close(tag)
        else:
            reader.open(tag, token["rest"])
    reader.write(clean(html[position:]))
    return reader.finish()


def escape(text: str) -> str:
    """Escape text for HTML, for use between tags and in double-quoted attributes."""
    return (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    )


@lru_cache(maxsize=256)
def _decoded(entity: str, whole: str) -> str:
    if not entity.startswith("#"):
        return clean(unescape(whole))
    digits = entity[1:]
    number = int(digits[1:], base=16) if digits[0] in "xX" else int(digits)
    return clean(chr(number)) if 0 < number <= 0x10FFFF else ""
