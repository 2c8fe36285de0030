"""What an editor types about an article: its texts, another report, a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.core.services.memory import DeskQuestion, DeskSubject
from handlers.desk.articles.article_page import do, is_done, page
from handlers.desk.articles.finding import articles_in, list_found, names_one
from handlers.desk.desk import on_desk_tap, seen_in
from handlers.taps.amend_data import AmendedField, AskField, DeskArticle, JoinWith, WithdrawFor
from handlers.taps.callback_codec import StaleTap
from handlers.typed.message_words import words_in
from handlers.typed.plain_words import command_of, courtesy_of
from handlers.typed.requests import without_courtesies
from news.filing.tokenising.folding import has_cjk
from news.stories.report import figures_of
from storage.articles.searching import SearchResult
from storage.desk.amendments import SameEventError
from storage.model import Grade
from templates.language.labels import REASONS, STORED_REASONS
from templates.markup.text import has_words, one_line

if TYPE_CHECKING:
    from telegram import Message

    from handlers.desk.desk import Desk

LONGEST = {AmendedField.TITLE: 300, AmendedField.STANDFIRST: 1_000, AmendedField.REASON: 300}
"""Characters at most of what an editor types."""
SHORTEST_CHINESE = 3
"""The fewest characters of a Chinese reason; a reason of another language has two words."""
DASHES = frozenset("-\u2013\u2014")
"""Texts that mean no summary."""
ASKED = {
    AmendedField.TITLE: "title",
    AmendedField.STANDFIRST: "standfirst",
    AmendedField.REASON: "reason",
    AmendedField.JOIN: "join",
}


async def ask_value(desk: Desk, tap: AskField) -> None:
    """Ask for a new value of an article; the next message is the answer."""
    article = await desk.article(tap.article)
    seen_in(tap)
    desk.ask(DeskQuestion(DeskSubject.AMEND, tap=tap))
    texts = {AmendedField.TITLE: article.title, AmendedField.STANDFIRST: article.standfirst}
    now = texts.get(tap.field, "")
    buttons = []
    if tap.field is AmendedField.REASON:
        buttons = [
            [desk.button(key, WithdrawFor(tap.article, at, tap.seen))]
            for at, key in enumerate(REASONS)
        ]
        buttons.append([desk.button("back", DeskArticle(tap.article))])
    await desk.reply(
        desk.render("desk_ask", what=ASKED[tap.field], now=now, fact=tap.fact), buttons
    )


async def withdraw_for(desk: Desk, tap: WithdrawFor) -> str | None:
    """Withdraw an article for a standard reason."""
    if tap.why >= len(REASONS):
        raise StaleTap(tap.pack())
    withdraw = desk.services.amendments.withdraw
    reason = STORED_REASONS[tap.why]
    return await do(desk, tap.article, withdraw(tap.article, reason, **desk.by(tap)))


async def answer_value(desk: Desk, asked: DeskQuestion, message: Message) -> bool:
    """Take a message as the new value of an article, and show how the article is then.

    Return False if the question is another one.
    """
    tap = asked.tap
    if not isinstance(tap, AskField):
        return False
    if tap.field is AmendedField.JOIN:
        await _join_by_words(desk, tap, message)
        return True
    text = one_line(words_in(message))
    problem = _problem(tap.field, text)
    if problem:
        most = LONGEST[tap.field]
        await desk.say(
            "desk_found", articles=(), words="", problem=problem, most=most, now=desk.now
        )
        return True
    if tap.field is AmendedField.REASON and not _is_sentence(text):
        await ask_value(desk, tap)
        return True
    desk.drop_question()
    if not await is_done(desk, _change(desk, tap, text)):
        await desk.notify("changed_first")
    await desk.reply(*await page(desk, await desk.article(tap.article)))
    return True


def _problem(field: AmendedField, text: str) -> str:
    """Return what is wrong with a typed text, or ""."""
    dash = field is AmendedField.STANDFIRST and text in DASHES
    if not has_words(text) and not dash:
        return "empty"
    return "long" if len(text) > LONGEST[field] else ""


def _is_sentence(text: str) -> bool:
    """Return whether a text may be a reason: “cancel” and “ok thanks” withdraw nothing."""
    said = without_courtesies(text)
    if courtesy_of(said) is not None or command_of(said) is not None:
        return False
    return len(said.split()) > 1 or (has_cjk(said) and len(said) >= SHORTEST_CHINESE)


async def _change(desk: Desk, tap: AskField, text: str) -> None:
    amendments, by = desk.services.amendments, desk.by(tap)
    if tap.field is AmendedField.REASON:
        await amendments.withdraw(tap.article, text, **by)
        return
    was = await desk.article(tap.article)
    title = text if tap.field is AmendedField.TITLE else None
    standfirst = None
    if tap.field is AmendedField.STANDFIRST:
        standfirst = "" if text in DASHES else text
    figures = figures_of(title or was.title, was.standfirst if standfirst is None else standfirst)
    grade = Grade.FACT if tap.fact else Grade.TYPO
    await amendments.correct(
        tap.article, title=title, standfirst=standfirst, grade=grade, figures=figures, **by
    )


async def _join_by_words(desk: Desk, tap: AskField, message: Message) -> None:
    meant = await articles_in(desk, message)
    found = SearchResult([each for each in meant if each.id != tap.article], cut=meant.cut)
    if len(found) == 1:
        desk.drop_question()
        notice = await _join(desk, tap, found[0].id)
        if notice is not None:
            await desk.notify(notice)
    elif not found and (meant or names_one(message)):
        # The question stays open: the next message may name another story.
        await desk.notify("join_itself" if meant else "join_unknown")
    else:
        await list_found(desk, found, message, lambda other: JoinWith(tap.article, other, tap.seen))


async def _join(desk: Desk, tap: AskField | JoinWith, other: int) -> str | None:
    """Join the two and send the page; return a notice's key, alone if they are one event."""
    join = desk.services.amendments.join
    try:
        done = await is_done(desk, join(tap.article, other, **desk.by(tap)))
    except SameEventError:
        return "join_itself" if other == tap.article else "join_again"
    await desk.reply(*await page(desk, await desk.article(tap.article)))
    return None if done else "changed_first"


async def join_with(desk: Desk, tap: JoinWith) -> str | None:
    """Make an article part of the event of the one that was tapped."""
    notice = await _join(desk, tap, tap.other)
    return None if notice is None else desk.label(notice)


TAPS = (
    on_desk_tap(AskField, ask_value, publishes=True),
    on_desk_tap(WithdrawFor, withdraw_for, publishes=True),
    on_desk_tap(JoinWith, join_with, publishes=True),
)
