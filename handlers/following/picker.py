"""`/category`: the picker, a message in which a reader finds and follows categories.

Its pages are described in `category_pages`; a name can also be typed. The picker is also the first
step of the newcomer's journey.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import Message
from telegram.error import BadRequest

from handlers.buttons.category_buttons import named_within
from handlers.core.conversation import await_text, on_tap
from handlers.core.origin import chat_of, words_of
from handlers.core.services.memory import Awaited
from handlers.following.category import known_category, one
from handlers.following.category_pages import PER_PAGE, houses_by_letter
from handlers.following.confirmations import followed
from handlers.following.next_edition import announce_first, when_first
from handlers.following.picker_pages import View, open_tab
from handlers.following.yours_page import yours_part
from handlers.stories.latest import unknown_category
from handlers.taps.callback_codec import StaleTap
from handlers.taps.callback_data import Origin, Pick, PickLetter, PickPage, Tab

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import Update

    from handlers.core.context import Context
    from storage.model import Category, Subscriber
    from templates import RenderedMessage

OFFERED = 6
"""The most categories that are offered for a typed name."""
LONGEST_NAME = 60


async def category(update: Update, context: Context) -> None:
    """Answer `/category`: send the picker, or what is new in the category that is named."""
    subscriber = await context.subscriber(update)
    words = words_of(update)
    if not words:
        await show_picker(update, context, subscriber, journey=False)
        return
    known = context.services.taxonomy.find(words)
    if known is None:
        await context.reply(update, *unknown_category(context, subscriber, words))
    else:
        await context.reply(update, *await one(context, subscriber, known.slug))


async def show_picker(
    update: Update, context: Context, subscriber: Subscriber, *, journey: bool
) -> None:
    """Send the picker as a new message; in the journey it begins with a greeting.

    Newcomers, and managers of a chat that follows nothing yet, see the busiest sections first.
    """
    view = await viewed(context, subscriber, journey=journey)
    await_name(update, context, journey=journey)
    begins = context.managed is not None and not subscriber.taste.follows
    tab = Tab.FIRST if journey or begins else Tab.SECTIONS
    sent = await context.reply(update, picker_message(context, view, tab), view.page(tab, 0))
    asked_in(context, sent)


async def pick_page(update: Update, context: Context, tap: PickPage) -> str | None:
    """Show another page of the picker in place of the tapped message."""
    subscriber = await context.subscriber(update)
    view = await viewed(context, subscriber, journey=tap.journey)
    misplaced = tap.tab is Tab.FIRST and not (tap.journey or context.managed)
    if misplaced or (tap.page > view.last_page(tap.tab) and tap.tab is not Tab.YOURS):
        raise StaleTap(tap.pack())
    await_name(update, context, journey=tap.journey)
    asked_in(context, update.effective_message)
    if tap.tab is Tab.YOURS and not tap.journey:
        await show_own(update, context, view, tap.page)
    else:
        # The page of followed categories may have shrunk since the button was shown.
        page = min(tap.page, view.last_page(tap.tab))
        await context.edit(update, picker_message(context, view, tap.tab), view.page(tap.tab, page))
    return None


async def show_own(update: Update, context: Context, view: View, page: int) -> None:
    """Show a page of “Yours” in place of the tapped message, as a tab of the picker.

    In the journey this tab lists the chosen categories instead, which `View.page` draws.
    """
    message, lines = await yours_part(context, view.subscriber, page, Origin.PICKER)
    await context.edit(update, message, view.framed(Tab.YOURS, lines))


async def pick_letter(update: Update, context: Context, tap: PickLetter) -> str | None:
    """Show a page of the houses with names that begin with one letter."""
    of_letter = houses_by_letter(context.services.taxonomy).get(tap.letter, ())
    if tap.page * PER_PAGE >= len(of_letter):
        raise StaleTap(tap.pack())
    subscriber = await context.subscriber(update)
    view = await viewed(context, subscriber, journey=tap.journey)
    await_name(update, context, journey=tap.journey)
    asked_in(context, update.effective_message)
    await context.edit(
        update,
        picker_message(context, view, Tab.HOUSES, letter=tap.letter),
        view.letter(tap.letter, tap.page),
    )
    return None


async def picked(update: Update, context: Context, tap: Pick) -> str | None:
    """Follow or unfollow a category from the picker, and return the text to show."""
    known = known_category(context, tap.category, tap)
    before = await context.subscriber(update)
    subscriber = await context.readers.follow(before, known.slug, on=tap.on)
    await remark(update, context, subscriber, journey=tap.journey)
    if tap.journey or not tap.on:
        name = context.category(known.slug, subscriber)
        key = "now_followed" if tap.on else "now_unfollowed"
        return context.label_for(key, subscriber, category=name)
    if before.next_at is None and context.managed is None:
        await announce_first(update, context, subscriber, known.slug)
    return followed(context, subscriber, known.slug)


async def typed_name(
    update: Update, context: Context, subscriber: Subscriber, words: str, *, journey: bool
) -> bool:
    """Offer the categories that a typed name may mean; return False if none comes close."""
    found, exact = categories_named(context, words, journey=journey)
    if found:
        await offer(update, context, subscriber, words, found, exact=exact, journey=journey)
    return bool(found)


async def unknown_name(
    update: Update, context: Context, subscriber: Subscriber, words: str
) -> None:
    """Say, in the journey, that no category has this name, and show the picker again."""
    await offer(update, context, subscriber, words, (), exact=False, journey=True)


async def offer(
    update: Update,
    context: Context,
    subscriber: Subscriber,
    words: str,
    found: Sequence[Category],
    *,
    exact: bool,
    journey: bool,
) -> None:
    """Send a new picker with the categories that the typed words may mean on top."""
    view = await viewed(context, subscriber, journey=journey)
    near = tuple(each.slug for each in found)
    message = context.render("picker_found", subscriber, words=words, exact=exact, near=near)
    memory, chat = context.services.memory, chat_of(update)
    old = memory.pickers.get(chat.id, context.now)
    await_name(update, context, journey=journey)
    sent = await context.reply(update, message, view.offers(near))
    asked_in(context, sent)
    if old is not None:
        await retire(context, chat.id, old)


def categories_named(context: Context, words: str, *, journey: bool) -> tuple[list[Category], bool]:
    """Return the categories that a typed name may mean, and whether it is exactly one's name."""
    if len(words) > LONGEST_NAME:
        return [], False
    taxonomy = context.services.taxonomy
    known = taxonomy.find(words)
    if known is None:
        near = taxonomy.suggest(words, limit=OFFERED)
        if journey and not near:
            # Outside the journey, a longer text is offered as a search instead.
            near = [taxonomy.categories[slug] for slug in named_within(taxonomy, words)]
        return near, False
    longer = [each for each in taxonomy.begun(words, OFFERED) if each != known]
    return [known, *longer][:OFFERED], True


