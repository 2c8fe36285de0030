"""`/category`: the picker, a message in which a reader finds and follows categories.

Its pages are described in `category_pages`; a name can also be typed. The picker is also the first
step of the newcomer's journey.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message
from telegram.error import BadRequest

from handlers.buttons.follow_buttons import named_within
from handlers.buttons.keyboards import button, holds, side_by_side
from handlers.core.conversation import await_text, known_category, on_tap
from handlers.core.origin import chat_of, words_of
from handlers.core.services.memory import Awaited
from handlers.following.category import one, said
from handlers.following.category_pages import PER_PAGE, CategoryPages, Line, houses_by_letter
from handlers.following.next_edition import first_edition_rows, when_first
from handlers.following.yours_page import yours_part
from handlers.stories.latest import unknown_category
from handlers.taps.callback_codec import StaleTap, bare
from handlers.taps.callback_data import (
    ChooseForMe,
    CloseSheet,
    FirstEdition,
    OpenSheet,
    Origin,
    Pick,
    Picked,
    PickLetter,
    PickPage,
    Sheet,
    Tab,
)
from storage.model import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from telegram import Update

    from handlers.core.context import Context
    from handlers.taps.callback_codec import Tap
    from storage.model import Category, Subscriber
    from templates import RenderedMessage

FIRST_SECTIONS = 8
"""Sections on the first screen of the newcomer's journey, and of a chat managed in private."""
STEADY = ("style", "motor", "watches", "jewellery", "beauty", "tourism", "art", "business")
"""Sections of the first screen in a week without stories."""


class View(CategoryPages):
    """The keyboards of one subscriber's picker at one moment."""

    picks = Pick
    turns = PickPage

    def __init__(
        self, context: Context, subscriber: Subscriber, counts: Mapping[str, int], *, journey: bool
    ) -> None:
        super().__init__(context, subscriber, counts)
        self.journey = journey

    def is_chosen(self, slug: str) -> bool:
        """Return whether a category is followed."""
        return slug in self.subscriber.taste.follows

    def is_shut_out(self, slug: str) -> bool:
        """Return whether a category is muted."""
        return slug in self.subscriber.taste.muted_categories

    def own(self) -> Sequence[str]:
        """Return the slugs of the followed categories, then of the muted ones, sorted by name."""
        taste = self.subscriber.taste
        return [
            *sorted(taste.follows, key=self._sorting),
            *sorted(taste.muted_categories, key=self._sorting),
        ]

    def pick_tap(self, slug: str, *, on: bool) -> Tap:
        """Return the tap that follows or unfollows a category."""
        return Pick(slug, on, self.journey)

    def page_tap(self, tab: Tab, page: int) -> Tap:
        """Return the tap that shows a page of a tab."""
        return PickPage(tab, page, self.journey)

    def letter_tap(self, letter: str, page: int) -> Tap:
        """Return the tap that shows a page of the houses of a letter."""
        return PickLetter(letter, page, self.journey)

    def page(self, tab: Tab, page: int) -> InlineKeyboardMarkup:
        """Return the keyboard of one page of a tab; pages count from 0."""
        return self._first() if tab is Tab.FIRST else super().page(tab, page)

    def last_rows(self) -> list[Line]:
        """Return the rows below the categories: in the journey, the button that goes on."""
        return [[self._done(None)]] if self.journey else self._last_rows()

    def _first(self) -> InlineKeyboardMarkup:
        """Return the first screen: some sections, and the ways to all."""
        label, reader = self._context.label, self.subscriber
        ways = {"more_sections": Tab.SECTIONS, "markets": Tab.MARKETS, "houses": Tab.HOUSES}
        further = [button(label(key, reader), self.page_tap(tab, 0)) for key, tab in ways.items()]
        wide = side_by_side(further)
        made = [[button(label("choose_for_me", reader), ChooseForMe())]] if self.journey else []
        last = [[button(label("done", reader), Picked())]] if self.journey else self._last_rows()
        return InlineKeyboardMarkup(
            [
                *made,
                *self._grid(map(self._pick, self.first_sections)),
                *(wide if len(wide) == 1 else (further[:1], further[1:])),
                *last,
            ]
        )

    @property
    def first_sections(self) -> Sequence[str]:
        """The busiest sections of this week; in a week without stories those that have most."""
        sections = self._busiest(self._taxonomy.by_kind(Kind.SECTION))
        busy = [slug for slug in sections if self._counts.get(slug)]
        return busy[:FIRST_SECTIONS] or [s for s in STEADY if s in self._taxonomy.categories]

    def remarked(self, markup: InlineKeyboardMarkup) -> InlineKeyboardMarkup:
        """Return a copy of a keyboard with every mark and number brought up to date."""
        done = self._done(markup)
        lines = [
            [done if Picked.matches(bare(str(each.callback_data))) else each for each in line]
            for line in super().remarked(markup).inline_keyboard
        ]
        if self._context.managed is not None:
            below = (FirstEdition, OpenSheet)
            lines = [
                line
                for line in lines
                if not any(kind.matches(each.callback_data) for kind in below for each in line)
            ]
            lines += [[*row] for row in self._managers_rows()]
        return InlineKeyboardMarkup(lines)

    def _last_rows(self) -> list[Line]:
        done = self._context.label("done", self.subscriber)
        return self._managers_rows() or [[button(done, CloseSheet())]]

    def _managers_rows(self) -> list[Line]:
        if self._context.managed is None:
            return []
        settings = self._context.label("settings", self.subscriber)
        return [
            *first_edition_rows(self._context, self.subscriber),
            [button(settings, OpenSheet(Sheet.MAIN))],
        ]

    def numbered_on(self, tab: Tab) -> bool:
        """Return whether names on a tab have numbers: only if the week had stories."""
        if tab is Tab.FIRST:
            return any(map(self._counts.get, self.first_sections))
        return any(self._counts.values())

    def _done(self, markup: InlineKeyboardMarkup | None) -> InlineKeyboardButton:
        ends = self.subscriber.taste.follows or holds(markup, ChooseForMe)
        label = "done" if ends else "choose_for_me"
        return button(self._context.label(label, self.subscriber), Picked())


