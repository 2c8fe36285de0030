"""Where pictures are uploaded: what was sent once, Telegram keeps for all who get it next."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from telegram.error import TelegramError

from digest.pacing.rate_limiter import Priority
from digest.pacing.telegram_errors import Action, judge

if TYPE_CHECKING:
    from datetime import datetime

    from telegram import Message
    from telegram.ext import ExtBot

    from bot.configuration.settings import Settings
    from news.image import Photo

REST = timedelta(hours=1)
"""How long a chat is left alone that the bot may not write to."""
UPLOAD_SECONDS = 60.0
"""That Telegram may take to answer an upload."""

log = logging.getLogger(__name__)


class NotUploadedError(Exception):
    """A picture did not get to Telegram.

    Attributes:
        reason: In a few words.
        refused: Whether the picture itself is why: another try would fare no better.
    """

    def __init__(self, reason: str, *, refused: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.refused = refused


class PictureChat:
    """A chat to which pictures are sent without a sound.

    Args:
        bot: Sends, at Telegram's pace.
        chat_id: The chat.
        delete: Whether each picture is deleted there at once.
        setting: What named the chat, for whoever has to change it.
    """

    def __init__(self, bot: ExtBot[Any], chat_id: int, *, delete: bool, setting: str) -> None:
        self._bot = bot
        self._chat_id = chat_id
        self._delete = delete
        self._setting = setting
        self._closed_until: datetime | None = None
        self._last_line = ""

    @classmethod
    def named(cls, bot: ExtBot[Any], settings: Settings) -> PictureChat | None:
        """The chat that the settings name, which is said in a line; None where they name none."""
        if settings.pictures_chat is not None:
            log.info("pictures of stories go through the chat %d", settings.pictures_chat)
            return cls(bot, settings.pictures_chat, delete=False, setting="PICTURES_CHAT")
        if settings.admin_ids:
            log.info(
                "pictures of stories go through the chat of the operator %d, where each is deleted "
                "at once; PICTURES_CHAT may name another chat",
                settings.admin_ids[0],
            )
            return cls(bot, settings.admin_ids[0], delete=True, setting="ADMIN_IDS")
        log.info(
            "editions come without pictures: name a channel of your own in PICTURES_CHAT, "
            "to which the bot may post"
        )
        return None

    def is_closed(self, now: datetime) -> bool:
        """Whether the bot could not write there a short while ago."""
        return self._closed_until is not None and now < self._closed_until

    async def upload(self, photo: Photo, now: datetime) -> str:
        """Send a picture there, and delete it again where that is wanted.

        Returns:
            The file's id, by which this bot may send it to anybody.

        Raises:
            NotUploadedError: Telegram refuses it, or cannot be reached.
        """
        try:
            message = await self._send(photo)
        except TelegramError as error:
            verdict = judge(error, attempts=0, now=now)
            if verdict.action is Action.MOVE and verdict.chat_id is not None:
                log.warning(
                    "the chat %d of %s is %d by now: write that into .env",
                    self._chat_id,
                    self._setting,
                    verdict.chat_id,
                )
                self._chat_id = verdict.chat_id
            if verdict.action is Action.GONE:
                self._close(str(error), now)
            refused = verdict.action is Action.PLAIN
            raise NotUploadedError(str(error) if refused else verdict.error, refused=refused) from (
                error
            )
        self._open()
        if self._delete:
            await self._take_back(message)
        return max(message.photo, key=lambda size: size.width).file_id

    async def _send(self, photo: Photo) -> Message:
        return await self._bot.send_photo(
            self._chat_id,
            photo.jpeg,
            filename="picture.jpg",
            disable_notification=True,
            read_timeout=UPLOAD_SECONDS,
            rate_limit_args=Priority.EDITION,
        )

    async def _take_back(self, message: Message) -> None:
        try:
            await self._bot.delete_message(self._chat_id, message.message_id)
        except TelegramError as error:
            log.warning(
                "the picture %d stays in the chat %d: %s", message.message_id, self._chat_id, error
            )

    def _close(self, why: str, now: datetime) -> None:
        """Leave the chat alone for a while; why is said once."""
        self._closed_until = now + REST
        if self._last_line != why:
            self._last_line = why
            log.warning(
                "%s: no pictures can be sent to the chat %d (%s), so editions go without; %s",
                self._setting,
                self._chat_id,
                why,
                "press Start in a chat with the bot, or set PICTURES_CHAT"
                if self._delete
                else "let the bot post there, or name another chat",
            )

    def _open(self) -> None:
        self._closed_until = None
        if self._last_line:
            self._last_line = ""
            log.info("pictures can be sent to the chat %d again", self._chat_id)
