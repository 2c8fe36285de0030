"""What an editor types about an article: its texts, another report, a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.core.editing_rights import rights_of
from handlers.core.services.memory import DeskQuestion, DeskSubject
from handlers.desk.articles.article_page import page
from handlers.desk.articles.finding import articles_in, list_found, names_one
from handlers.desk.desk_taps import on_desk_tap, seen_in
from handlers.desk.open_question import ask, asked_of, drop_question
from handlers.taps.amend_data import AmendedField, AskField, JoinWith
from handlers.typed.message_words import words_in
from news.stories.report import figures_of
from storage.articles.searching import SearchResult
from storage.desk.amended_rows import ChangedMeanwhileError, NoSuchArticleError
from storage.desk.amendments import SameEventError
from storage.model import Grade
from templates.markup.text import has_words, one_line

if TYPE_CHECKING:
    from telegram import Message, Update

    from handlers.core.context import Context
    from storage.desk.amendments import Amended
    from storage.model import Article, Subscriber

LONGEST = {AmendedField.TITLE: 300, AmendedField.STANDFIRST: 1_000, AmendedField.REASON: 300}
"""Characters at most of what an editor types."""
DASHES = frozenset("-\u2013\u2014")
"""Texts that mean no summary."""
ASKED = {
    AmendedField.TITLE: "title",
    AmendedField.STANDFIRST: "standfirst",
    AmendedField.REASON: "reason",
    AmendedField.JOIN: "join",
}


async def ask_value(update: Update, context: Context, tap: AskField) -> str | None:
    """Ask for a new value of an article; the next message is the answer."""
    subscriber = await context.subscriber(update)
    article = await context.services.articles.get(tap.article)
    if article is None:
        raise NoSuchArticleError(tap.article)
    seen_in(tap)
    ask(update, context, DeskQuestion(DeskSubject.AMEND, tap=tap))
    now = {
        AmendedField.TITLE: article.title,
        AmendedField.STANDFIRST: article.standfirst,
    }.get(tap.field, "")
    message = context.render("desk_ask", subscriber, what=ASKED[tap.field], now=now)
    await context.reply(update, message)
    return None


async def answer_value(
    update: Update, context: Context, subscriber: Subscriber, message: Message
) -> bool:
    """Take a message as the new value of an article, and show how the article is then."""
    question = asked_of(update, context)
    tap = None if question is None else question.tap
    if not isinstance(tap, AskField):
        return False
    if not (await rights_of(update, context)).publish:
        return False
    if tap.field is AmendedField.JOIN:
        await _join_by_words(update, context, subscriber, tap, message)
        return True
    text = one_line(words_in(message))
    problem = _problem(tap.field, text)
    if problem:
        await _explain(update, context, subscriber, tap, problem)
        return True
    drop_question(update, context)
    await _show(update, context, subscriber, tap, text=text)
    return True


def _problem(field: AmendedField, text: str) -> str:
    """Return what is wrong with a typed text, or ""."""
    dash = field is AmendedField.STANDFIRST and text in DASHES
    if not has_words(text) and not dash:
        return "empty"
    return "long" if len(text) > LONGEST.get(field, 1_000) else ""


async def _explain(
    update: Update, context: Context, subscriber: Subscriber, tap: AskField, problem: str
) -> None:
    most = LONGEST.get(tap.field, 1_000)
    message = context.render(
        "desk_found",
        subscriber,
        articles=(),
        words="",
        problem=problem,
        most=most,
        now=context.now,
    )
    await context.reply(update, message)


async def _show(
    update: Update,
    context: Context,
    subscriber: Subscriber,
    tap: AskField,
    *,
    text: str,
) -> None:
    article: Article | None
    try:
        article = (await _changed(context, subscriber, tap, text)).article
    except NoSuchArticleError:
        article = None
    except ChangedMeanwhileError:
        article = await context.services.articles.get(tap.article)
        notice = context.services.renderer.label("changed_first", subscriber.language)
        await context.reply(update, context.render("desk_notice", subscriber, text=notice))
    if article is None:
        await context.reply(update, context.render("link_to_nothing", subscriber))
        return
    context.services.desk.correct_soon()
    await context.services.desk.keep_decisions()
    await context.reply(update, *await page(context, subscriber, article))


async def _changed(context: Context, subscriber: Subscriber, tap: AskField, text: str) -> Amended:
    amendments = context.services.desk.amendments
    person_id, now, seen = subscriber.chat_id, context.now, seen_in(tap)
    if tap.field is AmendedField.REASON:
        return await amendments.withdraw(tap.article, text, person_id=person_id, now=now, seen=seen)
    was = await context.services.articles.get(tap.article)
    title = text if tap.field is AmendedField.TITLE else None
    standfirst = None
    if tap.field is AmendedField.STANDFIRST:
        standfirst = "" if text in DASHES else text
    figures = None
    if was is not None:
        shown = was.standfirst if standfirst is None else standfirst
        figures = figures_of(title or was.title, shown)
    return await amendments.correct(
        tap.article,
        title=title,
        standfirst=standfirst,
        grade=Grade.FACT if tap.fact else Grade.TYPO,
        person_id=person_id,
        now=now,
        figures=figures,
        seen=seen,
    )


async def _join_by_words(
    update: Update, context: Context, subscriber: Subscriber, tap: AskField, message: Message
) -> None:
    meant = await articles_in(context, message)
    found = SearchResult([each for each in meant if each.id != tap.article], cut=meant.cut)
    if len(found) == 1:
        drop_question(update, context)
        notice = await _join(update, context, subscriber, tap, found[0].id)
        if notice is not None:
            await context.reply(update, context.render("desk_notice", subscriber, text=notice))
        return
    if not found and (meant or names_one(message)):
        # The question stays open: the next message may name another story.
        notice = context.label("join_itself" if meant else "join_unknown", subscriber)
        await context.reply(update, context.render("desk_notice", subscriber, text=notice))
        return
    await list_found(
        update,
        context,
        subscriber,
        found,
        words=words_in(message),
        tap_of=lambda each: JoinWith(tap.article, each.id, tap.seen),
    )


async def _join(
    update: Update, context: Context, subscriber: Subscriber, tap: AskField | JoinWith, other: int
) -> str | None:
    """Join the two and show the page; return a notice, alone if they are one event already."""
    article: Article | None
    notice: str | None = None
    try:
        done = await context.services.desk.amendments.join(
            tap.article,
            other,
            person_id=subscriber.chat_id,
            now=context.now,
            seen=seen_in(tap),
        )
        article = done.article
    except NoSuchArticleError:
        article = None
    except ChangedMeanwhileError:
        article = await context.services.articles.get(tap.article)
        notice = context.label("changed_first", subscriber)
    except SameEventError:
        label = "join_itself" if other == tap.article else "join_again"
        return context.label(label, subscriber)
    if article is None:
        await context.reply(update, context.render("link_to_nothing", subscriber))
    else:
        await context.reply(update, *await page(context, subscriber, article))
    return notice


async def join_with(update: Update, context: Context, tap: JoinWith) -> str | None:
    """Make an article part of the event of the one that was tapped."""
    return await _join(update, context, await context.subscriber(update), tap, tap.other)


TAPS = (
    on_desk_tap(AskField, ask_value, publishes=True),
    on_desk_tap(JoinWith, join_with, publishes=True),
)
