"""Items cut out of a file piece by piece equal those of a parser of the whole file."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree  # type: ignore[import-untyped]  # lxml has no types

from news.feeds import xml_tree
from news.old_archive import ImportFileError, json_items, table, text_stream
from news.old_archive.importer import OldArchive, form_of
from news.old_archive.text_stream import LARGEST, TOO_LARGE

if TYPE_CHECKING:
    from pathlib import Path

EACH_EXAMPLE = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150
)
SIZES = st.sampled_from([1, 2, 3, 7, 64, 1 << 16])
TEXT = st.text(st.sampled_from("ab é漢🔔\"\\\n\r,;:{}[]<>&/!-?='"), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
RSS = '<rss xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
END = "</channel></rss>"


def in_pieces(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(text_stream, "CHUNK", size)


@EACH_EXAMPLE
@given(
    st.lists(st.dictionaries(TEXT, VALUES, max_size=3) | VALUES, max_size=5),
    st.dictionaries(TEXT, VALUES, max_size=3),
    st.booleans(),
    SIZES,
)
def test_json_is_read_as_python_reads_it(
    tmp_path: Path,
    items: list[object],
    beside: dict[str, object],
    ascii_: bool,  # noqa: FBT001  # hypothesis gives it
    size: int,
) -> None:
    file = tmp_path / "file.json"
    expected = [item for item in items if isinstance(item, dict)]
    for document in (items, {**beside, "items": items, "last": beside}):
        file.write_text(json.dumps(document, ensure_ascii=ascii_), encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch:
            in_pieces(patch, size)
            assert [json.loads(one) for one in json_items.items(file, Counter())] == expected


@EACH_EXAMPLE
@given(
    st.lists(st.lists(TEXT, min_size=3, max_size=4), max_size=6),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    SIZES,
)
def test_a_table_is_read_as_python_reads_it(
    tmp_path: Path, rows: list[list[str]], delimiter: str, end: str, size: int
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end)
    header = ["title", "link", "date", "summary"]
    writer.writerows([header, *rows])
    file = tmp_path / "file.csv"
    file.write_text(text.getvalue(), encoding="utf-8", newline="")
    text.seek(0)
    expected = []
    for row in csv.DictReader(text, header, delimiter=delimiter):
        cells = [(row[name] or "").strip() for name in header[:3]]
        if cells[0] and cells[1]:
            expected.append(cells)
    passed_over: Counter[str] = Counter()
    with pytest.MonkeyPatch.context() as patch:
        in_pieces(patch, size)
        found = [json.loads(one) for one in table.items(file, passed_over)]
    assert [[one["title"], one["url"], one.get("date_published", "")] for one in found] == expected[
        1:
    ]


def documents(file: Path) -> list[list[str]]:
    """Return title and body of each part's items, as the reader of feeds has them."""
    return [
        [
            "|".join(words(parts, name) for name in ("title", "content:encoded"))
            for _, parts in xml_tree.items_of(xml_tree.tree_of(part.feed.decode(), ""))
        ]
        for part in OldArchive(file, "xml").parts(3)
    ]


def words(parts: xml_tree.Parts, name: str) -> str:
    return "".join(element.text or "" for element in parts.get(name, ()))


