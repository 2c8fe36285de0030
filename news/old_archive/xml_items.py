"""The items of a large RSS or Atom file, a hundred at a time, each lot as a feed of its own.

WordPress's export (WXR) is RSS with drafts, pages and pictures among the articles, whose texts are
as their writers typed them: https://codex.wordpress.org/Tools_Export_Screen.
"""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING

from lxml import etree  # type: ignore[import-untyped]  # lxml has no types

from news.old_archive import ImportFileError

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

WORDPRESS = "{http://wordpress.org/export/"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
MEDIA = "http://search.yahoo.com/mrss/"
ITEMS = frozenset({"item", "entry"})
PLACE = "items"
"""Where the items of a feed go."""
METADATA = frozenset({"title", "link", "language", "id"})
"""What is told of a feed itself and matters to its items."""

_BLOCK = re.compile(r"<(?:p|div|ul|ol|h[1-6]|blockquote|table|figure|pre)\b", re.IGNORECASE)
_EMPTY_LINE = re.compile(r"\n[ \t\r]*\n")


def documents(path: Path, size: int, passed_over: Counter[str]) -> Iterator[bytes]:
    """The file as feeds of at most `size` items.

    Args:
        path: The file.
        size: The most items of one feed.
        passed_over: Is told of what WordPress exports beside articles.

    Raises:
        ImportFileError: It is no feed.
        OSError: It cannot be read.
    """
    pictures = _pictures(path)
    around: tuple[bytes, bytes] | None = None
    items: list[bytes] = []
    for item in _elements(path, ITEMS):
        around = around or _around(item)
        beside = _beside_articles(item)
        if beside is not None:
            passed_over[beside] += 1
            continue
        _complete(item, pictures)
        # As text: lxml's trees do not part with what they are read into.
        items.append(etree.tostring(item, encoding="utf-8", with_tail=False))
        if len(items) == size:
            yield b"".join(items).join(around)
            items.clear()
    if around is None:
        raise ImportFileError(
            f"{path} is neither WordPress's export nor a feed: it holds no item and no entry"
        )
    if items:
        yield b"".join(items).join(around)


def _around(item: etree._Element) -> tuple[bytes, bytes]:
    """What stands before and after the items of a feed like that around an item."""
    inner = etree.Element(PLACE)
    for element in item.iterancestors():
        shell = etree.Element(element.tag, dict(element.attrib), nsmap=element.nsmap)
        shell.extend([deepcopy(one) for one in element if _name(one) in METADATA])
        shell.append(inner)
        inner = shell
    document = etree.tostring(inner, encoding="utf-8", xml_declaration=True)
    before, _, after = document.partition(f"<{PLACE}/>".encode())
    return before, after


def _elements(path: Path, names: frozenset[str]) -> Iterator[etree._Element]:
    """The elements of these names, each once it is whole. What follows damage is read as well."""
    walk = etree.iterparse(
        str(path),
        events=("end",),
        recover=True,
        huge_tree=True,
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
    )
    try:
        for _, element in walk:
            if _name(element) in names and element.getparent() is not None:
                yield element
                element.clear()
                # The empty shells of a million items would fill the memory as well.
                while (passed := element.getprevious()) is not None and _name(passed) in names:
                    del element.getparent()[element.getparent().index(passed)]
    except etree.XMLSyntaxError as error:
        raise ImportFileError(f"{path} is no whole XML ({error}); export it again") from None


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


def _pictures(path: Path) -> dict[str, str]:
    """WordPress's number of a picture → its address."""
    found = {}
    for item in _elements(path, frozenset({"item"})):
        number, address = _of_wordpress(item, "post_id"), _of_wordpress(item, "attachment_url")
        if number and address:
            found[number] = address
        elif number is None:
            # A feed of another program: it says at each item which picture is its.
            return {}
    return found


def _complete(item: etree._Element, pictures: dict[str, str]) -> None:
    """Make of WordPress's item what a feed would say: paragraphs, and the picture."""
    text = item.find(CONTENT)
    if text is not None and text.text and not _BLOCK.search(text.text):
        # As WordPress does itself when it shows the article.
        paragraphs = _EMPTY_LINE.split(text.text.strip())
        text.text = "".join(f"<p>{one.strip()}</p>" for one in paragraphs if one.strip())
    for note in item.iterfind("{*}postmeta"):
        key, value = note.findtext("{*}meta_key"), note.findtext("{*}meta_value")
        address = pictures.get(value or "")
        if key == "_thumbnail_id" and address:
            etree.SubElement(item, f"{{{MEDIA}}}content", {"url": address, "medium": "image"})
