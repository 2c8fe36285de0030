"""Articles' own pages: read for sources that allow it, and for editors who send one."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from news import documents
from news.entry import Entry, UnreadableError
from news.fetch.fetcher import UNREACHED, Failed, NotModified
from workers.pool import WorkerError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Sequence
    from datetime import datetime

    from news.fetch.fetcher import Fetcher
    from storage.model import Source
    from workers.pool import Workers

SECONDS = 20.0
"""Seconds that a worker may take for one page."""
PAGES_A_ROUND = 10
"""Most pages fetched in one round of a source."""
EXCERPT = 700
"""Characters below which a text is an excerpt, and the article's page is fetched."""
ASKED_SECONDS = 13.0
"""Seconds within which an editor's page is read, so that its card is there within 15 seconds."""
PROCESSOR = 8
"""Seconds of processor time for it."""
LONGEST_TITLE = 300
"""Characters of a headline at most; a longer one is cut."""
LONGEST_STANDFIRST = 1_000
MOST_UNREACHED = 2
"""Unreachable pages after which no more pages are fetched in a round."""

log = logging.getLogger(__name__)


class PageReader:
    """Reads the pages of articles."""

    def __init__(self, fetcher: Fetcher, workers: Workers, clock: Callable[[], datetime]) -> None:
        self._fetcher = fetcher
        self._workers = workers
        self._clock = clock

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
                page = await self._read(entry.link, source, entry.title, SECONDS)
            except UnreadableError as error:
                log.info("no body from %s: %s", entry.link, error)
                unreached += error.reason in UNREACHED
                result.append(entry)
            else:
                result.append(_completed(entry, page))
        return tuple(result)

    async def linked(self, url: str, title: str, may: Callable[[str], bool]) -> Entry:
        """Return the article to which a link in a letter leads, asked once and without cookies.

        Raises UnreadableError, such as `no article` for a front page or a page with little text.

        Args:
            may: Returns whether an address may be asked, for the link and each redirect.
        """
        page = await self._read(url, None, title, SECONDS, may=may)
        told = page.published is not None or len(page.body or "") >= EXCERPT
        if not told or not urlsplit(page.link).path.strip("/"):
            raise UnreadableError("no article", page.link)
        return page

    async def page(self, url: str) -> Entry:
        """Return the content of a page that an editor sent.

        Raises UnreadableError within `ASKED_SECONDS`: `private address`, `too large`, `timeout`,
        `http 404`, `not a page` …
        """
        try:
            async with asyncio.timeout(ASKED_SECONDS):
                entry = await self._read(url, None, "", ASKED_SECONDS, PROCESSOR)
        except TimeoutError:
            raise UnreadableError("timeout") from None
        return entry._replace(
            title=entry.title[:LONGEST_TITLE], standfirst=entry.standfirst[:LONGEST_STANDFIRST]
        )

    async def post(self, text: str) -> Entry:
        """Return an editor's post as an article, headed by its first line with words.

        Raises UnreadableError.
        """
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
        now = self._clock()
        return await _readable(
            self._workers.run(
                documents.read_post, entry, now, timeout=ASKED_SECONDS, processor=PROCESSOR
            )
        )

    async def _read(
        self,
        url: str,
        source: Source | None,
        title: str,
        seconds: float,
        processor: int | None = None,
        *,
        may: Callable[[str], bool] | None = None,
    ) -> Entry:
        now = self._clock()
        answer = await self._fetcher.get(url, now, may=may)
        if isinstance(answer, Failed):
            raise UnreadableError(answer.reason, answer.detail)
        if isinstance(answer, NotModified):
            raise UnreadableError("not modified", "unexpected for a first request")
        reading = replace(answer.reading(source), title=title)
        return await _readable(
            self._workers.run(
                documents.read_page,
                answer.body,
                reading,
                now,
                timeout=seconds,
                processor=processor,
            )
        )


async def _readable(reading: Awaitable[Entry]) -> Entry:
    try:
        return await reading
    except WorkerError as error:
        raise UnreadableError("unreadable", str(error)) from error


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
