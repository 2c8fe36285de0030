"""`./dev bench typed`: the processor time that one hostile text takes, while all others wait.

Each text has 4,096 UTF-16 units, as many as a message: the letters of each 256 of Unicode, those
that become most letters when they are folded, and what the bot understands in each language,
repeated and in one another. Each is read as every kind of answer; the slowest of a kind counts.
"""

from __future__ import annotations

import time
import unicodedata
from datetime import UTC, datetime
from itertools import groupby, product
from typing import TYPE_CHECKING, cast

from bench.harness.report import Metric
from handlers.buttons.follow_buttons import misspells, named_within
from handlers.stories.latest import read_latest_request
from handlers.typed.message_words import after_command, without_name
from handlers.typed.parse_days import read_date, read_past_day
from handlers.typed.parse_hours import read_hours, read_minute
from handlers.typed.parse_moment import read_moment
from handlers.typed.phrases import all_words
from handlers.typed.plain_words import command_of, courtesy_of, opens_with_thanks
from handlers.typed.requests import is_name, read_request, request_of
from handlers.typed.search_filters import narrowed
from handlers.typed.story_numbers import story_number
from handlers.typed.wishes import wishes_in
from news.filing import taxonomy
from news.sources.defaults import defaults
from storage.words.search_words import muted, phrases
from templates.markup.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from storage.model import Source

UNITS = 4_096
WIDEST = 24
"""Characters that become the most letters when they are folded."""
ALIKE = ((0x3500, 0x9E00), (0xAD00, 0xD700), (0x20100, 0x32300))
"""Ideographs and syllables, of which the 256 before stand for all."""
TRIES = 3
"""A slow text is tried again, because another process may have slowed it."""
GOAL = 5.0

FIGURES = {
    "texts": Metric("texts read as each kind"),
    "ms": Metric("the slowest text", "ms", at_most=GOAL),
}


def kinds() -> dict[str, Callable[[str], object]]:
    """Return what is done with a typed text before it is answered, by the kind of answer."""
    known, now = taxonomy.load(), datetime(2026, 12, 2, 9, tzinfo=UTC)
    sources = cast("tuple[Source, ...]", defaults())

    def narrow(text: str, language: str = "en") -> object:
        return narrowed(
            text,
            sources=sources,
            taxonomy=known,
            shown=str,
            language=language,
            today=now.date(),
        )

    def plain(text: str) -> None:
        whole = " ".join(without_name(text, "news_bot").split())
        read_request(whole, lambda name: known.find(name) is not None or muted(name) == "crypto")
        for read in (command_of, courtesy_of, opens_with_thanks, story_number, known.find):
            read(whole)

    def unknown(text: str) -> None:
        known.suggest(text[:100])
        for read in (is_name, request_of, muted):
            read(text)
        misspells(known, text)
        named_within(known, text)

    def each_language(text: str) -> None:
        for language in all_words():
            read_date(text, language, now.date())
            read_past_day(text, language, now.date())

    def inline(text: str) -> None:
        for read in (known.find, phrases, lambda words: known.suggest(words[:200])):
            read(one_line(text))

    return {
        "plain": plain,
        "wish": lambda text: wishes_in.__wrapped__(text, known),
        "unknown": unknown,
        "search": lambda text: (phrases(text), known.find(text), narrow(text)),
        "hours": lambda text: (read_minute(text), read_hours(text)),
        "pause": each_language,
        "moment": lambda text: read_moment(text, "it", now),
        "inline": inline,
        "command": lambda text: read_latest_request(after_command(f"/latest {text}"), known),
    }


def texts() -> Iterator[str]:
    """Yield hostile texts."""
    letters = [
        letter
        for letter in map(chr, range(0x110000))
        if unicodedata.category(letter) not in {"Cn", "Co", "Cs"}
        and not any(first <= ord(letter) < last for first, last in ALIKE)
    ]
    widest = sorted(letters, key=lambda one: -len(unicodedata.normalize("NFKD", one)))[:WIDEST]
    seeds = [*widest, "1", "'", '"', "-", "?", "\n", "a\u0301", "\N{GRINNING FACE}", "a' ", "/a "]
    seeds += ["".join(block) for _, block in groupby(letters, key=lambda one: ord(one) >> 8)]
    for seed in seeds:
        yield _filled(seed)
        yield _filled(" ".join(seed) + " ")
    for tables in all_words().values():
        lists = [list(each) for table in tables.values() for each in table.values() if each]
        yield from (_filled(f"{each[0]} ") for each in lists if isinstance(each[0], str))
        before = [phrase for each in tables["requests"].values() for phrase in each[:2]]
        behind = [phrase for each in tables["requests_after"].values() for phrase in each[:2]]
        for one, other in product(before, behind):
            yield f"{one} " * 8 + "zqv" + f" {other}" * 8


def _filled(seed: str) -> str:
    """Return a text of a message's length with this beginning, again and again."""
    wide = len(seed.encode("utf-16-le")) // 2
    return (seed * (UNITS // wide + 1))[: UNITS * len(seed) // wide]


def _milliseconds(read: Callable[[str], object], text: str) -> float:
    begun = time.thread_time()
    read(text)
    return (time.thread_time() - begun) * 1000


async def measure() -> dict[str, float | dict[str, float]]:
    """Read every text as every kind of answer."""
    hostile, worst = list(texts()), dict.fromkeys(kinds(), 0.0)
    for kind, read in kinds().items():
        read("prepares what the first text would prepare: 明天 at 7")
        for text in hostile:
            took = _milliseconds(read, text)
            if took > worst[kind]:
                again = [_milliseconds(read, text) for _ in range(TRIES)]
                worst[kind] = max(worst[kind], min(took, *again))
    return {"texts": len(hostile), "ms": worst}