async def retire(context: Context, chat_id: int, message_id: int) -> None:
    """Take the buttons off a picker that a newer one has replaced."""
    context.note_keyboard(chat_id, message_id, None)
    try:
        await context.bot.edit_message_reply_markup(chat_id, message_id)
    except BadRequest:
        # The message was deleted, or has no buttons any more.
        return


async def remark(
    update: Update, context: Context, subscriber: Subscriber, *, journey: bool
) -> None:
    """Update every mark and number on the tapped keyboard; the order of its buttons is kept."""
    keyboard = context.keyboard(update)
    if keyboard is None or not keyboard.inline_keyboard:
        # A newer picker, sent for a name typed just before, has replaced this one.
        return
    view = await viewed(context, subscriber, journey=journey)
    await_name(update, context, journey=journey)
    asked_in(context, update.effective_message)
    shown = open_tab(keyboard) if context.managed is not None else None
    if shown is None:
        await context.edit_keyboard(update, view.remarked(keyboard))
    else:
        # A manager's picker says in place what the chat follows, and when its edition comes.
        tab, letter = shown
        message = picker_message(context, view, tab, letter=letter)
        await context.edit(update, message, view.remarked(keyboard))


async def viewed(context: Context, subscriber: Subscriber, *, journey: bool) -> View:
    """Return the subscriber's picker, with this week's number of stories for each category."""
    counts = await context.services.week_counts.get(context.services.articles, context.now)
    return View(context, subscriber, counts, journey=journey)


def picker_message(context: Context, view: View, tab: Tab, *, letter: str = "") -> RenderedMessage:
    """Return the text above the buttons of a tab."""
    return context.render(
        "start" if tab is Tab.FIRST and view.journey else "picker",
        view.subscriber,
        tab=tab.name.lower(),
        letter=letter,
        numbered=view.numbered_on(tab),
        when=when_first(context, view.subscriber),
        week=tab is Tab.HOUSES and bool(view.of_the_week),
        houses=sum(map(len, houses_by_letter(context.services.taxonomy).values())),
    )


def await_name(update: Update, context: Context, *, journey: bool) -> None:
    """Note that the next text may be the name of a category.

    Call this before the picker is sent, because the reader may type as soon as it appears.
    """
    await_text(update, context, Awaited.JOURNEY_PICK if journey else Awaited.PICK)


def asked_in(context: Context, message: object) -> None:
    """Remember a message as the newest picker, or as the one with the journey's open question."""
    if isinstance(message, Message):
        context.services.memory.pickers.put(message.chat.id, message.message_id, context.now)


COMMANDS = {"category": category}
TAPS = (
    on_tap(Pick, picked),
    on_tap(PickPage, pick_page),
    on_tap(PickLetter, pick_letter),
)
