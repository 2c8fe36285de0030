"""One forum topic per section: the bot creates the topics, and each becomes a subscriber."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram import ChatMemberAdministrator
from telegram.constants import ChatAction
from telegram.error import BadRequest, Forbidden
from telegram.ext import MessageHandler
from telegram.ext.filters import IS_TOPIC_MESSAGE, UpdateType

from handlers.core.conversation import on_tap
from handlers.core.managing import in_topic
from handlers.core.origin import ChatOrTopic, chat_of, in_private
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
        name = context.category(slug, group)
        try:
            thread_id = await _topic_of(context, group, slug)
            if not thread_id:
                topic = await context.bot.create_forum_topic(group.chat_id, name)
                thread_id = topic.message_thread_id
                await context.services.subscribers.note_topic(group.chat_id, thread_id, slug)
        except (BadRequest, Forbidden) as error:
            log.info("cannot create a topic in chat %d: %s", group.chat_id, error)
            break
        await _settle(context, group, slug, thread_id, name)
        group = await context.readers.follow(group, slug, on=False)
        made.append(slug)
    await show_tapped(update, context, group)
    message = context.render("topics_made", group, made=made, all=len(made) == len(slugs))
    await context.reply(update, message)
    return None


async def note_topic(update: Update, context: Context) -> None:
    """Remember which section's name a topic has, when it is made, renamed, or written in."""
    message, chat = update.message, chat_of(update)
    if message is None or chat.kind is not ChatKind.TOPIC or in_private(update):
        return
    first, subscribers = message.reply_to_message, context.services.subscribers
    edited = message.forum_topic_edited
    named = edited or message.forum_topic_created or (first and first.forum_topic_created)
    category = context.services.taxonomy.find(named.name) if named and named.name else None
    section = category.slug if category is not None and category.kind is Kind.SECTION else ""
    renamed = edited is not None and bool(edited.name)
    if not (section or renamed) or not context.lets_in(chat.id):
        return
    # Every message replies to the first one, which has the name of before.
    if renamed or chat.thread_id not in await subscribers.topics(chat.id):
        await subscribers.note_topic(chat.id, chat.thread_id, section)


async def _topic_of(context: Context, group: Subscriber, slug: str) -> int:
    """Return the thread id of a topic with a section's name that is still there, or 0."""
    told = await context.services.subscribers.topics(group.chat_id)
    for thread_id in sorted(thread_id for thread_id, section in told.items() if section == slug):
        try:
            await context.bot.send_chat_action(
                group.chat_id, ChatAction.TYPING, message_thread_id=thread_id
            )
        except BadRequest as error:
            log.info("topic %d of chat %d is gone: %s", thread_id, group.chat_id, error)
        else:
            return thread_id
    return 0


async def _may_manage_topics(context: Context, chat_id: int) -> bool:
    try:
        me = await context.bot.get_chat_member(chat_id, context.bot.id)
    except (BadRequest, Forbidden):
        return False
    return isinstance(me, ChatMemberAdministrator) and bool(me.can_manage_topics)


async def _settle(
    context: Context, group: Subscriber, slug: str, thread_id: int, name: str
) -> None:
    """Make a topic follow one section as its group did; what the group had is not sent again.

    A topic that follows something already keeps its settings.
    """
    subscribers = context.services.subscribers
    alerts = slug in await subscribers.alerts(group.id)
    topic = await context.readers.add(
        ChatOrTopic(group.chat_id, thread_id, ChatKind.TOPIC), group.language
    )
    if not topic.taste.follows_anything:
        await _inherit(context, topic, group, slug)
    topic = await subscribers.follow(topic.id, slug, alerts=alerts)
    await context.readers.scheduled(topic)
    for manager, title in await context.services.managers.of(group.id):
        await context.services.managers.add(
            topic.id, manager.id, in_topic(title, name), context.now
        )


async def _inherit(context: Context, topic: Subscriber, group: Subscriber, slug: str) -> None:
    """Give a topic the settings of its group, and of its taste what is not followed."""
    subscribers, taste = context.services.subscribers, group.taste
    settings = inherited(group)
    settings["place"] = group.place
    await context.readers.change(topic, **settings)
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


NOTES = MessageHandler(UpdateType.MESSAGE & IS_TOPIC_MESSAGE, note_topic)
TAPS = (on_tap(MakeTopics, make_topics),)
