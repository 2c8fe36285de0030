"""The desk during one update: its editor, the rights of that moment, the question, answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from handlers.buttons.keyboards import button
from handlers.core.conversation import on_tap
from handlers.core.origin import asker_of
from handlers.core.permissions import rights_of
from handlers.taps.callback_codec import StaleTap, Tap
from handlers.taps.desk_data import DeskPage, OpenDesk
from storage.desk.amended_rows import NoSuchArticleError
from storage.model.desk_model import DraftState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from telegram import InlineKeyboardButton, Message, Update

    from handlers.buttons.pages import Pages
    from handlers.core.context import Context, Keyboard
    from handlers.core.conversation import TapHandler
    from handlers.core.services.desk_services import DeskServices
    from handlers.core.services.memory import DeskQuestion
    from storage.articles.articles import Articles
    from storage.desk.amended_rows import By
    from storage.model import Article, Subscriber
    from storage.model.desk_model import ArticleDraft, Rights
    from templates import RenderedMessage

T = TypeVar("T", bound=Tap)


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk for the editor who tapped or wrote."""

    update: Update
    context: Context
    editor: Subscriber
    rights: Rights
    """As the database had them when the update's turn came."""

    @property
    def person_id(self) -> int:
        """The editor's Telegram id."""
        return self.editor.chat_id

    @property
    def message_id(self) -> int:
        """Id of the message that was tapped or written."""
        message = self.update.effective_message
        return 0 if message is None else message.message_id

    @property
    def now(self) -> datetime:
        """The present time."""
        return self.context.now

    @property
    def services(self) -> DeskServices:
        """The services behind the desk."""
        return self.context.services.desk

    @property
    def articles(self) -> Articles:
        """The archive."""
        return self.context.services.articles

    async def article(self, number: int) -> Article:
        """Return an article of the archive; raise NoSuchArticleError if retention deleted it."""
        found = await self.articles.get(number)
        if found is None:
            raise NoSuchArticleError(number)
        return found

    def by(self, tap: SeenTap) -> By:
        """Return whose act a tap is, for the article as the tap's button showed it."""
        return {"person_id": self.person_id, "now": self.now, "seen": seen_in(tap)}

    def may_change(self, draft: ArticleDraft) -> bool:
        """Return whether the editor may change a draft.

        A draft with a time is published without another look, so it takes the right to publish.
        """
        return self.rights.publish or (
            bool(self.rights) and draft.state is not DraftState.SCHEDULED
        )

    def may_discard(self, draft: ArticleDraft) -> bool:
        """Return whether the editor may discard a draft; others' take the right to publish."""
        own = draft.person_id == self.person_id
        return self.may_change(draft) and (self.rights.publish or own)

    def label(self, key: str, **values: object) -> str:
        """Return a short plain text."""
        return self.context.label(key, self.editor, **values)

    def button(self, key: str, tap: Tap, **values: object) -> InlineKeyboardButton:
        """Return a button with the label of a key."""
        return button(self.label(key, **values), tap)

    def near(self, at: datetime) -> str:
        """Return a time as the editor reads it."""
        renderer, language = self.context.services.renderer, self.context.language_for(self.editor)
        return renderer.near(at, language, zone=self.editor.zone, now=self.now)

    def below_list(
        self, which: DeskPage, pages: Pages, *, back: DeskPage = DeskPage.HOME
    ) -> list[list[InlineKeyboardButton]]:
        """Return the rows of buttons that turn the pages of a list, and lead back."""
        turning = pages.turning(self.context, self.editor, partial(OpenDesk, which))
        return [*([turning] if turning else []), [self.button("back", OpenDesk(back))]]

    def render(self, template: str, **values: object) -> RenderedMessage:
        """Render a message."""
        return self.context.render(template, self.editor, **values)

    async def show(self, message: RenderedMessage, keyboard: Keyboard = None) -> None:
        """Show a message in place of the tapped one."""
        await self.context.edit(self.update, message, keyboard)

    async def reply(self, message: RenderedMessage, keyboard: Keyboard = None) -> Message:
        """Send a message below the editor's."""
        return await self.context.reply(self.update, message, keyboard)

    async def say(self, template: str, **values: object) -> None:
        """Render a message, and send it below the editor's."""
        await self.reply(self.render(template, **values))

    async def notify(self, key: str) -> None:
        """Send the notice of this key."""
        await self.say("desk_notice", text=self.label(key))

    @property
    def question(self) -> DeskQuestion | None:
        """What the desk asked the editor last, which the editor's next message answers."""
        return asked_of(self.update, self.context)

    def ask(self, question: DeskQuestion) -> None:
        """Remember what is asked of the editor."""
        asker = asker_of(self.update)
        if asker is not None:
            self.context.services.memory.desk_questions.put(asker, question, self.now)

    def drop_question(self) -> None:
        """Ask nothing more of the editor."""
        drop_question(self.update, self.context)

    async def refuse(self, key: str) -> None:
        """Send the notice of this key, and ask nothing more."""
        self.drop_question()
        await self.notify(key)


async def desk_of(update: Update, context: Context) -> Desk:
    """Return the desk for the person of an update, who may have no right there."""
    editor = await context.subscriber(update)
    return Desk(update, context, editor, await rights_of(update, context))


def asked_of(update: Update, context: Context) -> DeskQuestion | None:
    """Return what the desk asked the person of an update last, or None."""
    asker = asker_of(update)
    questions = context.services.memory.desk_questions
    return None if asker is None else questions.get(asker, context.now)


def drop_question(update: Update, context: Context) -> None:
    """Ask nothing more of the person of an update."""
    asker = asker_of(update)
    if asker is not None:
        context.services.memory.desk_questions.drop(asker)


def on_desk_tap(
    tap: type[T],
    handler: Callable[[Desk, T], Awaitable[str | None]],
    *,
    publishes: bool = False,
    writes: bool = False,
) -> TapHandler:
    """Return a handler for a button of the desk, whose story retention may have deleted.

    The rights are read from the database at each tap. For a person without any right the button is
    an old one, like a button that never existed. `publishes` and `writes` say which right is
    needed; without both, either is enough.
    """

    async def checked(update: Update, context: Context, wanted: T) -> str | None:
        rights = await rights_of(update, context)
        if not rights:
            raise StaleTap(wanted.pack())
        desk = Desk(update, context, await context.subscriber(update), rights)
        if publishes and not rights.publish:
            return desk.label("no_right")
        if writes and not rights.write:
            return desk.label("no_right_to_write")
        try:
            return await handler(desk, wanted)
        except NoSuchArticleError:
            return desk.label("story_deleted")

    return on_tap(tap, checked)


def on_operator_tap(
    tap: type[T], handler: Callable[[Desk, T], Awaitable[str | None]]
) -> TapHandler:
    """Return a handler for a button of operators; for anybody else it is an old one."""

    async def checked(update: Update, context: Context, wanted: T) -> str | None:
        user = update.effective_user
        if user is None or user.id not in context.services.people.admins:
            raise StaleTap(wanted.pack())
        return await handler(await desk_of(update, context), wanted)

    return on_tap(tap, checked)


class SeenTap(Protocol):
    """A tap on something that looked in a certain way when the button was made."""

    @property
    def seen(self) -> str:
        """How it looked, as a hexadecimal number."""

    def pack(self) -> str:
        """Return the callback data."""


def seen_in(tap: SeenTap) -> int:
    """Return how the article or draft of a tap looked."""
    try:
        return int(tap.seen, 16)
    except ValueError:
        raise StaleTap(tap.pack()) from None
