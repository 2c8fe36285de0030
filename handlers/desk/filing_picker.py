"""The picker in which an editor chooses the categories of a draft or of an article."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.buttons.keyboards import button
from handlers.following.category_pages import CategoryPages, Line
from handlers.taps.callback_data import Tab
from handlers.taps.filing_data import EndFiling, FiledKind, FileUnder, FilingLetter, FilingPage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from handlers.core.context import Context
    from handlers.taps.callback_codec import Tap
    from storage.model import Subscriber


class FilingPicker(CategoryPages):
    """The keyboards of an editor's picker at one moment; `chosen` has the most important first."""

    picks = FileUnder
    turns = FilingPage

    def __init__(  # noqa: PLR0917 - as its caller has them
        self,
        context: Context,
        subscriber: Subscriber,
        counts: Mapping[str, int],
        kind: FiledKind,
        filed: int,
        chosen: Sequence[str],
    ) -> None:
        super().__init__(context, subscriber, counts)
        self._kind = kind
        self._filed = filed
        self._chosen = tuple(chosen)

    def is_chosen(self, slug: str) -> bool:
        """Return whether a category is chosen."""
        return slug in self._chosen

    def own(self) -> Sequence[str]:
        """Return the slugs of the chosen categories, the most important first."""
        return self._chosen

    def pick_tap(self, slug: str, *, on: bool) -> Tap:
        """Return the tap that chooses a category, or takes it back."""
        return FileUnder(self._kind, self._filed, slug, on)

    def page_tap(self, tab: Tab, page: int) -> Tap:
        """Return the tap that shows a page of a tab."""
        return FilingPage(self._kind, self._filed, tab, page)

    def letter_tap(self, letter: str, page: int) -> Tap:
        """Return the tap that shows a page of the houses of a letter."""
        return FilingLetter(self._kind, self._filed, letter, page)

    def last_rows(self) -> list[Line]:
        """Return the row of buttons that writes what is chosen, or leaves all as it was."""
        ends = (("done", True), ("back", False))
        return [
            [
                button(self._context.label(key, self.subscriber), self._end(keep=keep))
                for key, keep in ends
            ]
        ]

    def _end(self, *, keep: bool) -> Tap:
        return EndFiling(self._kind, self._filed, keep)

    def _named(self, slug: str) -> str:
        # The number of readers' stories says nothing about one article.
        return self._context.category(slug, self.subscriber)

    def _name(self, tab: Tab) -> str:
        if tab is Tab.YOURS:
            return self._context.label("filed_chosen", self.subscriber)
        return super()._name(tab)