@EACH_EXAMPLE
@given(st.lists(TEXT, min_size=1, max_size=7), SIZES)
def test_xml_is_read_as_a_parser_reads_it(tmp_path: Path, titles: list[str], size: int) -> None:
    channel = etree.Element("channel")
    etree.SubElement(channel, "title").text = "Old"
    channel.append(etree.Comment(" <item> no "))
    for title in titles:
        item = etree.SubElement(channel, "item", {"a": title.strip()})
        etree.SubElement(item, "title").text = title
        item.append(etree.Comment("</item>"))
        item.append(etree.ProcessingInstruction("x", "</item>"))
        etree.SubElement(channel, "term").text = title
    file = tmp_path / "file.xml"
    root = etree.Element("rss")
    root.append(channel)
    file.write_bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))
    expected = [f"{item.findtext('title') or ''}|" for item in etree.parse(file).iter("item")]
    with pytest.MonkeyPatch.context() as patch:
        in_pieces(patch, size)
        found = documents(file)
    assert [title for part in found for title in part] == expected
    assert [len(part) for part in found[:-1]] == [3] * (len(found) - 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{RSS}<item><title>A</title><item><title>B</title></item>{END}", ["A|", "B|"]),
        (f"{RSS}<item><title>A</title>", ["A|"]),
        (f"{RSS}<item><title>A</titel></item><item><title>B</title></item>", ["A|", "B|"]),
        (
            (
                f"{RSS}<item><title>A</title><content:encoded><![CDATA[</item><item>]]>"
                f"</content:encoded></item>{END}"
            ),
            ["A|</item><item>"],
        ),
        (f"{RSS}<item a='>' b=\"</item>\"><title>A</title></item>{END}", ["A|"]),
        (f"<!DOCTYPE r [<!ENTITY x '<item>'>]>{RSS}<item><title>A</title></item>{END}", ["A|"]),
        (f"{RSS}<items/><itemized/><item><title>A</title></item>{END}", ["A|"]),
        (f"{RSS}<link>a<title>Old<item><title>A</title></item>{END}", ["A|"]),
        (
            (
                "<f:feed xmlns:f='http://www.w3.org/2005/Atom'><f:entry><f:title>A</f:title></f:entry>"
                "<f:entry/></f:feed>"
            ),
            ["A|", "|"],
        ),
        ("<rdf><channel><items><li/></items></channel><item><title>A</title></item></rdf>", ["A|"]),
    ],
)
def test_damage_and_fake_items_do_not_mislead_the_splitter(
    text: str, expected: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "file.xml"
    file.write_text(text, encoding="utf-8")
    assert [title for part in documents(file) for title in part] == expected


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-16-le", "iso-8859-1", "koi8-r"])
def test_a_file_is_read_in_the_charset_that_it_is_in(charset: str, tmp_path: Path) -> None:
    title = "Новая коллекция" if charset == "koi8-r" else "Città nuova"
    file = tmp_path / "file.xml"
    text = f'<?xml version="1.0" encoding="{charset}"?>{RSS}<item><title>{title}</title></item>'
    file.write_text(f"{text}{END}", encoding=charset)
    with pytest.MonkeyPatch.context() as patch:
        in_pieces(patch, 97)
        assert documents(file) == [[f"{title}|"]]


def test_a_few_words_in_another_charset_late_in_a_file_are_read(tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    rows = "".join(f"Città {number},/{number}\n" for number in range(9_000))
    file.write_bytes(f"title,link\n{rows}".encode() + b"Caff\xe8,/x\n")
    found = [json.loads(one) for one in table.items(file, Counter())]
    assert (found[0]["title"], found[-1]["title"]) == ("Città 0", "Caffè")


HUGE = "x" * (LARGEST + 1)
ONE = '{"url": "/1", "title": "One"}'


@pytest.mark.parametrize(
    ("text", "refused", "left"),
    [
        (f"{RSS}<item><title>{HUGE}</title></item><item><title>A</title></item>", TOO_LARGE, 1),
        (f"{RSS}<item a='{HUGE}'/><item><title>A</title></item>", TOO_LARGE, 1),
        (f"{RSS}<item>{'<a/>' * 150_000}</item><item/>", TOO_LARGE, 1),
        (f'[{{"a": "{HUGE}"}}, {ONE}]', TOO_LARGE, 1),
        (f'[{{"a": {"[" * 200}{"]" * 200}}}, {ONE}]', json_items.TOO_DEEP, 1),
        (f'[{{"a": {"[[]" * 90_000}{"]" * 90_000}}}, {ONE}]', json_items.TOO_DEEP, 1),
        (f'title,link\n"{HUGE}",/1\nOne,/1\n', TOO_LARGE, 1),
        (f"title,link\n{HUGE},/1\nOne,/1\n", TOO_LARGE, 1),
        (f"title,link\n{'🔔' * (LARGEST // 2)},/1\nOne,/1\n", TOO_LARGE, 1),
    ],
    ids=[
        "text",
        "attribute",
        "tags",
        "string",
        "lists",
        "many lists",
        "cell",
        "bare cell",
        "bytes",
    ],
)
def test_an_item_that_is_too_large_is_counted_and_the_others_are_read(
    text: str, refused: str, left: int, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_text(text, encoding="utf-8")
    archive = OldArchive(file, form_of(file))
    parts = list(archive.parts())
    assert archive.passed_over == {refused: 1}
    assert len(parts) == left
    assert all(len(part.feed) < 2_000 for part in parts)


@pytest.mark.parametrize("form", ["xml", "json", "csv"])
def test_a_part_is_small_however_large_its_items_are(form: str, tmp_path: Path) -> None:
    body = "x" * 300_000
    file = tmp_path / "file"
    with file.open("w") as stream:
        if form == "xml":
            stream.write(RSS + f"<item><title>{body}</title></item>" * 9 + END)
        elif form == "json":
            stream.write(json.dumps([{"title": body}] * 9))
        else:
            stream.write("title,link\n" + f"{body},/1\n" * 9)
    sizes = [len(part.feed) for part in OldArchive(file, form_of(file)).parts()]
    assert len(sizes) == 3
    assert max(sizes) < LARGEST


@pytest.mark.parametrize(
    "text",
    ['[{"a": 1}', '[{"a": 1', '[{"a": tru}]', "[{} }", '{"items": [{}]', '[{}] {"b": 1}', '["a'],
)
def test_json_that_is_not_whole_is_refused_before_an_item_comes(text: str, tmp_path: Path) -> None:
    file = tmp_path / "file.json"
    file.write_text(text)
    with pytest.raises(ImportFileError, match=r"is not (complete|valid) JSON .*; export it again"):
        next(json_items.items(file, Counter()))


def test_an_unclosed_quote_is_reported_with_its_row(tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    file.write_text('title,link\nOne,/1\n"' + "x\n" * LARGEST)
    with pytest.raises(ImportFileError, match=r"in row 3 \(a quoted cell never ends\)"):
        list(table.items(file, Counter()))
