"""The command `onnews labels export`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.output.output_file import put_out
from bot.cli.terminal import archive, carry_out, spare_own_files
from bot.counted import counted

if TYPE_CHECKING:
    from storage.desk.labels import Label


@click.group()
def labels() -> None:
    """The filings that editors chose, to learn from."""


@labels.command("export")
@click.argument("file", default="-")
def export(file: str) -> None:
    """Write each choice by an editor to FILE, one JSON object a line.

    A line has the article's title, standfirst, link, source and language, the categories before
    (`from`) and after (`to`) or the `kind` and `weight` after, and the time, but not which editor
    it was. `./dev train --add FILE` learns from it. Without FILE, or with `-`, the lines go to
    standard output.

    Example: onnews labels export labels.jsonl
    """
    from storage.desk.labels import all_labels  # noqa: PLC0415  # keeps --help fast

    if file != "-":
        spare_own_files(Path(file))

    async def work() -> list[Label]:
        async with archive() as opened:
            return await opened.database.read(all_labels)

    found = carry_out(work())
    document = "".join(f"{line_of(each)}\n" for each in found).encode()
    if put_out(file, document):
        click.echo(f"{counted(len(found), 'label')} written to {file}")


def line_of(label: Label) -> str:
    """Return a label as one line of JSON."""
    filed = {"from": label.was, "to": label.now}
    weighed = {"kind": label.kind, "weight": label.weight}
    return json.dumps(
        {
            "title": label.title,
            "standfirst": label.standfirst,
            "link": label.link,
            "source": label.source,
            "language": label.language,
            **(filed if label.weight is None else weighed),
            "at": label.at.isoformat(),
        },
        ensure_ascii=False,
    )
