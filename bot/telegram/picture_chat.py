"""The chat to which pictures are uploaded, to get file ids that Telegram keeps."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from telegram.error import TelegramError

from digest.pacing.priorities import Priority
from digest.pacing.telegram_errors import Action, judge

if TYPE_CHECKING:
    from datetime import datetime

    from telegram import Message
    from telegram.ext import ExtBot

    from bot.configuration.settings import Settings
    from news.image import Photo

REST = timedelta(hours=1)
"""How long no picture is sent to a chat after Telegram forbids writing to it."""
UPLOAD_SECONDS = 60.0
"""Seconds that Telegram may take to answer an upload."""

log = logging.getLogger(__name__)


class NotUploadedError(Exception):
    """A picture could not be uploaded to Telegram.

    `refused` says that Telegram refuses the picture itself, so that another try would fail too.
    """

    def __init__(self, reason: str, *, refused: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.refused = refused


class PictureChat:
    """A chat to which pictures are sent silently.

    With `delete` each picture is deleted from the chat at once. `setting` names the chat in logs.
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
        """Return and log the chat that the settings name; None if they name none."""
        if settings.pictures_chat is not None:
            log.info("pictures of stories are uploaded to the chat %d", settings.pictures_chat)
            return cls(bot, settings.pictures_chat, delete=False, setting="PICTURES_CHAT")
        if settings.admin_ids:
            log.info(
                "pictures of stories are uploaded to the chat of the operator %d, where each is "
                "deleted at once; PICTURES_CHAT may name another chat",
                settings.admin_ids[0],
            )
            return cls(bot, settings.admin_ids[0], delete=True, setting="ADMIN_IDS")
        log.info(
            "editions have no pictures: set PICTURES_CHAT to a channel of yours, "
            "to which the bot may post"
        )
        return None

    def is_closed(self, now: datetime) -> bool:
        """Return whether the chat refused a picture less than an hour ago."""
        return self._closed_until is not None and now < self._closed_until

    async def upload(self, photo: Photo, now: datetime) -> str:
        """Send a picture to the chat, and delete the message if that is set.

        Return the file id, with which this bot can send the picture to any chat, or raise
        NotUploadedError.
        """
        try:
            message = await self._send(photo)
        except TelegramError as error:
            verdict = judge(error, attempts=0, now=now)
            if verdict.action is Action.MOVE and verdict.chat_id is not None:
                log.warning(
                    "the chat %d of %s is now %d: change it in .env",
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
        """Send no pictures for an hour, and log a new reason."""
        self._closed_until = now + REST
        if self._last_line != why:
            self._last_line = why
            log.warning(
                "%s: no pictures can be sent to the chat %d (%s), so editions have none; %s",
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
