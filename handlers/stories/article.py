"""The card of an article, and the taps on its buttons."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from telegram import InlineKeyboardButton

from digest.choosing.sections import section_of
from handlers.buttons.follow_buttons import readers_follow_button
from handlers.buttons.keyboards import button, fitted_rows, send_to_friend, source_button
from handlers.core.conversation import known_article, on_tap
from handlers.stories.complaints import complaint_button
from handlers.stories.listing import Listing, articles_of, as_read, checked, listed
from handlers.stories.matter import events_of_matter, matter_button
from handlers.stories.reports import other_sources, reports_button, seen
from handlers.stories.saved import save_button
from handlers.taps.amend_data import DeskArticle
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import (
    CardWords,
    LessOfStory,
    More,
    MoreOfCard,
    OpenCard,
    Read,
    Scope,
)
from handlers.taps.link_payloads import story_link
from storage.model import ChatKind, Grade, Kind
from templates.rich.pictured_text import below_its_picture

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context, Rows
    from storage.model import Article, Correction, Subscriber
    from storage.model.body_model import Body
    from templates import RenderedMessage

MORE = 200
"""Fewest characters that a body must have beyond its standfirst to be offered for reading."""


async def open_card(update: Update, context: Context, tap: OpenCard) -> None:
    """Send the card of the article that was tapped."""
    article = await known_article(context, tap)
    await show_card(update, context, await context.subscriber(update), article)


async def show_card(
    update: Update, context: Context, subscriber: Subscriber, article: Article
) -> None:
    """Send the card of an article, in the subscriber's language."""
    services = context.services
    services.memory.read.put(subscriber.chat_id, article.id, context.now)
    await context.reply(update, *await card_of(context, subscriber, article))


async def card_words(update: Update, context: Context, tap: CardWords) -> None:
    """Show a card in place by its source's own words, or translated again."""
    article = await known_article(context, tap)
    subscriber = await context.subscriber(update)
    await context.edit(update, *await card_of(context, subscriber, article, original=tap.original))


async def card_of(
    context: Context, subscriber: Subscriber, article: Article, *, original: bool = False
) -> tuple[RenderedMessage, Rows]:
    """Return the card of an article; `original` keeps its own words if there is a translation."""
    services = context.services
    (read,) = await as_read(context, subscriber, [article])
    shown = article if original else read
    every = await services.articles.of_events([article.event])
    event = seen(article, every, subscriber.taste)
    corrected, reason = await what_editors_say(context, article)
    card = services.renderer.card(
        shown,
        language=subscriber.language,
        also_in=other_sources(article, event),
        zone=subscriber.zone,
        now=context.now,
        private=subscriber.private,
        corrected=corrected,
        reason=reason,
        under=section_of(article, subscriber.taste) or "",
    )
    card = below_its_picture(card, article, private=subscriber.private)
    keyboard = await card_rows(context, subscriber, article, reports=len(event))
    if read is not article:
        label = context.label("translation" if original else "original", subscriber)
        keyboard[0].append(button(label, CardWords(article.id, original=not original)))
    return card, keyboard


async def what_editors_say(context: Context, article: Article) -> tuple[Correction | None, str]:
    """Return the last correction of a fact in an article, or None, and why it was withdrawn."""
    desk = context.services.desk
    if article.is_withdrawn:
        return None, await desk.amendments.reason(article.id)
    if not article.version:
        # Nearly all articles, so this saves a query for their cards.
        return None, ""
    made = (await desk.corrections.of_articles([article.id])).get(article.id, [])
    facts = [each for each in made if each.grade is Grade.FACT and not each.undone]
    return (facts[-1] if facts else None), ""


async def card_rows(
    context: Context, subscriber: Subscriber, article: Article, *, reports: int
) -> list[list[InlineKeyboardButton]]:
    """Return the rows of buttons under a card; `reports` counts the articles about its event."""
    saved = bool(await context.services.saved.has(subscriber.id, [article.id]))
    at_desk = []
    if subscriber.private and (await context.services.desk.rights.of(subscriber.chat_id)).publish:
        at_desk.append(button(context.label("at_desk", subscriber), DeskArticle(article.id)))
    if article.is_withdrawn:
        # It can only be taken off the reading list.
        unsave = [save_button(context, subscriber, article.id, saved=True)] if saved else []
        return [unsave, at_desk]
    read = await read_button(context, subscriber, article)
    opens = source_button(context.label("open", subscriber), article)
    lines = [
        read or opens,
        [
            save_button(context, subscriber, article.id, saved=saved),
            send_to_friend(context.label("send", subscriber), article.id),
        ],
    ]
    events = await events_of_matter(context, subscriber, article.event)
    lines.append(matter_button(context, subscriber, article, events))
    wrong = await complaint_button(context, subscriber, article)
    if wrong or (read and opens) or article.categories or reports > 1:
        lines.append([button(context.label("more_buttons", subscriber), MoreOfCard(article.id))])
    lines.append(at_desk)
    return [line for line in lines if line]


