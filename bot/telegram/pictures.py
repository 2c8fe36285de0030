"""Story pictures that are fetched, checked and uploaded to Telegram before editions need them."""

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
from storage.model import SENT_PICTURE
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
"""Pictures fetched in an hour at most."""
AT_ONCE = 4
"""Pictures made at the same time; a site that hangs delays only its own picture."""
FETCH_SECONDS = 20.0
"""Seconds from connecting to a site until its picture is received."""
CHECK_SECONDS = 20.0
"""Seconds of wall time for checking a picture in a worker."""
PROCESSOR_SECONDS = 10
KNOWN = 8_192
"""Picture URLs remembered in memory, with or without a file id."""
PAUSES = (timedelta(minutes=20), timedelta(hours=2), timedelta(hours=12), timedelta(days=1))
"""Waits after the first, second and third failure to get a picture; the last one repeats."""
NEVER = timedelta(days=3650)
"""How long to wait before a URL is tried again that is not a usable picture."""

log = logging.getLogger(__name__)


class ReadyPictures:
    """Story pictures by the URL in the article. Used only by the process that serves.

    `chat` is None if pictures are off. The uploaded files belong to the bot with `bot_id`.
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
        self._known: LruCache[str, str] = LruCache(KNOWN)  # empty if there is no picture
        self._asked: deque[datetime] = deque()

    async def ready(self, addresses: Iterable[str]) -> Mapping[str, str]:
        """Return the pictures that are ready: URL → file id for this bot.

        A picture that an editor sent is always ready: its address names its file id.
        """
        wanted = dict.fromkeys(addresses)
        sent = {
            address: address.removeprefix(SENT_PICTURE)
            for address in wanted
            if address.startswith(SENT_PICTURE)
        }
        unknown = [
            address
            for address in wanted
            if address not in sent and self._known.get(address) is None
        ]
        if unknown:
            found = await self._stored.look(self._bot_id, unknown)
            for address in unknown:
                # It may have been made during the query.
                if self._known.get(address) is None:
                    picture = found.get(address)
                    self._remember(address, None if picture is None else picture.file_id)
        return {
            address: file_id
            for address in wanted
            if (file_id := sent.get(address) or self._known.get(address))
        }

    async def forget(self, addresses: Iterable[str]) -> None:
        """Forget pictures with file ids that Telegram no longer accepts; they are made again."""
        gone = list(addresses)
        await self._stored.forget(gone)
        for address in gone:
            self._remember(address, None)

    async def prepare(self, addresses: Sequence[str]) -> int:
        """Make missing pictures in the given order, up to the hourly limit; return how many."""
        chat = self._chat
        if chat is None:
            return 0
        known = await self._stored.look(self._bot_id, addresses)
        now = self._clock()
        waiting = deque(
            address
            for address in dict.fromkeys(addresses)
            if not address.startswith(SENT_PICTURE)
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
            # All tasks meet the same outage.
            outage = outage_among(errors)
            if outage is None:
                raise
            raise outage from None
        if made:
            log.info("%d pictures for the next editions are ready", made)
        return made

    def _may_ask(self) -> bool:
        """Return whether the hourly limit allows another picture; if so, count it."""
        now = self._clock()
        while self._asked and now - self._asked[0] >= timedelta(hours=1):
            self._asked.popleft()
        if len(self._asked) >= AN_HOUR:
            return False
        self._asked.append(now)
        return True

    async def _make(self, address: str, was: Picture | None, chat: PictureChat) -> bool:
        """Make a picture and store the result; return whether it is ready."""
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
                # The chat failed, not the picture: it is tried again as soon as the chat works.
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
        """Download a picture and convert it for Telegram.

        It raises UnfitError for what readers should not see, _UnreachedError, or WorkerError.
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
    """A picture could not be downloaded; the text says why."""


def _none(reason: str, failures: int, try_at: datetime) -> Picture:
    return Picture(None, failures=failures + 1, reason=reason, try_at=try_at)
