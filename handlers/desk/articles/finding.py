"""Finding an article at the desk by words, a link or its number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from handlers.buttons.keyboards import numbers
from handlers.core.services.memory import DeskQuestion, DeskSubject
from handlers.desk.articles.article_page import page
from handlers.desk.desk import on_desk_tap
from handlers.stories.sharing.known_links import known_story, links_in
from handlers.taps.amend_data import AskArticle, DeskArticle
from handlers.typed.message_words import words_in
from storage.articles.searching import SearchResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from telegram import Message

    from handlers.desk.desk import Desk
    from handlers.taps.callback_codec import Tap

MOST = 8
"""Articles listed at most."""
LONGEST = 200
"""Characters of a search at most."""
NUMBER = re.compile(r"(?:no\.?|n\.?º?|#)?\s*([1-9]\d{0,9})", re.IGNORECASE)


async def ask_which(desk: Desk, _tap: AskArticle) -> None:
    """Ask which article to open; the next message is the answer."""
    desk.ask(DeskQuestion(DeskSubject.FIND))
    await desk.say("desk_ask", what="find", now="")


async def answer_which(desk: Desk, _asked: DeskQuestion, message: Message) -> bool:
    """Take a message as the answer to which article to open; it always is one (True)."""
    found = await articles_in(desk, message)
    if len(found) == 1:
        desk.drop_question()
        await desk.reply(*await page(desk, found[0]))
    else:
        await list_found(desk, found, message, DeskArticle)
    return True


async def articles_in(desk: Desk, message: Message) -> SearchResult:
    """Return the articles that a message means: the one it links or numbers, or those it finds."""
    links = links_in(message)
    if links:
        story = await known_story(desk.context, links)
        return SearchResult([] if story is None else [story])
    words = words_in(message).strip()
    number = NUMBER.fullmatch(words)
    if number is not None:
        article = await desk.articles.get(int(number[1]))
        if article is not None:
            return SearchResult([article])
    return await desk.articles.search(words[:LONGEST], limit=MOST) if words else SearchResult()


def names_one(message: Message) -> bool:
    """Return whether a message names one article by a link or its number."""
    return bool(links_in(message)) or NUMBER.fullmatch(words_in(message).strip()) is not None


async def list_found(
    desk: Desk, found: SearchResult, message: Message, opens: Callable[[int], Tap]
) -> None:
    """List the articles that a message found, with a numbered button for each.

    `opens` returns the button's tap for an article's id.
    """
    shown = desk.render(
        "desk_found",
        articles=found,
        words=words_in(message),
        problem="cut" if found.cut else "",
        most=0,
        now=desk.now,
    )
    await desk.reply(shown, numbers((each.id for each in found), opens=opens))


TAPS = (on_desk_tap(AskArticle, ask_which, publishes=True),)
