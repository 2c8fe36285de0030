"""Less of this: fewer stories of what a card is about, at once, with a way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.buttons.follow_buttons import LONGEST_NAME
from handlers.buttons.keyboards import button, fitted_rows
from handlers.core.conversation import known_article, on_tap
from handlers.following.undo import undo_of_subject
from handlers.stories.article import leading_category
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import LessInstead, LessOfStory
from storage.model import Level
from templates.markup.text import shorten

if TYPE_CHECKING:
    from telegram import Update

    from handlers.core.context import Context, Reply
    from handlers.taps.callback_codec import Tap
    from storage.model import Article, Subject, Subscriber


async def less_of_story(update: Update, context: Context, tap: LessOfStory) -> None:
    """Bring fewer stories of a card's house or section, and say so."""
    article = await known_article(context, tap)
    await context.reply(update, *await lessened(update, context, article, 0, tap))


async def less_instead(update: Update, context: Context, tap: LessInstead) -> None:
    """Restore the first subject's level, and bring fewer stories of another."""
    article = await known_article(context, tap)
    undone = subject_at(context, article, tap.undone, tap)
    await context.readers.set_level(await context.subscriber(update), undone, tap.level)
    await context.edit(update, *await lessened(update, context, article, tap.subject, tap))


async def lessened(
    update: Update, context: Context, article: Article, place: int, tap: Tap
) -> Reply:
    """Set a subject to “less”, and return what to say, with buttons to undo it or take another."""
    before = await context.subscriber(update)
    subject = subject_at(context, article, place, tap)
    level = before.taste.level(subject)
    undo = await undo_of_subject(context, before, subject)
    subscriber = await context.readers.set_level(before, subject, Level.LESS)
    others = [
        button(
            shorten(name_of(context, subscriber, article, each), LONGEST_NAME),
            LessInstead(article.id, number, place, level),
        )
        for number, each in enumerate(subjects_of(context, article))
        if number != place
    ]
    message = context.render(
        "less_now", subscriber, name=name_of(context, subscriber, article, subject)
    )
    back = button(context.label("undo", subscriber), undo)
    return message, [[back], *fitted_rows(others)]


def subjects_of(context: Context, article: Article) -> list[Subject]:
    """Return what an article is about, its house or main section first, and last its source."""
    known = context.services.taxonomy.categories
    slugs = [slug for slug in article.categories if slug in known]
    if slugs:
        first = leading_category(context, article)
        slugs.sort(key=lambda slug: slug != first)
    return [*slugs, article.source_id]


def subject_at(context: Context, article: Article, place: int, tap: Tap) -> Subject:
    """Return one of the subjects of an article; raise StaleTap if it no longer has as many."""
    subjects = subjects_of(context, article)
    if place >= len(subjects):
        raise StaleTap(tap.pack())
    return subjects[place]


def name_of(context: Context, subscriber: Subscriber, article: Article, subject: Subject) -> str:
    """Return a subject's name as the reader sees it."""
    return context.category(subject, subscriber) if isinstance(subject, str) else article.source


TAPS = (
    on_tap(LessOfStory, less_of_story),
    on_tap(LessInstead, less_instead),
)
