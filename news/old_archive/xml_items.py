"""The items of a large RSS or Atom file, a hundred at a time, each lot as a feed of its own.

WordPress's export (WXR) is RSS with drafts, pages and pictures among the articles, whose texts are
as their writers typed them: https://codex.wordpress.org/Tools_Export_Screen.

Items are cut out of the text by their tags, and each is parsed by itself: a parser of the whole
file keeps whatever is beside them, or at least a comment, an attribute or a text of any length.
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
"""Where the items of a feed go."""
METADATA = frozenset({"title", "link", "language", "id"})
"""What a feed says of itself and matters to its items."""
DEEPEST = 50
"""Elements within one another that an item may be in; whatever is deeper belongs to nothing."""
LONGEST_TAG = 20_000
"""Characters of a tag around items, and of all that a feed says of itself."""
MOST_BEFORE = 200_000
"""Tags before the first item that may be around it, or say something of the feed."""
MOST_TAGS = 100_000
"""Tags of an item: each takes the parser more than a hundred bytes."""

_BLOCK = re.compile(r"<(?:p|div|ul|ol|h[1-6]|blockquote|table|figure|pre)\b", re.IGNORECASE)
_EMPTY_LINE = re.compile(r"\n[ \t\r]*\n")
_NAME = r"(?:[^\s<>/:!?]{1,60}:)?"
_BEFORE = re.compile(
    r"<!--|<!\[CDATA\[|<\?|<!DOCTYPE|<(/?)(" + _NAME + r"[^\s<>/:!?]{1,60})(?=[\s/>])"
)
"""What begins before the first item: the elements around it count, and what the feed says."""
_ITEM = re.compile(r"<!--|<!\[CDATA\[|<\?|<(/?)(" + _NAME + r"(?:item|entry))(?=[\s/>])")
"""The same from there on."""
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
    """The file as feeds of at most `size` items, and of `LARGEST` bytes unless one item is larger.

    Args:
        path: The file.
        size: The most items of one feed.
        passed_over: Is given what WordPress exports beside articles, and what is too large.

    Raises:
        ImportFileError: It is no feed.
        OSError: It cannot be read.
    """
    # On the disk: there may be a million pictures.
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
            # As text: lxml's trees do not part with what they are read into.
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
    """Each item, parsed, with what stands before and after the items of the file.

    Raises:
        ImportFileError: There is none.
        OSError: The file cannot be read.
    """
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
    """What stands before and after an item as well-formed XML, whatever is wrong with it."""
    before, after = around
    tree = etree.fromstring(f"{before}<{PLACE}/>{after}".encode(), parser)
    text = b"" if tree is None else etree.tostring(tree, encoding="utf-8", xml_declaration=True)
    start, place, end = text.partition(f"<{PLACE}/>".encode())
    return (start, end) if place else (before.encode(), after.encode())


class _ItemReader:
    """Cuts items out of a text, whatever stands between them.

    Args:
        stream: The text.

    Attributes:
        around: What stands before and after the first item: the elements that it is in.
    """

    def __init__(self, stream: TextStream) -> None:
        self._stream = stream
        self._open: list[tuple[str, list[str]]] = []
        self._deeper = 0
        self._room = LONGEST_TAG  # for what the feed says of itself
        self.around = ("", "")

    def items(self) -> Iterator[BoundedText]:
        """Each item as text, or why it is too large."""
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
        """Go to the first item, within another element; its name."""
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
        """Begin an element around the items, or keep what it says of the feed."""
        kept = BoundedText(LONGEST_TAG)
        kept.add(f"<{name}")
        holds = self._tag(kept)
        # What is too long to be kept leaves an element without attributes.
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
        """End the elements down to the one of this name; of none if there is none."""
        if self._deeper:
            self._deeper -= 1
            return
        names = [each for each, _ in self._open]
        # The outermost element stays: what follows its end is read as well.
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
        """Pass over the rest of a tag; whether what it begins has content."""
        while True:
            self._stream.run(_ATTRIBUTES, kept)
            sign = self._stream.take()
            if kept is not None:
                kept.add(sign)
            if sign in _QUOTED:
                # A value that is not held as a whole.
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
        """Pass over an element's content and its end, which may be missing.

        An item ends where the next one begins.
        """
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
        """Pass over a comment, an instruction, or a text that is no markup."""
        end = self._stream.until(_ENDS[opening])
        if end is not None and end[0] == "[":
            self._stream.until(_SUBSET_END)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _name(element: etree._Element) -> str:
    """Its name without its namespace; empty for a comment or an instruction."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _of_wordpress(item: etree._Element, name: str) -> str | None:
    """The text of a child that is WordPress's own."""
    for child in item:
        if isinstance(child.tag, str) and child.tag.startswith(WORDPRESS) and _name(child) == name:
            return (child.text or "").strip()
    return None


def _beside_articles(item: etree._Element) -> str | None:
    """What an item is where it is no article that was published; None for one."""
    kind = _of_wordpress(item, "post_type")
    if kind not in {None, "", "post"}:
        return "picture" if kind == "attachment" else str(kind)
    status = _of_wordpress(item, "status")
    if status not in {None, "", "publish"}:
        return str(status)
    return "with a password" if _of_wordpress(item, "post_password") else None


def _note_pictures(path: Path, pictures: sqlite3.Connection) -> None:
    """Note WordPress's numbers of pictures with their addresses."""
    pictures.execute("CREATE TABLE pictures (number TEXT PRIMARY KEY, address TEXT) WITHOUT ROWID")
    for _, item in _items(path, Counter()):
        number, address = _of_wordpress(item, "post_id"), _of_wordpress(item, "attachment_url")
        if number and address:
            pictures.execute("INSERT OR REPLACE INTO pictures VALUES (?, ?)", (number, address))
        elif number is None:
            # A feed of another program: it says at each item which picture is its.
            return


def _complete(item: etree._Element, pictures: sqlite3.Connection) -> None:
    """Make of WordPress's item what a feed would say: paragraphs, and the picture."""
    text = item.find(CONTENT)
    if text is not None and text.text and not _BLOCK.search(text.text):
        # As WordPress does itself when it shows the article.
        paragraphs = _EMPTY_LINE.split(text.text.strip())
        text.text = "".join(f"<p>{one.strip()}</p>" for one in paragraphs if one.strip())
    for note in item.iterfind("{*}postmeta"):
        key, value = note.findtext("{*}meta_key"), note.findtext("{*}meta_value")
        if key != "_thumbnail_id":
            continue
        query = "SELECT address FROM pictures WHERE number = ?"
        for (address,) in pictures.execute(query, (value or "",)):
            etree.SubElement(item, f"{{{MEDIA}}}content", {"url": address, "medium": "image"})
