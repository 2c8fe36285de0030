"""The commands `onnews fetch` and `onnews explain`."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bot.cli.output.cli_json import print_json
from bot.cli.output.tables import columns, console
from bot.cli.terminal import (
    AS_JSON,
    LISTED,
    archive,
    carry_out,
    check_can_be_asked,
    fail,
    source_named,
)
from bot.counted import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from news.ingest.rounds import RoundReport
    from storage.model import Article, Translation


@click.command()
@click.argument("named", nargs=-1, metavar="[SOURCE]...")
@AS_JSON
def fetch(named: tuple[str, ...], *, as_json: bool) -> None:
    """Fetch the sources now and report on each.

    It fetches all active sources, or only those named, due or not. Status is 0 only if at least one
    was fetched without an error, and every named one.

    Example: onnews fetch "Luxury Daily"
    """
    from storage.model import SourceState  # noqa: PLC0415  # keeps --help fast

    async def work() -> tuple[RoundReport, ...]:
        async with archive(create=True) as opened:
            active = [s for s in await opened.sources.all() if s.state is SourceState.ACTIVE]
            if named:
                found = [await source_named(opened, text) for text in named]
                for source in found:
                    check_can_be_asked(source)
                active = list({source.id: source for source in found}.values())
            if not active:
                fail(f"no source is active; {LISTED}")
            bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                console=Console(stderr=True),
            )
            with bar:
                task = bar.add_task("fetching sources", total=len(active))

                def show_progress(report: RoundReport) -> None:
                    bar.update(task, advance=1, description=escape(report.source[:30]))

                return await opened.newsroom.refresh_all(active, on_report=show_progress)

    reports = carry_out(work())
    if as_json:
        print_json(rounds_json(reports))
    else:
        summarise(reports)
    well = sum(not report.reason for report in reports)
    sys.exit(0 if well and (well == len(reports) or not named) else 1)


def rounds_json(reports: Sequence[RoundReport]) -> dict[str, Any]:
    """Return the result of fetching each source, as JSON has it."""
    return {
        "sources": [
            {
                "id": report.source_id,
                "name": report.source,
                "outcome": report.outcome,
                "new": len(report.new),
                "updated": len(report.updated),
                "unchanged": report.unchanged,
                "waiting": report.waiting,
                "refused": [{"item": each.item, "reason": each.reason} for each in report.refused],
                "reason": report.reason,
                "detail": report.detail,
            }
            for report in reports
        ],
        "new": sum(len(report.new) for report in reports),
    }


def summarise(reports: tuple[RoundReport, ...]) -> None:
    """Print the result of fetching each source, those that failed last, with the reason."""
    from news.fetch.fetcher import UNREACHED  # noqa: PLC0415  # keeps --help fast

    table = columns("source", "outcome", "new", "updated", "unchanged", "refused", "why")
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
        reasons = Counter(refused.reason for refused in report.refused)
        if reasons:
            reasons_given = ", ".join(
                reason if count == 1 else f"{reason} ({count} times)"
                for reason, count in reasons.items()
            )
            out.print(f"{escape(report.source)} refused: {escape(reasons_given)}", highlight=False)
    if len(reports) > 1 and all(report.reason in UNREACHED for report in reports):
        out.print("none of them can be reached: check the network of this machine first")
    new = sum(len(report.new) for report in reports)
    well = sum(not report.reason for report in reports)
    waiting = sum(report.waiting for report in reports)
    held = f", {waiting} waiting for an editor" if waiting else ""
    out.print(
        f"{counted(new, 'new article')}{held}; {well} of {len(reports)} sources fetched without "
        "errors"
    )


def _kept_out(words: str) -> str:
    """Return why an article of a general source is in no section; `words` speak against it."""
    why = f", because of these words: {escape(words)}" if words else ""
    return f"it is in no section: its source is general, and it is not about the trade{why}"


def _as_fields(language: str, version: int, translation: Translation) -> dict[str, Any]:
    return {"language": language, "version": version, **asdict(translation)}


def _print_translations(
    article: Article, translated: Sequence[tuple[str, int, Translation]]
) -> None:
    for language, version, each in translated:
        console().print(escape(_in_language(language, each, now=version == article.version)))


def _in_language(language: str, translation: Translation, *, now: bool) -> str:
    """Return a line about a translation; `now` says that it is of the present texts."""
    of = "" if now else ", of former words"
    if translation.title is None:
        return f"in {language}{of}: refused ({translation.refused})"
    why = f" ({translation.refused})" if translation.refused else ""
    below = f" — {translation.standfirst}" if translation.standfirst else ""
    return f"in {language}{of}: {translation.title}{below}{why}"


def _weighed(article: Article) -> str:
    """Return an article's kind, how certain that is, and its weight."""
    if article.story_kind is None or article.weight is None:
        return "its kind and weight are not known yet"
    certainty = f"{article.kind_certainty or 0:.0%} certain"
    return f"kind: {article.story_kind} ({certainty}), weight: {article.weight:.1f} of 3"


@click.command()
@click.argument("url")
@AS_JSON
def explain(url: str, *, as_json: bool) -> None:
    """Show the categories, kind and weight of an article.

    For each category it shows the word, name or tag that speaks for it. The kind is certain if an
    editor chose it. The weight is 0 for a story to leave out, 1 for an ordinary one, 2 for one of
    the top five of a day, and 3 for one that could lead. If an article of a general source is in no
    category, it shows the words that exclude it.

    Example: onnews explain https://www.wwd.com/a-story
    """
    from news.filing.classify import against_the_trade  # noqa: PLC0415  # keeps --help fast
    from news.text.links import spellings  # noqa: PLC0415  # keeps --help fast

    async def work() -> None:
        async with archive() as opened:
            found = None
            for link in spellings(url):
                found = await opened.articles.explain(link)
                if found is not None:
                    break
            names = opened.taxonomy.categories
            if found is None:
                fail(f"no article with the link {url} is in the archive")
            source = await opened.sources.get(found[0].source_id)
            translated = await opened.translations.of_article(found[0].id)
        article, filings = found
        kept_out = (
            against_the_trade(opened.taxonomy, article.title, article.standfirst)
            if source is not None and source.general
            else None
        )
        if as_json:
            listed = [{"category": filed.category, "reason": filed.reason} for filed in filings]
            fields = {"title": article.title, "link": article.link, "source": article.source}
            story = {
                "story_kind": article.story_kind,
                "kind_certainty": article.kind_certainty,
                "weight": article.weight,
            }
            texts = {"translations": [_as_fields(*each) for each in translated]}
            print_json({**fields, "categories": listed, "kept_out": kept_out, **story, **texts})
            return
        out = console()
        out.print(f"[bold]{escape(article.title)}[/] ({escape(article.source)})")
        table = columns("category", "kind", "filed because of")
        for filed in filings:
            category = names.get(filed.category)
            name, kind = (category.name, category.kind) if category else (filed.category, "")
            table.add_row(escape(name), kind, escape(filed.reason))
        if filings:
            out.print(table)
        elif kept_out is None:
            out.print("it is in no category: none of its words or tags names one")
        if kept_out is not None:
            out.print(_kept_out(kept_out))
        out.print(_weighed(article))
        _print_translations(article, translated)

    carry_out(work())