async def more_of_card(update: Update, context: Context, tap: MoreOfCard) -> str | None:
    """Show the rest of a card's buttons in place of its button `More…`."""
    article = await known_article(context, tap)
    subscriber = await context.subscriber(update)
    if article.is_withdrawn:
        return context.label("story_withdrawn", subscriber)
    every = await context.services.articles.of_events([article.event])
    further = await further_buttons(
        context, subscriber, article, reports=len(seen(article, every, subscriber.taste))
    )
    shown = context.keyboard(update)
    lines = [
        [each for each in line if not MoreOfCard.matches(each.callback_data)]
        for line in (shown.inline_keyboard if shown else ())
    ]
    lines += fitted_rows(further)
    await context.edit_keyboard(update, lines)
    return None


async def further_buttons(
    context: Context, subscriber: Subscriber, article: Article, *, reports: int
) -> list[InlineKeyboardButton]:
    """Return the buttons of a card behind `More…`; the arguments are those of `card_rows`."""
    read = await read_button(context, subscriber, article)
    further = source_button(context.label("open", subscriber), article) if read else []
    if article.categories:
        further += [
            button(context.label("more_like_this", subscriber), More(article.id)),
            less_button(context, subscriber, article),
        ]
    further += reports_button(context, subscriber, article, reports)
    slug = leading_category(context, article) if article.categories else ""
    many = context.seen_by_many(subscriber)
    if slug in context.services.taxonomy.categories and (
        many or slug not in subscriber.taste.follows
    ):
        further.append(readers_follow_button(context, subscriber, slug))
    return [*further, *await complaint_button(context, subscriber, article)]


def less_button(context: Context, subscriber: Subscriber, article: Article) -> InlineKeyboardButton:
    """Return the button that offers less of a story's subjects; in a group, a private link."""
    label = context.label("less_of_this", subscriber)
    if context.seen_by_many(subscriber):
        return InlineKeyboardButton(label, url=context.link(story_link(article.id)))
    return button(label, LessOfStory(article.id))


async def read_button(
    context: Context, subscriber: Subscriber, article: Article
) -> list[InlineKeyboardButton]:
    """Return the button that shows the stored body; empty if it adds little to the card."""
    if article.is_withdrawn or not (article.has_body and may_read(subscriber, article)):
        return []
    body = await context.services.articles.body(article.id)
    if body is None or not says_more(body, article.standfirst):
        return []
    return [button(context.label("read", subscriber), Read(article.id, 0, turn=False))]


def may_read(subscriber: Subscriber, article: Article) -> bool:
    """Return whether the source's settings allow its text to be shown in this chat."""
    if subscriber.kind is ChatKind.CHANNEL:
        return False
    return article.full_text.within(private=subscriber.private)


def says_more(body: Body, standfirst: str) -> bool:
    """Return whether a body is clearly longer than the standfirst on the card."""
    return len(body.text) >= len(standfirst) + MORE


async def more(update: Update, context: Context, tap: More) -> None:
    """List similar stories: those of the article's house, or else of its section or market."""
    subscriber = await context.subscriber(update)
    wanted = await more_like(context, subscriber, tap)
    if tap.turn:
        wanted = checked(wanted, context)
    show = context.edit if tap.turn else context.reply
    await show(update, *await listed(context, subscriber, wanted))


async def more_like(context: Context, subscriber: Subscriber, tap: More) -> Listing:
    """Return the list of an article's leading category, without the article's own event.

    If that category has no other story, the list is that of the article's section or market. Raise
    StaleTap if the article is gone, or has no category.
    """
    article = await known_article(context, tap)
    if not article.categories:
        raise StaleTap(tap.pack())
    categories = context.services.taxonomy.categories
    first = leading_category(context, article)
    broader = (
        slug
        for slug in article.categories
        if slug in categories and categories[slug].kind in {Kind.SECTION, Kind.MARKET}
    )
    for category in (first, next(broader, first)):
        wanted = Listing(Scope.CATEGORY, category, like=article)
        found, _ = await articles_of(context, subscriber, wanted)
        if found:
            return replace(wanted, offset=tap.offset)
    return Listing(Scope.CATEGORY, first, offset=tap.offset, like=article)


def leading_category(context: Context, article: Article) -> str:
    """Return the most specific category of an article: its house or group, or else its first.

    A group that follows from one of the article's houses comes after that house.
    """
    categories = context.services.taxonomy.categories
    for slug in article.categories:
        if slug in categories and categories[slug].kind in {Kind.HOUSE, Kind.GROUP}:
            return slug
    return article.categories[0]


TAPS = (
    on_tap(OpenCard, open_card),
    on_tap(CardWords, card_words),
    on_tap(MoreOfCard, more_of_card),
    on_tap(More, more),
)
