"""One forum topic per section: the bot creates the topics, and each becomes a subscriber."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram import ChatMemberAdministrator
from telegram.error import BadRequest, Forbidden

from handlers.core.conversation import on_tap
from handlers.core.managing import in_topic
from handlers.core.origin import ChatOrTopic
from handlers.settings.declared import inherited
from handlers.settings.settings import show_tapped
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import MakeTopics
from storage.model import ChatKind, Kind, Level

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context
    from storage.model import Subscriber

log = logging.getLogger(__name__)


async def make_topics(update: Update, context: Context, tap: MakeTopics) -> str | None:
    """Create a topic for each section that a forum's group follows, and move the section there.

    All else that the group follows stays with the group. Each section moves as soon as its topic
    exists, so that an interruption neither loses nor doubles any.
    """
    group = await context.subscriber(update)
    if group.kind is not ChatKind.GROUP or not context.forum:
        raise StaleTap(tap.pack())
    sections = {each.slug for each in context.services.taxonomy.by_kind(Kind.SECTION)}
    slugs = context.by_name(group.taste.follows & sections, group)
    if not slugs:
        return context.label("topics_need_sections", group)
    if not await _may_manage_topics(context, group.chat_id):
        return context.label("topics_need_rights", group)
    made = []
    for slug in slugs:
        try:
            topic = await context.bot.create_forum_topic(
                group.chat_id, context.category(slug, group)
            )
        except (BadRequest, Forbidden) as error:
            log.info("cannot create a topic in chat %d: %s", group.chat_id, error)
            break
        await _settle(context, group, slug, topic.message_thread_id, topic.name)
        group = await context.readers.follow(group, slug, on=False)
        made.append(slug)
    await show_tapped(update, context, group)
    message = context.render("topics_made", group, made=made, all=len(made) == len(slugs))
    await context.reply(update, message)
    return None


async def _may_manage_topics(context: Context, chat_id: int) -> bool:
    try:
        me = await context.bot.get_chat_member(chat_id, context.bot.id)
    except (BadRequest, Forbidden):
        return False
    return isinstance(me, ChatMemberAdministrator) and bool(me.can_manage_topics)


async def _settle(
    context: Context, group: Subscriber, slug: str, thread_id: int, name: str
) -> None:
    """Make a topic follow one section as its group did; what the group had is not sent again."""
    subscribers, taste = context.services.subscribers, group.taste
    alerts = slug in await subscribers.alerts(group.id)
    topic = await context.readers.add(
        ChatOrTopic(group.chat_id, thread_id, ChatKind.TOPIC), group.language
    )
    settings = inherited(group)
    settings["place"] = group.place
    topic = await context.readers.change(topic, **settings)
    for word in taste.muted_words:
        await subscribers.mute_word(topic.id, word)
    levels = {
        Level.OFF: taste.muted_categories | taste.muted_sources,
        Level.LESS: taste.less | taste.less_sources,
        Level.MORE: (taste.more & {slug}) | taste.more_sources,
    }
    for level, subjects in levels.items():
        for subject in subjects:
            await subscribers.set_level(topic.id, subject, level)
    topic = await subscribers.follow(topic.id, slug, alerts=alerts)
    await context.readers.scheduled(topic)
    for manager, title in await context.services.managers.of(group.id):
        await context.services.managers.add(
            topic.id, manager.id, in_topic(title, name), context.now
        )


TAPS = (on_tap(MakeTopics, make_topics),)
