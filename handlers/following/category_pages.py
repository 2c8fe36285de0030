"""The pages of buttons in which categories are chosen, for readers and for editors.

Sections and markets have a page each, those with the most stories first. The page of houses shows
those with the most stories this week; the others are found by their first letter.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.buttons.keyboards import CHOSEN, OFF, button, equal_rows, fitted_rows, rows
from handlers.buttons.pages import Pages, last_page
from handlers.taps.callback_codec import StaleTap, bare
from handlers.taps.callback_data import Tab
from news.filing.tokenising.folding import key
from storage.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from handlers.core.context import Context
    from handlers.taps.callback_codec import Tap
    from handlers.taps.callback_data import Pick, PickPage
    from handlers.taps.filing_data import FileUnder, FilingPage
    from news.filing.taxonomy import Taxonomy
    from storage.model import Category, Subscriber

PER_PAGE = 14
"""Buttons on one page of the houses of a letter, of the groups, or of the chosen categories."""
THIS_WEEK = 12
"""The most houses on the first page of the houses."""
TABS = {
    Tab.YOURS: "yours",
    Tab.SECTIONS: "sections",
    Tab.MARKETS: "markets",
    Tab.HOUSES: "houses",
}
"""The tabs at the top of the picker, and the key of each label.

Groups have no tab: a button on the page of houses opens them.
"""
KINDS = {Tab.SECTIONS: Kind.SECTION, Tab.MARKETS: Kind.MARKET, Tab.GROUPS: Kind.GROUP}
RANGES = ("0ABC", "DEFG", "HIJKLM", "NOPQR", "STUVWXYZ")
"""The letters that each button on the first page of the houses covers; `0` means every digit."""
LETTERS_IN_A_ROW = 5
"""The most letters that fit in a row on a phone, one of them marked as open."""
DIGITS = "0"
MARK = 2
"""Cells of width that a label keeps free, so that adding a mark moves no other button."""

Line: TypeAlias = "Sequence[InlineKeyboardButton]"


class CategoryPages(ABC):
    """The keyboards of one picker at one moment; a subclass says what its buttons do.

    `counts` are the numbers of this week's stories by category slug.
    """

    picks: ClassVar[type[Pick | FileUnder]]
    turns: ClassVar[type[PickPage | FilingPage]]

    def __init__(self, context: Context, subscriber: Subscriber, counts: Mapping[str, int]) -> None:
        self.subscriber = subscriber
        self._context = context
        self._counts = counts
        self._taxonomy = context.services.taxonomy

    @abstractmethod
    def is_chosen(self, slug: str) -> bool:
        """Return whether a category is chosen."""

    def is_shut_out(self, slug: str) -> bool:  # noqa: ARG002 - for subclasses
        """Return whether a category is marked as one to leave out."""
        return False

    @abstractmethod
    def own(self) -> Sequence[str]:
        """Return the slugs on the tab of the chosen categories, in order."""

    @abstractmethod
    def pick_tap(self, slug: str, *, on: bool) -> Tap:
        """Return the tap that chooses a category, or takes it back."""

    @abstractmethod
    def page_tap(self, tab: Tab, page: int) -> Tap:
        """Return the tap that shows a page of a tab."""

    @abstractmethod
    def letter_tap(self, letter: str, page: int) -> Tap:
        """Return the tap that shows a page of the houses of a letter."""

    @abstractmethod
    def last_rows(self) -> list[Line]:
        """Return the rows below the categories."""

    def page(self, tab: Tab, page: int) -> InlineKeyboardMarkup:
        """Return the keyboard of one page of a tab; pages count from 0."""
        lines: list[Line]
        if tab is Tab.YOURS:
            lines = self._part(self.own(), page, tab)
        elif tab is Tab.HOUSES:
            lines = self._houses()
        elif tab is Tab.GROUPS:
            slugs = self._busiest(self._taxonomy.by_kind(Kind.GROUP))
            lines = self._part(slugs, page, tab)
        else:
            slugs = self._busiest(self._taxonomy.by_kind(KINDS[tab]))
            lines = self._grid(map(self._pick, slugs))
        return self.framed(tab, lines)

    def last_page(self, tab: Tab) -> int:
        """Return the number of a tab's last page, counted from 0."""
        counts = {
            Tab.YOURS: len(self.own()),
            Tab.GROUPS: len(self._taxonomy.by_kind(Kind.GROUP)),
        }
        return last_page(counts.get(tab, 1), PER_PAGE)

    def letter(self, letter: str, page: int) -> InlineKeyboardMarkup:
        """Return a page of the houses of one letter, with the other letters of its range."""
        by_letter = houses_by_letter(self._taxonomy)
        range_ = next(each for each in RANGES if letter in each)
        letters = [
            button(current(_shown(each), when=each == letter), self.letter_tap(each, 0))
            for each in range_
            if each in by_letter
        ]
        slugs = by_letter[letter]
        pages = Pages(page, len(slugs), PER_PAGE)
        turns = pages.numbered(_shown(letter), lambda to: self.letter_tap(letter, to))
        ways = equal_rows(letters, LETTERS_IN_A_ROW)
        lines = [*self._grid(map(self._pick, pages.part(slugs))), *ways, turns]
        return self.framed(Tab.HOUSES, lines)

    def offers(self, slugs: Sequence[str]) -> InlineKeyboardMarkup:
        """Return a keyboard with these categories above the tabs."""
        return self.framed(None, self._grid(map(self._pick, slugs)), above=True)

    def framed(
        self, tab: Tab | None, lines: Iterable[Line], *, above: bool = False
    ) -> InlineKeyboardMarkup:
        """Return a keyboard of the tabs, the open one marked, these rows, and the last rows."""
        open_ = Tab.HOUSES if tab is Tab.GROUPS else tab
        tabs = rows((self._tab(each, current_=each is open_) for each in TABS), 2)
        order = (lines, tabs) if above else (tabs, lines)
        return InlineKeyboardMarkup([line for line in chain(*order, self.last_rows()) if line])

    def remarked(self, markup: InlineKeyboardMarkup) -> InlineKeyboardMarkup:
        """Return a copy of a keyboard with every mark brought up to date."""
        return InlineKeyboardMarkup(
            [[self._remarked(each) for each in line] for line in markup.inline_keyboard]
        )

    def _remarked(self, old: InlineKeyboardButton) -> InlineKeyboardButton:
        data = bare(str(old.callback_data))
        try:
            if self.picks.matches(data):
                return self._pick(self.picks.unpack(data).category)
            if self.turns.matches(data) and self.turns.unpack(data).tab is Tab.YOURS:
                return self._tab(Tab.YOURS, current_=old.text.startswith("·"))
        except (StaleTap, KeyError):
            pass
        return old

    @property
    def of_the_week(self) -> list[str]:
        """Slugs of the houses with the most stories this week, the busiest first."""
        houses = self._busiest(self._taxonomy.by_kind(Kind.HOUSE))[:THIS_WEEK]
        return [slug for slug in houses if self._counts.get(slug)]

    def _houses(self) -> list[Line]:
        by_letter = houses_by_letter(self._taxonomy)
        letters = []
        for range_ in RANGES:
            there = [letter for letter in range_ if letter in by_letter]
            named = [letter for letter in there if letter != DIGITS] or there
            label = f"{named[0]}\u2013{named[-1]}"
            letters.append(button(label, self.letter_tap(named[0], 0)))
        groups = button(
            self._context.label("groups", self.subscriber), self.page_tap(Tab.GROUPS, 0)
        )
        return [*self._grid(map(self._pick, self.of_the_week)), letters, [groups]]

    def _part(self, slugs: Sequence[str], page: int, tab: Tab) -> list[Line]:
        pages = Pages(page, len(slugs), PER_PAGE)
        turns = pages.numbered(self._name(tab), lambda to: self.page_tap(tab, to))
        return [*self._grid(map(self._pick, pages.part(slugs))), turns]

    def _grid(self, buttons: Iterable[InlineKeyboardButton]) -> list[Line]:
        return list(fitted_rows(buttons, spare=_room_for_mark))

    def _pick(self, slug: str) -> InlineKeyboardButton:
        """Return a category's button: choose or take back, so that a double tap acts as one."""
        on = self.is_chosen(slug)
        mark = CHOSEN if on else OFF if self.is_shut_out(slug) else ""
        return button(f"{mark}{self._named(slug)}", self.pick_tap(slug, on=not on))

    def _named(self, slug: str) -> str:
        name = self._context.category(slug, self.subscriber)
        count = self._counts.get(slug)
        return f"{name} · {count}" if count else name

    def _tab(self, tab: Tab, *, current_: bool) -> InlineKeyboardButton:
        name = self._name(tab)
        if tab is Tab.YOURS and (count := sum(map(self.is_chosen, self.own()))):
            name = f"{'' if current_ else CHOSEN}{name} {count}"
        return button(current(name, when=current_), self.page_tap(tab, 0))

    def _name(self, tab: Tab) -> str:
        label = self._context.label_for if tab is Tab.YOURS else self._context.label
        return label("groups" if tab is Tab.GROUPS else TABS[tab], self.subscriber)

    def _busiest(self, categories: Iterable[Category]) -> list[str]:
        return sorted(
            (each.slug for each in categories),
            key=lambda slug: (-self._counts.get(slug, 0), self._sorting(slug)),
        )

    def _sorting(self, slug: str) -> str:
        return key(self._context.category(slug, self.subscriber))


@lru_cache(maxsize=4)
def houses_by_letter(taxonomy: Taxonomy) -> Mapping[str, tuple[str, ...]]:
    """Return the slugs of the houses by first letter, sorted; names with a digit are under `0`."""
    found: dict[str, list[str]] = {}
    for house in taxonomy.by_kind(Kind.HOUSE):
        first = key(house.name)[:1].upper()
        found.setdefault(DIGITS if first.isdigit() else first, []).append(house.slug)
    return {letter: tuple(slugs) for letter, slugs in sorted(found.items())}


def current(name: str, *, when: bool) -> str:
    """Return a button's text, marked if what it opens is open."""
    return f"· {name} ·" if when else name


def _room_for_mark(label: str) -> int:
    """Return the cells to keep free for a mark: 0 if the label has one already."""
    return 0 if label.startswith((CHOSEN, OFF)) else MARK


def _shown(letter: str) -> str:
    return "0\u20139" if letter == DIGITS else letter
