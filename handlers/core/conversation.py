"""The wrappers that connect taps, commands and texts to their handlers, and open questions."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from telegram import Message, Update
from telegram.ext import CallbackQueryHandler, CommandHandler, MessageHandler
from telegram.ext.filters import UpdateType

from digest.pacing.current_answer import current_answer
from handlers.core.managing import manage
from handlers.core.origin import Asker, asker_of, in_private
from handlers.core.permissions import may_choose
from handlers.core.services.memory import JOURNEY, Awaited, OpenQuestion
from handlers.taps.callback_codec import StaleTap, Tap, chooses, code_of, subject_of
from handlers.typed.message_words import (
    OWN_WORDS,
    RICH_COMMAND,
    command_in,
    is_passed_on,
    split_commands,
    words_in,
)

if TYPE_CHECKING:
    from collections.abc import (
        AsyncIterator,
        Awaitable,
        Callable,
        Coroutine,
        Iterable,
        Iterator,
        Mapping,
    )
    from datetime import datetime

    from telegram import CallbackQuery
    from telegram.ext.filters import BaseFilter

    from handlers.core.context import Context
    from handlers.core.services.memory import Expiring, Memory
    from handlers.taps.callback_data import OfArticle, OfCategory
    from handlers.typed.message_words import TypedCommand
    from storage.model import Article, Category
    from storage.replicas.shared_updates import AskedQuestion

    Answer: TypeAlias = Callable[[Update, Context], Coroutine[Any, Any, None]]


T = TypeVar("T", bound=Tap)

ENDS_JOURNEY = frozenset({"start", "stop", "forget"})
"""Commands after which a newcomer's journey does not go on; others only look elsewhere."""


class OpensLink(NamedTuple):
    """An answer to a tap that opens a link into the bot for the person who tapped."""

    url: str


async def answer_tap(
    query: CallbackQuery, notice: str | OpensLink | None = None, *, alert: bool = False
) -> None:
    """Answer a tap with a notice, an alert or a link; show nothing if its button was released."""
    answer = current_answer.get()
    if answer is None or answer.claim_tap():
        if isinstance(notice, OpensLink):
            await query.answer(url=notice.url)
        else:
            await query.answer(notice, show_alert=alert or None)


class TapHandler(CallbackQueryHandler[Any, Any]):
    """The handler of one kind of tap."""

    def __init__(self, tap: type[Tap], answer: Answer) -> None:
        super().__init__(answer, pattern=tap.matches)
        self.codes = tap.codes


def on_taps(handlers: Iterable[TapHandler]) -> CallbackQueryHandler[Context, Any]:
    """Return one handler for many kinds of taps; a tap with another code counts as stale."""
    answers = {code: each.callback for each in handlers for code in each.codes}

    async def answer(update: Update, context: Context) -> None:
        query = update.callback_query
        code = code_of(query.data or "") if query is not None else ""
        await answers.get(code, stale)(update, context)

    return CallbackQueryHandler(answer)


def on_tap(
    tap: type[T], handler: Callable[[Update, Context, T], Awaitable[str | OpensLink | None]]
) -> TapHandler:
    """Return a handler for one kind of tap.

    The wrapped function gets the tap, and returns the notice to show, or a link to open, or None.
    Every query is answered exactly once, so that no button keeps spinning. A tap changes nothing if
    it is old, forged or repeated, or if the person may not change this chat.
    """

    async def answer(update: Update, context: Context) -> None:
        query = update.callback_query
        if query is None or query.data is None:
            raise ValueError("the update is no tap, or has no data")
        notice: str | OpensLink | None = None
        alert = False
        # A message that Telegram no longer delivers cannot be edited either.
        if not isinstance(query.message, Message):
            notice = label(update, context, "button_is_old")
        elif not repeated(query.from_user.id, query.message.message_id, query.data, context):
            try:
                subject, data = subject_of(query.data)
                wanted = tap.unpack(data)
                if wanted.own and not context.lets_in(query.from_user.id):
                    # A group may use a private bot though this member of it may not.
                    notice = label(update, context, "private")
                elif not await may_tap(update, context, subject, wanted):
                    notice, alert = label(update, context, "not_your_button"), True
                else:
                    async with in_turn(update, context, own=wanted.own):
                        end_question(update, context, but=wanted.continues)
                        if wanted.chooses:
                            async with context.undoable():
                                notice = await handler(update, context, wanted)
                        else:
                            notice = await handler(update, context, wanted)
            except StaleTap:
                end_question(update, context)
                notice = label(update, context, "button_is_old")
        await answer_tap(query, notice, alert=alert)

    return TapHandler(tap, answer)


