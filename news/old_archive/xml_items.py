"""Streaming reader of a large RSS or Atom file, which yields small feeds.

WordPress's export (WXR) is RSS with drafts, pages and pictures among the articles, and article
texts as their authors typed them: https://codex.wordpress.org/Tools_Export_Screen.

Items are cut out of the text by their tags and parsed one by one. A parser of the whole file would
hold everything between items in memory, or at least a comment, attribute or text of any length.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

from lxml import etree  # type: ignore[import-untyped]  # lxml has no types

from news.old_archive import ImportFileError
from news.old_archive.text_stream import LARGEST, TOO_LARGE, BoundedText, TextStream, chunks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORDPRESS = "{http://wordpress.org/export/"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
MEDIA = "http://search.yahoo.com/mrss/"
ITEMS = frozenset({"item", "entry"})
PLACE = "items"
"""Name of a placeholder element for a feed's items."""
METADATA = frozenset({"title", "link", "language", "id"})
"""Elements that describe the whole feed and that its items need."""
DEEPEST = 50
"""Most elements around an item; elements nested deeper are ignored."""
LONGEST_TAG = 20_000
"""Most characters of a tag around items, and of all metadata of the feed."""
MOST_BEFORE = 200_000
"""Most tags before the first item that are examined."""
MOST_TAGS = 100_000
"""Most tags of an item; each takes the parser more than a hundred bytes."""

_BLOCK = re.compile(r"<(?:p|div|ul|ol|h[1-6]|blockquote|table|figure|pre)\b", re.IGNORECASE)
_EMPTY_LINE = re.compile(r"\n[ \t\r]*\n")
_NAME = r"(?:[^\s<>/:!?]{1,60}:)?"
_BEFORE = re.compile(
    r"<!--|<!\[CDATA\[|<\?|<!DOCTYPE|<(/?)(" + _NAME + r"[^\s<>/:!?]{1,60})(?=[\s/>])"
)
"""Matches the start of any markup, for use before the first item."""
_ITEM = re.compile(r"<!--|<!\[CDATA\[|<\?|<(/?)(" + _NAME + r"(?:item|entry))(?=[\s/>])")
"""Matches the start of an item's tag or of non-element markup."""
_ATTRIBUTES = re.compile(r"""[^>"'/]*(?:(?:"[^"]*"|'[^']*'|/(?=[^>]))[^>"'/]*)*""")
_QUOTED = {'"': re.compile('"'), "'": re.compile("'")}
_ENDS = {
    "<!--": re.compile("-->"),
    "<![CDATA[": re.compile(r"\]\]>"),
    "<?": re.compile(r"\?>"),
    "<!DOCTYPE": re.compile(r"[\[>]"),
}
_SUBSET_END = re.compile(r"\]\s{0,50}>")


def documents(path: Path, size: int, passed_over: Counter[str]) -> Iterator[bytes]:
    """Yield the file as feeds of at most `size` items and `LARGEST` bytes, but one item at least.

    `passed_over` counts other items by reason. Raises ImportFileError if it is no feed; OSError.
    """
    # A temporary database on disk, as there may be a million pictures.
    with closing(sqlite3.connect("", check_same_thread=False)) as pictures:
        _note_pictures(path, pictures)
        items: list[bytes] = []
        total = 0
        around = (b"", b"")
        for around, item in _items(path, passed_over):
            beside = _beside_articles(item)
            if beside is not None:
                passed_over[beside] += 1
                continue
            _complete(item, pictures)
            # As text: an lxml tree keeps the memory of the document that it was parsed from.
            text = etree.tostring(item, encoding="utf-8", with_tail=False)
            if len(text) > LARGEST:
                passed_over[TOO_LARGE] += 1
                continue
            if items and (len(items) == size or total + len(text) > LARGEST):
                yield b"".join(items).join(around)
                items, total = [], 0
            items.append(text)
            total += len(text)
        if items:
            yield b"".join(items).join(around)


def _items(
    path: Path, passed_over: Counter[str]
) -> Iterator[tuple[tuple[bytes, bytes], etree._Element]]:
    """Yield each item, with the markup before and after all; ImportFileError if there is none."""
    reader = _ItemReader(TextStream(chunks(path)))
    parser = etree.XMLParser(
        recover=True,
        huge_tree=True,
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )
    around = None
    for kept in reader.items():
        around = around or _mended(reader.around, parser)
        text = kept.text
        if kept.refused or text.count("<") > MOST_TAGS:
            passed_over[kept.refused or TOO_LARGE] += 1
            continue
        tree = etree.fromstring(text.encode().join(around), parser)
        item = None if tree is None else next((e for e in tree.iter() if _name(e) in ITEMS), None)
        if item is None:
            passed_over["unreadable"] += 1
            continue
        yield around, item
    if around is None:
        raise ImportFileError(
            f"{path} is neither WordPress's export nor a feed: it holds no item and no entry"
        )


def _mended(around: tuple[str, str], parser: etree.XMLParser) -> tuple[bytes, bytes]:
    before, after = around
    tree = etree.fromstring(f"{before}<{PLACE}/>{after}".encode(), parser)
    text = b"" if tree is None else etree.tostring(tree, encoding="utf-8", xml_declaration=True)
    start, place, end = text.partition(f"<{PLACE}/>".encode())
    return (start, end) if place else (before.encode(), after.encode())


