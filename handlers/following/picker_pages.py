"""The buttons on each page of the picker, and their labels after a tap."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.buttons.first_edition_buttons import first_edition_rows
from handlers.buttons.keyboards import (
    CHOSEN,
    OFF,
    button,
    equal_rows,
    fitted_rows,
    holds,
    rows,
    side_by_side,
)
from handlers.buttons.pages import Pages, last_page
from handlers.taps.callback_codec import StaleTap, bare
from handlers.taps.callback_data import ChooseForMe, Pick, Picked, PickLetter, PickPage, Tab
from handlers.taps.settings_data import CloseSheet, OpenSheet, PostFirst, PreviewFirst, Sheet
from news.filing.folding import key
from storage.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from handlers.core.context import Context
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
FIRST_SECTIONS = 8
"""Sections on the first screen of the newcomer's journey, and of a chat managed in private."""
STEADY = ("style", "motor", "watches", "jewellery", "beauty", "tourism", "art", "business")
"""Sections of the first screen in a week without stories."""
RANGES = ("0ABC", "DEFG", "HIJKLM", "NOPQR", "STUVWXYZ")
"""The letters that each button on the first page of the houses covers; `0` means every digit."""
LETTERS_IN_A_ROW = 5
"""The most letters that fit in a row on a phone, one of them marked as open."""
DIGITS = "0"
MARK = 2
"""Cells of width that a label keeps free, so that adding a mark moves no other button."""

Line: TypeAlias = "Sequence[InlineKeyboardButton]"


