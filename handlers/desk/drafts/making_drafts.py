"""Drafts made of what an editor sends: a link, a forwarded post, a picture with text."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from digest.pacing.current_answer import waiting_for_others
from handlers.core.permissions import rights_of
from handlers.desk.desk import Desk, desk_of
from handlers.desk.drafts.draft_card import card, open_draft
from handlers.stories.sharing.known_links import known_story, links_in, start_payload
from handlers.typed.message_words import is_passed_on, words_in
from news.entry import UnreadableError
from news.publishing import site_of
from news.text.links import absolute
from storage.model import SENT_PICTURE, UNSURE
from storage.model.desk_model import DraftText
from templates.markup.text import has_words

if TYPE_CHECKING:
    from telegram import Message, Update

    from handlers.core.context import Context
    from news.entry import Entry
    from storage.model.desk_model import ArticleDraft

TELEGRAM = frozenset({"t.me", "telegram.me"})
"""Hosts of links to chats and messages of Telegram, which are no pages to publish."""
LONGEST_POST = 32_768
"""Characters of a rich message at most, by Telegram's limits."""
SHORTEST_POST = 40
"""Characters of a forwarded text from which it is a post, and not a name or a few words."""

log = logging.getLogger(__name__)


async def sent_for_publication(update: Update, context: Context) -> bool:
    """Make a draft of a message if its writer may write and it is a link or a post.

    Return whether it was taken so, or is a further picture of an album that was.
    A link to a known story, a command and a link into the bot are answered as for any reader.
    """
    message = update.message
    if message is None or words_in(message).startswith("/"):
        return False
    every = links_in(message)
    # Posts of channels end with links to the channel itself, and may have some that only apps open.
    links = [
        each for each in every if (address := address_of(each)) and site_of(address) not in TELEGRAM
    ]
    text = words_in(message, most=LONGEST_POST) or message.caption or ""
    is_post = bool(text.strip()) and (
        bool(message.photo) or (is_passed_on(message) and len(text) >= SHORTEST_POST)
    )
    # The further pictures of an album, without its text.
    of_album = bool(message.media_group_id and message.photo and not text)
    is_wanted = bool(links) or is_post or of_album
    if not is_wanted or not (rights := await rights_of(update, context)).write:
        return False
    if of_album:
        return True
    if start_payload(every, context.bot.username):
        return False
    if every and await known_story(context, every) is not None:
        return False
    desk = Desk(update, context, await context.subscriber(update), rights)
    await make(desk, links[0] if links else "", text, picture_of(message))
    return True


def address_of(link: str) -> str | None:
    """Return a link of a message as the address of a page, or None if it leads to no page."""
    return absolute(link if "://" in link else f"https://{link}")


def picture_of(message: Message) -> str | None:
    """Return the picture of a message as an article stores it, or None."""
    return f"{SENT_PICTURE}{message.photo[-1].file_id}" if message.photo else None


def is_picture_file(message: Message) -> bool:
    """Return whether a message is a picture that was sent as a file."""
    document = message.document
    return document is not None and (document.mime_type or "").startswith("image/")


def is_to_publish(message: Message) -> bool:
    """Return whether a message is a post or a link of its own, whatever was asked before."""
    words = words_in(message)
    if message.caption and message.photo:
        return True
    if is_passed_on(message) and len(words) >= SHORTEST_POST:
        return True
    return words != "" and links_in(message) == [words]


async def make(
    desk: Desk, link: str, text: str = "", picture: str | None = None
) -> ArticleDraft | None:
    """Answer at once that the page is being read, then show the draft in that message.

    Return None if it cannot be read. `link` is empty for a post; `picture` is the editor's own.
    """
    began, context = time.monotonic(), desk.context
    waiting = await desk.reply(desk.render("draft_reading", link=link))
    try:
        draft = await _draft(desk, link, text, picture)
    except UnreadableError as error:
        log.info("an editor's link could not be read: %s", error)
        failed = desk.render("draft_failed", reason=error.reason, link=link)
        await context.edit_message(desk.person_id, waiting.message_id, failed)
        return None
    log.info("a draft was made of an editor's message in %.1f s", time.monotonic() - began)
    # The reading took its time: the buttons are those of the rights by now.
    desk = await desk_of(desk.update, context)
    sent = desk.update.message
    album = "" if sent is None else sent.media_group_id or ""
    open_draft(desk, draft, waiting.message_id, album=album)
    await context.edit_message(desk.person_id, waiting.message_id, *await card(desk, draft))
    return draft


async def _draft(desk: Desk, link: str, text: str, picture: str | None) -> ArticleDraft:
    """Read a page or a post and store it as a draft; raise UnreadableError if it cannot be read."""
    services = desk.services
    address = address_of(link) if link else None
    if link and address is None:
        raise UnreadableError("bad address", link)
    with waiting_for_others():
        pages = services.pages
        entry = await (pages.post(text) if address is None else pages.page(address))
    if not has_words(entry.title):
        raise UnreadableError("no title")
    known = await services.results.likeness(entry)
    source = await services.publisher.name_of(entry) if entry.link else ""
    draft_text = _text(entry, source)
    if picture:
        draft_text = replace(draft_text, image=picture)
    if known is not None:
        article, evidence = known
        draft_text = replace(
            draft_text,
            event_id=article.event,
            event_evidence=evidence,
            event_source=article.source,
            event_at=article.published,
        )
    return await services.drafts.add(draft_text, by=desk.person_id, now=desk.now)


def _text(entry: Entry, source: str) -> DraftText:
    return DraftText(
        link=entry.link,
        source=source,
        title=entry.title,
        standfirst=entry.standfirst,
        body=entry.body,
        body_kinds=entry.body_kinds,
        image=entry.image,
        author=entry.author,
        language=entry.language,
        paywall=entry.paywall,
        published=entry.published,
        # An editor who sends a link wants it.
        filings=tuple(each for each in entry.filings if each.category != UNSURE),
    )
