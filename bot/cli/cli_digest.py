"""The commands `onnews digest preview` and `onnews digest cost`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape

from bot.cli.cli_deliveries import span
from bot.cli.output.cli_json import print_json
from bot.cli.output.tables import columns, console
from bot.cli.terminal import AS_JSON, archive, carry_out, fail, settings
from bot.counted import counted
from digest.planning.paid_broadcast import (
    FREE_RATE,
    LEAST_READERS,
    LEAST_STARS,
    PAID_RATE,
    PER_STAR,
    dearest,
)
from digest.timing.schedule import zone_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from bot.composition import Archive
    from bot.configuration.settings import Settings
    from bot.watching.forecast import Forecast
    from digest.editions.preview import EditionPreview
    from storage.articles.model_use import ModelUse
    from storage.model import Article, Category, Subscriber

MOST_LEFT_OUT = 40
"""Omitted stories that `digest preview` shows without `--all`."""
MOST_RUNS = 20
"""Runs that `digest cost` shows: the most expensive ones."""
WHEN = "%a %d %b %Y %H:%M"


@click.group()
def digest() -> None:
    """Editions before they are sent."""


@digest.command()
@click.option(
    "--for",
    "whose",
    required=True,
    metavar="CHAT_ID",
    help="The subscriber: a chat's id, CHAT/TOPIC for a forum topic, or the subscriber's number.",
)
@click.option(
    "--at", "at", metavar="TIME", help="When, as 2026-06-01T08:00 in the subscriber's own time."
)
@click.option("--all", "everything", is_flag=True, help="Show every story that was left out.")
@AS_JSON
def preview(whose: str, at: str | None, *, everything: bool, as_json: bool) -> None:
    """Show a subscriber's next edition, with reasons.

    It sends and changes nothing.

    Example: onnews digest preview --for 1234 --at 2026-06-01T08:00
    """
    from digest.editions.preview import preview  # noqa: PLC0415 — keeps --help fast
    from storage.ledger.delivery_stats import Ledger  # noqa: PLC0415 — keeps --help fast

    async def work() -> None:
        size = settings().edition_size
        async with archive() as opened:
            subscriber = await subscriber_named(opened, whose)
            now = opened.clock()
            moment = now if at is None else moment_of(at, subscriber)
            names = opened.taxonomy.categories
            found = await preview(
                opened.articles,
                opened.deliveries,
                Ledger(opened.database),
                subscriber,
                at=moment,
                now=now,
                size=size,
                categories=names,
                pins=await opened.pins.active(moment),
            )
            sources = {each.id: each.name for each in await opened.sources.all()}
        if as_json:
            print_json(edition_json(found, subscriber, moment, names))
            return
        introduce(subscriber, moment, names, sources)
        show(found, subscriber, names, most=None if everything else MOST_LEFT_OUT)

    carry_out(work())


async def subscriber_named(opened: Archive, text: str) -> Subscriber:
    """Return the subscriber with this chat id, `chat/topic`, or number."""
    chat, _, thread = text.partition("/")
    try:
        chat_id, thread_id = int(chat), int(thread or 0)
    except ValueError:
        fail(f"{text!r} is not a chat's id: write a number such as 1234, or -100123/7 for a topic")
    found = None
    # Databases store no larger numbers.
    if abs(chat_id) < 2**63 and 0 <= thread_id < 2**63:
        found = await opened.subscribers.find(chat_id, thread_id)
        if found is None and not thread:
            found = await opened.subscribers.get(chat_id)
    if found is None:
        fail(f"there is no subscriber with the chat or number {text}")
    return found


def moment_of(text: str, subscriber: Subscriber) -> datetime:
    """Parse a time in ISO format into UTC; without an offset, in the subscriber's time zone."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone_of(subscriber.zone))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        fail(f"{text!r} is not a time; write it as 2026-06-01T08:00 or 2026-06-01T06:00Z")


