"""`onnews sources …`, `onnews fetch` and `onnews explain`: the newsroom from a terminal."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from bot.terminal import archive, console, fail, source_named

if TYPE_CHECKING:
    from bot.app import Archive
    from news.preview import Preview
    from news.refresh import RoundReport
    from storage.model import Source

SHOWN = 10
"""Articles that `sources test` shows."""


@click.group(invoke_without_command=True)
@click.pass_context
def sources(context: click.Context) -> None:
    """Where articles come from."""
    if context.invoked_subcommand is None:
        context.invoke(list_sources)


@sources.command("list")
def list_sources() -> None:
    """Show every source, how it is, and what to do."""

    async def work() -> None:
        async with archive() as opened:
            found = await opened.sources.all()
        table = Table("no.", "source", "categories", "state", "last news", "address", box=None)
        for source in found:
            table.add_row(
                str(source.id),
                escape(source.name),
                ", ".join(source.categories),
                escape(condition(source)),
                f"{source.last_new:%Y-%m-%d %H:%M}" if source.last_new else "",
                escape(source.url),
            )
        console().print(table)

    asyncio.run(work())


def condition(source: Source) -> str:
    """How a source is, in a few words."""
    if source.failures:
        return f"{source.state}, failed {source.failures} times: {source.last_error}"
    if source.last_error:
        return f"{source.state}: {source.last_error}"
    return source.state if source.last_ok else f"{source.state}, not asked yet"


@sources.command()
@click.argument("words", nargs=-1, required=True, metavar="[NAME] URL")
@click.option("--category", "-c", "categories", multiple=True, help="Files every article there.")
@click.option("--language", help="Two letters; the feed's own or detected if not given.")
@click.option("--weight", type=click.IntRange(0, 100), default=50, show_default=True)
@click.option("--full-text", is_flag=True, help="Read the body from each article's page.")
@click.option("--unchecked", is_flag=True, help="Add it without asking it first.")
def add(
    words: tuple[str, ...],
    *,
    categories: tuple[str, ...],
    language: str | None,
    weight: int,
    full_text: bool,
    unchecked: bool,
) -> None:
    """Add the feed, or the site that has one, at URL; readers see NAME, or the feed's own title."""
    from storage.model import NewSource  # noqa: PLC0415  # --help need not wait for it
    from storage.sources import SourceExists  # noqa: PLC0415  # as above

    urls = [word for word in words if "://" in word]
    if len(urls) != 1:
        fail("name one address, as in: onnews sources add 'Luxury Daily' https://example.com/feed")
    url, name = urls[0], " ".join(word for word in words if word not in urls)

    async def work() -> None:
        async with archive() as opened:
            new = NewSource(
                name=name or url,
                url=url,
                categories=tuple(filing(opened, text) for text in categories),
                language=language,
                weight=weight,
                full_text=full_text,
            )
            brings = ""
            if not unchecked:
                preview = await opened.newsroom.test(url)
                if preview.parsed is None:
                    fail(f"nothing was added: {trouble(preview)}")
                new = replace(
                    new,
                    name=name or preview.parsed.title or url,
                    url=preview.url,
                    kind=preview.kind,
                    language=language or preview.parsed.language,
                )
                brings = f"; it has {len(preview.parsed.entries)} articles now"
            try:
                source = await opened.sources.add(new, opened.clock())
            except SourceExists as error:
                fail(f"nothing was added: {error}")
            click.echo(f"added as no. {source.id}: {source.name}{brings}")

    asyncio.run(work())


def trouble(preview: Preview) -> str:
    """Why an address brings nothing, and what the operator can do."""
    advice = ""
    if "private" in preview.problem:
        advice = "; for a source of your own, set ALLOW_PRIVATE_SOURCES=true"
    return f"{preview.url} cannot be read ({preview.problem or 'it is empty'}){advice}"


def filing(opened: Archive, text: str) -> str:
    """The slug of a category that an operator named."""
    category = opened.taxonomy.find(text)
    if category is None:
        near = " or ".join(one.name for one in opened.taxonomy.suggest(text))
        fail(f"there is no category {text!r}" + (f"; did you mean {near}?" if near else ""))
    return category.slug


@sources.command()
@click.argument("url")
def test(url: str) -> None:
    """Show what the source at URL (or with that number or name) would bring; store nothing."""

    async def work() -> None:
        async with archive() as opened:
            known = await opened.sources.find(url)
            preview = await opened.newsroom.test(known.url if known else url)
        show(preview)
        if not preview.ok:
            fail(trouble(preview))

    asyncio.run(work())