class View:
    """The keyboards of one subscriber's picker at one moment.

    Args:
        context: The handler's context.
        subscriber: The subscriber who chooses.
        counts: Number of this week's stories by category slug.
        journey: Whether the picker is a step of the newcomer's journey.
    """

    def __init__(
        self, context: Context, subscriber: Subscriber, counts: Mapping[str, int], *, journey: bool
    ) -> None:
        self.subscriber = subscriber
        self.journey = journey
        self._context = context
        self._counts = counts
        self._taxonomy = context.services.taxonomy

    def page(self, tab: Tab, page: int) -> InlineKeyboardMarkup:
        """Return the keyboard of one page of a tab; pages count from 0."""
        lines: list[Line]
        if tab is Tab.FIRST:
            return self._first()
        if tab is Tab.YOURS:
            lines = self._part(self._own(), page, tab)
        elif tab is Tab.HOUSES:
            lines = self._houses()
        elif tab is Tab.GROUPS:
            slugs = self._busiest(self._taxonomy.by_kind(Kind.GROUP))
            lines = self._part(slugs, page, tab)
        else:
            slugs = self._busiest(self._taxonomy.by_kind(KINDS[tab]))
            lines = self._grid(map(self._pick, slugs))
        return self.framed(tab, lines)

    def _first(self) -> InlineKeyboardMarkup:
        """Return the first screen: some sections, and the ways to all.

        A newcomer can also have the choice made; a manager's screen ends like other pages.
        """
        label, reader = self._context.label, self.subscriber
        ways = {"more_sections": Tab.SECTIONS, "markets": Tab.MARKETS, "houses": Tab.HOUSES}
        further = [
            button(label(key, reader), PickPage(tab, 0, self.journey)) for key, tab in ways.items()
        ]
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

    def last_page(self, tab: Tab) -> int:
        """Return the number of a tab's last page, counted from 0."""
        counts = {
            Tab.YOURS: len(self._own()),
            Tab.GROUPS: len(self._taxonomy.by_kind(Kind.GROUP)),
        }
        return last_page(counts.get(tab, 1), PER_PAGE)

    def letter(self, letter: str, page: int) -> InlineKeyboardMarkup:
        """Return a page of the houses of one letter, with the other letters of its range."""
        by_letter = houses_by_letter(self._taxonomy)
        range_ = next(each for each in RANGES if letter in each)
        letters = [
            button(_current(_shown(each), when=each == letter), PickLetter(each, 0, self.journey))
            for each in range_
            if each in by_letter
        ]
        slugs = by_letter[letter]
        pages = Pages(page, len(slugs), PER_PAGE)
        turns = pages.numbered(_shown(letter), lambda to: PickLetter(letter, to, self.journey))
        ways = equal_rows(letters, LETTERS_IN_A_ROW)
        lines = [*self._grid(map(self._pick, pages.part(slugs))), *ways, turns]
        return self.framed(Tab.HOUSES, lines)

    def offers(self, slugs: Sequence[str]) -> InlineKeyboardMarkup:
        """Return a keyboard with these categories above the tabs."""
        return self.framed(None, self._grid(map(self._pick, slugs)), above=True)

    def remarked(self, markup: InlineKeyboardMarkup) -> InlineKeyboardMarkup:
        """Return a copy of a keyboard with every mark and number brought up to date."""
        lines = [[self._remarked(each, markup) for each in line] for line in markup.inline_keyboard]
        if self._context.managed is not None:
            below = (PreviewFirst, PostFirst, OpenSheet)
            lines = [
                line
                for line in lines
                if not any(kind.matches(each.callback_data) for kind in below for each in line)
            ]
            lines += [[*row] for row in self._managers_rows()]
        return InlineKeyboardMarkup(lines)

    def _remarked(
        self, old: InlineKeyboardButton, markup: InlineKeyboardMarkup
    ) -> InlineKeyboardButton:
        data = old.callback_data
        if not isinstance(data, str):
            return old
        data = bare(data)
        try:
            if Pick.matches(data):
                return self._pick(Pick.unpack(data).category)
            if PickPage.matches(data) and PickPage.unpack(data).tab is Tab.YOURS:
                return self._tab(Tab.YOURS, current=old.text.startswith("·"))
        except (StaleTap, KeyError):
            return old
        return self._done(markup) if Picked.matches(data) else old

    def framed(
        self, tab: Tab | None, lines: Iterable[Line], *, above: bool = False
    ) -> InlineKeyboardMarkup:
        """Return a keyboard of the tabs, these rows and, in the journey, the button that goes on.

        Args:
            tab: The open tab, which is marked; None if none is open.
            lines: The rows of the open tab.
            above: Whether the rows come before the tabs.
        """
        open_ = Tab.HOUSES if tab is Tab.GROUPS else tab
        tabs = rows((self._tab(each, current=each is open_) for each in TABS), 2)
        last = [[self._done(None)]] if self.journey else self._last_rows()
        order = (lines, tabs) if above else (tabs, lines)
        return InlineKeyboardMarkup([line for line in chain(*order, last) if line])

    def _last_rows(self) -> list[Line]:
        """Return the rows below a picker outside the journey: the way back, or Done."""
        done = self._context.label("done", self.subscriber)
        return self._managers_rows() or [[button(done, CloseSheet())]]

    def _managers_rows(self) -> list[Line]:
        """Return the rows below a picker that a manager opened in private; none for others."""
        if self._context.managed is None:
            return []
        settings = self._context.label("settings", self.subscriber)
        return [
            *first_edition_rows(self._context, self.subscriber),
            [button(settings, OpenSheet(Sheet.MAIN))],
        ]

    def _own(self) -> list[str]:
        """Return the slugs of the followed categories, then of the muted ones, sorted by name."""
        taste = self.subscriber.taste
        return [
            *sorted(taste.follows, key=self._sorting),
            *sorted(taste.muted_categories, key=self._sorting),
        ]

    def numbered_on(self, tab: Tab) -> bool:
        """Return whether names on a tab have numbers: only if the week had stories."""
        if tab is Tab.FIRST:
            return any(map(self._counts.get, self.first_sections))
        return any(self._counts.values())

    @property
    def of_the_week(self) -> list[str]:
        """Slugs of the houses with the most stories this week, the busiest first."""
        houses = self._busiest(self._taxonomy.by_kind(Kind.HOUSE))[:THIS_WEEK]
        return [slug for slug in houses if self._counts.get(slug)]

    def _houses(self) -> list[Line]:
        """Return the rows of the busiest houses, the ranges of letters, and the groups."""
        by_letter = houses_by_letter(self._taxonomy)
        letters = []
        for range_ in RANGES:
            there = [letter for letter in range_ if letter in by_letter]
            named = [letter for letter in there if letter != DIGITS] or there
            label = f"{named[0]}\u2013{named[-1]}"
            first = PickLetter(named[0], 0, self.journey)
            letters.append(button(label, first))
        groups = button(
            self._context.label("groups", self.subscriber), PickPage(Tab.GROUPS, 0, self.journey)
        )
        return [*self._grid(map(self._pick, self.of_the_week)), letters, [groups]]

    def _part(self, slugs: Sequence[str], page: int, tab: Tab) -> list[Line]:
        pages = Pages(page, len(slugs), PER_PAGE)
        turns = pages.numbered(self._name(tab), lambda to: PickPage(tab, to, self.journey))
        return [*self._grid(map(self._pick, pages.part(slugs))), turns]

    def _grid(self, buttons: Iterable[InlineKeyboardButton]) -> list[Line]:
        """Lay buttons out in rows of two, each with room for the mark that a tap adds."""
        return list(fitted_rows(buttons, spare=_room_for_mark))

    def _pick(self, slug: str) -> InlineKeyboardButton:
        """Return the button of a category, with its number of stories this week.

        The tap says whether to follow or unfollow, so that a double tap does the same as one.
        """
        taste = self.subscriber.taste
        on = slug in taste.follows
        mark = CHOSEN if on else OFF if slug in taste.muted_categories else ""
        return button(f"{mark}{self._named(slug)}", Pick(slug, not on, self.journey))

    def _named(self, slug: str) -> str:
        name = self._context.category(slug, self.subscriber)
        count = self._counts.get(slug)
        return f"{name} · {count}" if count else name

    def _tab(self, tab: Tab, *, current: bool) -> InlineKeyboardButton:
        """Return the button that opens a tab, marked if the tab is open."""
        name = self._name(tab)
        count = len(self.subscriber.taste.follows)
        if tab is Tab.YOURS and count:
            name = f"{'' if current else CHOSEN}{name} {count}"
        return button(_current(name, when=current), PickPage(tab, 0, self.journey))

    def _name(self, tab: Tab) -> str:
        """Return the name of a tab or page."""
        label = self._context.label_for if tab is Tab.YOURS else self._context.label
        return label("groups" if tab is Tab.GROUPS else TABS[tab], self.subscriber)

    def _done(self, markup: InlineKeyboardMarkup | None) -> InlineKeyboardButton:
        """Return the button that ends this step: `done`, or a default set if nothing is chosen."""
        ends = self.subscriber.taste.follows or holds(markup, ChooseForMe)
        label = "done" if ends else "choose_for_me"
        return button(self._context.label(label, self.subscriber), Picked())

    def _busiest(self, categories: Iterable[Category]) -> list[str]:
        """Return slugs sorted by this week's stories, then by the name that the reader sees."""
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


def _room_for_mark(label: str) -> int:
    """Return the cells to keep free for a mark: 0 if the label has one already."""
    return 0 if label.startswith((CHOSEN, OFF)) else MARK


def _current(name: str, *, when: bool) -> str:
    return f"· {name} ·" if when else name


def _shown(letter: str) -> str:
    return "0\u20139" if letter == DIGITS else letter