async def may_tap(update: Update, context: Context, subject: int | None, wanted: Tap) -> bool:
    """Return whether the person may tap this button.

    If the button names a managed subscriber, the rest of the update is about that subscriber.
    """
    if subject is not None:
        return await manage(update, context, subject)
    return not wanted.chooses or await may_choose(update, context)


async def known_article(context: Context, tap: OfArticle) -> Article:
    """Return the article that a tap names; raise StaleTap if there is none, or no longer."""
    article = await context.services.articles.get(tap.article)
    if article is None:
        raise StaleTap(tap.pack())
    return article


def known_category(context: Context, tap: OfCategory) -> Category:
    """Return the category that a tap names; raise StaleTap if there is none, or no longer."""
    known = context.services.taxonomy.categories.get(tap.category)
    if known is None:
        raise StaleTap(tap.pack())
    return known


async def stale(update: Update, context: Context) -> None:
    """Answer a tap with a code that no button has."""
    end_question(update, context)
    if update.callback_query is not None:
        await answer_tap(update.callback_query, label(update, context, "button_is_old"))


def label(update: Update, context: Context, key: str) -> str:
    """Return a short text in the language of the person who tapped, without using the database."""
    return context.services.renderer.label(key, context.language(update))


def repeated(user_id: int, message_id: int, data: str, context: Context) -> bool:
    """Return whether this person tapped the same button within the last two seconds."""
    taps, tap = context.services.memory.tapped, (message_id, data)
    before = taps.get(user_id, context.now)
    taps.put(user_id, tap, context.now)
    return before == tap


def on_commands(
    handlers: Mapping[str, Callable[[Update, Context], Awaitable[None]]],
    only: BaseFilter = UpdateType.MESSAGE,
) -> CommandHandler[Context, Any]:
    """Return one handler for some commands, given without `/`. Each first ends the open question.

    The question of a newcomer's journey is closed only by the commands in `ENDS_JOURNEY`.
    """

    async def answer(update: Update, context: Context) -> None:
        if update.message is None:
            raise ValueError("the update is no message")
        name, _ = command_in(update.message)
        new_subject(update, context, name)
        await handlers[name](update, context)
        await name_further(update, context)

    # Telegram still sends edits made before the bot set its allowed updates.
    return Command(handlers, answer, filters=UpdateType.MESSAGE & OWN_WORDS & only)


def new_subject(update: Update, context: Context, command: str) -> None:
    """Close the question that is open when somebody gives a command."""
    if command in ENDS_JOURNEY:
        end_journey(update, context)
    else:
        end_question(update, context)


def on_unknown(
    handler: Callable[[Update, Context], Awaitable[None]], filters: BaseFilter
) -> MessageHandler[Context, Any]:
    """Return a handler for unknown commands."""

    async def answer(update: Update, context: Context) -> None:
        end_question(update, context)
        await handler(update, context)
        await name_further(update, context)

    return MessageHandler(filters, answer)


async def name_further(update: Update, context: Context) -> None:
    """List a message's further commands, which are not answered; in a group only known ones."""
    if update.message is None:
        return
    first, *further = split_commands(words_in(update.message))
    if not further:
        return
    subscriber = await context.subscriber(update)
    ours = {name for name, _ in context.services.renderer.commands(subscriber.language)}
    username = context.bot.username.casefold()
    left: dict[tuple[str, str], TypedCommand] = {}
    for each in further:
        name = each.name.casefold()
        if each.whose.casefold() in {"", username} and (in_private(update) or name in ours):
            left.setdefault((name, each.words), each)
    left.pop((first.name.casefold(), first.words), None)
    if left:
        message = context.render("further_commands", subscriber, commands=[*left.values()])
        await context.reply(update, message)


class Command(CommandHandler[Any, Any]):
    """Accepts commands in rich messages too; python-telegram-bot looks in plain texts only."""

    def check_update(self, update: object) -> Any:  # noqa: ANN401 - as in the base class
        """Return this command's arguments; None or False if the update is not this command."""
        message = update.message if isinstance(update, Update) else None
        if message is None or not RICH_COMMAND.filter(message):
            return super().check_update(update)
        if is_passed_on(message):
            return None
        name, whose = command_in(message)
        is_ours = whose in {"", message.get_bot().username.casefold()}
        return (words_in(message).split()[1:], True) if name in self.commands and is_ours else None


