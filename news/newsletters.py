"""Newsletters as sources: each sender of a mailbox is one, at first paused.

Letters are read only if the mailbox's server proved their sender. Each story's link is followed
once, to the article that readers get.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from news import documents
from news.entry import Entry, Refused, UnreadableError
from news.fetch.fetcher import Failed, NotModified
from news.ingest.rounds import ReadDocument
from news.mail.link import is_unwanted
from news.mail.mailbox import NO_ANSWER, MailboxError
from storage.db.outage import DatabaseUnavailableError
from storage.model import MAIL, NewSource, Show
from storage.serving.lease import LeaseLostError
from workers.pool import WorkerError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from news.mail.letter import LinkedStory
    from news.mail.mailbox import Mailbox, NewLetters
    from news.page_reader import PageReader
    from storage.model import Source
    from storage.sources.sources import Sources
    from workers.pool import Workers

EVERY = timedelta(minutes=15)
"""How often the mailbox is searched for new senders, and tried again after a failure."""
LETTER_SECONDS = 20.0
"""Seconds that a worker may take for one letter."""
MOST_UNDECIDED = 50
"""Senders that wait for an operator at most; while there are so many, no further ones are added."""
AT_ONCE = 4
"""Links of a letter followed at the same time."""

log = logging.getLogger(__name__)


class Newsletters:
    """Reads the letters of a mailbox; without one, each sender is only postponed.

    Attributes:
        left: Letters that were left, by reason, since the start.
        problem: Why the mailbox could not be read; "" if it could, None before the first look.
    """

    def __init__(
        self,
        mailbox: Mailbox | None,
        sources: Sources,
        pages: PageReader,
        workers: Workers,
        clock: Callable[[], datetime],
    ) -> None:
        self._mailbox = mailbox
        self._sources = sources
        self._pages = pages
        self._workers = workers
        self._clock = clock
        self._seen = ""
        self._look_at: datetime | None = None
        # One connection at a time: providers allow few.
        self._turn = asyncio.Lock()
        self._names = _names_of(mailbox.address.own) if mailbox is not None else ()
        self.left: Counter[str] = Counter()
        self.problem: str | None = None

    async def find_senders(self, now: datetime, permit: Callable[[], Awaitable[None]]) -> None:
        """Add the senders of new letters as paused sources, every quarter of an hour."""
        if self._mailbox is None or (self._look_at is not None and now < self._look_at):
            return
        self._look_at = now + EVERY
        try:
            await self._find_senders(self._mailbox, now, permit)
        except (DatabaseUnavailableError, LeaseLostError):
            raise
        except Exception:
            # A bug in it must not end the rounds of other sources.
            log.exception("the search for new senders failed with a bug")

    async def _find_senders(
        self, mailbox: Mailbox, now: datetime, permit: Callable[[], Awaitable[None]]
    ) -> None:
        try:
            async with self._turn:
                found, unproven, self._seen = await mailbox.senders(now, self._seen)
        except MailboxError as error:
            self._failed(error)
            return
        self.problem = ""
        if unproven:
            self.left["no proven sender"] += unproven
            log.info("%d letters have no proven sender and are left", unproven)
        waiting = sum(
            one.url.startswith(MAIL) and one.paused and one.last_ok is None
            for one in await self._sources.all()
        )
        new = [
            NewSource(
                name or address,
                MAIL + address,
                site=f"https://{address.partition('@')[2]}",
                full_text=Show.NO,
                paused=True,
            )
            for address, name in found.items()
        ]
        await permit()
        await self._sources.add_unknown(new[: max(MOST_UNDECIDED - waiting, 0)], now)

    async def read(self, source: Source) -> ReadDocument | NotModified | Failed:
        """Return the stories of a sender's new letters."""
        wait = int(EVERY.total_seconds())
        if self._mailbox is None:
            return Failed("no mailbox", "MAIL_IN is not set", wait, asked=False)
        address, now = source.url.removeprefix(MAIL), self._clock()
        try:
            async with self._turn:
                if self.problem:
                    # A wrong password, tried for each sender, may lock the mailbox.
                    return Failed("mailbox", self.problem, wait, asked=False)
                new = await self._mailbox.letters(address, now, source.etag or "")
        except MailboxError as error:
            if error.reason == NO_ANSWER:
                # Perhaps only for a letter of this sender, which its own failures then say.
                return Failed("mailbox", str(error))
            # Before any other sender has its turn: nothing was awaited since this one's.
            self._failed(error)
            return Failed("mailbox", str(error), wait, asked=False)
        return await self._stories(address, new, now)

    async def _stories(
        self, address: str, new: NewLetters, now: datetime
    ) -> ReadDocument | NotModified:
        if new.too_large:
            self.left["too large"] += new.too_large
            log.info("left %d letters of %s, which are too large", new.too_large, address)
        found: dict[str, Entry] = {}
        refused: list[Refused] = []
        for letter in new.letters:
            try:
                read = await self._workers.run(
                    documents.read_letter,
                    letter,
                    address,
                    self._authserv,
                    timeout=LETTER_SECONDS,
                )
            except (UnreadableError, WorkerError) as error:
                reason = error.reason if isinstance(error, UnreadableError) else "unreadable"
                self.left[reason] += 1
                log.info("left a letter of %s: %s", address, error)
                continue
            sent = min(read.sent, now) if read.sent is not None else now
            slots = asyncio.Semaphore(AT_ONCE)
            for each in await asyncio.gather(
                *(self._followed(story, sent, slots) for story in read.stories)
            ):
                if isinstance(each, Refused):
                    refused.append(each)
                else:
                    found.setdefault(each.link, each)
        if not found:
            return NotModified(etag=new.place)
        return ReadDocument(tuple(found.values()), tuple(refused), etag=new.place)

    async def _followed(
        self, story: LinkedStory, sent: datetime, slots: asyncio.Semaphore
    ) -> Entry | Refused:
        """Return the article to which a story's link leads, under the letter's own headline."""
        async with slots:
            try:
                page = await self._pages.linked(story.link, story.title, _may_be_asked)
            except UnreadableError as error:
                return Refused(error.reason, story.title)
        if any(name in page.link.lower() for name in self._names):
            return Refused("names the mailbox", story.title)
        return page._replace(
            title=story.title,
            standfirst=story.standfirst or page.standfirst,
            body=None,
            body_kinds="",
            published=sent,
        )

    @property
    def _authserv(self) -> str:
        return self._mailbox.address.authserv if self._mailbox is not None else ""

    def _failed(self, error: MailboxError) -> None:
        self.problem = str(error)
        log.warning("the mailbox of MAIL_IN cannot be read: %s", error)


def _may_be_asked(link: str) -> bool:
    return not is_unwanted(link)


def _names_of(address: str) -> tuple[str, ...]:
    """Return the texts by which a link may name an address, in small letters."""
    raw = address.encode()
    hashes = (hashlib.new(each, raw, usedforsecurity=False) for each in ("md5", "sha1", "sha256"))
    return (
        address,
        quote(address, safe="").lower(),
        base64.b64encode(raw).decode().rstrip("=").lower(),
        base64.urlsafe_b64encode(raw).decode().rstrip("=").lower(),
        *(each.hexdigest() for each in hashes),
    )
