"""The command `onnews readers list`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape

from bot.cli.output.cli_json import print_json
from bot.cli.output.tables import columns, console
from bot.cli.terminal import AS_JSON, archive, carry_out
from bot.counted import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.readers.subscribers import ListedReader


@click.group(invoke_without_command=True)
@click.pass_context
def readers(context: click.Context) -> None:
    """The bot's readers, groups and channels."""
    if context.invoked_subcommand is None:
        context.invoke(list_readers, as_json=False)


@readers.command("list")
@AS_JSON
def list_readers(*, as_json: bool) -> None:
    """Show every reader, group, topic and channel, and when the last edition was due.

    Channels and groups are shown with their titles; names of people are not stored.

    Example: onnews readers list
    """

    async def work() -> list[ListedReader]:
        async with archive() as opened:
            return await opened.subscribers.listed()

    found = carry_out(work())
    if as_json:
        print_json(readers_json(found))
        return
    out = console()
    table = columns("no.", "chat", "kind", "state", "last edition (UTC)", "title")
    for each in found:
        chat = f"{each.chat_id}/{each.thread_id}" if each.thread_id else str(each.chat_id)
        last = f"{each.last_edition:%Y-%m-%d %H:%M}" if each.last_edition else ""
        table.add_row(str(each.id), chat, each.kind, each.state, last, escape(each.title))
    out.print(table)
    states = Counter(each.state for each in found)
    shown = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    out.print(f"{counted(len(found), 'reader')}: {shown or 'none yet'}")


def readers_json(found: Sequence[ListedReader]) -> dict[str, Any]:
    """Return the readers, groups, topics and channels, as JSON has them."""
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
