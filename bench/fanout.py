"""`./dev bench fanout [--backup]`: editions a second that one core sends, beside other bots.

Each sender runs in its own process and sends to the same kind of server, in another process. ON
News does the whole work: it plans, claims, renders, sends and settles, on SQLite on disk. The
others only send one ready text, about as long as an edition. The limit is measured before, between
and after the runs of ON News, to show how busy the machine is meanwhile.

With `--backup` only ON News sends, on PostgreSQL: by turns alone and while `onnews backup` reads.
"""

from __future__ import annotations

import statistics
import tempfile
from typing import Any

from bench.harness.processes import figures, talking
from bench.harness.report import Metric, Times
from bench.rigs import beside_backup

SUBSCRIBERS = 20_000
SETS = 200
PEER_MESSAGES = {"limit": 15_000, "ptb": 2_000}
NO_LIMIT = 1_000_000
HELD = 1_000
"""Messages a second at which the share of a core is measured."""
HELD_SECONDS = 10

FIGURES = {
    "ours_shared": Metric(
        f"ON News, {SUBSCRIBERS:,} readers with {SETS} different choices",
        "/s",
        at_least=(Times(0.4, "limit"), Times(10, "ptb")),
    ),
    "ours_distinct": Metric(
        "ON News, every reader's choice different", "/s", at_least=Times(0.25, "limit")
    ),
    "rich_shared": Metric(
        f"front pages with pictures, {SETS} different choices", "/s", at_least=Times(0.4, "limit")
    ),
    "rich_distinct": Metric(
        "front pages with pictures, every choice different", "/s", at_least=Times(0.2, "limit")
    ),
    "ptb": Metric("python-telegram-bot with its default transport", "/s"),
    "limit": Metric("a bare aiohttp loop with ready bodies", "/s"),
    "cpu_share_at_1000": Metric("share of one core at 1,000 messages/s", at_most=0.3),
    "cpu_share_distinct": Metric("share of one core, every choice different"),
    "peak_mib": Metric("peak memory of ON News", "MiB"),
    "rate": Metric("on PostgreSQL, alone and beside a backup", "/s"),
    "share": Metric("the rate beside a backup, by that alone", at_least=0.8),
}


async def _peer(name: str, messages: int) -> float:
    async with talking("bench.peers.server") as server:
        url = f"http://127.0.0.1:{await server.next_message()}"
        return float(await figures("bench.peers.loops", name, url, str(messages)))


async def _ours(
    subscribers: int, sets: int, rate: int, layout: str = "summaries"
) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="onnews-bench-") as folder:
        async with talking("bench.peers.server") as server:
            url = f"http://127.0.0.1:{await server.next_message()}"
            answer: dict[str, Any] = await figures(
                "bench.rigs.fanout", url, folder, str(subscribers), str(sets), str(rate), layout
            )
            return answer


async def measure(*, quick: bool = False, backup: bool = False) -> dict[str, Any]:
    """Send with each sender in turn."""
    scale = 10 if quick else 1
    if backup:
        return await beside_backup.compare(SUBSCRIBERS // scale)
    subscribers = SUBSCRIBERS // scale
    held = HELD * HELD_SECONDS // scale
    messages = {name: count // scale for name, count in PEER_MESSAGES.items()}
    limits = [await _peer("limit", messages["limit"])]
    shared = await _ours(subscribers, SETS, NO_LIMIT)
    limits.append(await _peer("limit", messages["limit"]))
    distinct = await _ours(subscribers, subscribers, NO_LIMIT)
    limits.append(await _peer("limit", messages["limit"]))
    rich_shared = await _ours(subscribers, SETS, NO_LIMIT, "front-page")
    limits.append(await _peer("limit", messages["limit"]))
    rich_distinct = await _ours(subscribers, subscribers, NO_LIMIT, "front-page")
    limits.append(await _peer("limit", messages["limit"]))
    ptb = await _peer("ptb", messages["ptb"])
    held_shared = await _ours(held, SETS, HELD)
    held_distinct = await _ours(held, held, HELD)
    return {
        "ours_shared": shared["rate"],
        "ours_distinct": distinct["rate"],
        "rich_shared": rich_shared["rate"],
        "rich_distinct": rich_distinct["rate"],
        "ptb": ptb,
        "limit": statistics.median(limits),
        "cpu_share_at_1000": held_shared["cpu_share"],
        "cpu_share_distinct": held_distinct["cpu_share"],
        "peak_mib": max(
            each["peak_mib"] for each in (shared, distinct, rich_shared, rich_distinct)
        ),
    }