def introduce(
    subscriber: Subscriber,
    at: datetime,
    categories: Mapping[str, Category],
    sources: Mapping[int, str],
) -> None:
    """Print the subscriber, the time of the edition, and the subscriber's choices."""

    def named(slugs: frozenset[str], ids: frozenset[int] = frozenset()) -> str:
        names = sorted(categories[slug].name if slug in categories else slug for slug in slugs)
        names += sorted(sources.get(each, f"source {each}") for each in ids)
        return ", ".join(names) or "nothing"

    taste = subscriber.taste
    local = at.astimezone(zone_of(subscriber.zone))
    topic = f", topic {subscriber.thread_id}" if subscriber.thread_id else ""
    line = console().print
    line(
        f"[bold]The edition of {local:{WHEN}} ({escape(subscriber.zone)})[/] for no. "
        f"{subscriber.id}: {subscriber.kind} {subscriber.chat_id}{topic}, {subscriber.state}"
    )
    line(f"follows {escape(named(taste.follows))}")
    for what, slugs, ids in (
        ("wants more of", taste.more, taste.more_sources),
        ("wants less of", taste.less, taste.less_sources),
        ("wants nothing of", taste.muted_categories, taste.muted_sources),
    ):
        if slugs or ids:
            line(f"{what} {escape(named(slugs, ids))}")
    if taste.muted_words:
        words = ", ".join(f"“{word}”" for word in sorted(taste.muted_words))
        line(f"mutes {escape(words)}")
    if taste.languages:
        line(f"reads {', '.join(sorted(taste.languages))}")
    if subscriber.paused_until is not None and subscriber.paused_until > at:
        line(f"pauses until {subscriber.paused_until.astimezone(local.tzinfo):{WHEN}}")
    elif subscriber.next_at is None:
        line("no edition is planned for this subscriber")
    else:
        line(f"the next one is due {subscriber.next_at.astimezone(local.tzinfo):{WHEN}}")


def edition_json(
    found: EditionPreview,
    subscriber: Subscriber,
    at: datetime,
    categories: Mapping[str, Category],
) -> dict[str, Any]:
    """Return the preview as JSON has it, with reasons for each story and for those left out."""
    from bot.cli.output.reasons import place_of, why_not  # noqa: PLC0415 — keeps --help fast

    def article_fields(article: Article) -> dict[str, Any]:
        return {
            "id": article.id,
            "title": article.title,
            "link": article.link,
            "source": article.source,
            "published": article.published,
        }

    return {
        "subscriber": subscriber.id,
        "chat_id": subscriber.chat_id,
        "thread_id": subscriber.thread_id,
        "state": subscriber.state,
        "at": at,
        "next_at": subscriber.next_at,
        "follows": sorted(subscriber.taste.follows),
        "stories": [
            {
                **article_fields(story.article),
                "category": category or None,
                "also_in": list(story.also_in),
                "reasons": place_of(story.article, story.reasons, categories),
            }
            for category, story in found.edition.placed()
        ],
        "left_out": [
            {
                **article_fields(each.article),
                "why": why_not(
                    each, categories, stories=len(found.edition.stories), oldest=found.oldest
                ),
            }
            for each in found.left_out
        ],
        "not_followed": found.elsewhere,
    }


def show(
    found: EditionPreview,
    subscriber: Subscriber,
    categories: Mapping[str, Category],
    *,
    most: int | None,
) -> None:
    """Print the stories in reading order with their reasons, then those left out.

    `most` left-out stories are printed; None means all.
    """

    def name(slug: str) -> str:
        return categories[slug].name if slug in categories else slug

    from bot.cli.output.reasons import place_of, why_not  # noqa: PLC0415 — keeps --help fast
    from digest.editions.preview import Why  # noqa: PLC0415 — keeps --help fast

    out = console()
    if found.edition.lead is None:
        note = "a short note is sent" if subscriber.empty_note else "nothing is sent"
        out.print(f"\nThe edition is empty: {note}.")
    else:
        table = columns("no.", "under", "story", "source", "its place")
        for number, (category, story) in enumerate(found.edition.placed(), start=1):
            also = f", also in {', '.join(story.also_in)}" if story.also_in else ""
            table.add_row(
                str(number),
                escape("lead story" if number == 1 else name(category)),
                escape(story.article.title),
                escape(story.article.source + also),
                escape(place_of(story.article, story.reasons, categories)),
            )
        out.print()
        out.print(table)
    if found.left_out:
        shown = found.left_out
        if most is not None:
            shown = tuple(each for each in shown if each.why is not Why.OLD)[:most]
        table = columns("left out", "source", "why", "its place")
        for each in shown:
            table.add_row(
                escape(each.article.title),
                escape(each.article.source),
                escape(
                    why_not(
                        each,
                        categories,
                        stories=len(found.edition.stories),
                        oldest=found.oldest,
                    )
                ),
                escape(place_of(each.article, each.reasons, categories)),
            )
        out.print()
        out.print(table)
        if len(shown) < len(found.left_out):
            old = sum(each.why is Why.OLD for each in found.left_out)
            out.print(
                f"and {len(found.left_out) - len(shown)} more, {old} of them older than "
                f"{found.oldest.days} days; --all shows them"
            )
    size = counted(len(found.edition.stories), "story", "stories")
    out.print(
        f"\n{size} in the edition, {len(found.left_out)} left out, "
        f"{found.elsewhere} in categories that are not followed; new articles are those "
        f"after no. {found.place_from}, up to no. {found.place_to}"
    )