def open_tab(markup: InlineKeyboardMarkup) -> tuple[Tab, str] | None:
    """Return the tab that a picker shows, and the letter of its houses or ""; None if unknown."""
    found: tuple[Tab, str] | None = None
    for each in chain.from_iterable(markup.inline_keyboard):
        data = bare(str(each.callback_data))
        if not each.text.startswith("\u00b7 "):
            continue
        if PickLetter.matches(data):
            return Tab.HOUSES, PickLetter.unpack(data).letter
        if PickPage.matches(data):
            found = PickPage.unpack(data).tab, ""
    if found == (Tab.HOUSES, "") and not holds(markup, PickLetter):
        return Tab.GROUPS, ""
    # The first screen has no tabs: its buttons lead to pages, but not to the chosen categories.
    ways = {tab for tab in Tab if _leads_to(markup, tab)}
    return (Tab.FIRST, "") if found is None and ways and Tab.YOURS not in ways else found


def _leads_to(markup: InlineKeyboardMarkup, tab: Tab) -> bool:
    every = (bare(str(each.callback_data)) for each in chain.from_iterable(markup.inline_keyboard))
    return any(PickPage.matches(data) and PickPage.unpack(data).tab is tab for data in every)


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


async def pick_page(update: Update, context: Context, tap: PickPage) -> None:
    """Show another page of the picker in place of the tapped message."""
    subscriber = await context.subscriber(update)
    view = await viewed(context, subscriber, journey=tap.journey)
    misplaced = tap.tab is Tab.FIRST and not (tap.journey or context.managed)
    if misplaced or (tap.page > view.last_page(tap.tab) and tap.tab is not Tab.YOURS):
        raise StaleTap(tap.pack())
    await_name(update, context, update.effective_message, journey=tap.journey)
    if tap.tab is Tab.YOURS and not tap.journey:
        await show_own(update, context, view, tap.page)
    else:
        # The page of followed categories may have shrunk since the button was shown.
        page = min(tap.page, view.last_page(tap.tab))
        await context.edit(update, picker_message(context, view, tap.tab), view.page(tap.tab, page))


async def show_own(update: Update, context: Context, view: View, page: int) -> None:
    """Show a page of “Yours” in place of the tapped message, as a tab of the picker.

    In the journey this tab lists the chosen categories instead, which `View.page` draws.
    """
    message, lines = await yours_part(context, view.subscriber, page, Origin.PICKER)
    await context.edit(update, message, view.framed(Tab.YOURS, lines))


async def pick_letter(update: Update, context: Context, tap: PickLetter) -> None:
    """Show a page of the houses with names that begin with one letter."""
    of_letter = houses_by_letter(context.services.taxonomy).get(tap.letter, ())
    if tap.page * PER_PAGE >= len(of_letter):
        raise StaleTap(tap.pack())
    subscriber = await context.subscriber(update)
    view = await viewed(context, subscriber, journey=tap.journey)
    await_name(update, context, update.effective_message, journey=tap.journey)
    await context.edit(
        update,
        picker_message(context, view, Tab.HOUSES, letter=tap.letter),
        view.letter(tap.letter, tap.page),
    )


async def picked(update: Update, context: Context, tap: Pick) -> str | None:
    """Follow or unfollow a category from the picker, and return the text to show."""
    known = known_category(context, tap)
    before = await context.subscriber(update)
    subscriber = await context.readers.follow(before, known.slug, on=tap.on)
    await remark(update, context, subscriber, journey=tap.journey)
    if tap.journey and tap.on:
        name = context.category(known.slug, subscriber)
        return context.label_for("now_followed", subscriber, category=name)
    announce = before.next_at is None and context.managed is None
    return await said(update, context, subscriber, tap, announce=announce)


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
    await_name(update, context, update.effective_message, journey=journey)
    shown = open_tab(keyboard) if context.managed is not None else None
    if shown is None:
        await context.edit_keyboard(update, view.remarked(keyboard))
    else:
        # A manager's picker says in place what the chat follows, and when its edition comes.
        tab, letter = shown
        message = picker_message(context, view, tab, letter=letter)
        await context.edit(update, message, view.remarked(keyboard))


async def viewed(context: Context, subscriber: Subscriber, *, journey: bool) -> View:
    """Return the subscriber's picker, which counts the week's stories in the languages read."""
    counts = await context.services.week_counts.get(
        context.services.articles, context.now, subscriber.taste.languages
    )
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


def await_name(update: Update, context: Context, picker: object = None, *, journey: bool) -> None:
    """Note that the next text may be the name of a category; `picker` is the message if it exists.

    Call this before the picker is sent, because the reader may type as soon as it appears.
    """
    await_text(update, context, Awaited.JOURNEY_PICK if journey else Awaited.PICK)
    asked_in(context, picker)


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
