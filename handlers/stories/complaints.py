"""`Something wrong?` under a story: what a reader says is wrong about it, for the editors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import InlineKeyboardButton

from handlers.buttons.keyboards import button, ordered_rows
from handlers.core.conversation import known_article, on_tap
from handlers.core.origin import asker_of, in_private
from handlers.core.services.memory import DeskQuestion, DeskSubject
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import AddSentence, Complain
from handlers.taps.link_payloads import complaint_link
from handlers.typed.message_words import words_in
from storage.model import ChatKind
from storage.model.desk_model import ComplaintKind, TipOutcome
from templates.markup.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from telegram import Message, Update

    from handlers.core.context import Context, Reply
    from storage.model import Article, Subscriber

LONGEST = 300
"""Characters of a reader's sentence at most."""


async def may_complain(context: Context, article: Article) -> bool:
    """Return whether a story is shown to readers, and somebody would read what is wrong with it."""
    return article.state is None and await context.services.desk.has_editors()


async def complaint_button(
    context: Context, subscriber: Subscriber, article: Article
) -> list[InlineKeyboardButton]:
    """Return the button `Something wrong?`, in a group a private link; empty if nobody reads it."""
    if subscriber.kind is ChatKind.CHANNEL or not await may_complain(context, article):
        return []
    label = context.label("something_wrong", subscriber)
    if context.seen_by_many(subscriber):
        return [InlineKeyboardButton(label, url=context.link(complaint_link(article.id)))]
    return [button(label, Complain(article.id))]


def question(context: Context, subscriber: Subscriber, article: Article) -> Reply:
    """Return the question what is wrong with a story."""
    kinds = [
        button(context.label(f"wrong_{each.name.lower()}", subscriber), Complain(article.id, each))
        for each in ComplaintKind
    ]
    message = context.render("complaint", subscriber, step="ask", article=article)
    return message, ordered_rows(kinds)


def kinds_said(
    context: Context, editor: Subscriber, kinds: Mapping[ComplaintKind, int]
) -> list[str]:
    """Return what readers say is wrong with a story, for an editor: `Wrong fact (2)`."""
    names = {each: context.label(f"wrong_{each.name.lower()}", editor) for each in kinds}
    return [
        context.label("counted", editor, text=names[each], num=num) if num > 1 else names[each]
        for each, num in kinds.items()
    ]


async def complain(update: Update, context: Context, tap: Complain) -> str | None:
    """Ask what is wrong with a story, or store what a reader says and say what happens next."""
    article = await known_article(context, tap)
    kinds = {each.value: each for each in ComplaintKind}
    if not in_private(update) or tap.kind not in {"", *kinds}:
        raise StaleTap(tap.pack())
    reader = await context.own(update)
    if article.is_withdrawn:
        return context.label("story_withdrawn", reader)
    if not await may_complain(context, article):
        raise StaleTap(tap.pack())
    if not tap.kind:
        await context.reply(update, *question(context, reader, article))
        return None
    before = context.services.memory.sent_before("complaints", reader.chat_id, context.now)
    outcome, number = await context.services.desk.complaints.add(
        reader.id, article.id, kinds[tap.kind], context.now, before=before
    )
    add = button(context.label("add_sentence", reader), AddSentence(number, on=True))
    message = context.render("complaint", reader, step=outcome.value, article=article)
    await context.edit(update, message, [[add]] if outcome is TipOutcome.SENT else None)
    return None


async def add_sentence(update: Update, context: Context, tap: AddSentence) -> None:
    """Ask for a sentence, or ask for it no more, below a reader's own complaint."""
    reader, asker = await context.own(update), asker_of(update)
    number = await context.services.desk.complaints.of_reader(tap.complaint, reader.id)
    article = await context.services.articles.get(number or 0)
    if article is None or asker is None or not in_private(update):
        raise StaleTap(tap.pack())
    if tap.on:
        asked = DeskQuestion(DeskSubject.COMPLAINT, tap=tap)
        context.services.memory.desk_questions.put(asker, asked, context.now)
    step, label = ("words", "back") if tap.on else ("sent", "add_sentence")
    other = button(context.label(label, reader), AddSentence(tap.complaint, on=not tap.on))
    await context.edit(
        update, context.render("complaint", reader, step=step, article=article), [[other]]
    )


async def answer_sentence(
    update: Update, context: Context, asked: DeskQuestion, message: Message
) -> bool:
    """Take a message as the sentence that a reader adds; return False if it has no words."""
    words, tap = one_line(words_in(message)), asked.tap
    if not words or not isinstance(tap, AddSentence):
        return False
    reader, complaints = await context.own(update), context.services.desk.complaints
    number = await complaints.of_reader(tap.complaint, reader.id)
    article = await context.services.articles.get(number or 0)
    step = "late" if article is None else "long" if len(words) > LONGEST else "added"
    if step != "long":
        asker = asker_of(update)
        if asker is not None:
            context.services.memory.desk_questions.drop(asker)
    if step == "added":
        await complaints.add_words(tap.complaint, reader.id, words)
    await context.reply(update, context.render("complaint", reader, step=step, article=article))
    return True


TAPS = (on_tap(Complain, complain), on_tap(AddSentence, add_sentence))
