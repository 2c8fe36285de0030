"""The buttons on each page of the readers' picker, and their labels after a tap."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.buttons.first_edition_buttons import first_edition_rows
from handlers.buttons.keyboards import button, holds, side_by_side
from handlers.following.category_pages import CategoryPages, Line
from handlers.taps.callback_codec import bare
from handlers.taps.callback_data import (
    ChooseForMe,
    CloseSheet,
    FirstEdition,
    OpenSheet,
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

    from handlers.core.context import Context
    from handlers.taps.callback_codec import Tap
    from storage.model import Subscriber

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
