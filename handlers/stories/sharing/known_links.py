"""Stories in the archive that a received link or forwarded post is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram.constants import MessageEntityType

from handlers.typed.message_words import words_in
from news.text.links import spellings

if TYPE_CHECKING:
    from telegram import Message

    from handlers.core.context import Context
    from storage.model import Article

MOST = 12
"""The most links of one message that are looked up: as many as an edition has stories."""


def links_in(message: Message) -> list[str]:
    """Return the addresses that a message or its caption shows or hides behind words."""
    kinds: list[str | None] = [MessageEntityType.URL, MessageEntityType.TEXT_LINK]
    found = [*message.parse_entities(kinds).items(), *message.parse_caption_entities(kinds).items()]
    links = [entity.url or words for entity, words in found]
    if not links:
        # A rich message has no entities.
        links = [word for word in words_in(message).split() if word.startswith("https://")]
    return list(dict.fromkeys(links))[:MOST]


def start_payload(links: list[str], username: str) -> str:
    """Return the payload of the first link into the bot, or an empty string."""
    head = f"t.me/{username}?start=".casefold()
    for link in links:
        _, found, payload = link.partition("?start=")
        if found and link.casefold().removeprefix("https://").startswith(head):
            return payload
    return ""


async def known_story(context: Context, links: list[str]) -> Article | None:
    """Return the first story that one of these links leads to, in any spelling, or None."""
    asked = {link: spellings(link) for link in links}
    articles = context.services.articles
    known = await articles.known(0, (), [each for every in asked.values() for each in every])
    by_link = {each.link: each.article_id for each in known}
    for every in asked.values():
        for spelling in every:
            if spelling in by_link:
                return await articles.get(by_link[spelling])
    return None
