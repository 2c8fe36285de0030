"""The pages of a list that is too long for one message, and the buttons that turn them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypeVar

from handlers.buttons.keyboards import CELLS_IN_A_ROW_OF, button, cells

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from telegram import InlineKeyboardButton

    from handlers.core.context import Context
    from handlers.taps.callback_codec import Tap
    from storage.model import Subscriber

T = TypeVar("T")


def last_page(count: int, size: int) -> int:
    """Return the last page of so many entries, counted from 0; 0 for no entries."""
    return max(count - 1, 0) // size


@dataclass(frozen=True, slots=True)
class Pages:
    """The open page of a list."""

    page: int
    """The open page, from 0 on."""
    count: int
    """The number of entries on all pages."""
    size: int
    """The most entries on a page."""

    @classmethod
    def within(cls, page: int, count: int, size: int) -> Self:
        """Return the pages with this one open, or the last one if the list has become shorter."""
        return cls(min(page, last_page(count, size)), count, size)

    @property
    def first(self) -> int:
        """The index of the open page's first entry."""
        return self.page * self.size

    @property
    def last(self) -> int:
        """The last page; 0 for an empty list."""
        return last_page(self.count, self.size)

    def part(self, entries: Sequence[T]) -> Sequence[T]:
        """Return the entries of the open page."""
        return entries[self.first : self.first + self.size]

    def turning(
        self, context: Context, subscriber: Subscriber, opens: Callable[[int], Tap]
    ) -> list[InlineKeyboardButton]:
        """Return the buttons for the previous and the next page, if there are such pages."""
        return [
            button(context.label(key, subscriber), opens(to)) for key, to in self._beside().items()
        ]

    def numbered(self, name: str, opens: Callable[[int], Tap]) -> list[InlineKeyboardButton]:
        """Return the same buttons with the page's number, `A · 2/5`; a long name is left out."""
        numbers = {to: f"{to + 1}/{self.last + 1}" for to in self._beside().values()}
        named = {to: f"{name} \u00b7 {number}" for to, number in numbers.items()}
        fit = all(cells(label) <= CELLS_IN_A_ROW_OF[2] for label in named.values())
        return [button(label, opens(to)) for to, label in (named if fit else numbers).items()]

    def _beside(self) -> dict[str, int]:
        """Return the pages before and behind the open one, by the key of their buttons' label."""
        # The list may have become shorter since the button was sent.
        before = {"previous": min(self.page - 1, self.last)} if self.page else {}
        return {**before, **({"next": self.page + 1} if self.page < self.last else {})}
