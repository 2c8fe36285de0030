"""Reading a story in the chat, and what comes at its end: save, send, the next story."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup

from handlers.buttons.keyboards import button, send_to_friend, side_by_side, source_button
from handlers.buttons.pages import Pages
from handlers.core.conversation import known_article, on_tap
from handlers.core.origin import chat_of
from handlers.core.rich_methods import send_rich
from handlers.stories.article import may_read, show_card
from handlers.stories.listing import of_everything
from handlers.stories.reports import as_listed, suits
from handlers.stories.saved import save_button
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import NextStory, Read
from storage.model import Layout
from templates.markup.fit import paginate
from templates.rich.article_page import article_page

if TYPE_CHECKING:
    from telegram import InlineKeyboardButton, Update

    from handlers.core.context import Context
    from storage.model import Article, Subscriber
    from storage.model.body_model import Body

PAGE = 3000
"""UTF-16 units of body text on one page; the headline and the foot need the rest."""
FURTHEST = 100
"""The most stories of the latest news among which the next one is looked for."""


async def read_here(update: Update, context: Context, tap: Read) -> str | None:
    """Show the stored body: as one rich message for readers of front pages, or page by page."""
    article = await known_article(context, tap)
    subscriber = await context.subscriber(update)
    if article.is_withdrawn:
        return context.label("story_withdrawn", subscriber)
    if not may_read(subscriber, article):
        raise StaleTap(tap.pack())
    body = await context.services.articles.body(article.id)
    if (
        body is not None
        and not tap.turn
        and subscriber.layout is Layout.FRONT_PAGE
        and await _shown_in_blocks(update, context, subscriber, article, body)
    ):
        return None
    pages = paginate(body.text.split("\n\n") if body else [], PAGE)
    if tap.page >= len(pages):
        raise StaleTap(tap.pack())
    message = context.render(
        "read",
        subscriber,
        article=article,
        text=pages[tap.page],
        page=tap.page + 1,
        pages=len(pages),
    )
    turns = Pages(tap.page, len(pages), 1).turning(
        context, subscriber, lambda to: Read(article.id, to, turn=True)
    )
    lines = [turns]
    if tap.page + 1 == len(pages):
        lines += await end_rows(context, subscriber, article)
    lines.append(source_button(context.label("open_source", subscriber), article))
    show = context.edit if tap.turn else context.reply
    await show(update, message, lines)
    return None


async def _shown_in_blocks(
    update: Update, context: Context, subscriber: Subscriber, article: Article, body: Body
) -> bool:
    """Send the body as one rich message; return False if it has to be sent in plain pages."""
    services, chat = context.services, chat_of(update)
    address = article.picture_in(private=subscriber.private)
    ready = await services.rich.pictures([address]) if address else {}
    page = article_page(
        article,
        body,
        services.renderer,
        language=subscriber.language,
        zone=subscriber.zone,
        now=context.now,
        picture=ready.get(address) if address else None,
    )
    lines = [
        *await end_rows(context, subscriber, article),
        source_button(context.label("open_source", subscriber), article),
    ]
    sent = await send_rich(
        context.bot,
        services.rich,
        page,
        chat_id=chat.id,
        thread_id=chat.thread_id,
        keyboard=InlineKeyboardMarkup([line for line in lines if line]),
        now=context.now,
    )
    return sent is not None


async def end_rows(
    context: Context, subscriber: Subscriber, article: Article
) -> list[list[InlineKeyboardButton]]:
    """Return the buttons at the end of a story that was read in the chat."""
    saved = bool(await context.services.saved.has(subscriber.id, [article.id]))
    return side_by_side(
        [
            save_button(context, subscriber, article.id, saved=saved),
            send_to_friend(context.label("send", subscriber), article.id),
            button(context.label("next_story", subscriber), NextStory(article.id)),
        ]
    )


async def next_story(update: Update, context: Context, tap: NextStory) -> str | None:
    """Open the card of the story after the one that was read, or say that it was the last."""
    article = await known_article(context, tap)
    subscriber = await context.subscriber(update)
    after = await story_after(context, subscriber, article)
    if after is None:
        return context.label("last_story", subscriber)
    await show_card(update, context, subscriber, after)
    return None


async def story_after(context: Context, subscriber: Subscriber, article: Article) -> Article | None:
    """Return the story after an article in the last edition, or else in the latest news.

    The latest news is what the subscriber follows, or everything if that is nothing. A story that
    is in neither is followed by the newest. None after the last story.
    """
    services, taste = context.services, subscriber.taste
    for delivery, _ in await services.past_editions.latest(subscriber.id, 1):
        shown = await services.past_editions.shown(delivery)
        events = [each.event for each in shown]
        if article.event in events:
            return next(iter(shown[events.index(article.event) + 1 :]), None)
    among = taste if taste.follows_anything else of_everything(taste)
    found, reports = await services.articles.latest_with_reports(among, limit=FURTHEST, offset=0)
    stories = as_listed(
        found, reports, taste, suits(among), subscriber.language, private=subscriber.private
    )
    latest = [story.article for story in stories]
    events = [each.event for each in latest]
    start = events.index(article.event) + 1 if article.event in events else 0
    return next(iter(latest[start:]), None)


TAPS = (
    on_tap(Read, read_here),
    on_tap(NextStory, next_story),
)