@asynccontextmanager
async def in_turn(update: Update, context: Context, *, own: bool = False) -> AsyncIterator[None]:
    """Run taps and answers of one chat one after another, in the order of arrival.

    Without this, two buttons tapped in quick succession could overtake each other, and the message
    would show the older state. While an answer waits here, it does not take up another chat's slot.
    `own`: the update concerns the person's own chat, not the group where it was sent.
    """
    chat = update.effective_chat
    if chat is None:
        yield
        return
    user = update.effective_user
    turn = context.services.memory.turn(user.id if own and user is not None else chat.id)
    answer = current_answer.get()
    if answer is not None and turn.locked():
        answer.wait_begins()
        try:
            await turn.acquire()
        finally:
            answer.wait_ends()
    else:
        await turn.acquire()
    try:
        yield
    finally:
        turn.release()


def await_text(update: Update, context: Context, what: Awaited | None) -> None:
    """Remember which question this person's next text in this chat answers, in place of any other.

    A question of the newcomer's journey stays open below any other, until the journey goes on.
    """
    end_question(update, context)
    if what is None:
        return
    memory, managed, askers = context.services.memory, context.managed, _askers(update)
    about = None if managed is None else managed.subscriber_id
    open_ = memory.journeys if what in JOURNEY else memory.questions
    for each in askers:
        open_.put(each, OpenQuestion(what, about, askers[0].user_id), context.now)


def end_question(update: Update, context: Context, *, but: str = "") -> None:
    """Close a person's question in this chat, but for the journey's and one of the kind `but`."""
    memory = context.services.memory
    _end(update, memory.questions, context.now, but=but)
    asker = asker_of(update)
    if asker is not None:
        at_the_desk = memory.desk_questions.get(asker, context.now)
        if at_the_desk is not None and at_the_desk.what != but:
            memory.desk_questions.drop(asker)
        memory.channel_asked.drop(asker.chat_id)


def end_journey(update: Update, context: Context) -> None:
    """Close this person's open questions in this chat, the journey's as well."""
    end_question(update, context)
    _end(update, context.services.memory.journeys, context.now)


def _end(
    update: Update, open_: Expiring[Asker, OpenQuestion], now: datetime, *, but: str = ""
) -> None:
    """Drop a person's question, also where the person may answer it as the group.

    Who wrote as the group when it was asked is not known: it may be whoever taps to change it.
    """
    askers, query = _askers(update), update.callback_query
    whose = {each.user_id for each in askers[: 2 if query and chooses(query.data) else 1]}
    for each in askers:
        asked = open_.get(each, now)
        if asked is not None and asked.what != but and (each == askers[0] or asked.by in whose):
            open_.drop(each)


def _askers(update: Update) -> list[Asker]:
    """Return the person of an update, and the group, as which the person may write."""
    asker = asker_of(update)
    if asker is None:
        return []
    # An administrator who is anonymous taps as a person, and writes as the group.
    return [asker] if in_private(update) else [asker, asker._replace(user_id=asker.chat_id)]


def open_question(update: Update, context: Context) -> Awaited | None:
    """Return the open question that this person's text answers, or None."""
    asked = _asked(update, context)
    return None if asked is None else asked.what


def journey_question(update: Update, context: Context) -> Awaited | None:
    """Return the open question of this person's newcomer journey, or None."""
    asker = asker_of(update)
    asked = None if asker is None else context.services.memory.journeys.get(asker, context.now)
    return None if asked is None else asked.what


def question_about(update: Update, context: Context) -> int | None:
    """Return the id of the managed subscriber that the open question is about, or None."""
    asked = _asked(update, context)
    return None if asked is None else asked.about


def _asked(update: Update, context: Context) -> OpenQuestion | None:
    asker = asker_of(update)
    if asker is None:
        return None
    memory = context.services.memory
    return memory.questions.get(asker, context.now) or memory.journeys.get(asker, context.now)


def questions_of(
    update: Update, memory: Memory, now: datetime
) -> Iterator[tuple[tuple[int, int, int], str]]:
    """Yield the open questions of an update's person as JSON, for another replica.

    Each comes with the ids of the chat, the person and the topic, and is empty if none is open. In
    a group, the second one is that of an administrator who writes as the group.
    """
    for asker in _askers(update):
        kinds = (memory.questions.get(asker, now), memory.journeys.get(asker, now))
        text = json.dumps(kinds)
        yield (
            (asker.chat_id, asker.user_id, asker.thread_id),
            text if any(kinds) else "",
        )


def recall(memory: Memory, question: AskedQuestion, now: datetime) -> None:
    """Remember the open questions that another replica noted."""
    asker = Asker(question.user_id, question.chat_id, question.thread_id)
    asked = now - timedelta(seconds=question.age)
    kinds = (memory.questions, memory.journeys)
    for kind, noted in zip(kinds, json.loads(question.questions), strict=True):
        if noted is not None:
            kind.put(asker, OpenQuestion(Awaited(noted[0]), *noted[1:]), asked)
