"""`onnews deliveries`: how a day's editions and alerts went."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click
from rich.markup import escape

from bot.cli.terminal import AS_JSON, archive, carry_out, columns, console, fail, settings
from digest.timing.schedule import zone_of
from storage.model import DeliveryState

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from storage.ledger.delivery_stats import Day


@click.command()
@click.option(
    "--on", "on", metavar="DAY", help="Another day than today, as 2026-06-01, in DEFAULT_TIMEZONE."
)
@AS_JSON
def deliveries(on: str | None, *, as_json: bool) -> None:
    """Show how today's editions and alerts went.

    Their states, the pace, the errors and the slowest ones.

    Example: onnews deliveries --on 2026-06-01
    """
    from bot.cli import cli_json  # noqa: PLC0415 — as above
    from bot.watching.daily_stats import figures, today  # noqa: PLC0415 — --help need not wait for it

    zone = zone_of(settings().timezone)

    async def work() -> tuple[date, Day]:
        async with archive() as opened:
            chosen = today(opened.clock(), zone) if on is None else day_of(on)
            return chosen, await figures(opened.database, chosen, zone)

    chosen, day = carry_out(work())
    if as_json:
        cli_json.say(cli_json.deliveries(chosen, day, zone.key))
    else:
        show_day(chosen, day, zone)


def day_of(text: str) -> date:
    """The day that an operator wrote.

    Raises:
        click.ClickException: It is none.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    # The days at both ends of the calendar have no tomorrow, or no midnight in some zones.
    if not 1970 <= day.year <= 9000:
        fail(f"{text!r} is no day; write it as 2026-06-01")
    return day


def show_day(chosen: date, day: Day, zone: ZoneInfo) -> None:
    """Print how a day's deliveries went."""
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
            f"half arrived within {span(day.half)} after their time, 99 of 100 within "
            f"{span(day.nearly_all)}"
        )
    if day.errors:
        table = columns("error", "left it", "how many")
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
    """A span of time, exact where it is short."""
    seconds = max(seconds or 0.0, 0.0)
    if seconds < 120:
        return f"{seconds:.1f} s"
    minutes = int(seconds // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
