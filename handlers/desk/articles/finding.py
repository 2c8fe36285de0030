"""Finding an article at the desk by words, a link or its number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup

from handlers.buttons.keyboards import button, equal_rows
from handlers.core.editing_rights import rights_of
from handlers.core.services.memory import DeskQuestion, DeskSubject
from handlers.desk.articles.article_page import page
from handlers.desk.desk_taps import on_desk_tap
from handlers.desk.open_question import ask, drop_question
from handlers.stories.sharing.known_links import known_story, links_in
from handlers.taps.amend_data import AskArticle, DeskArticle
from handlers.typed.message_words import words_in
from storage.articles.searching import SearchResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from telegram import Message, Update

    from handlers.core.context import Context
    from handlers.taps.callback_codec import Tap
    from storage.model import Article, Subscriber

MOST = 8
"""Articles listed at most."""
LONGEST = 200
"""Characters of a search at most."""
NUMBER = re.compile(r"(?:no\.?|n\.?º?|#)?\s*([1-9]\d{0,9})", re.IGNORECASE)


async def ask_which(update: Update, context: Context, _tap: AskArticle) -> str | None:
    """Ask which article to open; the next message is the answer."""
    subscriber = await context.subscriber(update)
    ask(update, context, DeskQuestion(DeskSubject.FIND))
    await context.reply(update, context.render("desk_ask", subscriber, what="find", now=""))
    return None


async def answer_which(
    update: Update, context: Context, subscriber: Subscriber, message: Message
) -> bool:
    """Take a message as the answer to which article to open."""
    if not (await rights_of(update, context)).publish:
        return False
    found = await articles_in(context, message)
    if len(found) == 1:
        drop_question(update, context)
        await context.reply(update, *await page(context, subscriber, found[0]))
    else:
        words = words_in(message)
        await list_found(
            update,
            context,
            subscriber,
            found,
            words=words,
            tap_of=lambda each: DeskArticle(each.id),
        )
    return True


async def articles_in(context: Context, message: Message) -> SearchResult:
    """Return the articles that a message means: the one it links or numbers, or those it finds."""
    articles = context.services.articles
    links = links_in(message)
    if links:
        story = await known_story(context, links)
        return SearchResult([] if story is None else [story])
    words = words_in(message).strip()
    number = NUMBER.fullmatch(words)
    if number is not None:
        article = await articles.get(int(number[1]))
        if article is not None:
            return SearchResult([article])
    return await articles.search(words[:LONGEST], limit=MOST) if words else SearchResult()


def names_one(message: Message) -> bool:
    """Return whether a message names one article by a link or its number."""
    return bool(links_in(message)) or NUMBER.fullmatch(words_in(message).strip()) is not None


async def list_found(
    update: Update,
    context: Context,
    subscriber: Subscriber,
    found: SearchResult,
    *,
    words: str,
    tap_of: Callable[[Article], Tap],
) -> None:
    """List the articles found, with a numbered button for each."""
    message = context.render(
        "desk_found",
        subscriber,
        articles=found,
        words=words,
        problem="cut" if found.cut else "",
        most=0,
        now=context.now,
    )
    numbers = [button(str(at), tap_of(each)) for at, each in enumerate(found, start=1)]
    keyboard = InlineKeyboardMarkup(equal_rows(numbers)) if numbers else None
    await context.reply(update, message, keyboard)


TAPS = (on_desk_tap(AskArticle, ask_which, publishes=True),)
