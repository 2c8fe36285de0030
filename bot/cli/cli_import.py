"""The command `onnews import`, which imports the articles of an older archive from a file."""

from __future__ import annotations

import tomllib
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bot.cli.terminal import archive, carry_out, fail, source_named
from bot.counted import counted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.composition import Archive
    from news.old_archive.importer import ImportReport, OldArchive
    from storage.model import Source

MOST_NAMED = 20
"""Number of categories without a counterpart that are listed by name."""


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--name", help="What readers see as the source; the file's name without this.")
@click.option(
    "--site", help="Where the articles were, such as https://on-news.example: for relative links."
)
@click.option("--into", metavar="SOURCE", help="An existing source to add the articles to.")
@click.option("--language", help="The articles' language, such as it; else it is detected.")
@click.option(
    "--categories",
    "table",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help='A TOML file with a line for each category of the old archive, as "Moda" = "style".',
)
def import_(  # noqa: PLR0917  # options of a command
    file: Path,
    name: str | None,
    site: str | None,
    into: str | None,
    language: str | None,
    table: Path | None,
) -> None:
    """Import an older archive, without sending it to readers.

    FILE is an export of WordPress, RSS, Atom, JSON Feed, or a table (CSV). Its articles can be
    found by /search and by category, are kept however old they are, and are sent to nobody. Running
    the command again imports no article twice; after an interruption it continues.

    \b
    Example:
      onnews import wordpress.xml --name "ON News 2009-2017" --categories categories.toml
    """  # noqa: D301  # click's mark for lines that are not wrapped
    from news.old_archive import ImportFileError  # noqa: PLC0415  # keeps --help fast
    from news.old_archive.importer import OldArchive, form_of  # noqa: PLC0415  # keeps --help fast
    from news.text.language_tag import code  # noqa: PLC0415  # keeps --help fast
    from news.text.links import absolute  # noqa: PLC0415  # keeps --help fast
    from workers.pool import WorkerError  # noqa: PLC0415  # keeps --help fast

    if site is not None and absolute(site) is None:
        fail(
            f"{site!r} is not an http or https address; --site takes one such as "
            "https://on-news.example"
        )
    if language is not None and code(language) is None:
        fail(f"{language!r} is not a language; write two letters, such as en, it or zh")
    named = _read(table)

    async def work() -> ImportReport:
        try:
            old = OldArchive(file, form_of(file))
            async with archive(create=True) as opened:
                folded = _folded(named, opened)
                async with _source(opened, file, name, site, into, code(language)) as source:
                    return await _bring_in(opened, old, source, folded)
        except ImportFileError as error:
            fail(str(error))
        except WorkerError as error:
            fail(f"a part of {file} cannot be read ({error}); run the command again to continue")

    _print(carry_out(work()))


@asynccontextmanager
async def _source(  # noqa: PLR0917  # what the command was given
    opened: Archive,
    file: Path,
    name: str | None,
    site: str | None,
    into: str | None,
    language: str | None,
) -> AsyncIterator[Source]:
    """Yield the source for the imported articles: an existing one, or a new one.

    A new source is never fetched. It is deleted again if no article was imported.
    """
    from storage.model import IMPORTED, NewSource  # noqa: PLC0415  # keeps --help fast

    address = f"{IMPORTED}{name or file.name}"
    found = await (source_named(opened, into) if into else opened.sources.find(address))
    if found is not None:
        yield found
        return
    new = NewSource(
        name=name or file.stem,
        url=address,
        site=site or "",
        language=language,
        weight=10,
        paused=True,
    )
    made = await opened.sources.add(new, opened.clock())
    try:
        yield made
    finally:
        now = await opened.sources.get(made.id)
        if now is not None and now.last_new is None:
            await opened.sources.remove(made.id)


def _read(table: Path | None) -> dict[str, str]:
    """Read the operator's table: category in the file → slug, empty for none."""
    if table is None:
        return {}
    try:
        read: dict[str, Any] = tomllib.loads(table.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        fail(f"{table} is not UTF-8 text; save it as UTF-8")
    except tomllib.TOMLDecodeError as error:
        fail(f'{table}: {error}; write lines such as "Moda" = "style"')
    wrong = next((name for name, slug in read.items() if not isinstance(slug, str)), None)
    if wrong is not None:
        fail(f'{table}: "{wrong}" needs one category in quotes, such as "style", or "" for none')
    return read


def _folded(table: dict[str, str], opened: Archive) -> dict[str, str]:
    from news.old_archive.importer import folded_table  # noqa: PLC0415  # keeps --help fast

    try:
        return dict(folded_table(table, opened.taxonomy.categories))
    except ValueError as error:
        meant = opened.taxonomy.suggest(str(error))
        hint = f"; did you mean {meant[0].slug}?" if meant else ""
        fail(f"the table names {error}, which is not a category{hint}")


async def _bring_in(
    opened: Archive,
    old: OldArchive,
    source: Source,
    table: dict[str, str],
) -> ImportReport:
    from news.old_archive.importer import Importer  # noqa: PLC0415  # keeps --help fast

    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
    with bar:
        task = bar.add_task("reading", total=None)

        def show(report: ImportReport) -> None:
            refused = sum(report.refused.values())
            progress = f"{report.new} new, {report.known} known, {refused} skipped"
            bar.update(task, description=progress)

        importer = Importer(
            opened.articles,
            opened.key_value,
            opened.workers,
            source=source,
            table=table,
        )
        return await importer.run(old, opened.clock(), show)


def _print(report: ImportReport) -> None:
    if report.resumed:
        click.echo("continued an earlier import")
    click.echo(f"{counted(report.new, 'new article')}; {report.known} were known already")
    refused = {why: count for why, count in report.refused.most_common() if count}
    if refused:
        click.echo("skipped: " + ", ".join(f"{n} {why}" for why, n in refused.items()))
    if report.unplaced:
        named = report.unplaced.most_common(MOST_NAMED)
        others = len(report.unplaced) - len(named)
        click.echo(
            "categories of the file without a counterpart here: "
            + ", ".join(f"{name} ({count})" for name, count in named)
            + (f", and {others} others" if others > 0 else "")
            + "; --categories maps them"
        )