@digest.command()
@click.option(
    "--rate",
    type=click.IntRange(1, PAID_RATE),
    metavar="N",
    help="Messages a second; default MESSAGES_PER_SECOND if paid broadcast is on, else 1000.",
)
@AS_JSON
def cost(rate: int | None, *, as_json: bool) -> None:
    """Show what a day of paid broadcast would cost.

    It forecasts the next 24 hours, and sends and changes nothing. It also says what the language
    model of MODEL_URL used today.

    Example: onnews digest cost --rate 300
    """
    from bot.watching.forecast import look_ahead  # noqa: PLC0415 — keeps --help fast
    from storage.articles.model_use import ModelUses  # noqa: PLC0415 — keeps --help fast

    found = settings()
    chosen = rate or (found.messages_per_second if found.pays else PAID_RATE)

    async def work() -> tuple[Forecast, ModelUse]:
        async with archive() as opened:
            pace, now = found.messages_per_second, opened.clock()
            use = await ModelUses(opened.database).today(now)
            return await look_ahead(opened.database, now, chosen, pace), use

    forecast, use = carry_out(work())
    if as_json:
        print_json({**cost_json(forecast, pays=found.pays), "model": asdict(use)})
    else:
        show_cost(forecast, zone_of(found.timezone), found)
        if found.model_url or use.requests:
            console().print(model_line(use, found.model_tokens_a_day))


def model_line(use: ModelUse, limit: int) -> str:
    """Return a line about what the language model used today, of the tokens that it may use."""
    asked = counted(use.requests, "request", "requests")
    headlines = counted(use.translated, "headline", "headlines")
    return (
        f"\nThe language model used {use.tokens:,} of {limit:,} tokens today (UTC), in {asked}, "
        f"{use.failed} of them without an answer: {headlines} translated, "
        f"{use.refused} refused by the checks."
    )


def cost_json(forecast: Forecast, *, pays: bool) -> dict[str, Any]:
    """Return the cost of paid broadcast in the next 24 hours, as JSON has it."""
    return {
        "rate": forecast.rate,
        "pays": pays,
        "runs": [
            {
                "due": run.due,
                "editions": run.editions,
                "messages": run.messages,
                "seconds_free": run.seconds_free,
                "seconds": run.seconds,
                "stars": run.stars,
            }
            for run in forecast.runs
        ],
        "unkept": [
            {"due": run.due, "editions": run.editions, "seconds": run.seconds}
            for run in forecast.unkept
        ],
        "stars": forecast.stars,
        "messages_each": forecast.messages_each,
        "alerted": forecast.alerted,
    }


def show_cost(forecast: Forecast, zone: ZoneInfo, chosen: Settings) -> None:
    """Print each run of the next 24 hours: its time with and without paying, and its Stars."""
    from bot.watching.forecast import cannot_be_kept  # noqa: PLC0415 — keeps --help fast

    out, rate = console(), forecast.rate
    out.print(f"[bold]Editions due within 24 hours ({escape(zone.key)}), if none is empty[/]")
    rates = (f"at {FREE_RATE} a second, free", f"at {rate} a second")
    table = columns("due", "editions", "messages", *rates, "Stars at most")
    shown = dearest(forecast.runs, MOST_RUNS)
    for run in shown:
        table.add_row(
            f"{run.due.astimezone(zone):%a %H:%M}",
            str(run.editions),
            str(run.messages),
            span(run.seconds_free),
            span(run.seconds),
            f"{run.stars:.1f}",
        )
    if len(shown) != 1:
        editions = sum(run.editions for run in forecast.runs)
        messages = sum(run.messages for run in forecast.runs)
        table.add_row("all", str(editions), str(messages), "", "", f"{forecast.stars:.1f}")
    out.print(table)
    if len(shown) < len(forecast.runs):
        left = counted(len(forecast.runs) - len(shown), "smaller time")
        out.print(f"and {left}, included in “all”")
    if forecast.alerted:
        free, fast, price = forecast.alert
        out.print(
            f"\nOne alert, to at most {forecast.alerted}: {span(free)} at {FREE_RATE} a "
            f"second, {span(fast)} at {rate}, {price:.1f} Stars at most"
        )
    out.print(
        f"\nAn edition takes {forecast.messages_each:.2f} messages on average. A Star pays for "
        f"{PER_STAR} messages above {FREE_RATE} a second. Answers to readers are never paid for, "
        f"but use up free messages: each one sent meanwhile can add 0.1 Stars."
    )
    for run in forecast.unkept:
        line = cannot_be_kept(run, zone, chosen.messages_per_second)
        out.print(f"[red]{escape(line[0].upper() + line[1:])}.[/]")
    out.print(
        "Paid broadcast is on."
        if chosen.pays
        else f"Paid broadcast is off. Telegram grants it to bots with at least {LEAST_STARS:,} "
        f"Stars and {LEAST_READERS:,} readers a month, in @BotFather; then set PAID_BROADCAST=true "
        f"and MESSAGES_PER_SECOND={max(rate, FREE_RATE + 1)}."
    )
