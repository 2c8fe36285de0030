"""Trials of a URL as a source: its articles, or advice if it has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from rich.markup import escape

from bot.cli.output.tables import columns, console
from bot.counted import counted

if TYPE_CHECKING:
    from news.sources.discover import Trial

SHOWN = 10
"""Articles that `sources test` shows at most."""
PRIVATE = "set ALLOW_PRIVATE_SOURCES=true"
ADD_ANYWAY = "--unchecked adds it anyway"
"""The advice for adding a source that does not answer now."""

_OTHER = "give the address of a feed, or of a page that lists articles"
_WHOLE = "check in a browser that the address is complete"
_REFUSES = "it refuses programs"
_LATER = "try again later"
_ADVICE = {
    "not a feed": _OTHER,
    "a page": _OTHER,
    "empty document": _OTHER,
    "it is empty": _OTHER,
    "too large": _OTHER,
    "page not found": _WHOLE,
    "http 404": _WHOLE,
    "http 410": _WHOLE,
    "bad redirect": _WHOLE,
    "too many redirects": _WHOLE,
    "no such host": "check its spelling, and that this machine is online",
    "private address": f"for a source of your own, {PRIVATE}",
    **dict.fromkeys(
        ("http 401", "http 402", "http 403", "http 406", "http 451", "wall page"), _REFUSES
    ),
    **dict.fromkeys(
        ("timeout", "no connection", "bad answer", "cut short", "http 429", "http 5"), _LATER
    ),
}
"""Beginning of the reason why a trial failed → advice for the operator."""
_NO_FEED_THERE = frozenset({_OTHER, _WHOLE, _REFUSES})


def trouble(trial: Trial, later: str = "") -> str:
    """Return why a URL cannot be used as a source and what to do, in one line.

    `later` is advice if the URL may work at another time.
    """
    problem = trial.problem or "it is empty"
    advice = next((each for start, each in _ADVICE.items() if problem.startswith(start)), "")
    parts = [f"{trial.url} cannot be read ({problem})", advice]
    site = urljoin(trial.url, "/")
    if advice in _NO_FEED_THERE and site != trial.url:
        parts.append(f"`onnews sources test {site}` looks for a feed of its site")
    if advice == _LATER:
        parts.append(later)
    return "; ".join(part for part in parts if part)


def show(trial: Trial) -> None:
    """Print the articles of a trial as a table, and the refused items with reasons."""
    if trial.parsed is None:
        return
    out = console()
    out.print(f"[bold]{escape(trial.parsed.title or trial.url)}[/] ({trial.kind})")
    table = columns("published (UTC)", "title", "categories", "link")
    for entry in trial.parsed.entries[:SHOWN]:
        table.add_row(
            f"{entry.published:%Y-%m-%d %H:%M}" if entry.published else "no date",
            escape(entry.title),
            ", ".join(filed.category for filed in entry.filings),
            escape(entry.link),
        )
    out.print(table)
    size = counted(len(trial.parsed.entries), "article")
    out.print(f"{size}, {len(trial.parsed.refused)} refused")
    for refused in trial.parsed.refused:
        out.print(f"  refused: {escape(f'{refused.reason} {refused.item}'.strip())}")


def trial_json(trial: Trial) -> dict[str, Any]:
    """Return the result of trying a URL as a source, as JSON has it."""
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
