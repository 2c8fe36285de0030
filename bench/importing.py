"""`./dev bench importing`: the memory that `onnews import` takes, for files of many shapes.

Each file has 200 MB. The peak is that of the process that reads the file and stores the articles,
minus the peak of the same command with one article. Its workers have their own bounds.
"""

from __future__ import annotations

import asyncio
import csv
import json
import tempfile
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from bench import SetError
from bench.harness.processes import peak_mib, python
from bench.harness.report import Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SIZE = 200_000_000
LOOK = 0.02
"""Seconds between two looks at the peak, which only grows."""
BODY = "<p>The doors opened on a grey morning, and the first guests came before nine.</p>" * 1_200
RSS = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Old</title>'
)
END = "</channel></rss>"
MANY = "<wp:term><wp:term_id>7</wp:term_id></wp:term>"


def _item(number: int, more: str = "") -> str:
    return (
        f"<item><title>A story of Gucci, part {number}</title><link>https://o.example/{number}"
        f"</link><pubDate>Mon, 02 Mar 2009 09:00:00 +0000</pubDate>{more}</item>"
    )


def _between(before: str, piece: str, after: str) -> Callable[[int], Iterator[str]]:
    """Return a generator of a file that repeats a piece in its middle."""

    def made(size: int) -> Iterator[str]:
        yield before
        large = piece * (1_000_000 // len(piece))
        for _ in range(size // len(large)):
            yield large
        yield after

    return made


def _articles(size: int) -> Iterator[str]:
    yield RSS
    body = f"<content:encoded><![CDATA[{BODY}]]></content:encoded><wp:post_id>1</wp:post_id>"
    written = 0
    for number in count():
        if written >= size:
            break
        yield (one := _item(number, body))
        written += len(one)
    yield END


def _json_articles(size: int) -> Iterator[str]:
    yield '{"items": ['
    for number in range(size // len(BODY)):
        yield ", " if number else ""
        yield json.dumps(_fields(number))
    yield "]}"


def _fields(number: int) -> dict[str, str]:
    return {
        "url": f"https://o.example/{number}",
        "title": f"A story of Gucci, part {number}",
        "date_published": "2009-03-02",
        "content_html": BODY,
    }


class _Lines:
    """A file for `csv` that keeps only the last row written."""

    def __init__(self) -> None:
        self.last = ""

    def write(self, text: str) -> None:
        """Keep the last row."""
        self.last = text


def _table(size: int) -> Iterator[str]:
    lines = _Lines()
    writer = csv.writer(lines)
    yield "link,title,date,body\n"
    for number in range(size // len(BODY)):
        writer.writerow(_fields(number).values())
        yield lines.last


def _pictures(size: int) -> Iterator[str]:
    yield RSS
    written = 0
    for number in count():
        if written >= size:
            break
        more = f"<wp:post_id>{number}</wp:post_id><wp:post_type>attachment</wp:post_type>"
        address = (
            f"<wp:attachment_url>https://o.example/{number}.jpg?{number:01000}</wp:attachment_url>"
        )
        yield (one := f"<item>{more}{address}</item>")
        written += len(one)
    yield _item(0, "<wp:post_id>0</wp:post_id>")
    yield END


XML = RSS + _item(1), _item(2) + END
JSON = json.dumps(_fields(1))
SHAPES: dict[str, tuple[str, Callable[[int], Iterator[str]]]] = {
    "articles": ("WordPress's export with 2,000 articles", _articles),
    "terms": ("XML: elements beside the items", _between(XML[0], MANY, XML[1])),
    "small_elements": ("XML: empty elements before the items", _between(RSS, "<a/>", XML[1])),
    "in_an_item": ("XML: empty elements in one item", _between(f"{RSS}<item>", "<a/>", "")),
    "pictures": ("WordPress's export of pictures alone", _pictures),
    "text": ("XML: one text", _between(f"{RSS}<item><title>", "x", f"</title></item>{END}")),
    "wide_text": ("XML: one text of emoji", _between(f"{RSS}<item><title>", "🔔", END)),
    "attribute": ("XML: one attribute", _between(f'{RSS}<item a="', "x", f'"/>{END}')),
    "attributes": ("XML: attributes of one tag", _between(f"{RSS}<b ", 'b="1" ', f"/>{XML[1]}")),
    "deep": ("XML: elements within one another", _between(RSS, "<a>", XML[1])),
    "deep_item": ("XML: the same in an item", _between(f"{RSS}<item>", "<a>", f"</item>{END}")),
    "comment": ("XML: one comment", _between(f"{XML[0]}<!--", "x", f"-->{XML[1]}")),
    "instruction": ("XML: one instruction", _between(f"{XML[0]}<?x ", "x", f"?>{XML[1]}")),
    "cdata": ("XML: one CDATA section", _between(f"{XML[0]}<![CDATA[", "x", f"]]>{XML[1]}")),
    "doctype": (
        "XML: one DOCTYPE",
        _between("<!DOCTYPE r [", "<!ENTITY a 'b'>", f"]>{XML[0]}{END}"),
    ),
    "json_articles": ("JSON Feed with 2,000 articles", _json_articles),
    "json_text": ("JSON: one text", _between('[{"url": "', "x", f'"}}, {JSON}]')),
    "json_beside": (
        "JSON: a list beside the items",
        _between('{"a": [0', ", 0", f'], "items": [{JSON}]}}'),
    ),
    "json_deep": ("JSON: lists within one another", _between("", "[", "")),
    "json_numbers": ("JSON: numbers in the place of items", _between("[0", ", 0", f", {JSON}]")),
    "table": ("table with 2,000 articles", _table),
    "cell": ("table: one cell", _between('link,title\n/1,"', "x", '"\n/2,A story\n')),
    "rows": ("table: empty rows", _between("link,title\n", f",{' ' * 97}\n", "/2,A story\n")),
    "open_cell": ("table: a quote that is never closed", _between('link,title\n"', "x\n", "")),
}
FIGURES = {
    "one_article_mib": Metric("one article: peak memory", "MiB"),
    **{
        f"{name}_mib": Metric(f"{what}: peak above that", "MiB", at_most=60.0)
        for name, (what, _) in SHAPES.items()
    },
}


async def measure(*, quick: bool = False) -> dict[str, float]:
    """Import each file into an empty archive, one after the other."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        alone = await _peak(folder, iter([XML[0] + END]))
        found = {"one_article_mib": alone}
        for shape, (_, made) in SHAPES.items():
            peak = await _peak(folder, made(SIZE // 10 if quick else SIZE))
            found[f"{shape}_mib"] = max(peak - alone, 0.0)
    return found


async def _peak(folder: Path, pieces: Iterator[str]) -> float:
    """Import a file made of these pieces, and return the peak memory in MiB.

    Raises:
        SetError: The command ended before its memory could be read.
    """
    file = folder / "old"
    with file.open("w", encoding="utf-8") as stream:
        stream.writelines(pieces)
    (folder / "onnews.db").unlink(missing_ok=True)
    env = {"DATABASE_URL": f"sqlite:///{folder}/onnews.db"}
    peak = 0.0
    async with python("-m", "bot", "import", str(file), env=env) as process:
        while process.returncode is None:
            try:
                peak = max(peak, peak_mib(process.pid))
            except (OSError, RuntimeError):
                break
            await asyncio.sleep(LOOK)
        await process.wait()
    if not peak:
        raise SetError("the command ended at once")
    return peak
