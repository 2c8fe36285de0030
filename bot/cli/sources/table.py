"""The sources with their health, as a table and as JSON."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.text import Text

from bot.cli.output.tables import columns
from news.health import Condition

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from rich.table import Table

    from bot.watching.source_health import Look
    from news.health import Health

KIND = {True: "general", False: "trade"}
CALM = frozenset({Condition.FINE, Condition.PAUSED, Condition.NEW})


def listed(
    healths: Sequence[Health],
    now: datetime,
    reported: Mapping[int, int],
    *,
    short: bool = False,
) -> Table:
    """Return the table of sources. `reported` is id → what readers reported of its stories.

    `short`, for a narrow terminal, leaves out reports, advice, kind, categories and URL.
    """
    first = ("no.", "source", "health", "last news (UTC)")
    table = columns(
        *first, *(() if short else ("reported", "what to do", "kind", "categories", "address"))
    )
    for one in healths:
        source = one.source
        cells = (
            str(source.id),
            escape(source.name),
            Text(condition(one, now), style="" if one.condition in CALM else "bold"),
            f"{source.last_new:%Y-%m-%d %H:%M}" if source.last_new else "",
        )
        kind, filed = KIND[source.general], ", ".join(source.categories)
        if source.approval:
            kind += ", with approval"
        if not source.translate:
            kind += ", never translated"
        count = str(reported.get(source.id, ""))
        more = (count, escape(one.advice), kind, filed, escape(source.url))
        table.add_row(*cells, *(() if short else more))
    return table


def sources_json(look: Look, reported: Mapping[int, int]) -> dict[str, Any]:
    """Return all sources with their health, as JSON has them."""
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
                "translate": one.source.translate,
                "reported": reported.get(one.source.id, 0),
            }
            for one in look.healths
        ],
        "thin": [{"category": each.category, "share": each.share} for each in look.thin],
        "cut_off": look.cut_off,
    }


def condition(health: Health, now: datetime) -> str:
    """Return a source's health in a few words."""
    if not health.troubled or health.since is None:
        return health.condition.value
    long = ago(now - health.since)
    because = f" ({health.reason})" if health.reason not in {"", health.condition.value} else ""
    if health.condition is Condition.QUIET and health.usual is not None:
        return f"quiet for {long}, usually {ago(health.usual)} at most"
    return f"{health.condition.value}{because} for {long}"


def ago(span: timedelta) -> str:
    """Return a duration as text in its largest unit, such as `3 days`."""
    hours = int(span / timedelta(hours=1))
    if hours < 1:
        return f"{int(span / timedelta(minutes=1))} min"
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"
