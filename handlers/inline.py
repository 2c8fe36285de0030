"""Inline mode, in any chat: `@bot kering` lists articles, and a card goes to a friend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
)
from telegram.constants import ParseMode

from handlers.callback_codec import base36, from_base36
from handlers.context import preview_of
from handlers.search import LONGEST
from storage.model import State, Taste
from storage.searching import SearchResult
from templates.text import one_line, shorten, web_link

if TYPE_CHECKING:
    from telegram import Update

    from handlers.context import Context
    from storage.model import Article, Subscriber

PER_ANSWER = 20
"""Results in one answer; Telegram asks for more as the list is scrolled."""
KEPT = 10
"""Seconds for which Telegram may give the same answer to the same person."""
FURTHEST = 200


async def inline(update: Update, context: Context) -> None:
    """Answer with articles that match; `#id`, from a card's button, with exactly that one."""
    query = update.inline_query
    if query is None:
        raise ValueError("an inline query was expected")
    subscriber = await context.services.subscribers.find(query.from_user.id)
    language = subscriber.language if subscriber else context.language(update)
    text = one_line(query.query)
    exact = await named(context, text)
    if exact is not None:
        code = await share_code(context, subscriber, exact)
        results = [result(context, language, exact, code)]
        await query.answer(results, cache_time=0, is_personal=True, next_offset="")
        return
    offset = int(query.offset) if query.offset.isdecimal() and len(query.offset) < 5 else 0
    found: list[Article] = []
    if not text.startswith("#") and offset <= FURTHEST:
        found = await matching(context, subscriber, text, offset, query.from_user.id)
    await query.answer(
        [result(context, language, article, None) for article in found[:PER_ANSWER]],
        # What was cut short may be whole the next time.
        cache_time=0 if isinstance(found, SearchResult) and found.cut else KEPT,
        is_personal=True,
        next_offset=str(offset + PER_ANSWER) if len(found) > PER_ANSWER else "",
    )


async def named(context: Context, text: str) -> Article | None:
    """The article of a `#id` query; None for any other query."""
    if not text.startswith("#"):
        return None
    try:
        article_id = from_base36(text[1:])
    except ValueError:
        return None
    return await context.services.articles.get(article_id)


async def matching(
    context: Context, subscriber: Subscriber | None, text: str, offset: int, whose: int
) -> list[Article]:
    """The latest of everything, of the category that is named, or what a search finds."""
    languages = subscriber.taste.languages if subscriber else frozenset[str]()
    articles, limit = context.services.articles, PER_ANSWER + 1
    category = context.services.taxonomy.find(text) if text else None
    if not text or category is not None:
        follows = frozenset({category.slug}) if category else frozenset[str]()
        taste = Taste(follows=follows, languages=languages)
        return await articles.latest(taste, limit=limit, offset=offset)
    return await articles.search(
        text[:LONGEST], languages=languages, limit=limit, offset=offset, whose=whose
    )


async def share_code(
    context: Context, subscriber: Subscriber | None, article: Article
) -> str | None:
    """The code by which openings of this reader's link are counted; strangers have none."""
    if subscriber is None or subscriber.state is State.GONE:
        return None
    return (await context.services.shares.link(subscriber.id, article.id, context.now)).code


def result(
    context: Context, language: str, article: Article, code: str | None
) -> InlineQueryResultArticle:
    """One result: what the chooser shows, and the card that is sent when it is chosen."""
    renderer = context.services.renderer
    number = base36(article.id)
    link = context.link(f"a{number}-{code}" if code else f"a{number}")
    card = renderer.message(
        "shared_card", language, article=article, now=context.now, bot_link=link
    )
    source = web_link(article.link)
    buttons = [InlineKeyboardButton(renderer.label("open_in_bot", language), url=link)]
    if source:
        label = renderer.label("open_source", language)
        buttons.insert(0, InlineKeyboardButton(label, url=source))
    return InlineQueryResultArticle(
        id=number,
        title=shorten(one_line(article.title), 120) or article.source,
        description=described(context, language, article),
        thumbnail_url=web_link(article.image),
        input_message_content=InputTextMessageContent(
            card.parts[0],
            parse_mode=ParseMode.HTML,
            link_preview_options=preview_of(card, first=True),
        ),
        reply_markup=InlineKeyboardMarkup([buttons]),
    )


def described(context: Context, language: str, article: Article) -> str:
    """The second line of a result: category, source, and the beginning of the standfirst."""
    names = context.services.renderer.filed(article, language)[:1]
    first = " · ".join([*names, one_line(article.source)])
    return shorten(f"{first}\n{one_line(article.standfirst)}".strip(), 200)
