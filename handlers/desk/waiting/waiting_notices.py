"""Notices to editors that articles wait for approval: once an hour, and not at night."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, TelegramError

from digest.timing.schedule import quiet_until
from handlers.buttons.keyboards import button
from handlers.taps.desk_data import DeskPage, OpenDesk
from storage.desk.notices import Notice
from storage.model import State

if TYPE_CHECKING:
    from datetime import datetime

    from telegram import Bot

    from handlers.core.services.desk_services import EditingRights
    from news.approval import Approval
    from storage.desk.notices import Notices
    from storage.desk.waiting import WaitingArticles
    from storage.model import Subscriber
    from storage.readers.subscribers import Subscribers
    from templates import Renderer

BETWEEN = timedelta(hours=1)
"""Time between two notices to one editor."""
NIGHT = (22 * 60, 7 * 60)
"""The quiet hours of an editor who has set none, in minutes after local midnight."""
SHOWN = 5
"""Headlines in a notice at most."""

log = logging.getLogger(__name__)


class WaitingNotices:
    """Notifies everybody who may publish of articles that began to wait."""

    def __init__(  # noqa: PLR0917 - the composition root passes them by name
        self,
        bot: Bot,
        renderer: Renderer,
        subscribers: Subscribers,
        rights: EditingRights,
        waiting: WaitingArticles,
        notices: Notices,
        approval: Approval,
    ) -> None:
        self._bot = bot
        self._renderer = renderer
        self._subscribers = subscribers
        self._rights = rights
        self._waiting = waiting
        self._notices = notices
        self._approval = approval

    async def look(self, now: datetime) -> None:
        """Finish and delete what is due, then notify the editors whose hour has come."""
        await self._approval.look(now, self._rights.may_publish)
        newest = await self._waiting.newest()
        if not newest:
            return
        people = await self._rights.publishers()
        last = await self._notices.all()
        if gone := last.keys() - people:
            await self._notices.drop(gone)
        for person_id in people:
            before = last.get(person_id)
            if before is None or (before.notified <= now - BETWEEN and before.newest < newest):
                await self._notify(person_id, 0 if before is None else before.newest, newest, now)

    async def _notify(self, person_id: int, after: int, newest: int, now: datetime) -> None:
        editor = await self._subscribers.find(person_id)
        if editor is None or editor.state is State.GONE or _is_night(editor, now):
            return
        count = await self._waiting.count(after=after)
        if not count:
            return
        found = await self._waiting.listed(limit=SHOWN, after=after)
        language = self._renderer.match(editor.language, editor.language)
        message = self._renderer.message(
            "waiting_notice", language, subscriber=editor, waiting=found, num=count
        )
        label = self._renderer.label("open_waiting", language)
        try:
            await self._bot.send_message(
                person_id,
                message.parts[0],
                parse_mode=ParseMode.HTML,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                reply_markup=InlineKeyboardMarkup([[button(label, OpenDesk(DeskPage.WAITING))]]),
            )
        except (Forbidden, BadRequest) as error:
            log.warning("cannot write to the editor %d: %s", person_id, error)
        except TelegramError as error:
            # The next tick tries again.
            log.warning("cannot reach the editor %d now: %s", person_id, error)
            return
        await self._notices.put(person_id, Notice(now, newest))


def _is_night(editor: Subscriber, now: datetime) -> bool:
    own = editor.quiet_from is not None and editor.quiet_to is not None
    hours = (editor.quiet_from, editor.quiet_to) if own else NIGHT
    return quiet_until(now, editor.zone, *hours) is not None
