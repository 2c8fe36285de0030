"""Messages to publishers about drafts that stay: who wanted to publish them may not any more."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, TelegramError

from handlers.buttons.keyboards import button
from handlers.taps.desk_data import DraftAct, OnDraft
from storage.model import State

if TYPE_CHECKING:
    from datetime import datetime

    from telegram import Bot

    from handlers.core.services.desk_services import EditingRights
    from news.publishing import Publisher
    from storage.desk.drafts import Drafts
    from storage.model.desk_model import ArticleDraft
    from storage.readers.subscribers import Subscribers
    from templates import Renderer

log = logging.getLogger(__name__)


class DraftNotices:
    """Lets drafts wait for somebody who may publish them, and tells everybody who may."""

    def __init__(  # noqa: PLR0917 - the composition root passes them by name
        self,
        bot: Bot,
        renderer: Renderer,
        subscribers: Subscribers,
        rights: EditingRights,
        publisher: Publisher,
        drafts: Drafts,
    ) -> None:
        self._bot = bot
        self._renderer = renderer
        self._subscribers = subscribers
        self._rights = rights
        self._publisher = publisher
        self._drafts = drafts

    async def look(self, now: datetime) -> None:
        """Tell of the drafts that stay, then let them wait: after a crash twice, not never."""
        for draft in await self._publisher.without_right():
            reached = [
                await self._tell(person, draft) for person in await self._rights.publishers()
            ]
            if any(reached) or not reached:
                await self._drafts.let_wait(draft, now)
                log.info("draft %d waits: who wanted to publish it may not any more", draft.id)

    async def _tell(self, person_id: int, draft: ArticleDraft) -> bool:
        """Write to a publisher; return False if that may go better at the next tick."""
        editor = await self._subscribers.find(person_id)
        if editor is None or editor.state is State.GONE:
            return True
        language = self._renderer.match(editor.language, editor.language)
        message = self._renderer.message("draft_waits", language, subscriber=editor, draft=draft)
        opens = OnDraft(DraftAct.OPEN, draft.id, draft.version)
        keyboard = [[button(self._renderer.label("open", language), opens)]]
        try:
            await self._bot.send_message(
                person_id,
                message.parts[0],
                parse_mode=ParseMode.HTML,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                reply_markup=InlineKeyboardMarkup(keyboard),
            )
        except (Forbidden, BadRequest) as error:
            log.warning("cannot write to the editor %d: %s", person_id, error)
        except TelegramError as error:
            log.warning("cannot reach the editor %d now: %s", person_id, error)
            return False
        return True
