"""`onnews fetch` and `onnews explain`: the newsroom from a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from bot.terminal import archive, carry_out, console, fail, source_named

if TYPE_CHECKING:
    from news.refresh import RoundReport


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

    carry_out(work())


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

    carry_out(work())
