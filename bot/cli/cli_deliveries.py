"""The command `onnews deliveries`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape

from bot.cli.output.cli_json import print_json
from bot.cli.output.tables import columns, console
from bot.cli.terminal import AS_JSON, archive, carry_out, fail, settings
from digest.timing.schedule import zone_of
from storage.model import DeliveryState

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from storage.ledger.delivery_stats import Day


@click.command()
@click.option(
    "--on", "on", metavar="DAY", help="A day other than today, as 2026-06-01, in DEFAULT_TIMEZONE."
)
@AS_JSON
def deliveries(on: str | None, *, as_json: bool) -> None:
    """Show how today's editions and alerts went.

    It shows their states, the pace, the errors and the slowest ones.

    Example: onnews deliveries --on 2026-06-01
    """
    from bot.watching.daily_stats import figures, today  # noqa: PLC0415 — keeps --help fast

    zone = zone_of(settings().timezone)

    async def work() -> tuple[date, Day]:
        async with archive() as opened:
            chosen = today(opened.clock(), zone) if on is None else day_of(on)
            return chosen, await figures(opened.database, chosen, zone)

    chosen, day = carry_out(work())
    if as_json:
        print_json(day_json(chosen, day, zone.key))
    else:
        show_day(chosen, day, zone)


def day_of(text: str) -> date:
    """Parse a date from 1970 to 9000, such as 2026-06-01."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    # The first and last days of the calendar have no next day, or no midnight in some zones.
    if not 1970 <= day.year <= 9000:
        fail(f"{text!r} is not a day; write it as 2026-06-01")
    return day


def day_json(chosen: date, day: Day, zone: str) -> dict[str, Any]:
    """Return the figures of a day's deliveries, as JSON has them."""
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


def show_day(chosen: date, day: Day, zone: ZoneInfo) -> None:
    """Print the figures of a day's deliveries."""
    out = console()
    out.print(f"[bold]Deliveries due on {chosen:%a %d %b %Y} ({escape(zone.key)})[/]")
    if not day.states:
        out.print("none")
        return
    states = list(dict.fromkeys(DeliveryState))
    table = columns("kind", *states)
    for kind in dict.fromkeys(kind for kind, _ in sorted(day.states)):
        table.add_row(kind, *(str(day.states.get((kind, state), 0)) for state in states))
    out.print(table)
    if day.sent and day.first and day.last and day.busiest:
        first, last, busiest = (
            moment.astimezone(zone) for moment in (day.first, day.last, day.busiest)
        )
        out.print(
            f"\n{day.sent} sent from {first:%H:%M:%S} to {last:%H:%M:%S}; at most {day.most} in a "
            f"minute, at {busiest:%H:%M}"
            + (f": {day.most / 60:.0f} a second" if day.most >= 60 else "")
        )
        out.print(
            f"half arrived within {span(day.half)} after they were due, 99 of 100 within "
            f"{span(day.nearly_all)}"
        )
    if day.errors:
        table = columns("error", "state after it", "deliveries")
        for (error, state), count in day.errors.items():
            table.add_row(escape(error), state, str(count))
        out.print()
        out.print(table)
    if day.slowest:
        table = columns("slowest", "kind", "chat", "due", "took", "unclear before")
        for slow in day.slowest:
            table.add_row(
                f"no. {slow.delivery_id}",
                slow.kind,
                str(slow.chat_id),
                f"{slow.due.astimezone(zone):%H:%M}",
                span((slow.settled - slow.due).total_seconds()),
                str(slow.attempts or ""),
            )
        out.print()
        out.print(table)


def span(seconds: float | None) -> str:
    """Return a duration as text: seconds below two minutes, then minutes, then hours and minutes.

    None counts as 0.
    """
    seconds = max(seconds or 0.0, 0.0)
    if seconds < 120:
        return f"{seconds:.1f} s"
    minutes = int(seconds // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
