"""The pictures of stories: fetched, checked, and kept at Telegram before anybody wants them."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.telegram.picture_chat import NotUploadedError
from news import image
from news.fetch.fetcher import Fetched
from storage.articles.pictures import Picture
from storage.db.outage import outage_among
from templates.edition.lru_cache import LruCache
from workers.pool import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from bot.telegram.picture_chat import PictureChat
    from news.fetch.fetcher import Fetcher
    from news.image import Photo
    from storage.articles.pictures import Pictures
    from workers.pool import Workers

AN_HOUR = 120
"""Pictures that are asked for within an hour."""
AT_ONCE = 4
"""Pictures under way: a site that hangs holds up its own only."""
FETCH_SECONDS = 20.0
"""From the first word to its site until all of a picture is there."""
CHECK_SECONDS = 20.0
"""In a worker."""
PROCESSOR_SECONDS = 10
KNOWN = 8_192
"""Addresses of which is remembered whether there is a picture."""
PAUSES = (timedelta(minutes=20), timedelta(hours=2), timedelta(hours=12), timedelta(days=1))
"""Until a picture is asked for again that could not be had."""
NEVER = timedelta(days=3650)
"""The same for one that is none."""

log = logging.getLogger(__name__)


class ReadyPictures:
    """Pictures by the address that an article names; only one process serves, and so only it asks.

    Args:
        stored: What is known of pictures.
        fetcher: Talks to the sites that have them.
        workers: Look at what they send.
        chat: Where pictures are uploaded; None for nowhere: then none are made.
        bot_id: Whose files they are.
        clock: This moment.
    """

    def __init__(
        self,
        stored: Pictures,
        fetcher: Fetcher,
        workers: Workers,
        chat: PictureChat | None,
        *,
        bot_id: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._stored = stored
        self._fetcher = fetcher
        self._workers = workers
        self._chat = chat
        self._bot_id = bot_id
        self._clock = clock
        self._known: LruCache[str, str] = LruCache(KNOWN)  # empty for a picture that is not there
        self._asked: deque[datetime] = deque()

    async def ready(self, addresses: Iterable[str]) -> Mapping[str, str]:
        """The pictures that are there: address → the file's id, by which this bot sends it.

        Raises:
            DatabaseUnavailableError: The database cannot be read just now.
        """
        wanted = dict.fromkeys(addresses)
        unknown = [address for address in wanted if self._known.get(address) is None]
        if unknown:
            found = await self._stored.look(self._bot_id, unknown)
            for address in unknown:
                # Unless it was made meanwhile.
                if self._known.get(address) is None:
                    picture = found.get(address)
                    self._remember(address, None if picture is None else picture.file_id)
        return {address: file_id for address in wanted if (file_id := self._known.get(address))}

    async def forget(self, addresses: Iterable[str]) -> None:
        """Let go of pictures whose files Telegram no longer takes: they are made anew.

        Raises:
            DatabaseUnavailableError: The database cannot be written just now.
        """
        gone = list(addresses)
        await self._stored.forget(gone)
        for address in gone:
            self._remember(address, None)

    async def prepare(self, addresses: Sequence[str]) -> int:
        """Make those pictures that are not there yet, the first first, within what an hour allows.

        Returns:
            How many were made.

        Raises:
            DatabaseUnavailableError: The database cannot be used just now.
        """
        chat = self._chat
        if chat is None:
            return 0
        known = await self._stored.look(self._bot_id, addresses)
        now = self._clock()
        waiting = deque(
            address
            for address in dict.fromkeys(addresses)
            if (one := known.get(address)) is None or (one.try_at is not None and one.try_at <= now)
        )
        made = 0

        async def work() -> None:
            nonlocal made
            while waiting and not chat.is_closed(self._clock()) and self._may_ask():
                address = waiting.popleft()
                is_there = await self._make(address, known.get(address), chat)
                made += is_there

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(AT_ONCE, len(waiting))):
                    group.create_task(work())
        except ExceptionGroup as errors:
            # All of them meet the same outage.
            outage = outage_among(errors)
            if outage is None:
                raise
            raise outage from None
        if made:
            log.info("%d pictures for the next editions are ready", made)
        return made

    def _may_ask(self) -> bool:
        """Whether the hour has room for another picture, which is counted then."""
        now = self._clock()
        while self._asked and now - self._asked[0] >= timedelta(hours=1):
            self._asked.popleft()
        if len(self._asked) >= AN_HOUR:
            return False
        self._asked.append(now)
        return True

    async def _make(self, address: str, was: Picture | None, chat: PictureChat) -> bool:
        """Make one picture, and note what came of it; whether it is there."""
        now = self._clock()
        failures = 0 if was is None else was.failures
        try:
            photo = await self._photo(address, now)
            file_id = await chat.upload(photo, now)
        except image.UnfitError as error:
            picture = _none(error.reason, failures, now + NEVER)
        except (_UnreachedError, WorkerError) as error:
            pause = PAUSES[min(failures, len(PAUSES) - 1)]
            picture = _none(str(error), failures, now + pause)
        except NotUploadedError as error:
            if chat.is_closed(now):
                # The picture is not to blame: it is asked for again as soon as the chat is open.
                return False
            pause = NEVER if error.refused else PAUSES[0]
            picture = _none(error.reason, failures, now + pause)
        else:
            picture = Picture(file_id, photo.width, photo.height)
        if picture.file_id is None:
            log.debug("no picture from %s: %s", address, picture.reason)
        await self._stored.keep(self._bot_id, address, picture, now)
        self._remember(address, picture.file_id)
        return picture.file_id is not None

    async def _photo(self, address: str, now: datetime) -> Photo:
        """The picture as it is sent.

        Raises:
            UnfitError: It is none that readers should see.
            _UnreachedError: It could not be fetched.
            WorkerError: It could not be looked at.
        """
        if image.names_no_photo(address):
            raise image.UnfitError("a logo by its name")
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                answer = await self._fetcher.get(address, now)
        except TimeoutError:
            raise _UnreachedError("timeout") from None
        if not isinstance(answer, Fetched):
            raise _UnreachedError(getattr(answer, "reason", "not modified"))
        return await self._workers.run(
            image.fit, answer.body, timeout=CHECK_SECONDS, processor=PROCESSOR_SECONDS
        )

    def _remember(self, address: str, file_id: str | None) -> None:
        self._known.put(address, file_id or "")


class _UnreachedError(Exception):
    """A picture could not be fetched; the text says why."""


def _none(reason: str, failures: int, try_at: datetime) -> Picture:
    return Picture(None, failures=failures + 1, reason=reason, try_at=try_at)
