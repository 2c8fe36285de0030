"""The commands `onnews sources export` and `onnews sources import`."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.markup import escape

from bot.cli.output.output_file import put_out
from bot.cli.output.tables import console
from bot.cli.terminal import archive, carry_out, fail, settings, spare_own_files
from bot.counted import counted

if TYPE_CHECKING:
    from news.sources.lists import Format, SourceList
    from storage.model import Source
    from storage.sources.sources import SourceExists

SECONDS = 10.0
"""Seconds that a worker may take to parse a list."""
FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["toml", "opml"]),
    help="The format of the list; by default that of the file's ending.",
)


@click.command()
@click.argument("file")
@FORMAT
def export(file: str, *, form: str | None) -> None:
    """Write every source to FILE, as .toml or .opml.

    `-` is standard output.

    Example: onnews sources export sources.opml
    """
    from news.sources.lists import write  # noqa: PLC0415 — keeps --help fast
    from storage.model import MAIL, NewSource, SourceState  # noqa: PLC0415 — keeps --help fast

    chosen = _format(file, form)
    if file != "-":
        spare_own_files(Path(file))

    async def work() -> list[Source]:
        async with archive() as opened:
            return await opened.sources.all()

    # Senders of newsletters belong to a mailbox, not to a list.
    found = [one for one in carry_out(work()) if not one.url.startswith(MAIL)]
    found.sort(key=lambda source: source.id)
    kept = [
        source
        for source in found
        if source.can_be_asked and source.state is not SourceState.RETIRED
    ]
    names = [field.name for field in fields(NewSource)]
    listed = [NewSource(**{name: getattr(source, name) for name in names}) for source in kept]
    if not put_out(file, write(listed, chosen)):
        return
    click.echo(f"{counted(len(listed), 'source')} written to {file}")
    retired = sum(source.can_be_asked for source in found) - len(kept)
    if retired:
        click.echo(f"{counted(retired, 'retired one is', 'retired ones are')} not in it")


@click.command("import")
@click.argument("file")
@FORMAT
def import_(file: str, *, form: str | None) -> None:
    """Add the sources of FILE that are not here yet.

    FILE is a .toml or an .opml; `-` is standard input.

    Example: onnews sources import subscriptions.opml
    """
    from news.sources.lists import LARGEST, ListError, read_in_worker  # noqa: PLC0415 — keeps --help fast
    from workers.pool import WorkerError  # noqa: PLC0415 — keeps --help fast

    chosen = _format(file, form)
    try:
        with nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb") as stream:
            # One byte more than allowed shows that it is too large, even if it never ends.
            document = stream.read(LARGEST + 1)
    except OSError as error:
        fail(f"{file} cannot be read ({error.strerror})")

    reading = partial(read_in_worker, allow_private=settings().allow_private_sources)

    async def work() -> tuple[SourceList, list[Source], list[SourceExists]]:
        async with archive(create=True) as opened:
            try:
                # In a worker with a time limit: a malicious list could take hours to parse.
                listed = await opened.workers.run(reading, document, chosen, timeout=SECONDS)
            except ListError as error:
                fail(f"nothing was imported from {file}: {error}")
            except WorkerError:
                fail(f"nothing was imported from {file}: it could not be read in time")
            return listed, *await opened.sources.add_all(listed.sources, opened.clock())

    listed, added, known = carry_out(work())
    out = console()
    for source in added:
        filed = f" under {', '.join(source.categories)}" if source.categories else ""
        paused = ", paused" if source.paused else ""
        out.print(
            f"added no. {source.id}: {escape(source.name)}{escape(filed)}, "
            f"{escape(source.url)}{paused}"
        )
    for there in known:
        out.print(f"known: {escape(there.name)}, {escape(there.url)}")
    for refused in listed.refused:
        out.print(f"refused: {escape(refused.item)} ({escape(refused.reason)})")
    for name, category in listed.unfiled:
        out.print(f"not filed: {escape(name)} under {escape(category)}, which is not a category")
    if not added and not known:
        why = "each source is refused, see above" if listed.refused else "it has no sources"
        fail(f"nothing was imported from {file}: {why}")
    out.print(f"{len(added)} added, {len(known)} known before, {len(listed.refused)} refused")


def _format(file: str, form: str | None) -> Format:
    """Return the format of a list, by the option or the file's ending."""
    from news.sources.lists import Format, format_of  # noqa: PLC0415 — keeps --help fast

    chosen = Format(form) if form else format_of(file)
    if chosen is None:
        fail(f"name the format of {file}: --format toml or --format opml")
    return chosen
