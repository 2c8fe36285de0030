"""Messages to readers whose suggested story was published."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, TelegramError

from digest.timing.schedule import quiet_until
from handlers.buttons.keyboards import button
from handlers.taps.callback_data import OpenCard
from storage.model import State

if TYPE_CHECKING:
    from datetime import datetime

    from telegram import Bot

    from storage.articles.articles import Articles
    from storage.desk.tips import Tips
    from storage.model.desk_model import HeardTip
    from storage.readers.subscribers import Subscribers
    from templates import Renderer

AT_A_TIME = 100
"""Tips in one tick at most."""

log = logging.getLogger(__name__)


class TipNotices:
    """Tells readers that a story they suggested is in the archive, outside their quiet hours."""

    def __init__(
        self,
        bot: Bot,
        renderer: Renderer,
        subscribers: Subscribers,
        articles: Articles,
        tips: Tips,
    ) -> None:
        self._bot = bot
        self._renderer = renderer
        self._subscribers = subscribers
        self._articles = articles
        self._tips = tips

    async def look(self, now: datetime) -> None:
        """Write to the readers who were not told yet."""
        for tip in await self._tips.to_hear(AT_A_TIME):
            await self._tell(tip, now)

    async def _tell(self, tip: HeardTip, now: datetime) -> None:
        reader = await self._subscribers.find(tip.chat_id)
        article = await self._articles.get(tip.article_id)
        if reader is None or article is None:
            return
        if quiet_until(now, reader.zone, reader.quiet_from, reader.quiet_to) is not None:
            return
        # Recorded first: after a crash it is better not said than said twice.
        if not await self._tips.heard(tip) or reader.state in {State.GONE, State.BARRED}:
            return
        language = self._renderer.match(reader.language, reader.language)
        message = self._renderer.message(
            "tip_published", language, subscriber=reader, article=article
        )
        keyboard = [[button(self._renderer.label("read_story", language), OpenCard(article.id))]]
        try:
            await self._bot.send_message(
                tip.chat_id,
                message.parts[0],
                parse_mode=ParseMode.HTML,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                reply_markup=InlineKeyboardMarkup(keyboard),
            )
        except (Forbidden, BadRequest) as error:
            log.info("a reader cannot be told of a suggested story: %s", error)
        except TelegramError as error:
            log.warning("a reader cannot be told of a suggested story now: %s", error)
            await self._tips.not_heard(tip)