def show(preview: Preview) -> None:
    """Print a preview as a table, and what was refused with the reason."""
    if preview.parsed is None:
        return
    out = console()
    out.print(f"[bold]{escape(preview.parsed.title or preview.url)}[/] ({preview.kind})")
    table = Table("published", "title", "categories", "link", box=None)
    for entry in preview.parsed.entries[:SHOWN]:
        table.add_row(
            f"{entry.published:%Y-%m-%d %H:%M}" if entry.published else "no date",
            escape(entry.title),
            ", ".join(filed.category for filed in entry.filings),
            escape(entry.link),
        )
    out.print(table)
    out.print(f"{len(preview.parsed.entries)} articles, {len(preview.parsed.refused)} refused")
    for refused in preview.parsed.refused:
        out.print(f"  refused: {escape(refused.reason)} {escape(refused.item)}")


def _state_command(verb: str, state: str, done: str, why: str) -> None:
    @sources.command(verb, help=why)
    @click.argument("source")
    def command(source: str) -> None:
        from storage.model import SourceState  # noqa: PLC0415  # --help need not wait for it

        async def work() -> None:
            async with archive() as opened:
                found = await source_named(opened, source)
                await opened.sources.set_state(found.id, SourceState(state), opened.clock())
                click.echo(f"{found.name} {done}")

        asyncio.run(work())


_state_command("pause", "paused", "is paused", "Ask SOURCE no more until it is resumed.")
_state_command("resume", "active", "is asked again", "Ask SOURCE again, from now on.")


@sources.command()
@click.argument("source")
def remove(source: str) -> None:
    """Take SOURCE off the list; the articles that it brought stay."""

    async def work() -> None:
        async with archive() as opened:
            found = await source_named(opened, source)
            await opened.sources.remove(found.id)
            click.echo(f"{found.name} is removed; its articles stay in the archive")

    asyncio.run(work())


@click.command()
@click.argument("named", nargs=-1, metavar="[SOURCE]...")
def fetch(named: tuple[str, ...]) -> None:
    """Ask every active source (or only these) once, due or not, and say what each brought."""
    from storage.model import SourceState  # noqa: PLC0415  # --help need not wait for it

    async def work() -> None:
        async with archive() as opened:
            active = [s for s in await opened.sources.all() if s.state is SourceState.ACTIVE]
            if named:
                active = [await source_named(opened, text) for text in named]
            bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                console=Console(stderr=True),
            )
            with bar:
                task = bar.add_task("asking sources", total=len(active))

                def told(report: RoundReport) -> None:
                    bar.update(task, advance=1, description=escape(report.source[:30]))

                reports = await opened.newsroom.refresh_all(active, on_report=told)
        summarise(reports)

    asyncio.run(work())


def summarise(reports: tuple[RoundReport, ...]) -> None:
    """Print what each source brought; the ones with trouble last, with the reason."""
    table = Table("source", "outcome", "new", "updated", "unchanged", "refused", "why", box=None)
    for report in sorted(reports, key=lambda one: (bool(one.reason), one.source)):
        table.add_row(
            escape(report.source),
            report.outcome,
            str(len(report.new)),
            str(len(report.updated)),
            str(report.unchanged),
            str(len(report.refused)),
            escape(": ".join(part for part in (report.reason, report.detail) if part)),
        )
    out = console()
    out.print(table)
    for report in reports:
        for refused in report.refused:
            out.print(f"{escape(report.source)} refused: {escape(refused.reason)}")
    new = sum(len(report.new) for report in reports)
    well = sum(not report.reason for report in reports)
    out.print(f"{new} new articles; {well} of {len(reports)} sources answered well")


@click.command()
@click.argument("url")
def explain(url: str) -> None:
    """Say which word or tag filed the article at URL under each of its categories."""

    async def work() -> None:
        async with archive() as opened:
            found = await opened.articles.explain(url)
            names = opened.taxonomy.categories
        if found is None:
            fail(f"no article with the link {url} is in the archive")
        article, filings = found
        out = console()
        out.print(f"[bold]{escape(article.title)}[/] ({escape(article.source)})")
        table = Table("category", "kind", "filed because of", box=None)
        for filed in filings:
            category = names.get(filed.category)
            name, kind = (category.name, category.kind) if category else (filed.category, "")
            table.add_row(escape(name), kind, escape(filed.reason))
        out.print(table)

    asyncio.run(work())
