"""Buttons of the desk: the check of who taps them, and the rows below a list."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from handlers.buttons.keyboards import button
from handlers.core.conversation import on_tap
from handlers.core.editing_rights import rights_of
from handlers.taps.callback_codec import StaleTap, Tap
from handlers.taps.desk_data import DeskPage, OpenDesk
from storage.desk.amended_rows import NoSuchArticleError
from storage.model.desk_model import DraftState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from telegram import InlineKeyboardButton, Update

    from handlers.buttons.pages import Pages
    from handlers.core.context import Context
    from handlers.core.conversation import TapHandler
    from storage.model import Subscriber
    from storage.model.desk_model import ArticleDraft, Rights

T = TypeVar("T", bound=Tap)


def on_desk_tap(
    tap: type[T],
    handler: Callable[[Update, Context, T], Awaitable[str | None]],
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
        if publishes and not rights.publish:
            return context.label("no_right", await context.subscriber(update))
        if writes and not rights.write:
            return context.label("no_right_to_write", await context.subscriber(update))
        try:
            return await handler(update, context, wanted)
        except NoSuchArticleError:
            return context.label("story_deleted", await context.subscriber(update))

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


def below_list(
    context: Context,
    subscriber: Subscriber,
    which: DeskPage,
    pages: Pages,
    *,
    back: DeskPage = DeskPage.HOME,
) -> list[list[InlineKeyboardButton]]:
    """Return the rows of buttons that turn the pages of a list at the desk, and lead back."""
    turning = pages.turning(context, subscriber, partial(OpenDesk, which))
    home = button(context.label("back", subscriber), OpenDesk(back))
    return [*([turning] if turning else []), [home]]


def may_change(draft: ArticleDraft, rights: Rights) -> bool:
    """Return whether an editor may change a draft.

    A draft with a time is published without another look, so it takes the right to publish.
    """
    return rights.publish or draft.state is not DraftState.SCHEDULED


def may_discard(draft: ArticleDraft, rights: Rights, person_id: int) -> bool:
    """Return whether an editor may discard a draft; only publishers may discard those of others."""
    return may_change(draft, rights) and (rights.publish or draft.person_id == person_id)


def on_operator_tap(
    tap: type[T], handler: Callable[[Update, Context, T], Awaitable[str | None]]
) -> TapHandler:
    """Return a handler for a button of operators; for anybody else it is an old one."""

    async def checked(update: Update, context: Context, wanted: T) -> str | None:
        user = update.effective_user
        if user is None or user.id not in context.services.people.admins:
            raise StaleTap(wanted.pack())
        return await handler(update, context, wanted)

    return on_tap(tap, checked)
