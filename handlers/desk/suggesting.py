"""Links that readers suggest to the editors, under the answer to a link that is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup, Message

from handlers.buttons.keyboards import button
from handlers.core.conversation import on_tap
from handlers.core.origin import in_private
from handlers.stories.sharing.known_links import known_story, links_in
from handlers.taps.callback_codec import StaleTap
from handlers.taps.desk_data import SuggestLink
from news.text.links import canonical_link, signs_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import Update

    from handlers.core.context import Context
    from storage.model import Subscriber
    from templates import RenderedMessage

LONGEST_LINK = 1_000
"""Characters of a link that can be suggested at most."""


async def not_known(
    update: Update, context: Context, subscriber: Subscriber, links: Sequence[str]
) -> tuple[RenderedMessage, InlineKeyboardMarkup | None]:
    """Return the answer to links of which the archive has none, with a button to suggest one."""
    link = ""
    if in_private(update) and await context.services.desk.takes_tips():
        link = next(filter(None, map(suggested, links)), "")
    message = context.render("unknown_link", subscriber, link=link)
    if not link:
        return message, None
    suggest = button(context.label("suggest", subscriber), SuggestLink())
    return message, InlineKeyboardMarkup([[suggest]])


def suggested(link: str) -> str:
    """Return a link as it would be stored; empty if it cannot be suggested."""
    address = link if "://" in link else f"https://{link}"
    found = None if signs_in(address) else canonical_link(address)
    return found if found is not None and len(found) <= LONGEST_LINK else ""


async def suggest(update: Update, context: Context, tap: SuggestLink) -> None:
    """Store the tapped message's link as a tip, without fetching it, and say what happens next."""
    query, desk = update.callback_query, context.services.desk
    tapped = query.message if query is not None else None
    links = links_in(tapped) if isinstance(tapped, Message) else []
    link = next(filter(None, map(suggested, links)), "")
    if not link or not in_private(update) or not await desk.takes_tips():
        raise StaleTap(tap.pack())
    if await known_story(context, [link]) is not None:
        raise StaleTap(tap.pack())
    subscriber = await context.subscriber(update)
    before = context.services.memory.sent_before("tips", subscriber.chat_id, context.now)
    outcome = await desk.tips.add(subscriber.id, link, context.now, before=before)
    message = context.render("tip_taken", subscriber, link=link, outcome=outcome.value)
    await context.edit(update, message)


TAPS = (on_tap(SuggestLink, suggest),)