class _ItemReader:
    """Cuts items out of a text; `around` is the markup before and after the first item."""

    def __init__(self, stream: TextStream) -> None:
        self._stream = stream
        self._open: list[tuple[str, list[str]]] = []
        self._deeper = 0
        self._room = LONGEST_TAG  # characters left for the feed's metadata
        self.around = ("", "")

    def items(self) -> Iterator[BoundedText]:
        """Yield each item's text, or the reason for refusing it."""
        name = self._first_item()
        if name is None:
            return
        before = "".join(piece for _, pieces in self._open for piece in pieces)
        after = "".join(f"</{name}>" for name, _ in reversed(self._open))
        self.around = before, after
        while name is not None:
            kept = BoundedText()
            kept.add(f"<{name}")
            if self._tag(kept):
                self._content(name, kept)
                kept.add(f"</{name}>")
            yield kept
            name = self._next_item()

    def _first_item(self) -> str | None:
        for _ in range(MOST_BEFORE):
            found = self._stream.until(_BEFORE)
            if found is None:
                return None
            closes, name = found[1], found[2]
            if name is None:
                self._skip(found[0])
            elif closes:
                self._close(name)
            elif self._open and _local(name) in ITEMS:
                return str(name)
            elif self._deeper or len(self._open) == DEEPEST:
                self._deeper += self._tag()
            else:
                self._enter(name)
        return self._next_item()

    def _enter(self, name: str) -> None:
        kept = BoundedText(LONGEST_TAG)
        kept.add(f"<{name}")
        holds = self._tag(kept)
        # If the tag is too long, keep the element without attributes.
        start = kept.text or (f"<{name}>" if holds else f"<{name}/>")
        if self._open and _local(name) in METADATA:
            content = BoundedText(self._room)
            if holds:
                self._content(name, content)
            if not content.refused:
                text = f"{start}{content.text}</{name}>" if holds else start
                self._room = max(self._room - len(text), 0)
                self._open[-1][1].append(text)
        elif holds:
            self._open.append((name, [start]))

    def _close(self, name: str) -> None:
        if self._deeper:
            self._deeper -= 1
            return
        names = [each for each, _ in self._open]
        # The outermost element stays open, as text after its end is read too.
        if name in names[1:]:
            del self._open[len(names) - names[::-1].index(name) - 1 :]

    def _next_item(self) -> str | None:
        while (found := self._stream.until(_ITEM)) is not None:
            if found[2] is None:
                self._skip(found[0])
            elif not found[1]:
                return str(found[2])
        return None

    def _tag(self, kept: BoundedText | None = None) -> bool:
        while True:
            self._stream.run(_ATTRIBUTES, kept)
            sign = self._stream.take()
            if kept is not None:
                kept.add(sign)
            if sign in _QUOTED:
                # The value of an attribute continues beyond the buffer.
                self._stream.until(_QUOTED[sign], kept)
                if kept is not None:
                    kept.add(sign)
            elif sign != "/":
                return sign == ">"
            elif self._stream.peek() == ">":
                self._stream.take()
                if kept is not None:
                    kept.add(">")
                return False

    def _content(self, name: str, kept: BoundedText) -> None:
        """Read an element's content past its end tag; an item without one ends at the next."""
        pattern = _ITEM if _local(name) in ITEMS else _BEFORE
        while (found := self._stream.until(pattern, kept)) is not None:
            opening, closes, other = found[0], found[1], found[2]
            if other is None:
                if opening == "<![CDATA[":
                    kept.add(opening)
                    self._stream.until(_ENDS[opening], kept)
                    kept.add("]]>")
                else:
                    self._skip(opening)
            elif closes and other == name:
                self._tag()
                return
            elif not closes and (other == name or (pattern is _BEFORE and _local(other) in ITEMS)):
                self._stream.untake(len(opening))
                return
            else:
                kept.add(opening)

    def _skip(self, opening: str) -> None:
        end = self._stream.until(_ENDS[opening])
        if end is not None and end[0] == "[":
            self._stream.until(_SUBSET_END)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _name(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _of_wordpress(item: etree._Element, name: str) -> str | None:
    for child in item:
        if isinstance(child.tag, str) and child.tag.startswith(WORDPRESS) and _name(child) == name:
            return (child.text or "").strip()
    return None


def _beside_articles(item: etree._Element) -> str | None:
    """Return why an item is not a published article (its type or status), or None if it is one."""
    kind = _of_wordpress(item, "post_type")
    if kind not in {None, "", "post"}:
        return "picture" if kind == "attachment" else str(kind)
    status = _of_wordpress(item, "status")
    if status not in {None, "", "publish"}:
        return str(status)
    return "with a password" if _of_wordpress(item, "post_password") else None


def _note_pictures(path: Path, pictures: sqlite3.Connection) -> None:
    pictures.execute("CREATE TABLE pictures (number TEXT PRIMARY KEY, address TEXT) WITHOUT ROWID")
    for _, item in _items(path, Counter()):
        number, address = _of_wordpress(item, "post_id"), _of_wordpress(item, "attachment_url")
        if number and address:
            pictures.execute("INSERT OR REPLACE INTO pictures VALUES (?, ?)", (number, address))
        elif number is None:
            # Not from WordPress: each item of such a feed has its own picture's address.
            return


def _complete(item: etree._Element, pictures: sqlite3.Connection) -> None:
    """Add to a WordPress item what a feed would have: paragraphs, and the picture."""
    text = item.find(CONTENT)
    if text is not None and text.text and not _BLOCK.search(text.text):
        # WordPress does the same when it shows the article.
        paragraphs = _EMPTY_LINE.split(text.text.strip())
        text.text = "".join(f"<p>{one.strip()}</p>" for one in paragraphs if one.strip())
    for note in item.iterfind("{*}postmeta"):
        key, value = note.findtext("{*}meta_key"), note.findtext("{*}meta_value")
        if key != "_thumbnail_id":
            continue
        query = "SELECT address FROM pictures WHERE number = ?"
        for (address,) in pictures.execute(query, (value or "",)):
            etree.SubElement(item, f"{{{MEDIA}}}content", {"url": address, "medium": "image"})
