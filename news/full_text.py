"""Bodies fetched from articles' own pages, for sources that allow it."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from news import documents
from news.entry import UnreadableError
from news.fetch.fetcher import UNREACHED, Failed, NotModified
from workers.pool import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from news.entry import Entry
    from news.fetch.fetcher import Fetcher
    from storage.model import Source
    from workers.pool import Workers

SECONDS = 20.0
"""Seconds that a worker may take for one page."""
PAGES_A_ROUND = 10
"""Most pages fetched in one round of a source."""
EXCERPT = 700
"""Characters below which a text is an excerpt, and the article's page is fetched."""
MOST_UNREACHED = 2
"""Unreachable pages after which no more pages are fetched in a round."""

log = logging.getLogger(__name__)


class PageReader:
    """Reads the pages of articles."""

    def __init__(self, fetcher: Fetcher, workers: Workers, clock: Callable[[], datetime]) -> None:
        self._fetcher = fetcher
        self._workers = workers
        self._clock = clock

    async def _read(self, entry: Entry, source: Source) -> Entry:
        now = self._clock()
        answer = await self._fetcher.get(entry.link, now)
        if isinstance(answer, Failed):
            raise UnreadableError(answer.reason, answer.detail)
        if isinstance(answer, NotModified):
            raise UnreadableError("not modified", "unexpected for a first request")
        reading = replace(answer.reading(source), title=entry.title)
        try:
            return await self._workers.run(
                documents.read_page, answer.body, reading, now, timeout=SECONDS
            )
        except WorkerError as error:
            raise UnreadableError("unreadable", str(error)) from error

    async def complete(
        self, source: Source, entries: Sequence[Entry], known: Collection[str]
    ) -> tuple[Entry, ...]:
        """Return the entries, with full texts from the pages of the first new ones without one.

        An entry keeps its text if its page cannot be read. The short body of an entry in `known`
        (links) is dropped, because the archive may hold the full one. After two unreachable pages
        no more are fetched.
        """
        result: list[Entry] = []
        pages = unreached = 0
        for entry in entries:
            whole = len(entry.body or "") >= EXCERPT
            if not whole and entry.link in known:
                result.append(entry._replace(body=None, body_kinds=""))
                continue
            if whole or pages >= PAGES_A_ROUND or unreached >= MOST_UNREACHED:
                result.append(entry)
                continue
            pages += 1
            try:
                page = await self._read(entry, source)
            except UnreadableError as error:
                log.info("no body from %s: %s", entry.link, error)
                unreached += error.reason in UNREACHED
                result.append(entry)
            else:
                result.append(_completed(entry, page))
        return tuple(result)


def _completed(entry: Entry, page: Entry) -> Entry:
    longer = page if len(page.body or "") > len(entry.body or "") else entry
    return entry._replace(
        body=longer.body,
        body_kinds=longer.body_kinds,
        standfirst=entry.standfirst or page.standfirst,
        image=entry.image or page.image,
        author=entry.author or page.author,
        language=entry.language or page.language,
        published=entry.published or page.published,
        paywall=page.paywall,
        filings=page.filings or entry.filings,
        sketch=page.sketch or entry.sketch,
        words=None,
        report=None,
    )
