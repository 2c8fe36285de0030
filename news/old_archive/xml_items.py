"""Streaming cutter of a large RSS or Atom file, which yields the text of its items.

WordPress's export (WXR) is RSS with drafts, pages and pictures among the articles:
https://codex.wordpress.org/Tools_Export_Screen.

Items are cut out of the text by their tags; the readers of feeds read them. A parser of the whole
file would hold everything between items in memory, or at least a comment, attribute or text of any
length.
"""

from __future__ import annotations

import html
import re
import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, TypeAlias

from news.old_archive import ImportFileError
from news.old_archive.text_stream import TOO_LARGE, BoundedText, TextStream, chunks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Around: TypeAlias = "tuple[str, str, str]"
"""What a feed has before, between and after its items."""
MEDIA = "http://search.yahoo.com/mrss/"
ITEMS = frozenset({"item", "entry"})
METADATA = frozenset({"title", "link", "language", "id"})
"""Elements that describe the whole feed and that its items need."""
DEEPEST = 50
"""Most elements around an item; elements nested deeper are ignored."""
LONGEST_TAG = 20_000
"""Most characters of a tag around items, and of all metadata of the feed."""
MOST_BEFORE = 200_000
"""Most tags before the first item that are examined."""
MOST_TAGS = 100_000
"""Most tags of an item; each takes its reader more than a hundred bytes."""

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
_FIELD = re.compile(
    r"<wp:(post_id|post_type|post_password|status|attachment_url|meta_key|meta_value)\s{0,50}>\s{0,50}"
    r"(?:<!\[CDATA\[(.*?)(?:\]\]>|\Z)|([^<]*))|<!\[CDATA\[.*?(?:\]\]>|\Z)",
    re.DOTALL,
)
"""Matches a field of WordPress, or a CDATA section, which may have anything in it."""
_THUMBNAIL = "_thumbnail_id"


def items(path: Path, passed_over: Counter[str]) -> Iterator[tuple[Around, str]]:
    """Yield the text of each article, with what the file has around all.

    `passed_over` counts other items by reason. Raises ImportFileError if it is no feed; OSError.
    """
    # A temporary database on disk, as there may be a million pictures.
    with closing(sqlite3.connect("", check_same_thread=False)) as pictures:
        _note_pictures(path, pictures)
        for around, item in _items(path, passed_over):
            fields = _of_wordpress(item)
            beside = _beside_articles(fields)
            if beside:
                passed_over[beside] += 1
            else:
                yield around, _with_picture(item, fields, pictures)


def _items(path: Path, passed_over: Counter[str]) -> Iterator[tuple[Around, str]]:
    reader = _ItemReader(TextStream(chunks(path)))
    for kept in reader.items():
        if kept.refused or kept.text.count("<") > MOST_TAGS:
            passed_over[kept.refused or TOO_LARGE] += 1
        else:
            yield reader.around, kept.text
    if not reader.found:
        raise ImportFileError(
            f"{path} is neither WordPress's export nor a feed: it holds no item and no entry"
        )


class _ItemReader:
    """Cuts items out of a text; `found` says whether there is one, `around` what is around it."""

    def __init__(self, stream: TextStream) -> None:
        self._stream = stream
        self._open: list[tuple[str, list[str]]] = []
        self._deeper = 0
        self._room = LONGEST_TAG  # characters left for the feed's metadata
        self.around = ("", "", "")
        self.found = False

    def items(self) -> Iterator[BoundedText]:
        """Yield each item's text, or the reason for refusing it."""
        name = self._first_item()
        if name is None:
            return
        before = "".join(piece for _, pieces in self._open for piece in pieces)
        after = "".join(f"</{name}>" for name, _ in reversed(self._open))
        self.around = before, "", after
        self.found = True
        while name is not None:
            tag, kept = BoundedText(), BoundedText()
            tag.add(name)
            holds = self._tag(tag)
            # Unescaped in an attribute, these signs would mislead the reader of a broken feed.
            held = tag.text.removesuffix(">").replace("<", "&lt;").replace(">", "&gt;")
            kept.add(f"<{held}>")
            if tag.refused:
                kept.refuse(tag.refused)
            if holds:
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


def _of_wordpress(item: str) -> dict[str, str]:
    """Return the fields that only WordPress has, and the number of the item's picture."""
    fields: dict[str, str] = {}
    key = ""
    for name, *values in _FIELD.findall(item):
        value = "".join(values).strip()
        if name == "meta_key":
            key = value
        elif name != "meta_value":
            fields.setdefault(name, value)
        elif key == _THUMBNAIL:
            fields[_THUMBNAIL] = value
    return fields


def _beside_articles(fields: dict[str, str]) -> str:
    """Return why an item is not a published article (its type or status); empty if it is one."""
    kind, status = fields.get("post_type") or "post", fields.get("status") or "publish"
    if kind != "post":
        return "picture" if kind == "attachment" else kind
    if status != "publish":
        return status
    return "with a password" if fields.get("post_password") else ""


def _note_pictures(path: Path, pictures: sqlite3.Connection) -> None:
    pictures.execute("CREATE TABLE pictures (number TEXT PRIMARY KEY, address TEXT) WITHOUT ROWID")
    for _, item in _items(path, Counter()):
        fields = _of_wordpress(item)
        if "post_id" not in fields:
            # Not from WordPress: each item of such a feed has its own picture's address.
            return
        picture = fields["post_id"], html.unescape(fields.get("attachment_url", ""))
        if all(picture):
            pictures.execute("INSERT OR REPLACE INTO pictures VALUES (?, ?)", picture)


def _with_picture(item: str, fields: dict[str, str], pictures: sqlite3.Connection) -> str:
    """Return an item of WordPress with the picture as a feed would have it."""
    query = "SELECT address FROM pictures WHERE number = ?"
    for (address,) in pictures.execute(query, (fields.get(_THUMBNAIL, ""),)):
        start, end, name = item.rpartition("</")
        picture = f'<content xmlns="{MEDIA}" url="{html.escape(address)}" medium="image"/>'
        return f"{start}{picture}{end}{name}"
    return item
