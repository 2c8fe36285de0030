"""One page or post that an editor sends, read with the guards and in the workers of sources."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from news import documents
from news.entry import Entry, Reading, UnreadableError
from news.fetch.fetcher import Fetched
from workers.pool import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from news.fetch.fetcher import Fetcher
    from workers.pool import Workers

SECONDS = 13.0
"""Seconds within which a page is fetched and read, so that its card is there within 15 seconds."""
PROCESSOR = 8
"""Seconds of processor time for one page."""
LONGEST_TITLE = 300
"""Characters of a headline at most; a longer one is cut."""
LONGEST_STANDFIRST = 1_000


class PageAsked:
    """Reads single pages and posts."""

    def __init__(self, fetcher: Fetcher, workers: Workers, clock: Callable[[], datetime]) -> None:
        self._fetcher = fetcher
        self._workers = workers
        self._clock = clock

    async def page(self, url: str) -> Entry:
        """Fetch a page and return its content.

        Raises UnreadableError within `SECONDS`: `private address`, `too large`, `timeout`, `http
        404`, `not a page` …
        """
        now = self._clock()
        try:
            async with asyncio.timeout(SECONDS):
                answer = await self._fetcher.get(url, now)
                if not isinstance(answer, Fetched):
                    reason = getattr(answer, "reason", "not modified")
                    raise UnreadableError(reason, getattr(answer, "detail", ""))
                reading = Reading(answer.url, answer.content_type, kind="page")
                entry = await self._workers.run(
                    documents.read_page,
                    answer.body,
                    reading,
                    now,
                    timeout=SECONDS,
                    processor=PROCESSOR,
                )
        except TimeoutError:
            raise UnreadableError("timeout") from None
        except WorkerError as error:
            raise UnreadableError("unreadable", str(error)) from error
        return entry._replace(
            title=entry.title[:LONGEST_TITLE], standfirst=entry.standfirst[:LONGEST_STANDFIRST]
        )

    async def post(self, text: str) -> Entry:
        """Return a post as an article, headed by its first line with words; or UnreadableError."""
        lines = text.strip().split("\n")
        at = next((at for at, each in enumerate(lines) if any(map(str.isalnum, each))), 0)
        title, body = " ".join(lines[at].split()), "\n".join(lines[at + 1 :]).strip()
        if len(title) > LONGEST_TITLE:
            title, body = f"{title[: LONGEST_TITLE - 1].rstrip()}…", text.strip()
        paragraphs = [each.strip() for each in body.split("\n") if each.strip()]
        entry = Entry(
            guid="",
            link="",
            title=title,
            standfirst=(paragraphs[0] if paragraphs else "")[:LONGEST_STANDFIRST],
            body="\n\n".join(paragraphs) or None,
        )
        try:
            return await self._workers.run(
                documents.read_post, entry, self._clock(), timeout=SECONDS, processor=PROCESSOR
            )
        except WorkerError as error:
            raise UnreadableError("unreadable", str(error)) from error
