"""`./dev bench ingest`: a round of two hundred feeds, and rounds with nothing new.

A server in another process serves the feeds, each at its own address. ON News runs whole, with only
its two workers besides its own process; it fetches, reads, files, joins stories, stores and indexes
for search. lemon24/reader fetches, parses and stores. The first round runs twice with an empty
archive: while readers ask for /latest, and without requests, as with lemon24/reader.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from bench.harness.processes import BrokenRunError, figures, percentile, talking
from bench.harness.report import Metric, Times
from bench.rigs.crowd import Crowd
from bench.rigs.news import feeds

ASKED = 20.0
"""Requests of /latest a second."""

UNCHANGED = 5
"""Rounds with nothing new; the median counts, since one takes less than 0.1 seconds."""

FIGURES = {
    "cold_s": Metric(
        "ON News: a first round, readers asking", "s", at_most=Times(0.65, "reader_cold_s")
    ),
    "cold_processor_s": Metric("ON News: processor time of the bot's process for it", "s"),
    "unasked_cold_s": Metric(
        "ON News: a first round, nobody asking", "s", at_most=Times(0.5, "reader_cold_s")
    ),
    "reader_cold_s": Metric("lemon24/reader: a first round", "s"),
    "reader_cold_processor_s": Metric("lemon24/reader: processor time for it", "s"),
    "unchanged_s": Metric(
        "ON News: a round with nothing new", "s", at_most=Times(0.2, "reader_unchanged_s")
    ),
    "reader_unchanged_s": Metric("lemon24/reader: a round with nothing new", "s"),
    "max_stall_ms": Metric("longest stall of the event loop", "ms", at_most=50.0),
    "latest_p99_ms": Metric("/latest meanwhile: 99 of 100 within", "ms", at_most=100.0),
    "peak_mib": Metric("peak memory of the bot's process", "MiB", at_most=200.0),
    "articles": Metric("articles"),
    "answers": Metric("answers to /latest"),
}


async def _ours(
    folder: Path, addresses: Path, articles: int, *, per_second: float
) -> dict[str, float]:
    """Run the rounds of a bot with an empty archive."""
    async with (
        Crowd() as crowd,
        talking(
            "bench.rigs.ingest",
            *(crowd.url, str(folder), str(addresses), str(articles), str(UNCHANGED)),
        ) as bot,
    ):
        await bot.next_message()
        over = asyncio.Event()
        asking = asyncio.create_task(crowd.ask(per_second, over)) if per_second else None
        bot.say()
        cold = await bot.next_message()
        over.set()
        answers = await asking if asking else []
        bot.say()
        unchanged = await bot.next_message()
        bot.say()
        end = await bot.next_message()
    return {
        "cold_s": cold["seconds"],
        "cold_processor_s": cold["processor_s"],
        "unchanged_s": unchanged["seconds"],
        "max_stall_ms": max(cold["max_stall_ms"], unchanged["max_stall_ms"]),
        "latest_p99_ms": percentile(answers, 0.99) if answers else 0.0,
        "peak_mib": end["peak_mib"],
        "answers": len(answers),
    }


async def measure(*, quick: bool = False) -> dict[str, float]:
    """Write the feeds, and let each program read them in turn."""
    scale = 10 if quick else 1
    with tempfile.TemporaryDirectory(prefix="onnews-bench-") as name:
        folder = Path(name)
        documents, asked, alone = (folder / each for each in ("feeds", "asked", "alone"))
        for each in (documents, asked, alone):
            each.mkdir()
        articles = feeds.ARTICLES // scale
        feeds.write(documents, feeds=feeds.FEEDS // scale, articles=articles)
        addresses = folder / "addresses.json"
        async with talking("bench.peers.stand", str(documents)) as stand:
            addresses.write_text(json.dumps(await stand.next_message()))
            ours = await _ours(asked, addresses, articles, per_second=ASKED)
            reader: dict[str, Any] = await figures(
                "bench.peers.reading", name, str(addresses), str(UNCHANGED)
            )
            unasked = await _ours(alone, addresses, articles, per_second=0.0)
        if reader["entries"] != articles:
            raise BrokenRunError(f"reader found {reader['entries']} of {articles} articles")
    return {
        "cold_s": ours["cold_s"],
        "cold_processor_s": ours["cold_processor_s"],
        "unasked_cold_s": unasked["cold_s"],
        "reader_cold_s": reader["cold_s"],
        "reader_cold_processor_s": reader["cold_processor_s"],
        "unchanged_s": ours["unchanged_s"],
        "reader_unchanged_s": reader["unchanged_s"],
        "max_stall_ms": ours["max_stall_ms"],
        "latest_p99_ms": ours["latest_p99_ms"],
        "peak_mib": ours["peak_mib"],
        "articles": articles,
        "answers": ours["answers"],
    }
