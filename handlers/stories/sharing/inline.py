"""Inline mode in any chat: `@bot kering` lists articles to send to a friend."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultCachedPhoto,
    InlineQueryResultsButton,
    InputTextMessageContent,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest
from telegram.ext import ChosenInlineResultHandler, InlineQueryHandler

from digest.making.request_body import LONGEST_CAPTION, prepare
from handlers.buttons.keyboards import HOME_PAYLOAD, source_button
from handlers.core.context import link_preview
from handlers.core.services.readers import languages_of
from handlers.stories.listing import of_everything, only_of
from handlers.stories.reports import answers, as_listed, suits
from handlers.stories.search import LONGEST
from handlers.stories.sharing.share_links import UNCOUNTED, code_for
from handlers.taps.callback_codec import base36, from_base36
from storage.articles.article_filters import EVERYTHING
from storage.articles.searching import SearchResult
from storage.model import SENT_PICTURE, State, Taste
from storage.readers.share_messages import SharedMessage
from templates.markup.telegram_html import parse
from templates.markup.text import one_line, shorten, units, web_link

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from telegram import InlineQuery, InlineQueryResult, Update

    from digest.making.request_body import RequestBody
    from handlers.core.context import Context
    from storage.model import Article, Category, Subscriber
    from templates import RenderedMessage, Renderer

PER_ANSWER = 20
"""Results in one answer; Telegram asks for more as the list is scrolled."""
KEPT = 10
"""Seconds for which Telegram may reuse an answer for the same person."""
FURTHEST = 200

log = logging.getLogger(__name__)


async def inline(update: Update, context: Context) -> None:
    """Answer an inline query with matching articles; `#id` finds exactly one article.

    A button above the results opens the bot, to follow the category that is named or meant.
    """
    query = update.inline_query
    if query is None:
        raise ValueError("the update has no inline query")
    subscriber = await context.services.subscribers.find(query.from_user.id)
    language = subscriber.language if subscriber else context.language(update)
    code = query.from_user.language_code
    taste = subscriber.taste if subscriber else Taste(languages=languages_of(language, code))
    text = one_line(query.query)
    exact = await article_in_query(context, text)
    if exact is not None:
        share = await share_code(context, subscriber, exact)
        await answer(
            query,
            lambda *, pictured: [result(context, language, exact, share, pictured=pictured)],
            has_sent_picture(exact),
            cache_time=0,
            next_offset="",
        )
        return
    offset = int(query.offset) if query.offset.isdecimal() and len(query.offset) < 5 else 0
    category = context.services.taxonomy.find(text) if text else None
    meant: Category | None = None
    found: list[Article] = []
    if not text.startswith("#") and offset <= FURTHEST:
        whose = query.from_user.id
        found = await matching(context, taste, text, category, language, offset=offset, whose=whose)
        if not found and category is None and not offset:
            meant = next(iter(context.services.taxonomy.suggest(text[:LONGEST], 1)), None)
        if meant is not None:
            found = await matching(
                context, taste, text, meant, language, offset=offset, whose=whose
            )
    shown = found[:PER_ANSWER]
    codes = [list_code(context, subscriber, article) for article in shown]
    await answer(
        query,
        lambda *, pictured: [
            result(context, language, article, code, pictured=pictured)
            for article, code in zip(shown, codes, strict=True)
        ],
        any(map(has_sent_picture, shown)),
        # A search that was cut short may be complete the next time.
        cache_time=0 if isinstance(found, SearchResult) and found.cut else KEPT,
        # The next page would search for the misspelled name itself, so none is offered.
        next_offset=str(offset + PER_ANSWER) if len(found) > PER_ANSWER and not meant else "",
        button=way_in(context, subscriber, language, category, meant),
    )


async def answer(
    query: InlineQuery,
    results: Callable[..., Sequence[InlineQueryResult]],
    has_pictures: bool,  # noqa: FBT001 - of the results
    *,
    cache_time: int,
    next_offset: str,
    button: InlineQueryResultsButton | None = None,
) -> None:
    """Answer an inline query; without editors' pictures if Telegram refuses one of them.

    Telegram refuses the whole answer for one picture that it does not know any more. `results`
    makes the results, with pictures if `pictured` is true; `cache_time` is in seconds.
    """
    further: dict[str, Any] = {"cache_time": cache_time, "is_personal": True}
    further |= {"next_offset": next_offset, "button": button}
    try:
        await query.answer(results(pictured=True), **further)
    except BadRequest as error:
        if not has_pictures:
            raise
        log.warning("Telegram refuses inline results with an editor's picture: %s", error)
        await query.answer(results(pictured=False), **further)


def way_in(
    context: Context,
    subscriber: Subscriber | None,
    language: str,
    category: Category | None,
    meant: Category | None,
) -> InlineQueryResultsButton:
    """Return the button above the results; `meant` is the category of a misspelled name."""
    label, payload = context.services.renderer.label, HOME_PAYLOAD
    words = label("open_on_news", language)
    if meant is not None:
        name = context.services.renderer.category(meant.slug, language)
        words, payload = label("did_you_mean", language, category=name), f"c-{meant.slug}"
    elif category is not None and not (
        subscriber is not None and category.slug in subscriber.taste.follows
    ):
        name = context.services.renderer.category(category.slug, language)
        words, payload = label("follow_category", language, category=name), f"f-{category.slug}"
    return InlineQueryResultsButton(words, start_parameter=payload)


async def article_in_query(context: Context, text: str) -> Article | None:
    """Return the article of a `#id` query, or None for any other query."""
    if not text.startswith("#"):
        return None
    try:
        article_id = from_base36(text[1:])
    except ValueError:
        return None
    article = await context.services.articles.get(article_id)
    return None if article is None or article.is_withdrawn else article


async def matching(
    context: Context,
    reader: Taste,
    text: str,
    category: Category | None,
    language: str,
    *,
    offset: int,
    whose: int,
) -> list[Article]:
    """Return the latest articles, those of the named category, or those that a search finds.

    An empty text finds the latest of everything. `whose` is the person's Telegram id.
    """
    articles, limit = context.services.articles, PER_ANSWER + 1
    if not text or category is not None:
        categories = context.services.taxonomy.categories
        taste = only_of(reader, category.slug, categories) if category else of_everything(reader)
        latest, reports = await articles.latest_with_reports(taste, limit=limit, offset=offset)
        stories = as_listed(latest, reports, reader, suits(taste), language)
        return [story.article for story in stories]
    found = await articles.search(
        text[:LONGEST], languages=reader.languages, limit=limit, offset=offset, whose=whose
    )
    reports = await articles.of_events({each.event for each in found})
    fits = answers(text[:LONGEST], EVERYTHING, reader.languages)
    stories = as_listed(found, reports, reader, fits, language)
    return SearchResult([story.article for story in stories], cut=found.cut)


async def share_code(context: Context, subscriber: Subscriber | None, article: Article) -> str:
    """Return the code that counts openings of a reader's link; strangers get `UNCOUNTED`.

    The share is stored at once, because an article found by id is about to be sent.
    """
    if subscriber is None or subscriber.state is State.GONE:
        return UNCOUNTED
    return (await context.services.shares.link(subscriber.id, article.id, context.now)).code


def list_code(context: Context, subscriber: Subscriber | None, article: Article) -> str:
    """Return such a code for one of many results; it is stored when a person opens the link."""
    if subscriber is None or subscriber.state is State.GONE:
        return UNCOUNTED
    return code_for(context.bot.token, subscriber.id, article.id)


def has_sent_picture(article: Article) -> bool:
    """Return whether an article has a picture that an editor sent, for any chat to see."""
    return (article.picture_in(private=False) or "").startswith(SENT_PICTURE)


def result(
    context: Context, language: str, article: Article, code: str, *, pictured: bool = True
) -> InlineQueryResult:
    """Return one result: its line in the list, and its card, with the picture if `pictured`."""
    message = SharedMessage("", code, language)
    card, keyboard = _card(context.services.renderer, article, message, now=context.now)
    number, text = base36(article.id), card.parts[0]
    title = shorten(one_line(article.title), 120) or article.source
    description = described(context, language, article)
    if pictured and has_sent_picture(article) and units(parse(text).text) <= LONGEST_CAPTION:
        return InlineQueryResultCachedPhoto(
            id=number,
            photo_file_id=(article.image or "").removeprefix(SENT_PICTURE),
            title=title,
            description=description,
            caption=text,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard,
        )
    return InlineQueryResultArticle(
        id=number,
        title=title,
        description=description,
        thumbnail_url=web_link(article.picture_in(private=False)),
        input_message_content=InputTextMessageContent(
            text,
            parse_mode=ParseMode.HTML,
            link_preview_options=link_preview(card, first=True),
        ),
        reply_markup=keyboard,
    )


def described(context: Context, language: str, article: Article) -> str:
    """Return a result's second line: category, source, and the start of the standfirst."""
    renderer = context.services.renderer
    outlet = renderer.filters(language).outlet(article)
    first = " · ".join([*renderer.filed(article, language)[:1], outlet])
    return shorten(f"{first}\n{one_line(article.standfirst)}".strip(), 200)


