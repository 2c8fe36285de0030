"""The bot while it corrects what it has delivered to every reader.

`python -m bench.rigs.corrected FOLDER SUBSCRIBERS SETS PACE URL` sends all subscribers an edition
with one story that all of them get, at PACE messages a second, and reports the number of copies.
When it gets a line, it corrects the story's headline, and reports the edits a second once all
copies are edited.
"""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bench.harness.processes import next_line, peak_mib, send_message
from bench.rigs.news import day
from bench.rigs.rush import LATER, all_due, all_sent
from bench.rigs.whole import serving
from bot.composition import utc_now
from storage.model import Filing, Grade, NewArticle, NewSource, Round
from storage.tables.correction_schema import sent_issues
from storage.tables.ledger_schema import deliveries

if TYPE_CHECKING:
    from datetime import datetime

    from bot.app import OnNews
    from bot.composition import Archive

LOOK_EVERY = 0.2
EDITOR = 7


async def run(folder: str, readers: int, sets: int, pace: int, url: str) -> None:
    """Deliver, correct, and wait for a line to end."""
    async with serving(url, folder, per_second=pace) as bot:
        now = utc_now()
        await day.fill(bot.archive, now)
        article_id = await _story_of_all(bot.archive, now)
        keys = await day.keep_tastes(bot.archive.database, day.choices(sets))
        await day.subscribe(bot.archive.database, keys, readers, due=now + LATER, now=now)
        now = utc_now()
        due = now.replace(second=0, microsecond=0)
        await all_due(bot, due)
        await bot.parts.planner.plan_due(now)
        bot.parts.sender.kick()
        await all_sent(bot, due, readers)
        send_message({"copies": await _copies(bot, article_id), **await _stored(bot)})
        await next_line()
        start = time.perf_counter()
        done = await bot.archive.amendments.correct(
            article_id,
            title="Prada buys Versace for 1.25 billion",
            grade=Grade.FACT,
            person_id=EDITOR,
            now=utc_now(),
        )
        bot.parts.corrector.kick()
        changed = await _changed(bot, done.correction or 0)
        seconds = time.perf_counter() - start
        send_message({"rate": changed / seconds, "changed": changed, "peak_mib": peak_mib()})
        await next_line()


async def _story_of_all(archive: Archive, now: datetime) -> int:
    """Store a story that every reader's edition contains, and return its id."""
    source = await archive.sources.add(
        NewSource("The Wire", "https://wire.example/feed", weight=100), now
    )
    sections = sorted({slug for story in day.stories() for slug in story.sections})
    link = "https://wire.example/versace"
    new = NewArticle(
        guid=link,
        link=link,
        title="Prada buys Versace for 1.25 million",
        standfirst="The deal creates an Italian group of two families.",
        body=None,
        image=None,
        author=None,
        language="en",
        published=now - timedelta(minutes=10),
        filings=tuple(Filing(slug, "bench") for slug in sections),
    )
    round_ = Round(source.id, now, now + timedelta(days=1), 86_400, articles=(replace(new),))
    article_id = (await archive.articles.store_all([round_]))[0].new[0]
    # As the lead story it is in the edition of those too whose choices leave no room for it.
    earlier, later = now - timedelta(hours=1), now + timedelta(hours=1)
    await archive.pins.lead(article_id, later, (), person_id=EDITOR, now=earlier)
    return article_id


async def _copies(bot: OnNews, article_id: int) -> int:
    """Return how many deliveries show an article."""
    shown = deliveries.c.articles
    query = select(func.count()).where(
        shown.regexp_match(rf"[\[ ]{article_id}[,\]]")
        if bot.archive.database.dialect == "postgresql"
        else shown.contains(str(article_id))
    )
    return await bot.archive.database.read(
        lambda connection: connection.execute(query).scalar_one()
    )


async def _stored(bot: OnNews) -> dict[str, float]:
    """Return how many issues are kept, and their average length in characters."""
    query = select(func.count(), func.avg(func.length(sent_issues.c.stories)))
    row = await bot.archive.database.read(lambda connection: connection.execute(query).one())
    return {"issues": float(row[0]), "issue_characters": float(row[1] or 0)}


async def _changed(bot: OnNews, correction_id: int) -> int:
    """Wait until no copy waits any more, and return how many were changed."""
    while True:
        found = await bot.archive.corrections.get(correction_id)
        if found is not None and found.changed and not found.waiting:
            return found.changed
        await asyncio.sleep(LOOK_EVERY)


if __name__ == "__main__":
    folder, readers, sets, pace, url = sys.argv[1:]
    asyncio.run(run(folder, int(readers), int(sets), int(pace), url))
