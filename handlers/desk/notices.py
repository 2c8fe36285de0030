"""Messages that nobody asked for: to editors about what waits, to readers about their tips."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, TelegramError

from digest.timing.quiet_hours import quiet_until
from handlers.buttons.keyboards import button
from handlers.taps.callback_data import OpenCard
from handlers.taps.desk_data import DeskPage, DraftAct, OnDraft, OpenDesk
from storage.desk.waiting import Notice
from storage.model import NIGHT, State

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from telegram import Bot

    from handlers.core.services.desk_services import DeskServices
    from handlers.taps.callback_codec import Tap
    from storage.articles.articles import Articles
    from storage.desk.waiting import Notices
    from storage.model import Subscriber
    from storage.model.desk_model import ArticleDraft, HeardComplaint, HeardTip
    from storage.readers.subscribers import Subscribers
    from templates import Renderer

BETWEEN = timedelta(hours=1)
"""Time between two notices of waiting articles to one editor."""
SHOWN = 5
"""Headlines in a notice at most."""
TIPS_AT_A_TIME = 100
"""Tips in one tick at most."""

log = logging.getLogger(__name__)


class DeskNotices:
    """Writes to editors and readers as the ticks find something to tell."""

    def __init__(  # noqa: PLR0917 - the composition root passes them by name
        self,
        bot: Bot,
        renderer: Renderer,
        subscribers: Subscribers,
        articles: Articles,
        desk: DeskServices,
        notices: Notices,
    ) -> None:
        self._bot = bot
        self._renderer = renderer
        self._subscribers = subscribers
        self._articles = articles
        self._desk = desk
        self._notices = notices

    async def of_waiting(self, now: datetime) -> None:
        """Finish and delete what is due; then tell each publisher of articles that began to wait.

        Once an hour, and not at night.
        """
        await self._desk.approval.look(now, self._desk.rights.may_publish)
        newest = await self._desk.waiting.newest()
        if not newest:
            return
        people = await self._desk.rights.publishers()
        last = await self._notices.all()
        if gone := last.keys() - people:
            await self._notices.drop(gone)
        for person_id in people:
            before = last.get(person_id)
            if before is None or (before.notified <= now - BETWEEN and before.newest < newest):
                after = 0 if before is None else before.newest
                if await self._told_of_waiting(person_id, after, now):
                    await self._notices.put(person_id, Notice(now, newest))

    async def _told_of_waiting(self, person_id: int, after: int, now: datetime) -> bool:
        editor = await self._subscribers.find(person_id)
        if editor is None or editor.state is State.GONE or _is_night(editor, now):
            return False
        waiting = self._desk.waiting
        count = await waiting.count(after=after)
        if not count:
            return False
        found = await waiting.listed(limit=SHOWN, after=after)
        opens = ("open_waiting", OpenDesk(DeskPage.WAITING))
        return await self._told(editor, "waiting_notice", opens, waiting=found, num=count)

    async def of_drafts(self, now: datetime) -> None:
        """Tell of the drafts that stay, as who wanted to publish them may not any more.

        Only then let them wait: after a crash they are told of twice, not never.
        """
        for draft in await self._desk.publisher.without_right():
            people = await self._desk.rights.publishers()
            reached = [await self._told_of_draft(person, draft) for person in people]
            if any(reached) or not reached:
                await self._desk.drafts.let_wait(draft, now)
                log.info("draft %d waits: who wanted to publish it may not any more", draft.id)

    async def _told_of_draft(self, person_id: int, draft: ArticleDraft) -> bool:
        editor = await self._subscribers.find(person_id)
        if editor is None or editor.state is State.GONE:
            return True
        opens = ("open", OnDraft(DraftAct.OPEN, draft.id, draft.version))
        return await self._told(editor, "draft_waits", opens, draft=draft)

    async def of_tips(self, now: datetime) -> None:
        """Tell readers that a story they suggested is in the archive, outside their quiet hours."""
        tips = self._desk.tips
        for tip in await tips.to_hear(TIPS_AT_A_TIME):
            heard, not_heard = partial(tips.heard, tip), partial(tips.not_heard, tip)
            await self._hears(tip, now, heard, not_heard, "tip_published")

    async def of_complaints(self, now: datetime) -> None:
        """Tell readers once what became of what they reported, outside their quiet hours."""
        complaints = self._desk.complaints
        for each in await complaints.to_hear(TIPS_AT_A_TIME):
            heard, not_heard = (
                partial(complaints.heard, each, now),
                partial(complaints.not_heard, each),
            )
            about = {"outcome": each.outcome.value}
            await self._hears(each, now, heard, not_heard, "complaint_heard", **about)

    async def _hears(
        self,
        what: HeardTip | HeardComplaint,
        now: datetime,
        heard: Callable[[], Awaitable[bool]],
        not_heard: Callable[[], Awaitable[None]],
        template: str,
        **values: object,
    ) -> None:
        reader = await self._subscribers.find(what.chat_id)
        article = await self._articles.get(what.article_id)
        if reader is None or article is None:
            return
        if quiet_until(now, reader.zone, reader.quiet_from, reader.quiet_to) is not None:
            return
        # Recorded first: after a crash it is better not said than said twice.
        if not await heard() or reader.state in {State.GONE, State.BARRED}:
            return
        opens = ("read_story", OpenCard(article.id))
        told = await self._told(reader, template, opens, is_editor=False, article=article, **values)
        if not told:
            await not_heard()

    async def _told(
        self,
        person: Subscriber,
        template: str,
        opens: tuple[str, Tap],
        *,
        is_editor: bool = True,
        **values: object,
    ) -> bool:
        """Write to a person, with a button; return False if that may go better at the next tick.

        The log names editors, so that operators know whom they miss, and no readers.
        """
        whom = f"the editor {person.chat_id}" if is_editor else "a reader"
        language = self._renderer.match(person.language, person.language)
        message = self._renderer.message(template, language, subscriber=person, **values)
        key, tap = opens
        keyboard = [[button(self._renderer.label(key, language), tap)]]
        try:
            await self._bot.send_message(
                person.chat_id,
                message.parts[0],
                parse_mode=ParseMode.HTML,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                reply_markup=InlineKeyboardMarkup(keyboard),
            )
        except (Forbidden, BadRequest) as error:
            level = logging.WARNING if is_editor else logging.INFO
            log.log(level, "%s cannot be told by %s: %s", whom, template, error)
        except TelegramError as error:
            log.warning("%s cannot be told by %s now: %s", whom, template, error)
            return False
        return True


def _is_night(editor: Subscriber, now: datetime) -> bool:
    own = editor.quiet_from is not None and editor.quiet_to is not None
    hours = (editor.quiet_from, editor.quiet_to) if own else NIGHT
    return quiet_until(now, editor.zone, *hours) is not None