async def chosen(update: Update, context: Context) -> None:
    """Note in which message a reader sent a card, so that a correction reaches it.

    Telegram reports this only where inline feedback is on.
    """
    result = update.chosen_inline_result
    if result is None or result.inline_message_id is None:
        return
    services = context.services
    subscriber = await services.subscribers.find(result.from_user.id)
    article = await article_in_query(context, f"#{result.result_id}")
    if subscriber is None or subscriber.state is State.GONE or article is None:
        return
    code = await share_code(context, subscriber, article)
    message = SharedMessage(result.inline_message_id, code, subscriber.language)
    await services.share_messages.add(message, context.now)


def shared_card(
    renderer: Renderer,
    article: Article,
    message: SharedMessage,
    *,
    reason: str,
    now: datetime,
) -> RequestBody:
    """Return a shared card with its story's present texts; `reason` is why it was withdrawn."""
    card, keyboard = _card(renderer, article, message, reason=reason, now=now)
    return prepare(card.parts[0], preview=card.preview, keyboard=(keyboard.to_json(),))


def _card(
    renderer: Renderer, article: Article, message: SharedMessage, *, now: datetime, reason: str = ""
) -> tuple[RenderedMessage, InlineKeyboardMarkup]:
    language = message.language
    link = f"{renderer.bot_link}?start=a{base36(article.id)}-{message.code}"
    card = renderer.message(
        "shared_card", language, article=article, reason=reason, now=now, bot_link=link
    )
    label = renderer.label("open_source", language)
    buttons = [
        *(() if article.is_withdrawn else source_button(label, article)),
        InlineKeyboardButton(renderer.label("open_in_bot", language), url=link),
    ]
    return card, InlineKeyboardMarkup([buttons])


UPDATES = (InlineQueryHandler(inline), ChosenInlineResultHandler(chosen))
