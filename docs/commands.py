"""Write `docs/commands.md` from the commands' own help: `./dev docs`."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.cli import main as onnews

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = Path(__file__).with_name("commands.md")

MARK = "<!-- From here on, ./dev docs writes this page from the help of each command. -->"
"""The line under which the page is generated; what is above it is written by hand."""


def page(text: str) -> str:
    """Return the page with its generated part up to date.

    Args:
        text: The page as it is; everything up to `MARK` stays.
    """
    head = text.partition(MARK)[0]
    found = sorted(commands(onnews, "onnews"))
    table = [f"| [`{name}`](#{anchor(name)}) | {first_sentence(each)} |" for name, each in found]
    lines = [MARK, "", "| command | what it does |", "| --- | --- |", *table]
    for name, each in found:
        lines += ["", *section(name, each)]
    return head + "\n".join(lines) + "\n"


def commands(group: click.Group, prefix: str) -> Iterator[tuple[str, click.Command]]:
    """Yield each command with its full name, such as `onnews sources add`."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        elif command is not None:
            yield f"{prefix} {name}", command


def anchor(name: str) -> str:
    """Return the fragment that GitHub gives a heading with this name."""
    return name.replace(" ", "-")


def first_sentence(command: click.Command) -> str:
    """Return the first paragraph of a command's help, without its full stop."""
    return " ".join(paragraphs(command)[0].split()).removesuffix(".")


def paragraphs(command: click.Command) -> list[str]:
    """Return a command's help as paragraphs, each with its own line breaks."""
    return inspect.cleandoc(command.help or "").replace("\b\n", "").split("\n\n")


def section(name: str, command: click.Command) -> Iterator[str]:
    """Yield the lines about one command: how it is called, its help, its options."""
    context = click.Context(command, info_name=name)
    yield f"## {name}"
    yield from ("", f"`{' '.join([name, *command.collect_usage_pieces(context)])}`")
    for paragraph in paragraphs(command):
        text = " ".join(paragraph.split())
        if text.startswith("Example: "):
            text = f"Example: `{text.removeprefix('Example: ')}`"
        yield from ("", text)
    rows = [
        record
        for each in command.get_params(context)
        if isinstance(each, click.Option)
        and "--help" not in each.opts
        and (record := each.get_help_record(context))
    ]
    if rows:
        yield from ("", "| option | what it does |", "| --- | --- |")
        yield from (f"| `{cell(option)}` | {cell(text)} |" for option, text in rows)


def cell(text: str) -> str:
    """Return a text as it is written in a cell of a table."""
    return text.strip().replace("|", r"\|")


if __name__ == "__main__":
    FILE.write_text(page(FILE.read_text(encoding="utf-8")), encoding="utf-8")
