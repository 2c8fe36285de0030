"""The JSON output of commands: what they print for people, as one object.

Times are in UTC, such as 2026-06-01T06:00:00+00:00; unknown values are null.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.output.reasons import place_of, why_not

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.watching.forecast import Forecast
    from bot.watching.source_health import Look
    from digest.editions.preview import EditionPreview
    from news.ingest.rounds import RoundReport
    from news.sources.discover import Trial
    from storage.ledger.delivery_stats import Day
    from storage.model import Article, Category, Subscriber
    from storage.readers.reader_list import ListedReader


def print_json(value: Mapping[str, Any]) -> None:
    """Print a mapping as JSON on one line."""
    click.echo(json.dumps(value, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | Path):
        return str(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def sources(look: Look) -> dict[str, Any]:
    """Return all sources with their health, those with problems first."""
    return {
        "sources": [
            {
                "id": one.source.id,
                "name": one.source.name,
                "url": one.source.url,
                "kind": one.source.kind,
                "health": one.condition,
                "since": one.since,
                "reason": one.reason,
                "remedy": one.advice,
                "last_news": one.source.last_new,
                "last_answer": one.source.last_ok,
                "categories": list(one.source.categories),
                "language": one.source.language,
                "weight": one.source.weight,
                "read_pages": one.source.read_pages,
                "full_text": one.source.full_text.value,
                "pictures": one.source.pictures.value,
                "paywall": one.source.paywall,
                "general": one.source.general,
                "approval": one.source.approval,
            }
            for one in look.healths
        ],
        "thin": [{"category": each.category, "share": each.share} for each in look.thin],
        "cut_off": look.cut_off,
    }


def readers(found: Sequence[ListedReader]) -> dict[str, Any]:
    """Return the readers, groups, topics and channels."""
    return {
        "readers": [
            {
                "id": each.id,
                "chat_id": each.chat_id,
                "topic": each.thread_id or None,
                "kind": each.kind.value,
                "state": each.state.value,
                "last_edition": each.last_edition,
                "title": each.title or None,
            }
            for each in found
        ]
    }


def found_at(trial: Trial) -> dict[str, Any]:
    """Return the result of trying a URL as a source."""
    parsed = trial.parsed
    return {
        "ok": trial.ok,
        "url": trial.url,
        "kind": trial.kind,
        "problem": trial.problem,
        "title": parsed.title if parsed else None,
        "feeds": list(trial.feeds),
        "articles": [
            {
                "title": entry.title,
                "link": entry.link,
                "published": entry.published,
                "categories": [filed.category for filed in entry.filings],
            }
            for entry in (parsed.entries if parsed else ())
        ],
        "refused": [
            {"item": each.item, "reason": each.reason}
            for each in (parsed.refused if parsed else ())
        ],
    }


def rounds(reports: Sequence[RoundReport]) -> dict[str, Any]:
    """Return the result of fetching each source."""
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


def edition(
    found: EditionPreview,
    subscriber: Subscriber,
    at: datetime,
    categories: Mapping[str, Category],
) -> dict[str, Any]:
    """Return an edition's preview, with the reasons for each story and for those left out."""

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


def cost(forecast: Forecast, *, pays: bool) -> dict[str, Any]:
    """Return the cost of paid broadcast in the next 24 hours."""
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


def deliveries(chosen: date, day: Day, zone: str) -> dict[str, Any]:
    """Return the figures of a day's deliveries."""
    return {
        "day": chosen,
        "zone": zone,
        "states": [
            {"kind": kind, "state": state, "number": number}
            for (kind, state), number in sorted(day.states.items())
        ],
        "errors": [
            {"error": kind, "state": state, "number": number}
            for (kind, state), number in day.errors.items()
        ],
        "sent": day.sent,
        "first": day.first,
        "last": day.last,
        "busiest": day.busiest,
        "most_in_a_minute": day.most,
        "half_within_seconds": day.half,
        "nearly_all_within_seconds": day.nearly_all,
        "slowest": [
            {
                "id": slow.delivery_id,
                "chat_id": slow.chat_id,
                "kind": slow.kind,
                "due": slow.due,
                "settled": slow.settled,
                "attempts": slow.attempts,
            }
            for slow in day.slowest
        ],
    }
